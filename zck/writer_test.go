package zck

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

var background = context.Background()

// create makes a file in memory. What is said of it is what its header says.
func create(t testing.TB, image []byte, opts Options) ([]byte, *Header) {
	t.Helper()
	var file bytes.Buffer
	sum, err := Create(background, &file, bytes.NewReader(image), opts)
	if err != nil {
		t.Fatal(err)
	}
	h, err := ReadHeader(bytes.NewReader(file.Bytes()))
	if err != nil || h.Summary() != sum {
		t.Fatalf("%+v, but the header says %+v, %v", sum, h.Summary(), err)
	}
	return file.Bytes(), h
}

// mixed is an image of 1.5 MiB, more than a block, with something of everything.
func mixed() []byte {
	return slices.Concat(lines(50000), random(400000, 1), make([]byte, 300000), squares(200000), random(100000, 2), []byte("end"))
}

// memoryFile is a spool.
type memoryFile struct {
	data []byte
	at   int
}

func (m *memoryFile) Write(p []byte) (int, error) {
	m.data = append(m.data[:m.at], p...)
	m.at = len(m.data)
	return len(p), nil
}

func (m *memoryFile) Read(p []byte) (int, error) {
	n := copy(p, m.data[m.at:])
	if m.at += n; n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (m *memoryFile) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekStart {
		return 0, errors.New("only from the start")
	}
	m.at = int(offset)
	return offset, nil
}

// variants are all kinds of files.
func variants() map[string]Options {
	return map[string]Options{
		"default":           {},
		"fastest":           {Level: LevelFastest},
		"fast":              {Level: LevelFast},
		"best":              {Level: LevelBest},
		"sha512":            {ChunkHash: SHA512, Hash: SHA512},
		"sha512/128":        {ChunkHash: SHA512128, StoredOnly: true},
		"sha1":              {ChunkHash: SHA1, Hash: SHA1, StoredOnly: true},
		"overall sha1":      {Hash: SHA1},
		"overall 128 bits":  {Hash: SHA512128, StoredOnly: true},
		"none":              {Compression: None},
		"none, stored only": {Compression: None, StoredOnly: true},
		"plain dictionary":  {Dictionary: lines(1000)},
		"stored dictionary": {Dictionary: lines(1000), StoredOnly: true, ChunkHash: SHA512128},
	}
}

func TestCreateAndUnpack(t *testing.T) {
	image := mixed()
	sizes := chunksOf(image, len(image))
	for name, opts := range variants() {
		t.Run(name, func(t *testing.T) {
			file, h := create(t, image, opts)
			if h.Len()+h.BodySize() != int64(len(file)) || h.Size() != int64(len(image)) {
				t.Errorf("header of %d and body of %d bytes in a file of %d", h.Len(), h.BodySize(), len(file))
			}
			for i, c := range h.Chunks {
				if c.Size != int64(sizes[i]) {
					t.Fatalf("chunk %d has %d bytes, not %d", i, c.Size, sizes[i])
				}
			}
			var back bytes.Buffer
			got, err := Unpack(background, &back, bytes.NewReader(file), 2)
			if err != nil || !bytes.Equal(back.Bytes(), image) {
				t.Fatalf("%d bytes come back, %v", back.Len(), err)
			}
			if got.Digest() != h.Digest() {
				t.Errorf("header %s, then %s", h.Digest(), got.Digest())
			}
		})
	}
}

