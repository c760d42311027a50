package rdiff

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
)

// indexOf indexes base.
func indexOf(t *testing.T, base []byte, jobs int) *index {
	t.Helper()
	x, err := newIndex(t.Context(), bytes.NewReader(base), jobs)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// places is what the index says of the anchor p.
func places(x *index, p []byte) []int64 {
	hash := mix(rollHash(p))
	if !x.has(hash) {
		return nil
	}
	return x.find(nil, hash)
}

func TestIndex(t *testing.T) {
	base := noise(1, 2*segmentSize+1000)
	x := indexOf(t, base, 2)
	for at := 0; at+anchorLength < len(base); at += anchorSpacing {
		if got := places(x, base[at:at+anchorLength]); !slices.Equal(got, []int64{int64(at)}) {
			t.Fatalf("anchor at %d is found at %d", at, got)
		}
		if got := places(x, base[at+1:at+1+anchorLength]); len(got) > 0 {
			t.Fatalf("no anchor at %d is found at %d", at+1, got)
		}
	}
}

func TestIndexShort(t *testing.T) {
	base := noise(1, anchorSpacing+anchorLength)
	last := base[anchorSpacing:]
	if got := places(indexOf(t, base, 1), last); !slices.Equal(got, []int64{anchorSpacing}) {
		t.Errorf("last anchor: %d", got)
	}
	if got := places(indexOf(t, base[:len(base)-1], 1), last); len(got) > 0 {
		t.Errorf("incomplete anchor: %d", got)
	}
	for n := range anchorLength {
		indexOf(t, base[:n], 1)
	}
}

func TestIndexEqualAnchors(t *testing.T) {
	base := bytes.Repeat(noise(1, anchorSpacing), 10)
	want := []int64{0, anchorSpacing, 2 * anchorSpacing}
	if got := places(indexOf(t, base, 1), base[:anchorLength]); !slices.Equal(got, append(want, 3*anchorSpacing)) {
		t.Errorf("found at %d, want the first %d", got, maxEqual)
	}
}

// Of runs of one byte value the longest is known, by its first anchor.
func TestIndexRuns(t *testing.T) {
	zeros := make([]byte, 5*anchorSpacing)
	erased := bytes.Repeat([]byte{0xff}, 3*anchorSpacing)
	some := noise(1, anchorSpacing)
	base := join(zeros[:2*anchorSpacing], some, zeros, some, erased, zeros[:100], some, zeros)
	x := indexOf(t, base, 1)
	if got := places(x, zeros[:anchorLength]); !slices.Equal(got, []int64{3 * anchorSpacing}) {
		t.Errorf("zeros at %d", got)
	}
	if got := places(x, erased[:anchorLength]); !slices.Equal(got, []int64{9 * anchorSpacing}) {
		t.Errorf("erased flash at %d", got)
	}
	base = make([]byte, segmentSize+10*anchorSpacing)
	if x := indexOf(t, base, 2); x.runs[0] != (run{0, 0, int64(len(base) / anchorSpacing)}) {
		t.Errorf("run over two segments: %+v", x.runs[0])
	}
}

func TestWindow(t *testing.T) {
	base := noise(1, 300_000)
	w := newWindow(bytes.NewReader(base))
	for _, ask := range []struct{ off, n int }{
		{0, 10}, {5, 100}, {100_000, windowSize}, {99_500, 400}, {98_000, windowSize}, {0, 1},
		{299_999, 1}, {299_999, 10}, {290_000, windowSize}, {300_000, 5}, {400_000, 5}, {1, 0},
	} {
		got, err := w.bytes(int64(ask.off), ask.n)
		want := base[min(ask.off, len(base)):min(ask.off+ask.n, len(base))]
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes at %d: got %d others, %v", ask.n, ask.off, len(got), err)
		}
	}
}

// flaky is a source that fails once.
type flaky struct {
	*bytes.Reader
	fail bool
}

func (f *flaky) ReadAt(p []byte, off int64) (int, error) {
	if f.fail {
		f.fail = false
		return 0, errors.New("bad sector")
	}
	return f.Reader.ReadAt(p, off)
}

// What a failed read left behind is not taken for the base.
func TestWindowErrors(t *testing.T) {
	base := noise(1, 10_000)
	w := newWindow(&flaky{bytes.NewReader(base), true})
	if _, err := w.bytes(0, 10); err == nil {
		t.Error("no error")
	}
	if got, err := w.bytes(0, 10); err != nil || !bytes.Equal(got, base[:10]) {
		t.Errorf("%x, %v", got, err)
	}
}

// madeUp is a signature of n blocks, all with different strong sums.
func madeUp(n int, weak func(i int) uint32) *Signature {
	sig := &Signature{Magic: RollsumMD4, BlockLength: 16, StrongLength: 4}
	for i := range n {
		sig.sums = binary.BigEndian.AppendUint32(sig.sums, weak(i))
		sig.sums = binary.BigEndian.AppendUint32(sig.sums, uint32(i))
	}
	return sig
}

// Signatures made to be slow are not: neither with the same weak sum everywhere
// nor with sums that a table of powers of two puts in one place. Looking at one
// block after the other would take longer than any test may.
func TestBlockTableHostile(t *testing.T) {
	for _, weak := range []func(int) uint32{
		func(int) uint32 { return 7 },
		func(i int) uint32 { return uint32(i) << 14 },
		func(i int) uint32 { return uint32(i) },
	} {
		sig := madeUp(1<<17, weak)
		table := newBlockTable(sig)
		for i := range 1 << 18 {
			if table.find(weak(i), []byte("not a block")) >= 0 {
				t.Fatal("found")
			}
		}
	}
}

// Of blocks with the same sums the first is the one that is copied.
func TestBlockTableFirst(t *testing.T) {
	base := bytes.Repeat(noise(1, 100), 5)
	sig, err := ReadSignature(bytes.NewReader(signed(t, base, SignatureOptions{BlockLength: 100})))
	if err != nil {
		t.Fatal(err)
	}
	weak, _ := sig.Block(3)
	if got := newBlockTable(sig).find(weak, base[:100]); got != 0 {
		t.Errorf("block %d", got)
	}
	if got := newBlockTable(sig).find(weak, base[1:101]); got != -1 {
		t.Errorf("block %d has another strong sum", got)
	}
}
