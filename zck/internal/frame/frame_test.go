package frame

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// random are n bytes of an alphabet, the same for the same seed.
func random(n, alphabet int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 0))
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(r.IntN(alphabet))
	}
	return data
}

// repeating are n bytes that repeat themselves: now and then by long matches, at
// few offsets or at many.
func repeating(n, alphabet int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	data := random(min(n, 40), alphabet, seed)
	for len(data) < n {
		from := r.IntN(len(data))
		length := 3 + r.IntN(1<<r.IntN(12))
		data = append(data, data[from:min(from+length, len(data))]...)
		data = append(data, random(r.IntN(5), alphabet, r.Uint64())...)
	}
	return data[:n]
}

// words are n bytes of text.
func words(n int) []byte {
	var text bytes.Buffer
	for i := 0; text.Len() < n; i++ {
		fmt.Fprintf(&text, "line %d of %x, which is %d\n", i, i*i, i*7919%1000)
	}
	return text.Bytes()[:n]
}

// chunks are of all kinds and sizes.
func chunks() map[string][]byte {
	all := map[string][]byte{
		"nothing": nil,
		// Two matches that are as long as can be, which have the widest codes.
		"long matches":  bytes.Join([][]byte{random(40, 256, 1), make([]byte, 60000), random(40, 256, 1), make([]byte, 70000)}, nil),
		"half and half": append(random(MaxSize/2, 256, 2), random(MaxSize/2, 256, 2)...),
		"late":          append(random(70000, 256, 3), words(MaxSize-70000)...),
	}
	for _, n := range []int{1, 2, 3, 9, 10, 11, 31, 32, 33, 255, 256, 257, 1000, 1023, 1024, 4095, 4096, 16383, 16384, 16500, 65791, 65792, 65793, MaxSize - 1, MaxSize} {
		all[fmt.Sprint("zeros ", n)] = make([]byte, n)
		all[fmt.Sprint("words ", n)] = words(n)
		for _, alphabet := range []int{2, 5, 30, 130, 256} {
			all[fmt.Sprint("random ", n, alphabet)] = random(n, alphabet, uint64(n))
			all[fmt.Sprint("repeating ", n, alphabet)] = repeating(n, alphabet, uint64(n))
		}
	}
	return all
}

var efforts = map[string]Effort{"fast": Fast, "better": Better}

// header is how much a frame may be larger than its chunk.
const header = 4 + 1 + 4 + blockHeader

func decoder(t testing.TB) *zstd.Decoder {
	t.Helper()
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(MaxSize))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// check decodes a frame.
func check(t *testing.T, d *zstd.Decoder, frame, chunk []byte) {
	t.Helper()
	back, err := d.DecodeAll(frame, nil)
	if err != nil || !bytes.Equal(back, chunk) {
		t.Fatalf("%d bytes come back of %d, %v", len(back), len(chunk), err)
	}
	if len(frame) > len(chunk)+header {
		t.Errorf("%d bytes of %d", len(frame), len(chunk))
	}
}

// Chunks come back, and their frames do not depend on the chunks before.
func TestAppend(t *testing.T) {
	d := decoder(t)
	for name, effort := range efforts {
		used := New(effort)
		for kind, chunk := range chunks() {
			t.Run(name+" "+kind, func(t *testing.T) {
				frame := used.Append([]byte("before"), chunk)
				check(t, d, frame[len("before"):], chunk)
				if alone := New(effort).Append(nil, chunk); !bytes.Equal(frame[len("before"):], alone) {
					t.Errorf("%d bytes alone, %d behind other chunks", len(alone), len(frame)-len("before"))
				}
			})
		}
	}
}

// An encoder that has seen gigabytes begins anew.
func TestBaseBeginsAnew(t *testing.T) {
	chunk := words(100000)
	e := New(Better)
	want := e.Append(nil, chunk)
	for _, base := range []uint32{newest - 1, newest, newest + 1} {
		e.finder.base = base
		for range 3 {
			if got := e.Append(nil, chunk); !bytes.Equal(got, want) {
				t.Fatalf("base %d: %d bytes, not %d", base, len(got), len(want))
			}
		}
	}
}

func TestAppendOfTooMuch(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a chunk larger than a block is taken")
		}
	}()
	New(Better).Append(nil, make([]byte, MaxSize+1))
}

// The effort pays: frames are smaller than those of the usual level of the library.
func TestSizes(t *testing.T) {
	library, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithWindowSize(MaxSize))
	if err != nil {
		t.Fatal(err)
	}
	for name, chunk := range map[string][]byte{"words": words(MaxSize), "repeating": repeating(MaxSize, 200, 7)} {
		usual, fast, better := len(library.EncodeAll(chunk, nil)), len(New(Fast).Append(nil, chunk)), len(New(Better).Append(nil, chunk))
		if better > usual || better > fast {
			t.Errorf("%s: %d bytes fast, %d better, %d of the library", name, fast, better, usual)
		}
	}
	if n := len(New(Better).Append(nil, make([]byte, MaxSize))); n != header+1 {
		t.Errorf("%d bytes of zeros", n)
	}
}

// Nothing is allocated for a chunk once there is room.
func TestAppendAllocatesNothing(t *testing.T) {
	e, chunk := New(Better), words(MaxSize)
	dst := e.Append(nil, chunk)
	if n := testing.AllocsPerRun(10, func() { dst = e.Append(dst[:0], chunk) }); n > 0 {
		t.Errorf("%.0f allocations", n)
	}
}

func FuzzAppend(f *testing.F) {
	d := decoder(f)
	f.Add([]byte("abcabcabc"), uint16(20), uint8(3))
	f.Add(words(600), uint16(1), uint8(0))
	f.Add(random(50, 3, 1), uint16(1000), uint8(200))
	f.Fuzz(func(t *testing.T, piece []byte, repeat uint16, step uint8) {
		if len(piece)*int(repeat) > MaxSize {
			return
		}
		chunk := bytes.Repeat(piece, int(repeat))
		for i := range chunk {
			chunk[i] += byte(i/(1+len(piece))) * step
		}
		for _, effort := range efforts {
			check(t, d, New(effort).Append(nil, chunk), chunk)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	chunk := repeating(46000, 200, 5) // the mean of an image
	for name, effort := range efforts {
		b.Run(name, func(b *testing.B) {
			e := New(effort)
			var frame []byte
			b.SetBytes(int64(len(chunk)))
			for b.Loop() {
				frame = e.Append(frame[:0], chunk)
			}
			b.ReportMetric(float64(len(frame))/float64(len(chunk)), "ratio")
		})
	}
}