// The bytes are the same whatever the number of jobs, the spool and the pieces.
func TestCreateIsReproducible(t *testing.T) {
	image := mixed()
	base, err := Index(background, bytes.NewReader(image[:800000]), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, bases := range [][]*Header{nil, {base}} {
		want, _ := create(t, image, Options{Jobs: 1, Bases: bases, Level: LevelFast})
		for _, jobs := range []int{0, 2, 7} {
			var file bytes.Buffer
			_, err := Create(background, &file, iotest.HalfReader(bytes.NewReader(image)), Options{Jobs: jobs, Bases: bases, Level: LevelFast, Spool: &memoryFile{}})
			if err != nil || !bytes.Equal(file.Bytes(), want) {
				t.Errorf("%d jobs: %d bytes, not the %d of one job; %v", jobs, file.Len(), len(want), err)
			}
		}
		if got := writeInPieces(t, image, 4999, Options{Bases: bases, Level: LevelFast}); !bytes.Equal(got, want) {
			t.Errorf("in pieces: %d bytes, not %d", len(got), len(want))
		}
	}
}

func writeInPieces(t *testing.T, image []byte, piece int, opts Options) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := NewWriter(background, &file, opts)
	if err != nil {
		t.Fatal(err)
	}
	for p := range slices.Chunk(image, piece) {
		if n, err := w.Write(p); n != len(p) || err != nil {
			t.Fatal(n, err)
		}
	}
	if err := w.Close(); err != nil || w.Summary().Size != int64(len(image)) {
		t.Fatal(err)
	}
	if _, err := w.Write(nil); err != errClosed {
		t.Error(err)
	}
	if _, err := w.ReadFrom(&file); err != errClosed || w.Close() != errClosed {
		t.Error(err)
	}
	return file.Bytes()
}

func TestIndex(t *testing.T) {
	image := mixed()
	h, err := Index(background, bytes.NewReader(image), 3)
	if err != nil {
		t.Fatal(err)
	}
	file, want := create(t, image, Options{Compression: None})
	data, err := h.Marshal()
	if err != nil || !bytes.HasPrefix(file, data) || h.Digest() != want.Digest() {
		t.Errorf("%s, but the file has %s; %v", h.Digest(), want.Digest(), err)
	}
	if !bytes.Equal(file[len(data):], image) {
		t.Error("the body of a file without compression is not the image")
	}
	if _, err := Index(background, nil, -1); message(err) != "zck: options: -1 jobs" {
		t.Error(err)
	}
}

