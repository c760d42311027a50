package cpio

import (
	"bytes"
	"math/rand/v2"
	"testing"

	library "github.com/cavaliergopher/cpio"
)

// naiveSum is the definition: one byte at a time.
func naiveSum(p []byte) uint32 {
	var sum uint32
	for _, b := range p {
		sum += uint32(b)
	}
	return sum
}

func randomBytes(n int) []byte {
	p := make([]byte, n)
	random := rand.NewChaCha8([32]byte{1})
	random.Read(p)
	return p
}

func TestAddSumEveryLength(t *testing.T) {
	data := randomBytes(2*laneBlock + 64)
	full := bytes.Repeat([]byte{0xff}, len(data))
	for n := range len(data) + 1 {
		if got, want := AddSum(0, data[:n]), naiveSum(data[:n]); got != want {
			t.Fatalf("%d random bytes: sum %d, want %d", n, got, want)
		}
		if got, want := AddSum(0, full[:n]), uint32(n)*255; got != want {
			t.Fatalf("%d times 0xff: sum %d, want %d", n, got, want)
		}
	}
}

func TestAddSumEveryPiece(t *testing.T) {
	data := randomBytes(3000)
	for size := 1; size < len(data); size += 7 {
		var sum uint32
		for piece := data; len(piece) > 0; piece = piece[min(size, len(piece)):] {
			sum = AddSum(sum, piece[:min(size, len(piece))])
		}
		if want := naiveSum(data); sum != want {
			t.Fatalf("pieces of %d: sum %d, want %d", size, sum, want)
		}
	}
}

func TestAddSumWraps(t *testing.T) {
	if got := AddSum(1<<32-1, []byte{3}); got != 2 {
		t.Errorf("sum past 2^32 = %d, want 2", got)
	}
	block := bytes.Repeat([]byte{0xff}, 1<<20)
	var sum uint32
	for range 20 { // 20 MiB of 0xff are 5347737600, more than 2^32
		sum = AddSum(sum, block)
	}
	if want := uint32(20 * 255 << 20 & (1<<32 - 1)); sum != want {
		t.Errorf("sum of 20 MiB = %d, want %d", sum, want)
	}
}

func TestAddSumAsLibrary(t *testing.T) {
	data := randomBytes(5001)
	hash := library.NewHash()
	hash.Write(data)
	if got, want := AddSum(0, data), hash.Sum32(); got != want {
		t.Errorf("sum %d, the library says %d", got, want)
	}
}

func FuzzAddSum(f *testing.F) {
	f.Add(uint32(7), []byte("hello"), 2)
	f.Fuzz(func(t *testing.T, start uint32, p []byte, cut int) {
		if cut < 0 || cut > len(p) {
			return
		}
		got := AddSum(AddSum(start, p[:cut]), p[cut:])
		if want := start + naiveSum(p); got != want {
			t.Errorf("sum %d, want %d", got, want)
		}
	})
}

func BenchmarkAddSum(b *testing.B) {
	data := randomBytes(1 << 20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		AddSum(0, data)
	}
}
