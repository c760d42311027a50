package payload

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// testKey is AES-256; the IV is any.
const testKey = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"

func encryption(t testing.TB) *Encrypt {
	t.Helper()
	key, _, err := ParseAESKey([]byte(testKey))
	if err != nil {
		t.Fatal(err)
	}
	return &Encrypt{Key: key, IV: [16]byte{1, 2, 3, 15: 99}}
}

// sample returns n bytes of the kinds an image holds: text, code-like noise,
// zeros. They are the same in every run. The caller does not change them.
func sample(n int) []byte {
	return image()[:n]
}

var image = sync.OnceValue(func() []byte {
	const size = 16 << 20
	random := rand.New(rand.NewChaCha8([32]byte{42}))
	words := make([]string, 500)
	for i := range words {
		words[i] = fmt.Sprintf("%x ", random.Uint64()>>(8*random.IntN(6)))
	}
	var out bytes.Buffer
	for out.Len() < size {
		switch random.IntN(8) {
		case 0:
			out.Write(make([]byte, random.IntN(20000)))
		case 1:
			out.Write(noise(random.IntN(5000), random))
		default:
			for range 1000 {
				out.WriteString(words[random.IntN(len(words))])
			}
		}
	}
	return out.Bytes()
})

func noise(n int, random *rand.Rand) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(random.Uint32())
	}
	return out
}

func incompressible(n int) []byte {
	out := make([]byte, n)
	rand.NewChaCha8([32]byte{7}).Read(out)
	return out
}

// decode undoes spec with other code than made it, as far as there is any.
func decode(t testing.TB, data []byte, spec Spec) []byte {
	t.Helper()
	if spec.Encrypt != nil {
		data = decrypt(t, data, *spec.Encrypt)
	}
	in := bytes.NewReader(data)
	var r io.Reader = in
	var err error
	switch spec.Compress.Method {
	case Zlib:
		var z *gzip.Reader
		if z, err = gzip.NewReader(in); err == nil {
			z.Multistream(false) // as SWUpdate: one member
			r = z
		}
	case Zstd:
		var z *zstd.Decoder
		z, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20))
		r = z
		defer z.Close()
	case XZ:
		r, err = xz.ReaderConfig{SingleStream: true}.NewReader(in)
	case LZ4:
		r = lz4.NewReader(in)
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if in.Len() > 0 {
		t.Errorf("%d bytes follow the %s data", in.Len(), spec.Compress.Method)
	}
	return out
}

func decrypt(t testing.TB, data []byte, e Encrypt) []byte {
	t.Helper()
	block, err := aes.NewCipher(e.Key.bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(data) == 0 || len(data)%aes.BlockSize != 0 {
		t.Fatalf("ciphertext of %d bytes", len(data))
	}
	out := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, e.IV[:]).CryptBlocks(out, data)
	pad := int(out[len(out)-1])
	if pad < 1 || pad > 16 || !bytes.Equal(out[len(out)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		t.Fatalf("bad padding % x", out[len(out)-16:])
	}
	return out[:len(out)-pad]
}

// run is Run into memory.
func run(t testing.TB, src io.Reader, spec Spec, opt Options) ([]byte, Result) {
	t.Helper()
	var out bytes.Buffer
	result, err := Run(t.Context(), &out, src, spec, opt)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), result
}

func name(s Spec) string {
	name := s.Compress.Method.String()
	if s.Compress.Level != 0 {
		name += fmt.Sprint(s.Compress.Level)
	}
	if s.Encrypt != nil {
		name += "+aes"
	}
	return name
}

// specs is every method at its default level, plain and encrypted.
func specs(t testing.TB) []Spec {
	var list []Spec
	for _, m := range []Compression{None, Zlib, Zstd, XZ, LZ4} {
		list = append(list,
			Spec{Compress: Compress{Method: m}},
			Spec{Compress: Compress{Method: m}, Encrypt: encryption(t)})
	}
	return list
}

func TestRoundTrip(t *testing.T) {
	sizes := []int{0, 1, 15, 16, 17, 128<<10 - 1, 128 << 10, 256<<10 - 16, 256 << 10, 256<<10 + 1, 1<<20 + 5}
	for _, spec := range specs(t) {
		t.Run(name(spec), func(t *testing.T) {
			for _, size := range sizes {
				if spec.Compress.Method == XZ && size > 128<<10 {
					continue // slow
				}
				checkRun(t, sample(size), spec)
			}
		})
	}
}

