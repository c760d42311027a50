package zck

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
)

// verify reads a file with Unpack and with a Reader; both must agree.
func verify(t *testing.T, file []byte) error {
	t.Helper()
	_, err := Verify(background, bytes.NewReader(file), 1)
	single := readAll(file)
	if (err == nil) != (single == nil) {
		// A Reader sees no digest of the whole body.
		if e, ok := errors.AsType[*FormatError](err); !ok || e.Field != "data digest" {
			t.Fatalf("Verify: %v, Reader: %v", err, single)
		}
	}
	return err
}

func readAll(file []byte) error {
	r, err := NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return err
	}
	for i := range r.Header().Chunks {
		if _, err := r.Chunk(i); err != nil {
			return err
		}
	}
	return nil
}

// A file that ends early is refused wherever it ends.
func TestUnpackTruncated(t *testing.T) {
	for name, opts := range map[string]Options{
		"default":     {},
		"stored only": {StoredOnly: true},
		"none":        {Compression: None},
		"dictionary":  {Dictionary: lines(100)},
	} {
		file, _ := create(t, lines(3000), opts)
		step := 1 + len(file)/500
		for n := 0; n < len(file); n += step {
			err := verify(t, file[:n])
			e, ok := errors.AsType[*FormatError](err)
			if !ok || e.Offset != int64(n) || !strings.HasPrefix(e.Msg, "the file ends") {
				t.Fatalf("%s: %d bytes of %d: %v", name, n, len(file), err)
			}
		}
		if err := verify(t, append(file, 0)); message(err) == "" || !strings.Contains(err.Error(), "body: ") {
			t.Errorf("%s: a byte too many: %v", name, err)
		}
	}
}

// No bit of a file may change.
func TestUnpackChangedBits(t *testing.T) {
	for name, opts := range variants() {
		if opts.Dictionary != nil {
			opts.Dictionary = lines(30)
		}
		file, _ := create(t, lines(200), opts)
		step := 1 + len(file)*8/90
		for i := 0; i < len(file)*8; i += step {
			changed := bytes.Clone(file)
			changed[i/8] ^= 1 << (i % 8)
			if err := verify(t, changed); err == nil {
				t.Fatalf("%s: bit %d of byte %#x may change", name, i%8, i/8)
			}
		}
	}
}

// frameOf compresses raw.
func frameOf(t testing.TB, raw []byte) string {
	t.Helper()
	e, err := zstd.NewWriter(nil, zstd.WithEncoderCRC(false))
	if err != nil {
		t.Fatal(err)
	}
	return string(e.EncodeAll(raw, nil))
}

// fileOf is a file of one chunk whose index tells what it is told.
func fileOf(stored string, digest, rawDigest Digest, size uint64) string {
	f := genuine()
	f.count = "\x82"
	f.entries = entry(0, 0, 0) + string(digest+rawDigest) + compint(uint64(len(stored))) + compint(size)
	f.behindHeader = stored
	return f.String()
}

