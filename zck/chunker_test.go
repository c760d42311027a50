package zck

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// slowChunks is the rule of zchunk taken literally, byte by byte and with the
// hash of every window computed from its bytes.
func slowChunks(data []byte) (sizes []int) {
	var window []byte
	size := 0
	for i := 0; i < len(data); {
		window = append(window, data[i])
		if len(window) > Window {
			window = window[1:]
		}
		switch matches := len(window) == Window && slowHash(window)&0x7fff == 0; {
		case !matches && size < 131072:
			size++
			i++
		case size >= 8192:
			sizes = append(sizes, size)
			window, size = nil, 0
		}
	}
	if size > 0 {
		sizes = append(sizes, size)
	}
	return sizes
}

func slowHash(window []byte) (hash uint32) {
	for i, b := range window {
		hash ^= bits.RotateLeft32(substitution[b], Window-1-i)
	}
	return hash
}

// chunksOf feeds data in pieces of a size.
func chunksOf(data []byte, piece int) (sizes []int) {
	var c Chunker
	size := 0
	for part := range slices.Chunk(data, piece) {
		for len(part) > 0 {
			n, end := c.Feed(part)
			size += n
			part = part[n:]
			if end {
				sizes = append(sizes, size)
				size = 0
			}
		}
	}
	if c.Size() != size {
		panic(fmt.Sprintf("Size %d, fed %d", c.Size(), size))
	}
	if size > 0 {
		sizes = append(sizes, size)
	}
	return sizes
}

// random returns n bytes that are the same in every run.
func random(n int, seed byte) []byte {
	data := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(data)
	return data
}

// counted is SHA256(0) || SHA256(1) || ... of big-endian 64-bit numbers.
func counted(n int) []byte {
	var data []byte
	for i := uint64(0); len(data) < n; i++ {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, i))
		data = append(data, sum[:]...)
	}
	return data[:n]
}

// squares is byte i = i*i/8.
func squares(n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(uint64(i) * uint64(i) >> 3)
	}
	return data
}

func lines(n int) []byte {
	var data []byte
	for i := range n {
		data = fmt.Appendf(data, "line %d\n", i)
	}
	return data
}

