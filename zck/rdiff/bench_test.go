package rdiff

import (
	"bytes"
	"context"
	"io"
	"testing"
)

// release is a pair of images of 32 MiB, the second one edited.
func release() (base, image []byte) {
	for i := range 16 {
		base = join(base, noise(byte(i), 1<<20), prose(byte(i), 1<<20))
	}
	image = bytes.Clone(base)
	for at := 1000; at < len(image); at += 100_003 {
		image[at]++
	}
	return base, join(image[5<<20:], image[:5<<20])
}

func BenchmarkEncode(b *testing.B) {
	base, image := release()
	b.SetBytes(int64(len(image)))
	for b.Loop() {
		if _, err := Encode(context.Background(), io.Discard, bytes.NewReader(base), bytes.NewReader(image), EncodeOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// Nothing is found, so that every byte is looked at.
func BenchmarkEncodeNoise(b *testing.B) {
	base, image := noise(1, 32<<20), noise(2, 32<<20)
	b.SetBytes(int64(len(image)))
	for b.Loop() {
		if _, err := Encode(context.Background(), io.Discard, bytes.NewReader(base), bytes.NewReader(image), EncodeOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriteSignature(b *testing.B) {
	base, _ := release()
	b.SetBytes(int64(len(base)))
	for b.Loop() {
		if err := WriteSignature(context.Background(), io.Discard, bytes.NewReader(base), int64(len(base)), SignatureOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDeltaFromSignature(b *testing.B) {
	base, image := release()
	sig, err := ReadSignature(bytes.NewReader(signed(b, base, SignatureOptions{})))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(image)))
	for b.Loop() {
		if _, err := DeltaFromSignature(context.Background(), io.Discard, sig, bytes.NewReader(image)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPatch(b *testing.B) {
	base, image := release()
	delta, _ := encoded(b, base, image, EncodeOptions{})
	b.SetBytes(int64(len(image)))
	for b.Loop() {
		if _, err := Patch(context.Background(), io.Discard, bytes.NewReader(base), bytes.NewReader(delta), PatchOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