func TestUnpackErrors(t *testing.T) {
	raw := bytes.Repeat([]byte("abc"), 1000)
	stored := frameOf(t, raw)
	good, goodRaw := SHA256.of([]byte(stored)), SHA256.of(raw)
	bomb := frameOf(t, make([]byte, 9<<20))
	for name, test := range map[string]struct{ file, want string }{
		"nothing wrong":  {fileOf(stored, good, goodRaw, 3000), ""},
		"stored digest":  {fileOf(stored, goodRaw, goodRaw, 3000), "chunk 1: digest " + good.String() + ", the index has " + goodRaw.String()},
		"raw digest":     {fileOf(stored, good, good, 3000), "chunk 1: uncompressed digest " + goodRaw.String() + ", the index has " + good.String()},
		"shorter":        {fileOf(stored, good, goodRaw, 3001), "chunk 1: decodes to 3000 bytes, the index has 3001"},
		"longer":         {fileOf(stored, good, goodRaw, 2999), "chunk 1: decodes to 3000 bytes, the index has 2999"},
		"no frame":       {fileOf("no frame", SHA256.of([]byte("no frame")), goodRaw, 3000), "chunk 1: zstd: "},
		"bomb":           {fileOf(bomb, SHA256.of([]byte(bomb)), goodRaw, 3000), "chunk 1: zstd: "},
		"many frames":    {fileOf(stored+stored, SHA256.of([]byte(stored+stored)), goodRaw, 3000), "chunk 1: decodes to 6000 bytes, the index has 3000"},
		"too much chunk": {fileOf(stored, good, goodRaw, 3000) + "x", "body: "},
	} {
		err := verify(t, []byte(test.file))
		if test.want == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), ": "+test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

// A chunk that announces much and holds little costs no more than it may.
func TestUnpackAllocatesLittle(t *testing.T) {
	bomb := frameOf(t, make([]byte, 64<<20))
	file := []byte(fileOf(bomb, SHA256.of([]byte(bomb)), "12345678901234567890123456789012", 1000))
	n := allocated(func() { Verify(background, bytes.NewReader(file), 1) })
	if n > 8<<20 {
		t.Errorf("%d bytes for a file of %d", n, len(file))
	}
}

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestUnpackDataDigest(t *testing.T) {
	file, h := create(t, lines(100), Options{StoredOnly: true})
	h.DataDigest = SHA256.of(nil)
	header, err := h.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	copy(file, header)
	err = verify(t, file)
	if e, ok := errors.AsType[*FormatError](err); !ok || e.Field != "data digest" || e.Offset != 5+1+1+1+32-1 {
		t.Error(err)
	}
}

func TestUnpackBrokenDictionary(t *testing.T) {
	file, h := create(t, lines(100), Options{Dictionary: []byte("12345678")})
	broken := frameOf(t, []byte(dictionaryMagic+"broken"))
	body := file[h.Len()+h.Dictionary.Stored:]
	h.Dictionary = Chunk{SHA256.of([]byte(broken)), SHA256.of(nil), int64(len(broken)), 10}
	header, err := h.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(t, slices.Concat(header, []byte(broken), body)); !strings.HasPrefix(message(err), "zck: ") {
		t.Error(err)
	}
}

func TestUnpackPassesErrorsOn(t *testing.T) {
	file, _ := create(t, mixed(), Options{})
	src := func(n int) io.Reader { return bytes.NewReader(file[:n]) }
	cause := errors.New("enough")
	ended, cancel := context.WithCancelCause(background)
	cancel(cause)
	for name, test := range map[string]struct {
		ctx  context.Context
		dst  io.Writer
		src  io.Reader
		want error
	}{
		"source":      {background, io.Discard, io.MultiReader(src(100000), iotest.ErrReader(errBroken)), errBroken},
		"after all":   {background, io.Discard, io.MultiReader(src(len(file)), iotest.ErrReader(errBroken)), errBroken},
		"destination": {background, &brokenFile{writes: 1}, src(len(file)), errBroken},
		"context":     {ended, io.Discard, src(len(file)), cause},
	} {
		if _, err := Unpack(test.ctx, test.dst, test.src, 2); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The chunks that a hostile file makes up may be as large as allowed.
func TestUnpackLargeChunks(t *testing.T) {
	raw := slices.Concat(random(1<<20, 1), make([]byte, ChunkLimit-1<<20))
	stored := frameOf(t, raw)
	file := fileOf(stored, SHA256.of([]byte(stored)), SHA256.of(raw), ChunkLimit)
	var image bytes.Buffer
	if _, err := Unpack(background, &image, strings.NewReader(file), 1); err != nil || !bytes.Equal(image.Bytes(), raw) {
		t.Errorf("%d bytes, %v", image.Len(), err)
	}
}

func FuzzUnpack(f *testing.F) {
	for _, opts := range variants() {
		if opts.Level == LevelBest {
			continue // the files look the same
		}
		if opts.Dictionary != nil {
			opts.Dictionary = lines(30)
		}
		file, _ := create(f, lines(200), opts)
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		verify(t, file)
	})
}

// FuzzChunk makes files in which only the stored chunk may be wrong.
func FuzzChunk(f *testing.F) {
	f.Add([]byte(frameOf(f, lines(100))), uint16(890))
	f.Add([]byte(frameOf(f, make([]byte, 100000))), uint16(10))
	f.Fuzz(func(t *testing.T, stored []byte, size uint16) {
		if len(stored) == 0 || len(stored) > 1<<20 || size == 0 {
			return
		}
		file := fileOf(string(stored), SHA256.of(stored), SHA256.of(nil), uint64(size))
		if verify(t, []byte(file)) == nil {
			t.Fatal("a chunk with the digest of nothing is accepted")
		}
	})
}