// vector reads an input from testdata.
func vector(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The sizes are those of zck 1.2.3: see testdata/README.md.
func TestChunkerVectors(t *testing.T) {
	for _, test := range []struct {
		name  string
		input []byte
		sizes []int
	}{
		{"counted", counted(1 << 20), []int{32206, 8814, 77831, 73132, 15474, 21311, 19247, 14322, 15036, 21213, 14061, 93066, 85131, 49796, 46211, 48206, 131072, 26458, 13570, 31831, 131072, 58897, 20619}},
		{"zeros", make([]byte, 1e6), []int{131072, 131072, 131072, 131072, 131072, 131072, 131072, 82496}},
		{"squares", squares(300000), []int{131072, 131072, 37856}},
		{"text", lines(50000), []int{33889, 73436, 18052, 13868, 22897, 20119, 20747, 26878, 11027, 131072, 63066, 33895, 69944}},
		{"a match refused at 8195", vector(t, "refeed-a.bin"), []int{11065, 17131}},
		{"a match of a byte fed twice", vector(t, "refeed-b.bin"), []int{8195, 20001}},
		{"empty", nil, nil},
		{"one byte", []byte{7}, []int{1}},
		{"largest chunk", make([]byte, ChunkMax), []int{ChunkMax}},
		{"one more than the largest chunk", make([]byte, ChunkMax+1), []int{ChunkMax, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, piece := range []int{1, 47, 49, 1000, 1 << 21} {
				if sizes := chunksOf(test.input, piece); !slices.Equal(sizes, test.sizes) {
					t.Errorf("pieces of %d bytes: chunks of %d, zck has %d", piece, sizes, test.sizes)
				}
			}
		})
	}
}

func TestChunkerIsTheSlowModel(t *testing.T) {
	for _, size := range []int{1, 2, 47, 48, 49, 96, 8191, 8192, 8193, 32768, 131071, 131072, 131073, 131120, 262144, 262145} {
		sameAsModel(t, random(size, byte(size)), 4096)
		sameAsModel(t, bytes.Repeat([]byte{byte(size)}, min(size, 140000)), 5000)
	}
	for _, period := range []int{2, 31, 48, 256} {
		sameAsModel(t, bytes.Repeat(random(period, 1), 200000/period), 999)
	}
}

// Bytes in which the hash matches often, as it never does by chance: each place
// where the model would match soon is completed to a match.
func TestChunkerWithManyMatches(t *testing.T) {
	for seed := range byte(4) {
		data := manyMatches(seed, 15000)
		sameAsModel(t, data, 30000)
		sameAsModel(t, data, 777)
	}
}

// manyMatches returns data of few random bytes, among them ones that complete
// the window before them to a match.
func manyMatches(seed byte, size int) []byte {
	r := rand.New(rand.NewChaCha8([32]byte{seed}))
	var data []byte
	for len(data) < size {
		data = append(data, random(r.IntN(200), byte(r.Uint32()))...)
		data = complete(data, r)
	}
	return data
}

// complete looks for three bytes that make the last Window bytes match.
func complete(data []byte, r *rand.Rand) []byte {
	if len(data) < Window {
		return data
	}
	before := slowHash(append(slices.Clone(data[len(data)-Window+3:]), 0, 0, 0)) ^ slowHash([]byte{0, 0, 0})
	for range 1 << 17 {
		v := r.Uint32()
		end := []byte{byte(v), byte(v >> 8), byte(v >> 16)}
		if (before^slowHash(end))&mask == 0 {
			return append(data, end...)
		}
	}
	return data
}

func sameAsModel(t *testing.T, data []byte, piece int) {
	t.Helper()
	if got, want := chunksOf(data, piece), slowChunks(data); !slices.Equal(got, want) {
		t.Errorf("%d bytes in pieces of %d: chunks of %d, the model has %d", len(data), piece, got, want)
	}
}

// The checks are those that tell a mistyped table at once.
func TestSubstitution(t *testing.T) {
	var packed []byte
	var all uint32
	var columns [32]int
	for _, share := range substitution {
		packed = binary.LittleEndian.AppendUint32(packed, share)
		all ^= share
		for bit := range columns {
			columns[bit] += int(share >> bit & 1)
		}
	}
	sum := sha256.Sum256(packed)
	if hex.EncodeToString(sum[:]) != "5b52080d38287da9d2e278466e3e0db7ec98e5e8b226f50612a56fa012b1f660" || all != 0 {
		t.Errorf("sha256 %x, xor %#x", sum, all)
	}
	for bit, count := range columns {
		if count != 128 {
			t.Errorf("bit %d is set in %d entries, not in half of them", bit, count)
		}
	}
}

// step would not end if a window of one value matched.
func TestUniformWindowsDoNotMatch(t *testing.T) {
	for b := range 256 {
		if slowHash(bytes.Repeat([]byte{byte(b)}, Window))&mask == 0 {
			t.Errorf("a window full of %#x matches", b)
		}
	}
}

func FuzzChunker(f *testing.F) {
	f.Add([]byte("seed"), uint16(10), uint16(100))
	f.Add(vector(f, "refeed-a.bin"), uint16(1), uint16(4096))
	f.Add(vector(f, "refeed-b.bin"), uint16(1), uint16(77))
	f.Add(manyMatches(1, 10000), uint16(2), uint16(1000))
	f.Fuzz(func(t *testing.T, data []byte, repeat, piece uint16) {
		data = bytes.Repeat(data, 1+int(repeat)%40)
		if len(data) > 200000 {
			return
		}
		sameAsModel(t, data, 1+int(piece))
	})
}

func BenchmarkChunker(b *testing.B) {
	data := random(16<<20, 1)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		chunksOf(data, len(data))
	}
}
