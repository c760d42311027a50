package zck

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// device is SWUpdate's delta handler as it is documented: it has an image
// installed and the header of another one, and fetches ranges of a file.
type device struct {
	t         *testing.T
	installed map[Digest][]byte // raw chunks by their digest
	server    []byte            // the file
	zstd      *zstd.Decoder
	requests  int
	fetched   int64
}

func newDevice(t *testing.T, installed, server []byte) *device {
	t.Helper()
	d := &device{t: t, installed: map[Digest][]byte{}, server: server}
	for _, size := range chunksOf(installed, 16384) {
		d.installed[SHA256.of(installed[:size])] = installed[:size]
		installed = installed[size:]
	}
	var err error
	if d.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.zstd.Close)
	return d
}

// install builds the image that the header describes.
func (d *device) install(header []byte, plan *Download) []byte {
	d.t.Helper()
	h, err := Parse(header)
	if err != nil {
		d.t.Fatal(err)
	}
	fetched := d.fetch(plan.Requests)
	var image []byte
	for i, c := range h.Chunks {
		if stored, ok := fetched[i]; ok {
			image = append(image, d.decode(h, i, stored)...)
			continue
		}
		raw, ok := d.installed[c.RawDigest]
		if !ok || int64(len(raw)) != c.Size {
			d.t.Fatalf("chunk %d is neither fetched nor installed", i)
		}
		image = append(image, raw...)
	}
	return image
}

// fetch asks the server for all ranges, and divides them into stored chunks.
func (d *device) fetch(requests []Request) map[int][]byte {
	h, err := ReadHeader(bytes.NewReader(d.server))
	if err != nil {
		d.t.Fatal(err)
	}
	chunks := map[int][]byte{}
	for _, r := range requests {
		d.requests++
		for _, g := range r.Ranges {
			part := d.server[g.Offset : g.Offset+g.Length]
			d.fetched += g.Length
			for i := g.First; i < g.First+g.Chunks; i++ {
				chunks[i] = part[:h.Chunks[i].Stored]
				part = part[h.Chunks[i].Stored:]
			}
			if len(part) != 0 {
				d.t.Fatalf("%d bytes of a range belong to no chunk", len(part))
			}
		}
	}
	return chunks
}

func (d *device) decode(h *Header, i int, stored []byte) []byte {
	if h.ChunkHash.of(stored) != h.Chunks[i].Digest {
		d.t.Fatalf("chunk %d arrives damaged", i)
	}
	raw, err := d.zstd.DecodeAll(stored, nil)
	if err != nil {
		d.t.Fatalf("chunk %d: %v", i, err)
	}
	return raw
}

// edited is an image with some places changed, cut out and put in.
func edited(image []byte, r *rand.Rand, edits int) []byte {
	image = slices.Clone(image)
	for range edits {
		at := r.IntN(len(image) - 5000)
		part := random(r.IntN(5000), byte(r.Uint32()))
		switch r.IntN(3) {
		case 0:
			copy(image[at:], part)
		case 1:
			image = slices.Insert(image, at, part...)
		default:
			image = slices.Delete(image, at, at+len(part))
		}
	}
	return image
}

// What Missing announces is what a device fetches, and it is enough.
func TestDevice(t *testing.T) {
	r := rand.New(rand.NewChaCha8([32]byte{1}))
	old := slices.Concat(random(3<<20, 7), lines(30000), make([]byte, 500000))
	for _, edits := range []int{0, 1, 10, 60} {
		image := edited(old, r, edits)
		index, err := Index(background, bytes.NewReader(old), 0)
		if err != nil {
			t.Fatal(err)
		}
		for name, bases := range map[string][]*Header{"plain": nil, "joined": {index}} {
			file, h := create(t, image, Options{Bases: bases, Level: LevelFastest})
			for _, client := range []Client{{MaxRanges: 1}, {}, {MaxRanges: 150}, {DropsLast: true}} {
				t.Run(fmt.Sprintf("%d edits, %s, %+v", edits, name, client), func(t *testing.T) {
					install(t, old, image, file, h, index, client)
				})
			}
		}
	}
}

func install(t *testing.T, old, image, file []byte, h, index *Header, client Client) {
	plan, err := Missing(h, index, client)
	if err != nil {
		t.Fatal(err)
	}
	d := newDevice(t, old, file)
	if got := d.install(file[:h.Len()], plan); !bytes.Equal(got, image) {
		t.Error("the image is another one")
	}
	if d.fetched != plan.Bytes || d.requests != len(plan.Requests) {
		t.Errorf("%d bytes in %d requests, announced are %d in %d", d.fetched, d.requests, plan.Bytes, len(plan.Requests))
	}
	limit := client.MaxRanges
	if limit == 0 {
		limit = DefaultMaxRanges
	}
	for i, r := range plan.Requests {
		if len(r.Ranges) > limit || i < len(plan.Requests)-1 && len(r.Ranges) < limit {
			t.Errorf("request %d has %d ranges, %d are allowed", i, len(r.Ranges), limit)
		}
	}
}
