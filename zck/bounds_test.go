package zck

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// endless are n random bytes that nobody holds.
func endless(n int64) io.Reader {
	return io.LimitReader(rand.NewChaCha8([32]byte{5}), n)
}

// dropped is a spool that keeps nothing.
type dropped struct{ io.Writer }

func (dropped) Read(p []byte) (int, error)     { return len(p), nil }
func (dropped) Seek(int64, int) (int64, error) { return 0, nil }

// What is allocated does not grow with the image, but for the two digests of each
// chunk, which are dropped with its block.
func TestCreateAllocatesLittle(t *testing.T) {
	const size, perChunk = 96 << 20, 64
	opts := Options{Level: LevelFastest, Jobs: 2, Spool: dropped{io.Discard}}
	var sum Summary
	n := allocated(func() {
		var err error
		if sum, err = Create(background, io.Discard, endless(size), opts); err != nil {
			t.Error(err)
		}
	})
	if limit := uint64(24<<20 + perChunk*sum.Chunks); n > limit {
		t.Errorf("%d bytes for %d chunks, at most %d were expected", n, sum.Chunks, limit)
	}
}

func TestVerifyAllocatesLittle(t *testing.T) {
	file, h := create(t, random(32<<20, 1), Options{Compression: None})
	n := allocated(func() {
		if _, err := Verify(background, bytes.NewReader(file), 2); err != nil {
			t.Error(err)
		}
	})
	if limit := uint64(12<<20 + 400*len(h.Chunks)); n > limit {
		t.Errorf("%d bytes, at most %d were expected", n, limit)
	}
}

// Nothing keeps running, however it ends.
func TestNothingIsLeftRunning(t *testing.T) {
	image := random(3<<20, 1)
	file, _ := create(t, image, Options{})
	before := runtime.NumGoroutine()
	for range 5 {
		Create(background, io.Discard, bytes.NewReader(image), Options{})
		Create(background, io.Discard, io.MultiReader(bytes.NewReader(image), iotest.ErrReader(errBroken)), Options{})
		Create(background, io.Discard, bytes.NewReader(image), Options{Spool: &brokenFile{}})
		Unpack(background, io.Discard, bytes.NewReader(file), 3)
		Unpack(background, io.Discard, bytes.NewReader(file[:len(file)/2]), 3)
		Unpack(background, &brokenFile{}, bytes.NewReader(file), 3)
		abandon(t, image)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// abandon does not close a Writer, but ends its context.
func abandon(t *testing.T, image []byte) {
	t.Helper()
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	w, err := NewWriter(ctx, io.Discard, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(image); err != nil {
		t.Fatal(err)
	}
}

// A dictionary may be hostile as chunks may.
func TestDictionaryErrors(t *testing.T) {
	bomb := frameOf(t, make([]byte, 9<<20))
	for name, test := range map[string]struct{ stored, want string }{
		"bomb":     {bomb, "chunk 0: zstd: "},
		"no frame": {"no frame", "chunk 0: zstd: "},
		"shorter":  {frameOf(t, []byte("1234")), "chunk 0: decodes to 4 bytes, the index has 100"},
	} {
		f := genuine()
		f.count = "\x82"
		digest := string(SHA256.of([]byte(test.stored)) + SHA256.of(nil))
		f.entries = digest + compint(uint64(len(test.stored))) + compint(100) + entry(1, 1, 1)
		f.behindHeader = test.stored + "x"
		if err := verify(t, []byte(f.String())); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

// Files come back whatever is in them, in whatever form.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("image"), []byte("dictionary"), uint8(0), uint16(1))
	f.Add(lines(100), []byte(""), uint8(77), uint16(500))
	f.Add(random(5000, 1), lines(10), uint8(133), uint16(30))
	f.Fuzz(func(t *testing.T, piece, dictionary []byte, form uint8, repeat uint16) {
		if len(piece)*int(repeat) > 1<<20 {
			return
		}
		image := bytes.Repeat(piece, int(repeat))
		opts := Options{
			Level:       []Level{LevelBetter, LevelFastest, LevelFast}[form%3],
			Hash:        Hash(form / 3 % 4),
			ChunkHash:   Hash(form / 12 % 4),
			StoredOnly:  form/48%2 == 1,
			Compression: Compression(form / 96 % 2),
			Dictionary:  dictionary,
			Jobs:        1,
		}
		var file bytes.Buffer
		if _, err := Create(background, &file, bytes.NewReader(image), opts); err != nil {
			if !strings.HasPrefix(err.Error(), "zck: options: ") && !strings.HasPrefix(err.Error(), "zck: zstd: ") {
				t.Fatal(err)
			}
			return
		}
		var back bytes.Buffer
		if _, err := Unpack(background, &back, &file, 2); err != nil || !bytes.Equal(back.Bytes(), image) {
			t.Fatalf("%d bytes of %d, %v", back.Len(), len(image), err)
		}
	})
}

// A chunk limit that the format allows is one that a Writer keeps.
func TestWriterKeepsTheLimits(t *testing.T) {
	for _, image := range [][]byte{make([]byte, 9<<20), random(5<<20, 2), slices.Concat(random(1<<20, 1), make([]byte, 1<<20))} {
		base, err := Index(background, bytes.NewReader([]byte("other")), 0)
		if err != nil {
			t.Fatal(err)
		}
		file, h := create(t, image, Options{Bases: []*Header{base}, Level: LevelFastest})
		for _, c := range h.Chunks {
			if c.Size > joinLimit || c.Stored > storedLimit {
				t.Errorf("a chunk of %d bytes, stored in %d", c.Size, c.Stored)
			}
		}
		if err := verify(t, file); err != nil {
			t.Error(err)
		}
	}
}

// An error says nothing that the caller cannot tell from a wrong file.
func TestErrorsOfReadersAreNoFormatErrors(t *testing.T) {
	file, _ := create(t, lines(100), Options{})
	for n := range len(file) {
		r := io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(errBroken))
		_, err := Verify(background, r, 1)
		if _, is := errors.AsType[*FormatError](err); is || !errors.Is(err, errBroken) {
			t.Fatalf("after %d bytes: %v", n, err)
		}
	}
}