func TestOptionErrors(t *testing.T) {
	stored := &Header{ChunkHash: SHA256}
	for _, test := range []struct {
		opts Options
		want string
	}{
		{Options{Level: 9}, "zstd, level 9, SHA-256 or SHA-256 is not known"},
		{Options{Compression: None, Level: LevelBest}, "a level without compression"},
		{Options{ChunkHash: SHA512128}, "SHA-512/128 of chunks; uncompressed digests are SHA-256 or SHA-512"},
		{Options{ChunkHash: SHA1}, "SHA-1 of chunks; uncompressed digests are SHA-256 or SHA-512"},
		{Options{Jobs: -3}, "-3 jobs"},
		{Options{Dictionary: []byte("12345678"), Compression: None}, "a dictionary without compression"},
		{Options{Dictionary: []byte("1234567")}, "a dictionary of 7 bytes; 8 to 10485760 are allowed"},
		{Options{Dictionary: make([]byte, ChunkLimit+1)}, "a dictionary of 10485761 bytes; 8 to 10485760 are allowed"},
		{Options{Bases: []*Header{stored}, StoredOnly: true}, "bases, but no uncompressed digests to find their chunks by"},
		{Options{Bases: []*Header{stored}}, "base 0: it has no uncompressed digests"},
		{Options{Bases: []*Header{stored}, ChunkHash: SHA512}, "base 0: its chunks have SHA-256 digests, not SHA-512"},
	} {
		if _, err := NewWriter(background, io.Discard, test.opts); message(err) != "zck: options: "+test.want {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

func TestBrokenDictionary(t *testing.T) {
	_, err := NewWriter(background, io.Discard, Options{Dictionary: []byte(dictionaryMagic + "12345678")})
	if !strings.HasPrefix(message(err), "zck: zstd: ") {
		t.Error(err)
	}
}

var errBroken = errors.New("broken")

// brokenFile fails where it is told to.
type brokenFile struct {
	memoryFile
	writes    int // left
	seek, end bool
}

func (b *brokenFile) Write(p []byte) (int, error) {
	if b.writes--; b.writes < 0 {
		return 0, errBroken
	}
	return b.memoryFile.Write(p)
}

func (b *brokenFile) Seek(offset int64, whence int) (int64, error) {
	if b.seek {
		return 0, errBroken
	}
	return b.memoryFile.Seek(offset, whence)
}

func (b *brokenFile) Read(p []byte) (int, error) {
	if b.end {
		return 0, io.EOF
	}
	return b.memoryFile.Read(p)
}

func TestCreateErrors(t *testing.T) {
	image := random(3<<20, 1)
	cause := errors.New("enough")
	ended, cancel := context.WithCancelCause(background)
	cancel(cause)
	for name, test := range map[string]struct {
		ctx   context.Context
		src   io.Reader
		dst   io.Writer
		spool io.ReadWriteSeeker
		want  error
	}{
		"source":        {background, io.MultiReader(bytes.NewReader(image), iotest.ErrReader(errBroken)), io.Discard, nil, errBroken},
		"header":        {background, bytes.NewReader(image), &brokenFile{}, nil, errBroken},
		"body":          {background, bytes.NewReader(image), &brokenFile{writes: 1}, nil, errBroken},
		"spooled body":  {background, bytes.NewReader(image), &brokenFile{writes: 1}, &memoryFile{}, errBroken},
		"spool":         {background, bytes.NewReader(image), io.Discard, &brokenFile{writes: 1}, errBroken},
		"spool, at end": {background, bytes.NewReader(image[:100]), io.Discard, &brokenFile{}, errBroken},
		"seek":          {background, bytes.NewReader(image), io.Discard, &brokenFile{writes: 99, seek: true}, errBroken},
		"short spool":   {background, bytes.NewReader(image), io.Discard, &brokenFile{writes: 99, end: true}, io.ErrUnexpectedEOF},
		"context":       {ended, bytes.NewReader(image), io.Discard, nil, cause},
	} {
		if sum, err := Create(test.ctx, test.dst, test.src, Options{Spool: test.spool, Level: LevelFastest}); !errors.Is(err, test.want) || sum != (Summary{}) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWriteAfterAnError(t *testing.T) {
	w, err := NewWriter(background, io.Discard, Options{Spool: &brokenFile{}})
	if err != nil {
		t.Fatal(err)
	}
	data := random(1<<20, 1)
	for range 100 {
		if _, err = w.Write(data); err != nil {
			break
		}
	}
	if !errors.Is(err, errBroken) {
		t.Error(err)
	}
	if err := w.Close(); !errors.Is(err, errBroken) || w.Summary() != (Summary{}) {
		t.Error(err)
	}
}

// Chunks of the base stay, others that follow each other are joined, and what a
// device has to download does not grow.
func TestBases(t *testing.T) {
	old := random(6<<20, 1)
	image := slices.Concat(old[:1<<20], random(700000, 2), old[1<<20:3<<20], random(3<<20, 3), old[3<<20:])
	base, err := Index(background, bytes.NewReader(old), 0)
	if err != nil {
		t.Fatal(err)
	}
	file, joined := create(t, image, Options{Bases: []*Header{base}, Level: LevelFastest})
	_, plain := create(t, image, Options{Level: LevelFastest})
	var back bytes.Buffer
	if _, err := Unpack(background, &back, bytes.NewReader(file), 0); err != nil || !bytes.Equal(back.Bytes(), image) {
		t.Fatal(err)
	}
	if a, b := reused(t, joined, base), reused(t, plain, base); a != b || a == 0 {
		t.Errorf("%d chunks are reused, %d without joining", a, b)
	}
	a, _ := Missing(joined, base, Client{})
	b, _ := Missing(plain, base, Client{})
	if len(a.Chunks) > 8 || len(b.Chunks) < 80 || a.Bytes > b.Bytes {
		t.Errorf("%d missing chunks of %d bytes, without joining %d of %d", len(a.Chunks), a.Bytes, len(b.Chunks), b.Bytes)
	}
	for i, c := range joined.Chunks {
		if c.Size > joinLimit {
			t.Errorf("chunk %d has %d bytes", i, c.Size)
		}
	}
}

func reused(t *testing.T, target, source *Header) int {
	t.Helper()
	d, err := Missing(target, source, Client{})
	if err != nil {
		t.Fatal(err)
	}
	return len(target.Chunks) - len(d.Chunks)
}

func BenchmarkCreate(b *testing.B) {
	image := slices.Concat(lines(1000000), random(4<<20, 1))
	for name, opts := range variants() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(image)))
			for b.Loop() {
				create(b, image, opts)
			}
		})
	}
}
