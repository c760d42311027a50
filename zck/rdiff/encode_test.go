package rdiff

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
)

func TestEncode(t *testing.T) {
	for _, p := range pairs() {
		t.Run(p.name, func(t *testing.T) {
			delta, stats := encoded(t, p.base, p.image, EncodeOptions{})
			if !bytes.Equal(patched(t, p.base, delta), p.image) {
				t.Error("makes another image")
			}
			if got, err := Inspect(bytes.NewReader(delta)); err != nil || got != stats {
				t.Errorf("%+v, %v; stats %+v", got, err, stats)
			}
		})
	}
}

// How good the encoder is, in what it leaves to literals.
func TestEncodeFinds(t *testing.T) {
	most := map[string]struct{ literal, commands int64 }{
		"both empty": {0, 0}, "empty image": {0, 0}, "equal": {0, 1}, "equal, a segment and a byte": {0, 1},
		"one byte inserted": {1, 3}, "one byte removed": {0, 2}, "one byte changed": {1, 3},
		"byte in front": {1, 2}, "byte behind": {1, 2}, "front cut": {0, 1}, "end cut": {0, 1},
		"halves swapped": {0, 2}, "pieces moved": {0, 4}, "doubled": {0, 2}, "exactly a block": {0, 1},
		"prose edited": {6, 3}, "zeros to fewer zeros": {0, 1}, "zeros to more zeros": {0, 12},
		"zeros between": {0, 5}, "erased flash": {minGain - 1, 5}, "across segments": {500_000, 18},
	}
	for _, p := range pairs() {
		want, ok := most[p.name]
		if !ok {
			continue
		}
		_, stats := encoded(t, p.base, p.image, EncodeOptions{})
		if stats.LiteralBytes > want.literal || stats.Commands() > want.commands {
			t.Errorf("%s: %d literal bytes in %d commands; want at most %d in %d", p.name, stats.LiteralBytes, stats.Commands(), want.literal, want.commands)
		}
	}
}

func TestEncodeJobs(t *testing.T) {
	base := join(prose(1, 3*segmentSize), noise(1, segmentSize))
	image := join(noise(1, 2*segmentSize)[1234:], prose(1, 2*segmentSize)[99:], make([]byte, 50_000), prose(2, segmentSize/2))
	want, _ := encoded(t, base, image, EncodeOptions{Jobs: 1})
	for _, jobs := range []int{0, 2, 3, 8} {
		if got, _ := encoded(t, base, image, EncodeOptions{Jobs: jobs}); !bytes.Equal(got, want) {
			t.Errorf("%d jobs make another delta", jobs)
		}
	}
}

// edit changes p at random the way images change.
func edit(r *rand.Rand, p []byte) []byte {
	at := func() int { return r.IntN(len(p) + 1) }
	piece := func() []byte {
		from := at()
		return p[from:min(from+r.IntN(5000), len(p))]
	}
	switch where := at(); r.IntN(5) {
	case 0: // inserted
		return join(p[:where], noise(byte(where), r.IntN(300)), p[where:])
	case 1: // removed
		return join(p[:where], p[min(where+r.IntN(300), len(p)):])
	case 2: // copied
		return join(p[:where], piece(), p[where:])
	case 3: // filled
		return join(p[:where], bytes.Repeat([]byte{byte(r.IntN(2) * 255)}, r.IntN(2000)), p[where:])
	default: // patched
		p = bytes.Clone(p)
		for range 20 {
			if len(p) > 0 {
				p[r.IntN(len(p))] ^= byte(r.IntN(256))
			}
		}
		return p
	}
}

func TestEncodeRandomEdits(t *testing.T) {
	r := rand.New(rand.NewChaCha8([32]byte{}))
	for round := range 60 {
		base := join(noise(byte(round), r.IntN(20_000)), prose(byte(round), r.IntN(20_000)), make([]byte, r.IntN(5000)))
		image := base
		for range r.IntN(30) {
			image = edit(r, image)
		}
		delta, _ := encoded(t, base, image, EncodeOptions{})
		if !bytes.Equal(patched(t, base, delta), image) {
			t.Errorf("round %d: makes another image", round)
		}
	}
}

