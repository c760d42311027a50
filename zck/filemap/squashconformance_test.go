package filemap

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/fwpack/fwpack/internal/reftool"
)

// dateOf turns a date as date(1) prints it into ours.
func dateOf(t *testing.T, text string) string {
	t.Helper()
	at, err := time.Parse("Mon Jan _2 15:04:05 2006", text)
	if err != nil {
		t.Fatal(err)
	}
	return date(at.Unix())
}

// squashImages are ways to make an image of the same folder. Data says what the
// content of data and fragments is compared by.
var squashImages = []struct{ name, options, data string }{
	{"gzip", "-comp gzip", "zlib"},
	{"zstd", "-comp zstd -b 64K", "zstd"},
	{"xz", "-comp xz", ""},
	{"xz, small dictionary", "-comp xz -Xdict-size 8K -b 16K", ""},
	{"lz4", "-comp lz4", ""},
	{"lz4 hc", "-comp lz4 -Xhc", ""},
	{"gzip with options", "-comp gzip -Xcompression-level 3 -Xwindow-size 10", "zlib"},
	{"raw data", "-comp gzip -noD -noF", "raw"},
	{"raw inodes", "-comp zstd -noI -noId -b 4K", "zstd"},
	{"raw everything", "-comp xz -noI -noD -noF -noX -noId -b 1M", "raw"},
	{"no fragments", "-comp gzip -no-fragments", "zlib"},
	{"no fragments, raw", "-noD -no-fragments -b 8K", "raw"},
	{"tails", "-comp gzip -always-use-fragments -noD -noF", "raw"},
	{"no export, no duplicates", "-comp gzip -no-exports -no-duplicates -no-xattrs -noD -noF", "raw"},
	{"no sparse files", "-comp zstd -no-sparse", "zstd"},
	{"padding", "-comp gzip -nopad", "zlib"},
}

func makeSquash(t *testing.T, dir, options string, env ...string) string {
	t.Helper()
	image := filepath.Join(t.TempDir(), "image")
	args := []string{dir, image, "-quiet", "-noappend", "-processors", "1"}
	run(t, env, "mksquashfs", append(args, strings.Fields(options)...)...)
	return image
}

func TestConformanceSquash(t *testing.T) {
	reftool.Need(t, "mksquashfs", "unsquashfs")
	files := variety()
	delete(files, "far") // what is far for ext2 is not for squashfs
	files["big"], files["text"], files["holes"] = random(600<<10+5, 3), text(400<<10, 4), holes(150, 5)
	dir := t.TempDir()
	files.put(t, dir)
	for _, test := range squashImages {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := makeSquash(t, dir, test.options)
			m, image := open(t, path)
			if m.Kind != "squashfs" {
				t.Errorf("kind %s", m.Kind)
			}
			checkPaths(t, m, files)
			checkCovered(t, m, image)
			if test.data != "" {
				checkSquashData(t, m, image, files, test.data)
			}
			stat := run(t, nil, "unsquashfs", "-stat", path)
			_, made, _ := strings.Cut(stat, "Creation or last append time ")
			made, _, _ = strings.Cut(made, "\n")
			if got := date(m.Made.Created); got != dateOf(t, made) {
				t.Errorf("made %s, unsquashfs says %s", got, made)
			}
		})
	}
}

// checkCovered checks that there is no gap up to the end of the file system.
func checkCovered(t *testing.T, m *Map, image []byte) {
	t.Helper()
	end := int64(le64(image, 40))
	for e := range m.At(0, end) {
		if e.What == Free {
			t.Errorf("nothing is said of %d bytes at %d", e.Length, e.Offset)
		}
	}
	for e := range m.At(end, m.Size) {
		if e.What != Free {
			t.Errorf("%+v is behind the end at %d", e, end)
		}
	}
}

// unpackers decompress blocks that follow each other.
var unpackers = map[string]func([]byte) ([]byte, error){
	"raw": func(b []byte) ([]byte, error) { return b, nil },
	"zstd": func(b []byte) ([]byte, error) {
		d, err := zstd.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, err
		}
		defer d.Close()
		return io.ReadAll(d)
	},
	"zlib": func(b []byte) (all []byte, err error) {
		for r := bytes.NewReader(b); r.Len() > 0 && err == nil; {
			var z io.ReadCloser
			if z, err = zlib.NewReader(r); err == nil {
				var part []byte
				part, err = io.ReadAll(z)
				all = append(all, part...)
			}
		}
		return all, err
	},
}

// checkSquashData compares the content of the map's extents with the files.
func checkSquashData(t *testing.T, m *Map, image []byte, files content, data string) {
	t.Helper()
	unpacked := map[int64][]byte{}
	for _, e := range m.Extents {
		if e.What != Data && e.What != Fragments {
			continue
		}
		if b, err := unpackers[data](image[e.Offset:e.End()]); err == nil {
			unpacked[e.Offset] = b
		}
	}
	byFile := map[string][]Extent{}
	for _, e := range m.Extents {
		for _, path := range m.Files(e) {
			byFile[path] = append(byFile[path], e)
		}
	}
	compared := 0
	for name, want := range files {
		parts := byFile["/"+name]
		if slices.ContainsFunc(parts, func(e Extent) bool { return unpacked[e.Offset] == nil }) {
			continue // blocks as they are and compressed ones follow each other
		}
		if strings.HasSuffix(name, "@") || len(want) == 0 {
			continue
		}
		compared++
		if err := compareParts(parts, unpacked, want, int(le32(image, 12))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if compared < 500 {
		t.Errorf("%d files compared", compared)
	}
}

// compareParts compares a file with its run of data and its fragment. Blocks of
// zeros are in neither.
func compareParts(parts []Extent, unpacked map[int64][]byte, want []byte, blockSize int) error {
	var runs, tails []Extent
	for _, e := range parts {
		if e.What == Fragments {
			tails = append(tails, e)
		} else {
			runs = append(runs, e)
		}
	}
	if len(runs) > 1 || len(tails) > 1 || len(parts) == 0 {
		return fmt.Errorf("%d runs of data, %d fragments", len(runs), len(tails))
	}
	if len(tails) == 1 {
		body := len(want) / blockSize * blockSize
		if !bytes.Contains(unpacked[tails[0].Offset], want[body:]) {
			return errors.New("its tail is not in the fragment")
		}
		want = want[:body]
	}
	var got []byte
	if len(runs) == 1 {
		got = withoutHoles(unpacked[runs[0].Offset])
	}
	if !bytes.Equal(got, withoutHoles(want)) {
		return fmt.Errorf("%d bytes of data, %d in the file, or others", len(got), len(want))
	}
	return nil
}

func withoutHoles(b []byte) []byte { return bytes.ReplaceAll(b, make([]byte, page), nil) }

func TestConformanceSquashUnsupported(t *testing.T) {
	reftool.Need(t, "mksquashfs")
	dir := t.TempDir()
	content{"a": text(9000, 1)}.put(t, dir)
	for _, compressor := range []string{"lzo", "lzma"} {
		image := readFile(t, makeSquash(t, dir, "-comp "+compressor))
		_, err := Read(bytes.NewReader(image), int64(len(image)))
		want := "filemap: squashfs: " + compressor + " is not supported"
		if unsupported := (*UnsupportedError)(nil); !errors.As(err, &unsupported) || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