// checkRun runs spec on source and checks the bytes and all that Result says.
func checkRun(t *testing.T, source []byte, spec Spec) {
	t.Helper()
	out, result := run(t, bytes.NewReader(source), spec, Options{})
	if got := decode(t, out, spec); !bytes.Equal(got, source) {
		t.Errorf("%d bytes do not come back", len(source))
	}
	compressed := out
	if spec.Encrypt != nil {
		compressed = decrypt(t, out, *spec.Encrypt)
	}
	want := Result{
		Size:           int64(len(out)),
		SHA256:         sha256.Sum256(out),
		SourceSize:     int64(len(source)),
		CompressedSize: int64(len(compressed)),
	}
	for _, b := range out {
		want.Sum += uint32(b)
	}
	if result != want {
		t.Errorf("%d bytes: result is %+v, want %+v", len(source), result, want)
	}
	if known, ok := spec.KnownSize(int64(len(source))); ok && known != result.Size {
		t.Errorf("%d bytes: known size is %d, real size %d", len(source), known, result.Size)
	}
}

func TestNoSum(t *testing.T) {
	source := sample(2*blockSize + 1)
	out, want := run(t, bytes.NewReader(source), Spec{}, Options{})
	if want.Sum == 0 {
		t.Fatal("the sum of the source is 0")
	}
	want.Sum = 0
	if again, got := run(t, bytes.NewReader(source), Spec{}, Options{NoSum: true}); got != want || !bytes.Equal(again, out) {
		t.Errorf("result is %+v, want %+v and the same bytes", got, want)
	}
}

func TestLevelsRoundTrip(t *testing.T) {
	source := sample(300 << 10)
	for _, m := range []Compression{Zlib, Zstd, XZ, LZ4} {
		codec, _ := m.codec()
		for level := 1; level <= codec.max; level++ {
			spec := Spec{Compress: Compress{Method: m, Level: level}}
			out, _ := run(t, bytes.NewReader(source), spec, Options{})
			if !bytes.Equal(decode(t, out, spec), source) {
				t.Errorf("%s level %d does not come back", m, level)
			}
		}
	}
}

// TestSameBytes holds the promise that only source and Spec shape the output.
// For zstd the source is two whole jobs of the encoder, which is where the end
// of the data could make a difference; the others are given two blocks at least.
func TestSameBytes(t *testing.T) {
	for _, spec := range []Spec{
		{},
		{Encrypt: encryption(t)},
		{Compress: Compress{Method: Zlib, Level: 1}},
		{Compress: Compress{Method: Zstd, Level: 1}},
		{Compress: Compress{Method: LZ4}, Encrypt: encryption(t)},
	} {
		t.Run(name(spec), func(t *testing.T) {
			source := sample(2 << 20)
			switch spec.Compress.Method {
			case Zstd:
				source = sample(16 << 20)
			case LZ4:
				source = sample(5 << 20)
			}
			_, want := run(t, bytes.NewReader(source), spec, Options{})
			for how, src := range map[string]io.Reader{
				"data with EOF": iotest.DataErrReader(bytes.NewReader(source)),
				"halves":        iotest.HalfReader(bytes.NewReader(source)),
				"odd pieces":    &pieces{data: source, size: 99991},
			} {
				if _, got := run(t, src, spec, Options{}); got != want {
					t.Errorf("source read in another way (%s): other bytes", how)
				}
			}
			for _, jobs := range []int{1, 5} {
				if _, got := run(t, bytes.NewReader(source), spec, Options{Jobs: jobs}); got != want {
					t.Errorf("%d jobs: other bytes", jobs)
				}
			}
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			if _, got := run(t, bytes.NewReader(source), spec, Options{}); got != want {
				t.Error("one processor: other bytes")
			}
		})
	}
}

// TestSameBytesSmall looks at the sizes where an encoder takes another path.
func TestSameBytesSmall(t *testing.T) {
	for _, spec := range specs(t) {
		for _, size := range []int{0, 1, 128 << 10, 150_000} {
			source := sample(size)
			_, want := run(t, bytes.NewReader(source), spec, Options{Jobs: 1})
			_, got := run(t, iotest.DataErrReader(&pieces{data: source, size: 777}), spec, Options{Jobs: 5})
			if got != want {
				t.Errorf("%s of %d bytes: other bytes", name(spec), size)
			}
		}
	}
}

// pieces is a reader that delivers at most size bytes at a time, and nothing
// at all now and then.
type pieces struct {
	data  []byte
	size  int
	calls int
}

