package payload

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// packed packs text, and returns how.
func packed(t testing.TB, text string, method Compression, encrypt bool) ([]byte, Packing) {
	t.Helper()
	p := Packing{Compress: method, Encrypted: encrypt}
	spec := Spec{Compress: Compress{Method: method}}
	if encrypt {
		key, err := NewAESKey(bytes.Repeat([]byte{7}, 32))
		if err != nil {
			t.Fatal(err)
		}
		p.Encrypt = &Encrypt{Key: key, IV: [16]byte{1, 2, 3}}
		spec.Encrypt = p.Encrypt
	}
	data, _ := run(t, strings.NewReader(text), spec, Options{})
	return data, p
}

func opened(t testing.TB, r io.Reader, p Packing) ([]byte, Finding) {
	t.Helper()
	o := Open(context.Background(), r, p, NewBudget())
	content, _ := io.ReadAll(o) // what is wrong is in the finding
	f, err := o.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return content, f
}

// What was packed comes out again, read in one piece, byte by byte, or not at all.
func TestOpen(t *testing.T) {
	for _, size := range []int{0, 1, 15, 16, 17, 4095, cbcBuffer - 1, cbcBuffer, cbcBuffer + 1, 200_000} {
		text := strings.Repeat("what a device gets ", size/19+1)[:size]
		for _, method := range []Compression{None, Zlib, Zstd, XZ, LZ4} {
			for _, encrypt := range []bool{false, true} {
				data, p := packed(t, text, method, encrypt)
				content, whole := opened(t, bytes.NewReader(data), p)
				if string(content) != text || whole.Problem != nil || whole.Unpacked.Size != int64(size) || whole.Unpacked.SHA256 != sha256.Sum256([]byte(text)) {
					t.Fatalf("%s, %d, encrypted %v: %d bytes, %+v", method, size, encrypt, len(content), whole)
				}
				if whole.Stored.Size != int64(len(data)) || whole.Stored.SHA256 != sha256.Sum256(data) {
					t.Errorf("%s, %d, encrypted %v: stored %+v", method, size, encrypt, whole.Stored)
				}
				unread, err := Open(context.Background(), iotest.HalfReader(bytes.NewReader(data)), p, NewBudget()).Finish()
				if err != nil || unread.Stored != whole.Stored || *unread.Unpacked != *whole.Unpacked {
					t.Errorf("%s, %d, encrypted %v: unread: %+v, %v", method, size, encrypt, unread, err)
				}
			}
		}
	}
}

// What is cut off, changed or opened with another key is noticed, and its digest in
// the bundle is told nevertheless.
func TestOpenDamaged(t *testing.T) {
	text := strings.Repeat("what a device gets ", 5000)
	for _, method := range []Compression{None, Zlib, Zstd, XZ, LZ4} {
		for _, encrypt := range []bool{false, true} {
			if method == None && !encrypt {
				continue // there is nothing to notice it by
			}
			data, p := packed(t, text, method, encrypt)
			broken := map[string][]byte{"cut": data[:len(data)-16], "empty": {}}
			for what, data := range broken {
				if _, f := opened(t, bytes.NewReader(data), p); f.Problem == nil || f.Stored.SHA256 != sha256.Sum256(data) {
					t.Errorf("%s, encrypted %v, %s: %+v", method, encrypt, what, f)
				}
			}
			if encrypt {
				other := *p.Encrypt
				other.Key, _ = NewAESKey(bytes.Repeat([]byte{8}, 32))
				if _, f := opened(t, bytes.NewReader(data), Packing{method, true, &other}); f.Problem == nil {
					t.Errorf("%s: another key opens it", method)
				}
				_, f := opened(t, bytes.NewReader(data), Packing{method, true, nil})
				if !errors.Is(f.Problem, ErrSealed) || f.Unpacked != nil || f.Stored.Size != int64(len(data)) {
					t.Errorf("%s: without a key: %+v", method, f)
				}
			}
		}
	}
}

