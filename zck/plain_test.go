package zck

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A source that is read twice gives the file that one gives which is read once.
func TestPlainTwice(t *testing.T) {
	image := bytes.Repeat([]byte("some bytes that are cut into chunks, again and again; "), 50_000)
	for _, opts := range []Options{{Compression: None}, {Compression: None, StoredOnly: true, ChunkHash: SHA512128, Hash: SHA512}} {
		var once, twice bytes.Buffer
		want, err := Create(context.Background(), &once, io.MultiReader(bytes.NewReader(image)), opts)
		if err != nil {
			t.Fatal(err)
		}
		src := bytes.NewReader(append([]byte("skipped"), image...))
		src.Seek(7, io.SeekStart)
		got, err := Create(context.Background(), &twice, src, opts)
		if err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) || got != want {
			t.Errorf("%+v: %d bytes, want %d, %v", opts, twice.Len(), once.Len(), err)
		}
	}
}

// changing is a file that somebody writes to between the passes.
type changing struct {
	*os.File
	passes int
}

func (c *changing) Seek(offset int64, whence int) (int64, error) {
	if c.passes++; c.passes == 2 {
		if err := os.WriteFile(c.Name(), []byte("something else"), 0o600); err != nil {
			return 0, err
		}
	}
	return c.File.Seek(offset, whence)
}

func TestPlainChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(path, []byte(strings.Repeat("something", 100_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := Create(context.Background(), io.Discard, &changing{File: file}, Options{Compression: None}); err == nil {
		t.Error("no error")
	}
}
