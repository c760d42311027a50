package filemap

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"strings"
	"testing"
)

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// small returns one of the images in testdata.
func small(t testing.TB, name string) []byte {
	t.Helper()
	data := readFile(t, "testdata/"+name)
	if !strings.HasSuffix(name, ".gz") {
		return data
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if data, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	return data
}

// smallImages are all of testdata.
var smallImages = []string{"small.ext2.gz", "small.ext4.gz", "small.squashfs", "raw.squashfs"}

func readMap(t testing.TB, image []byte) *Map {
	t.Helper()
	m, err := Read(bytes.NewReader(image), int64(len(image)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}
