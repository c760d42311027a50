package zck

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"
)

// reference are files of zck 1.2.3: see testdata/README.md.
var reference = []struct {
	name       string
	image      []byte
	chunks     int
	hash       Hash
	raw        bool // uncompressed digests
	dictionary int
}{
	{"default.zck", lines(3000), 1, SHA512128, false, 0},
	{"u.zck", lines(3000), 1, SHA256, true, 0},
	{"sha512.zck", lines(3000), 1, SHA512, false, 0},
	{"u-none.zck", lines(3000), 1, SHA256, true, 0},
	{"dictionary.zck", lines(3000), 1, SHA512128, false, 800},
	{"u-dictionary.zck", lines(3000), 1, SHA256, true, 800},
	{"u-byte.zck", []byte("v"), 1, SHA256, true, 0},
	{"empty.zck", nil, 0, SHA512128, false, 0},
	{"split.zck", lines(3000), 112, SHA256, true, 0},
}

func TestReference(t *testing.T) {
	for _, test := range reference {
		file := vector(t, filepath.Join("reference", test.name))
		var back bytes.Buffer
		h, err := Unpack(background, &back, bytes.NewReader(file), 2)
		if err != nil || !bytes.Equal(back.Bytes(), test.image) {
			t.Errorf("%s: %d bytes, %v", test.name, back.Len(), err)
			continue
		}
		if len(h.Chunks) != test.chunks || h.ChunkHash != test.hash || h.Uncompressed != test.raw || h.Dictionary.Size != int64(test.dictionary) {
			t.Errorf("%s: %d chunks, %s, uncompressed %t, dictionary of %d bytes", test.name, len(h.Chunks), h.ChunkHash, h.Uncompressed, h.Dictionary.Size)
		}
		if header, err := h.Marshal(); err != nil || !bytes.HasPrefix(file, header) {
			t.Errorf("%s: the header is written as %x, %v", test.name, header, err)
		}
		if err := verify(t, file); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// A detached header is followed by the stored dictionary.
func TestReferenceDetached(t *testing.T) {
	file := vector(t, filepath.Join("reference", "u-dictionary.zck"))
	detached := bytes.NewReader(vector(t, filepath.Join("reference", "u-dictionary.zhr")))
	h, err := ReadHeader(detached)
	if err != nil || !h.Detached || int64(detached.Len()) != h.Dictionary.Stored {
		t.Fatalf("%d bytes are left, %v", detached.Len(), err)
	}
	r, err := NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil || r.Header().Digest() != h.Digest() {
		t.Fatal(err)
	}
	if !bytes.Equal(r.Dictionary(), lines(3000)[:800]) {
		t.Errorf("the dictionary is %q", r.Dictionary())
	}
}

// Without compression our bytes are zck's.
func TestReferenceBytes(t *testing.T) {
	file, h := create(t, lines(3000), Options{Compression: None})
	if want := vector(t, "reference/u-none.zck"); !bytes.Equal(file, want) {
		t.Errorf("%d bytes, zck has %d", len(file), len(want))
	}
	indexed, err := Index(background, bytes.NewReader(lines(3000)), 0)
	if err != nil || indexed.Digest() != h.Digest() {
		t.Errorf("header %s, indexed %s, %v", h.Digest(), indexed.Digest(), err)
	}
}

// Each file of the reference ends where it ends, and no bit of it may change.
func TestReferenceDamaged(t *testing.T) {
	for _, test := range reference {
		file := vector(t, filepath.Join("reference", test.name))
		for n := 0; n < len(file); n += 1 + len(file)/60 {
			if verify(t, file[:n]) == nil {
				t.Errorf("%s: %d bytes of %d are accepted", test.name, n, len(file))
			}
			changed := slices.Clone(file)
			changed[n] ^= 0x10
			if verify(t, changed) == nil {
				t.Errorf("%s: a changed bit of byte %d is accepted", test.name, n)
			}
		}
	}
}
