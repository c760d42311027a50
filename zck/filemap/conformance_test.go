package filemap

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// run runs a tool and returns what it prints. Env are assignments such as A=b.
func run(t *testing.T, env []string, tool string, args ...string) string {
	t.Helper()
	cmd := exec.Command(tool, args...)
	cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C", "DEBUGFS_PAGER=__none__")
	cmd.Env = append(cmd.Env, env...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s%s", tool, args, err, out.Bytes(), problems.Bytes())
	}
	return out.String()
}

// random returns n bytes that do not compress.
func random(n int, seed uint64) []byte {
	data := make([]byte, n)
	r := rand.NewPCG(seed, 0)
	for i := 0; i < n; i += 8 {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], r.Uint64())
		copy(data[i:], b[:])
	}
	return data
}

// text returns n bytes that compress and do not repeat.
func text(n int, seed uint64) []byte {
	var data []byte
	r := rand.New(rand.NewPCG(seed, 1))
	for len(data) < n {
		data = strconv.AppendUint(data, uint64(r.Uint32()), 10)
		data = append(data, " lines of a file\n"...)
	}
	return data[:n]
}

// content is a folder's files by path; those of nil are directories. A path
// that ends in @ is a symbolic link.
type content map[string][]byte

// put writes the files.
func (c content) put(t *testing.T, dir string) {
	t.Helper()
	for path, data := range c {
		full := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		switch {
		case data == nil:
			err = os.MkdirAll(full, 0o755)
		case strings.HasSuffix(path, "@"):
			err = os.Symlink(string(data), full)
		default:
			err = writeSparse(full, data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

const page = 4096

// writeSparse leaves pages of zeros out.
func writeSparse(path string, data []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for at := 0; at < len(data); at += page {
		if part := data[at:min(at+page, len(data))]; !zeros(part) {
			if _, err := f.WriteAt(part, int64(at)); err != nil {
				return err
			}
		}
	}
	return f.Truncate(int64(len(data)))
}

func zeros(b []byte) bool {
	for len(b) >= page {
		if !bytes.Equal(b[:page], zeroPage[:]) {
			return false
		}
		b = b[page:]
	}
	return bytes.Equal(b, zeroPage[:len(b)])
}

var zeroPage [page]byte

// holes returns a file of n pages, of which every second one is a hole.
func holes(n int, seed uint64) []byte {
	data := random(n*page, seed)
	for i := 0; i < n; i += 2 {
		clear(data[i*page:][:page])
	}
	return data
}

// behind returns data behind n zeros.
func behind(n int, data []byte) []byte {
	all := make([]byte, n+len(data))
	copy(all[n:], data)
	return all
}

// variety has what file systems store in different ways.
func variety() content {
	c := content{
		"empty":            {},
		"byte":             {'x'},
		"block":            random(page, 1),
		"block and byte":   random(page+1, 2),
		"big":              random(3<<20+5, 3),
		"text":             text(1<<20, 4),
		"holes":            holes(800, 5),
		"begin hole":       behind(300*page, random(5000, 6)),
		"far":              behind(80<<20, random(3000, 7)),
		"etc/hostname":     []byte("gateway\n"),
		"etc/deep/a/b/c/d": []byte("deep\n"),
		"etc/none":         nil,
		"etc/short@":       []byte("../byte"),
		"etc/long@":        []byte(strings.Repeat("../etc/", 30) + "hostname"),
		"same/1":           text(300000, 8),
		"same/2":           text(300000, 8),
		"Grüße \n\xff":     []byte("bytes\n"),
	}
	for i := range 600 {
		c[fmt.Sprintf("many/a rather long name, so that one block holds few of them: %04d", i)] = text(i*7, uint64(i))
	}
	return c
}

// open maps an image in a file.
func open(t *testing.T, path string) (*Map, []byte) {
	t.Helper()
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Read(bytes.NewReader(image), int64(len(image)))
	if err != nil {
		t.Fatal(err)
	}
	checkMap(t, m)
	return m, image
}

// checkMap checks what is true of all maps.
func checkMap(t *testing.T, m *Map) {
	t.Helper()
	end := int64(0)
	for _, e := range m.Extents {
		if e.Offset < end || e.Length <= 0 || e.End() > m.Size || e.What == Free {
			t.Fatalf("extent %+v behind %d in %d", e, end, m.Size)
		}
		end = e.End()
	}
	at := int64(0)
	for e := range m.At(0, m.Size) {
		if e.Offset != at || e.Length <= 0 {
			t.Fatalf("At gives %+v at %d", e, at)
		}
		at = e.End()
	}
	if at != m.Size {
		t.Fatalf("At ends at %d of %d", at, m.Size)
	}
}

// checkPaths compares the files of a map with those of a folder.
func checkPaths(t *testing.T, m *Map, c content, more ...string) {
	t.Helper()
	want := append([]string{"/"}, more...)
	for path := range c {
		for path != "." {
			want = append(want, "/"+path)
			path = filepath.ToSlash(filepath.Dir(path))
		}
	}
	slices.Sort(want)
	want = slices.Compact(want)
	var got []string
	for _, f := range m.files {
		got = append(got, f.path)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d paths %q\nwant %d %q", len(got), got, len(want), want)
	}
}

// of returns the extents of a file that are for something.
func of(m *Map, path string, what What) (all []Extent) {
	for _, e := range m.Extents {
		if e.What == what && slices.Contains(m.Files(e), path) {
			all = append(all, e)
		}
	}
	return all
}
