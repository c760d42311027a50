package zck

import (
	"bytes"
	"crypto/sha256"
	"io"
	"slices"
	"testing"

	"github.com/klauspost/compress/flate"

	"github.com/fwpack/fwpack/internal/speed"
)

// words is text of a language with 256 words.
func words(n int) []byte {
	vocabulary, order := random(4<<10, 2), random(n, 3)
	var text []byte
	for i := 0; len(text) < n; i++ {
		at := int(order[i]) << 4
		text = append(text, vocabulary[at:at+3+int(order[i]%13)]...)
	}
	return text[:n]
}

// TestSpeedCreate holds making a file against deflating its chunks, and their digests
// before and after. An encoder with tables as large as zstd's would be a worse
// reference: what it takes depends on who else uses the processor's caches.
func TestSpeedCreate(t *testing.T) {
	image := slices.Concat(words(4<<20), random(1<<20, 1))
	var out bytes.Buffer
	encoder, err := flate.NewWriter(&out, 6)
	if err != nil {
		t.Fatal(err)
	}
	_, header := create(t, image, Options{})
	work := func() {
		if _, err := Create(t.Context(), io.Discard, bytes.NewReader(image), Options{Jobs: 1, Spool: &memoryFile{}}); err != nil {
			t.Fatal(err)
		}
	}
	reference := func() {
		left := image
		for _, chunk := range header.Chunks {
			raw := left[:chunk.Size]
			out.Reset()
			encoder.Reset(&out)
			encoder.Write(raw)
			encoder.Close()
			sha256.Sum256(raw)
			sha256.Sum256(out.Bytes())
			left = left[chunk.Size:]
		}
	}
	speed.Check(t, 1.08, work, reference)
}
