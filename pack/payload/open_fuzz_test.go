package payload

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"testing"
)

// FuzzOpen: what is read is what the finding says, as much as the budget allows,
// and packed anew it is the same.
func FuzzOpen(f *testing.F) {
	methods := []Compression{None, Zlib, Zstd, XZ, LZ4}
	for n, method := range methods {
		data, _ := packed(f, "what a device gets, and gets, and gets", method, false)
		f.Add(byte(n), data)
		f.Add(byte(n), data[:len(data)-3])
		f.Add(byte(n), append(data, data...))
	}
	f.Fuzz(func(t *testing.T, n byte, data []byte) {
		method := methods[int(n)%len(methods)]
		o := Open(context.Background(), bytes.NewReader(data), Packing{Compress: method}, &Budget{left: 1 << 20})
		content, readErr := io.ReadAll(o)
		found, err := o.Finish()
		if err != nil || found.Stored != (Content{int64(len(data)), sha256.Sum256(data)}) {
			t.Fatalf("stored %+v of %d bytes, %v", found.Stored, len(data), err)
		}
		if limit := 1<<20 + len(data)*maxRatio + 1<<20; len(content) > limit {
			t.Errorf("%d bytes come out of %d", len(content), len(data))
		}
		if found.Unpacked == nil {
			if readErr == nil || !errors.Is(found.Problem, readErr) {
				t.Errorf("reading ends with %v, the problem is %v", readErr, found.Problem)
			}
			return
		}
		if readErr != nil || *found.Unpacked != (Content{int64(len(content)), sha256.Sum256(content)}) {
			t.Errorf("unpacked %+v, read %d bytes, %v", found.Unpacked, len(content), readErr)
		}
		again, packing := packed(t, string(content), method, false)
		if back, _ := opened(t, bytes.NewReader(again), packing); !bytes.Equal(back, content) {
			t.Errorf("%d bytes come back as %d", len(content), len(back))
		}
	})
}
