package pack

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/fwpack/fwpack/pack/payload"
)

// TestSharedRoom: what no encoder can make smaller has room, with its padding.
func TestSharedRoom(t *testing.T) {
	key, err := payload.NewAESKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, sharedSize)
	random := rand.NewChaCha8([32]byte{})
	random.Read(noise)
	for _, method := range []payload.Compression{payload.None, payload.Zlib, payload.Zstd, payload.XZ, payload.LZ4} {
		for _, size := range []int64{0, 1, 4096, 65537, sharedSize} {
			spec := payload.Spec{Compress: payload.Compress{Method: method}, Encrypt: &payload.Encrypt{Key: key}}
			job := payloadJob{plan: &PlannedPayload{Size: size}, spec: spec}
			result, err := payload.Run(t.Context(), io.Discard, bytes.NewReader(noise[:size]), spec, payload.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if room := job.sharedRoom(); room < result.Size {
				t.Errorf("%s, %d bytes: room for %d, %d are needed", method, size, room, result.Size)
			}
		}
	}
}

// TestOwnSpool: what is large, or of a size that is not known yet, shares nothing.
func TestOwnSpool(t *testing.T) {
	for name, job := range map[string]payloadJob{
		"large":   {plan: &PlannedPayload{Size: sharedSize + 1}},
		"unknown": {plan: &PlannedPayload{Size: unknownSize}},
		"image":   {plan: &PlannedPayload{Size: 1}, of: &imageJob{}},
		"delta":   {plan: &PlannedPayload{Size: 1, Delta: &Delta{}}},
	} {
		if room := job.sharedRoom(); room != 0 {
			t.Errorf("%s: shares %d bytes", name, room)
		}
	}
}
