package payload

import (
	"bytes"
	"io"
	"testing"
)

func benchmark(b *testing.B, spec Spec) {
	source := sample(16 << 20)
	b.SetBytes(int64(len(source)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Run(b.Context(), io.Discard, bytes.NewReader(source), spec, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStore(b *testing.B) { benchmark(b, Spec{}) }

func BenchmarkEncrypt(b *testing.B) { benchmark(b, Spec{Encrypt: encryption(b)}) }

func BenchmarkZlib(b *testing.B) { benchmark(b, Spec{Compress: Compress{Method: Zlib}}) }

func BenchmarkZstd(b *testing.B) { benchmark(b, Spec{Compress: Compress{Method: Zstd}}) }

func BenchmarkZstdEncrypt(b *testing.B) {
	benchmark(b, Spec{Compress: Compress{Method: Zstd}, Encrypt: encryption(b)})
}

func BenchmarkLZ4(b *testing.B) { benchmark(b, Spec{Compress: Compress{Method: LZ4}}) }
