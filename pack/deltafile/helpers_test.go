package deltafile

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var background = context.Background()

// text is n bytes of lines, which can be compressed.
func text(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, "line %d of the file %d\n", r.IntN(1000000), r.IntN(50))
	}
	return b.Bytes()[:n]
}

// pair is an old image and a new one with some changes.
func pair() (old, new []byte) {
	old = text(1, 3<<20)
	new = slices.Concat([]byte("a begin\n"), old[:1<<20], text(2, 200000), old[1<<20+30000:2<<20], []byte("x"), old[2<<20+1:])
	return old, new
}

// folder is a folder for a test's files.
type folder struct {
	t   testing.TB
	dir string
}

func newFolder(t testing.TB) folder { return folder{t, t.TempDir()} }

func (f folder) path(name string) string { return filepath.Join(f.dir, name) }

func (f folder) write(name string, data []byte) string {
	f.t.Helper()
	if err := os.WriteFile(f.path(name), data, 0o600); err != nil {
		f.t.Fatal(err)
	}
	return f.path(name)
}

func (f folder) read(name string) []byte {
	f.t.Helper()
	data, err := os.ReadFile(f.path(name))
	if err != nil {
		f.t.Fatal(err)
	}
	return data
}

// only checks that there is nothing else, hidden files included.
func (f folder) only(names ...string) {
	f.t.Helper()
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		f.t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	slices.Sort(names)
	if !slices.Equal(got, names) {
		f.t.Errorf("the folder holds %q, want %q", got, names)
	}
}

// pair writes both images.
func (f folder) pair() (old, new string) {
	f.t.Helper()
	a, b := pair()
	return f.write("old", a), f.write("new", b)
}

// create makes a zchunk file.
func (f folder) create(image, name string, opt CreateOptions) string {
	f.t.Helper()
	if _, err := Create(background, image, f.path(name), opt); err != nil {
		f.t.Fatal(err)
	}
	return f.path(name)
}

// wantError checks an error's text, in which DIR stands for the folder.
func (f folder) wantError(err error, want string) {
	f.t.Helper()
	if err == nil {
		f.t.Errorf("no error, want %s", want)
		return
	}
	if got := string(bytes.ReplaceAll([]byte(err.Error()), []byte(f.dir+string(filepath.Separator)), []byte("DIR/"))); got != want {
		f.t.Errorf("error %s\nwant  %s", got, want)
	}
}