// An index that is coarser than the images are large finds less, but nothing
// wrong.
func TestCoarseIndex(t *testing.T) {
	x := emptyIndex(5 << 30)
	if x.spacing != 2048 || len(x.table) > maxAnchors*4/3+300 || len(x.filter)*8 > 8<<20 {
		t.Errorf("spacing %d, table %d, filter %d", x.spacing, len(x.table), len(x.filter))
	}
	if x := emptyIndex(1 << 30); x.spacing != anchorSpacing {
		t.Errorf("spacing of 1 GiB: %d", x.spacing)
	}
	if x := emptyIndex(1 << 50); len(x.table) > maxAnchors*4/3+300 {
		t.Errorf("table of 1 PiB: %d", len(x.table))
	}
}

// Anchors that are there too often are compared in vain for a while only.
func TestEncodeManyMisses(t *testing.T) {
	r := rand.New(rand.NewChaCha8([32]byte{}))
	record := noise(1, minGain)
	mix := func() []byte {
		var parts [][]byte
		for range 20_000 {
			parts = append(parts, record[:minGain-1+r.IntN(2)], noise(byte(r.Int()), 10))
		}
		return join(parts...)
	}
	base, image := mix(), mix()
	delta, _ := encoded(t, base, image, EncodeOptions{})
	if !bytes.Equal(patched(t, base, delta), image) {
		t.Error("makes another image")
	}
}

func TestEncodeErrors(t *testing.T) {
	good, bad := bytes.NewReader(noise(1, 5000)), broken{errors.New("bad sector")}
	_, err := Encode(t.Context(), io.Discard, bad, good, EncodeOptions{})
	wantError(t, err, "rdiff: reading the base at 0: bad sector")
	_, err = Encode(t.Context(), io.Discard, good, bad, EncodeOptions{})
	wantError(t, err, "rdiff: reading the new image at 0: bad sector")
	_, err = Encode(t.Context(), io.Discard, good, liar{good}, EncodeOptions{})
	wantError(t, err, "rdiff: the new image ends at 5000 of its 5010 bytes")
	_, err = Encode(t.Context(), broken{errors.New("disk full")}, good, bytes.NewReader(noise(2, 500_000)), EncodeOptions{})
	wantError(t, err, "disk full")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Encode(ctx, io.Discard, good, good, EncodeOptions{})
	wantError(t, err, "context canceled")
}

func TestRollHash(t *testing.T) {
	p := noise(1, 300)
	var h uint64
	for i, b := range p {
		if i < anchorLength {
			h = rollOn(h, 0, b)
		} else {
			h = rollOn(h, p[i-anchorLength], b)
		}
		if want := rollHash(p[:i+1]); h != want {
			t.Fatalf("after %d bytes: %#x, want %#x", i+1, h, want)
		}
	}
}

func TestCommon(t *testing.T) {
	p := noise(1, 2000)
	for n := range len(p) {
		q := bytes.Clone(p)
		q[n]++
		if got := common(p, q); got != n {
			t.Errorf("prefix %d, want %d", got, n)
		}
		if got, want := commonEnd(p, q), len(p)-1-n; got != want {
			t.Errorf("suffix %d, want %d", got, want)
		}
		if common(p[:n], p) != n || commonEnd(p[len(p)-n:], p) != n {
			t.Errorf("lengths %d and %d", n, len(p))
		}
	}
}

func FuzzEncode(f *testing.F) {
	for _, p := range pairs() {
		f.Add(p.base[:min(len(p.base), 3000)], p.image[:min(len(p.image), 3000)])
	}
	f.Fuzz(func(t *testing.T, base, image []byte) {
		delta, _ := encoded(t, base, image, EncodeOptions{})
		if !bytes.Equal(patched(t, base, delta), image) {
			t.Error("Encode: makes another image")
		}
		delta, _ = classic(t, base, bytes.NewReader(image), SignatureOptions{BlockLength: 16})
		if !bytes.Equal(patched(t, base, delta), image) {
			t.Error("DeltaFromSignature: makes another image")
		}
	})
}