func (p *pieces) Read(b []byte) (int, error) {
	if p.calls++; p.calls%5 == 0 {
		return 0, nil
	}
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), p.size)], p.data)
	p.data = p.data[n:]
	return n, nil
}

func TestKnownSize(t *testing.T) {
	stored, encrypted := Spec{}, Spec{Encrypt: encryption(t)}
	for _, test := range []struct {
		spec Spec
		size int64
		want int64
		ok   bool
	}{
		{stored, 0, 0, true},
		{stored, 5 << 32, 5 << 32, true},
		{encrypted, 0, 16, true},
		{encrypted, 15, 16, true},
		{encrypted, 16, 32, true},
		{encrypted, 1<<32 - 17, 1<<32 - 16, true},
		{encrypted, math.MaxInt64 - 16, math.MaxInt64 - 15, true},
		{encrypted, math.MaxInt64 - 15, 0, false},
		{stored, -1, 0, false},
		{encrypted, -1, 0, false},
		{Spec{Compress: Compress{Method: Zstd}}, 5, 0, false},
	} {
		if got, ok := test.spec.KnownSize(test.size); got != test.want || ok != test.ok {
			t.Errorf("%s: known size of %d is %d, %v; want %d, %v", name(test.spec), test.size, got, ok, test.want, test.ok)
		}
	}
}

func TestWidth(t *testing.T) {
	for _, test := range []struct {
		spec Spec
		size int64
		want int
	}{
		{Spec{}, 1 << 40, 1},
		{Spec{Encrypt: encryption(t)}, 1 << 40, 1},
		{Spec{Compress: Compress{Method: "brotli"}}, 1 << 40, 1},
		{Spec{Compress: Compress{Method: Zlib}}, 0, 1},
		{Spec{Compress: Compress{Method: Zlib}}, zlibBlock, 1},
		{Spec{Compress: Compress{Method: Zlib}}, zlibBlock + 1, 2},
		{Spec{Compress: Compress{Method: LZ4}}, 3 * lz4Block, 3},
		{Spec{Compress: Compress{Method: Zstd}}, 8 << 20, 1},
		{Spec{Compress: Compress{Method: Zstd}}, 8<<20 + 1, 2},
		{Spec{Compress: Compress{Method: Zstd}}, 1 << 40, 7},
		{Spec{Compress: Compress{Method: XZ}}, 16 << 20, 1},
		{Spec{Compress: Compress{Method: XZ}}, 1 << 40, 7},
	} {
		if got := test.spec.Width(test.size, 7); got != test.want {
			t.Errorf("%s: %d bytes keep %d of 7 processors busy, want %d", name(test.spec), test.size, got, test.want)
		}
	}
}

func TestProgress(t *testing.T) {
	for _, spec := range specs(t) {
		var total int64
		_, result := run(t, bytes.NewReader(sample(200_000)), spec, Options{Progress: func(n int64) { total += n }})
		if total != result.SourceSize || total != 200_000 {
			t.Errorf("%s: progress adds up to %d, %d bytes were read", name(spec), total, result.SourceSize)
		}
	}
}

// failAfter is a destination that is full after so many writes.
type failAfter struct {
	writes int
	err    error
}

func (f *failAfter) Write(p []byte) (int, error) {
	if f.writes--; f.writes < 0 {
		return 0, f.err
	}
	return len(p), nil
}

// TestDestinationFails lets the first writes fail in turn, and some later ones.
func TestDestinationFails(t *testing.T) {
	source := incompressible(9 << 20)
	for _, spec := range specs(t) {
		t.Run(name(spec), func(t *testing.T) {
			source := source
			switch spec.Compress.Method {
			case None, Zlib:
				source = source[:2<<20]
			case XZ:
				source = source[:100<<10]
			}
			before := runtime.NumGoroutine()
			writes := len(source)/blockSize + 1
			for n := 0; n < writes; n += 1 + n {
				full := errors.New("disk full")
				_, err := Run(t.Context(), &failAfter{n, full}, bytes.NewReader(source), spec, Options{})
				if !errors.Is(err, full) || err.Error() != "write: disk full" {
					t.Errorf("write %d failed, the error is %v", n, err)
				}
			}
			checkGoroutines(t, before)
		})
	}
}

