package imgtool

import (
	"path/filepath"
	"testing"
)

// BenchmarkSign signs a firmware of 512 KiB, files included.
func BenchmarkSign(b *testing.B) {
	for _, name := range []string{"ed25519", "rsa2048", "ec-p256"} {
		b.Run(name, func(b *testing.B) {
			o := signOptions(b)
			o.Input = write(b, filepath.Join(o.dir(), "in.bin"), body(512<<10))
			o.Key, o.SlotSize = testKey(name), 1<<20
			for b.Loop() {
				mustSign(b, o)
			}
		})
	}
}

// BenchmarkVerify verifies an image of 512 KiB.
func BenchmarkVerify(b *testing.B) {
	o := signOptions(b)
	o.Input = write(b, filepath.Join(o.dir(), "in.bin"), body(512<<10))
	o.Key, o.SlotSize = testKey("ed25519"), 1<<20
	mustSign(b, o)
	for b.Loop() {
		if _, err := Verify(VerifyOptions{Image: o.Output, Key: o.Key}); err != nil {
			b.Fatal(err)
		}
	}
}