// An error of the file is none of the payload.
func TestOpenBroken(t *testing.T) {
	text := strings.Repeat("what a device gets ", 5000)
	for _, method := range []Compression{None, Zlib, Zstd, XZ, LZ4} {
		data, p := packed(t, text, method, method == None)
		broken := errors.New("disk on fire")
		_, err := Open(context.Background(), io.MultiReader(bytes.NewReader(data[:40]), iotest.ErrReader(broken)), p, NewBudget()).Finish()
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", method, err)
		}
	}
}

// A budget ends what would go on for long, whatever it is compressed with.
func TestOpenBudget(t *testing.T) {
	for _, method := range []Compression{Zlib, Zstd, LZ4} {
		data, p := packed(t, strings.Repeat("\x00", 64<<20), method, false)
		o := Open(context.Background(), bytes.NewReader(data), p, &Budget{left: 1 << 20})
		if f, err := o.Finish(); !errors.Is(f.Problem, ErrBudget) || err != nil {
			t.Errorf("%s: %+v, %v", method, f, err)
		}
	}
	data, p := packed(t, strings.Repeat("\x00", 64<<20), Zstd, false)
	allowed := &Budget{left: 1 << 20}
	allowed.Inner().Allow(64 << 20)
	if f, err := Open(context.Background(), bytes.NewReader(data), p, allowed).Finish(); f.Problem != nil || err != nil {
		t.Errorf("what is allowed: %+v, %v", f, err)
	}
	two, p := packed(t, strings.Repeat("\x00", 64<<20), Zlib, false)
	two = append(bytes.Clone(two), two...)
	o := Open(context.Background(), bytes.NewReader(two), p, &Budget{left: -int64(len(two))*maxRatio + 65<<20})
	if f, err := o.Finish(); f.Problem == nil || err != nil {
		t.Errorf("a bomb in the second member: %+v, %v", f, err)
	}
}

// A context ends reading.
func TestOpenInterrupted(t *testing.T) {
	data, p := packed(t, "text", Zstd, false)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Open(ctx, bytes.NewReader(data), p, NewBudget()).Finish(); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// No dictionary is allocated that is larger than that of xz -9, in whatever block
// it is asked for.
func TestXZDictionary(t *testing.T) {
	noise := make([]byte, 100_000)
	rand.Read(noise)
	data, p := packed(t, string(noise), XZ, false)
	at := bytes.IndexByte(data[12:], 0x21) + 12 // LZMA2, the length of its properties, and them
	for code, wanted := range map[byte]bool{18: true, 28: true, 29: false, 40: false} {
		large := bytes.Clone(data)
		large[at+2] = code
		_, f := opened(t, bytes.NewReader(large), p)
		refused := f.Problem != nil && strings.Contains(f.Problem.Error(), "dictionary of")
		if refused == wanted {
			t.Errorf("dictionary %d: %v", code, f.Problem) // of others, the checksum of the header is wrong
		}
	}
}

// Of several gzip members a device installs the first, and drops what is behind the
// last one.
func TestOpenMembers(t *testing.T) {
	one, p := packed(t, "text", Zlib, false)
	two := append(bytes.Clone(one), one...)
	for name, c := range map[string]struct {
		data     []byte
		members  int
		trailing int64
	}{
		"one":            {one, 1, 0},
		"two":            {two, 2, 0},
		"junk":           {append(bytes.Clone(one), "junk"...), 1, 4},
		"two and zeroes": {append(bytes.Clone(two), 0, 0), 2, 2},
	} {
		content, f := opened(t, bytes.NewReader(c.data), p)
		if string(content) != "text" || f.Unpacked.Size != 4 || f.Members != c.members || f.Trailing != c.trailing || f.Problem != nil {
			t.Errorf("%s: %q, %+v", name, content, f)
		}
	}
}

func TestDiscardBound(t *testing.T) {
	for size, want := range map[int]error{9: nil, 10: nil, 11: ErrBudget, 1000: ErrBudget} {
		if n, err := discard(strings.NewReader(strings.Repeat("x", size)), 10); n != int64(min(size, 11)) || !errors.Is(err, want) {
			t.Errorf("%d bytes: %d, %v", size, n, err)
		}
	}
}