// checkGoroutines waits until there are no more goroutines than before.
func checkGoroutines(t *testing.T, before int) {
	t.Helper()
	for range 200 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("%d goroutines are left, %d were there before\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
}

func TestSourceFails(t *testing.T) {
	source := incompressible(9 << 20)
	broken := errors.New("bad sector")
	for _, spec := range specs(t) {
		before := runtime.NumGoroutine()
		for _, size := range []int{0, 1, 100_000, len(source)} {
			if spec.Compress.Method == XZ && size > 100_000 {
				continue
			}
			src := io.MultiReader(bytes.NewReader(source[:size]), iotest.ErrReader(broken))
			result, err := Run(t.Context(), io.Discard, src, spec, Options{})
			if !errors.Is(err, broken) || err.Error() != "read: bad sector" {
				t.Errorf("%s: source failed after %d bytes, the error is %v", name(spec), size, err)
			}
			if result != (Result{}) {
				t.Errorf("%s: result after an error: %+v", name(spec), result)
			}
		}
		checkGoroutines(t, before)
	}
}

func TestCancel(t *testing.T) {
	source := incompressible(9 << 20)
	for _, spec := range specs(t) {
		if spec.Compress.Method == XZ {
			source = source[:2<<20]
		}
		before := runtime.NumGoroutine()
		ctx, cancel := context.WithCancel(t.Context())
		var read int64
		_, err := Run(ctx, io.Discard, bytes.NewReader(source), spec, Options{Progress: func(n int64) {
			read += n
			cancel()
		}})
		if err != context.Canceled {
			t.Errorf("%s: cancelled, the error is %v", name(spec), err)
		}
		if read > maxRead {
			t.Errorf("%s: %d bytes were read after the cancellation", name(spec), read)
		}
		checkGoroutines(t, before)
	}
}

func TestCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Run(ctx, &failAfter{0, errors.New("written")}, iotest.ErrReader(errors.New("read")), Spec{}, Options{})
	if err != context.Canceled {
		t.Errorf("error is %v", err)
	}
}

func TestErrors(t *testing.T) {
	path := &fs.PathError{Op: "read", Path: "rootfs.ext4", Err: syscall.EIO}
	for _, test := range []struct {
		what string
		dst  io.Writer
		src  io.Reader
		spec Spec
		want string
	}{
		{"a path error is complete", io.Discard, iotest.ErrReader(path), Spec{}, path.Error()},
		{"a destination that takes less", shortWriter{}, strings.NewReader("abc"), Spec{}, "write: short write"},
		{"a source that never ends nor delivers", io.Discard, idle{}, Spec{}, "read: multiple Read calls return no data or error"},
		{"no key", io.Discard, strings.NewReader(""), Spec{Encrypt: &Encrypt{}}, "encrypt: no AES key"},
		{"a level out of reach", io.Discard, strings.NewReader(""), Spec{Compress: Compress{Zlib, 10}}, "zlib level 10 is not reached by this build; 1 to 9 are"},
	} {
		_, err := Run(t.Context(), test.dst, test.src, test.spec, Options{})
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: error is %v, want %s", test.what, err, test.want)
		}
	}
}

type shortWriter struct{}

func (shortWriter) Write(p []byte) (int, error) { return len(p) - 1, nil }

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// TestFirstError has the source break long after the destination did.
func TestFirstError(t *testing.T) {
	full := errors.New("disk full")
	wrote := make(chan struct{})
	src := io.MultiReader(bytes.NewReader(incompressible(blockSize)), readerFunc(func([]byte) (int, error) {
		<-wrote
		time.Sleep(10 * time.Millisecond) // the error is recorded after Write has returned
		return 0, errors.New("bad sector")
	}))
	dst := writerFunc(func([]byte) (int, error) {
		close(wrote)
		return 0, full
	})
	if _, err := Run(t.Context(), dst, src, Spec{}, Options{}); !errors.Is(err, full) {
		t.Errorf("error is %v, the first one was %v", err, full)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestStageError has an encoder fail by itself.
func TestStageError(t *testing.T) {
	var trouble firstError
	line := &pipeline{}
	line.prepend("write", newSink(io.Discard, &trouble, true))
	line.prepend("compress test", brokenStep{})
	line.pump(&source{ctx: t.Context(), r: strings.NewReader("abc"), trouble: &trouble}, &trouble)
	line.close(&trouble)
	if err := trouble.get(); err == nil || err.Error() != "compress test: out of order" {
		t.Errorf("error is %v", err)
	}
}

type brokenStep struct{}

func (brokenStep) Write([]byte) (int, error) { return 0, errors.New("out of order") }
func (brokenStep) Close() error              { return errors.New("closed") }
