package swu

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// item is an entry to be written.
type item struct{ name, data string }

func headerOf(i item) Header {
	return Header{Name: i.name, Size: int64(len(i.data)), Sum: sumOf(i.data)}
}

func sumOf(data string) uint32 {
	var sum Sum
	io.WriteString(&sum, data)
	return sum.Sum32()
}

// signed is a bundle with every padding, an empty artifact and binary data.
var signed = []item{
	{Description, "software = { };\n"},
	{Signature, "\x30\x82\xff"},
	{"rootfs.ext4", "\x00\x01\xfe\xff"},
	{"empty", ""},
	{"größe 1", "12345"},
}

// build writes a bundle of items.
func build(t testing.TB, items []item) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out)
	for _, i := range items {
		if err := w.WriteHeader(headerOf(i)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, i.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWriterLayout(t *testing.T) {
	bundle := build(t, signed)
	if len(bundle)%512 != 0 {
		t.Errorf("%d bytes are no multiple of 512", len(bundle))
	}
	var offset int64
	for n, i := range signed {
		h := headerOf(i)
		head := bundle[offset:]
		want := fmt.Sprintf("070702%08X000081A4%016d00000001%08d%08X%032d%08X%08X%s\x00",
			n+1, 0, 0, h.Size, 0, len(h.Name)+1, h.Sum, h.Name)
		if !strings.HasPrefix(string(head), want) {
			t.Errorf("entry %d:\n got %q\nwant %q", n+1, head[:len(want)], want)
		}
		if got := string(head[HeadSize(h.Name):][:h.Size]); got != i.data {
			t.Errorf("entry %d: data %q, want %q", n+1, got, i.data)
		}
		offset += EntrySize(h)
	}
	if got := string(bundle[offset+110:][:10]); got != "TRAILER!!!" {
		t.Errorf("trailer %q", got)
	}
	if rest := bytes.Trim(bundle[offset+124:], "\x00"); len(rest) != 0 {
		t.Errorf("bytes %q behind the trailer", rest)
	}
}

func TestWriterRepeats(t *testing.T) {
	if first := build(t, signed); !bytes.Equal(first, build(t, signed)) {
		t.Error("the same entries give other bytes")
	}
}

// script drives a Writer through steps and returns the first error.
func script(w *Writer, steps ...func(*Writer) error) error {
	for _, step := range steps {
		if err := step(w); err != nil {
			return err
		}
	}
	return nil
}

func header(name string, size int64, data string) func(*Writer) error {
	return func(w *Writer) error { return w.WriteHeader(Header{name, size, sumOf(data)}) }
}

func data(s string) func(*Writer) error {
	return func(w *Writer) error { _, err := io.WriteString(w, s); return err }
}

func entry(name, s string) func(*Writer) error {
	return func(w *Writer) error { return script(w, header(name, int64(len(s)), s), data(s)) }
}

func TestWriterRefuses(t *testing.T) {
	first := entry(Description, "x")
	long := strings.Repeat("n", 251)
	for _, test := range []struct {
		want  string
		steps []func(*Writer) error
	}{
		{`bundle without "sw-description"`, nil},
		{`first entry is "rootfs", it must be "sw-description"`, []func(*Writer) error{entry("rootfs", "x")}},
		{`first entry is "sw-description.sig", it must be "sw-description"`, []func(*Writer) error{entry(Signature, "x")}},
		{`"sw-description.sig" is entry 3, it must be the second`, []func(*Writer) error{first, entry("a", ""), entry(Signature, "x")}},
		{`second entry called "sw-description"`, []func(*Writer) error{first, first}},
		{`second entry called "sw-description.sig"`, []func(*Writer) error{first, entry(Signature, "x"), entry(Signature, "x")}},
		{`second entry called "a"`, []func(*Writer) error{first, entry("a", "1"), entry("b", "2"), entry("a", "1")}},
		{`artifact name "TRAILER!!!" is reserved`, []func(*Writer) error{first, entry("TRAILER!!!", "")}},
		{`entry name "dir/a" contains a slash`, []func(*Writer) error{first, entry("dir/a", "")}},
		{`entry name of 251 bytes, at most 250 are allowed ("` + long[:40] + `" and so on)`, []func(*Writer) error{first, entry(long, "")}},
		{`"a": size 4294967296, allowed are 0 to 4294967295 bytes`, []func(*Writer) error{first, header("a", 1<<32, "")}},
		{`"a": size -1, allowed are 0 to 4294967295 bytes`, []func(*Writer) error{first, header("a", -1, "")}},
		{`"a": more than 4 bytes of data`, []func(*Writer) error{first, header("a", 4, "12345"), data("12345")}},
		{`"a": 1 of 6 bytes of data are missing`, []func(*Writer) error{first, header("a", 6, "12345"), data("12345")}},
		{`"a": 1 of 6 bytes of data are missing`, []func(*Writer) error{first, header("a", 6, "12345"), data("12345"), entry("b", "")}},
		{`"a": sum of the data is 00000031, the header says 00000032`, []func(*Writer) error{first, header("a", 1, "2"), data("1")}},
		{`"a": sum of the data is 00000031, the header says 00000032`, []func(*Writer) error{first, header("a", 1, "2"), data("1"), entry("b", "")}},
		{`data without a header`, []func(*Writer) error{data("1")}},
		{`data without a header`, []func(*Writer) error{(*Writer).Skip}},
		{`"a": skip after a write`, []func(*Writer) error{first, header("a", 2, "12"), data("1"), (*Writer).Skip}},
		{`"a": skip: the output cannot seek`, []func(*Writer) error{first, header("a", 2, "12"), (*Writer).Skip}},
	} {
		w := NewWriter(new(bytes.Buffer))
		err := script(w, append(test.steps, (*Writer).Close)...)
		if err == nil || err.Error() != "swu: "+test.want {
			t.Errorf("error %v\nwant swu: %s", err, test.want)
		}
		wantSticky(t, w, err)
	}
}

// wantSticky checks that every call on w answers with err.
func wantSticky(t *testing.T, w *Writer, err error) {
	t.Helper()
	for name, step := range map[string]func(*Writer) error{
		"WriteHeader": entry("later", ""), "Write": data("x"), "Skip": (*Writer).Skip, "Close": (*Writer).Close,
	} {
		if got := step(w); got != err {
			t.Errorf("%s after %q: %v", name, err, got)
		}
	}
}

func TestWriterAfterClose(t *testing.T) {
	w := NewWriter(new(bytes.Buffer))
	if err := script(w, entry(Description, "x"), (*Writer).Close, (*Writer).Close); err != nil {
		t.Fatal(err)
	}
	for name, step := range map[string]func(*Writer) error{
		"WriteHeader": entry("a", ""), "Write": data("x"), "Skip": (*Writer).Skip,
	} {
		if err := step(w); err != errClosed {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
}

func TestWriterEntryLimit(t *testing.T) {
	w := NewWriter(io.Discard)
	err := w.WriteHeader(Header{Name: Description})
	for n := 1; err == nil && n <= MaxEntries; n++ {
		err = w.WriteHeader(Header{Name: fmt.Sprint("a", n)})
	}
	if want := "swu: more than 16384 entries"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if w.order.count != MaxEntries {
		t.Errorf("%d entries were allowed, want %d", w.order.count, MaxEntries)
	}
}

// fullDisk takes limit bytes and no more.
type fullDisk struct{ limit int }

var errFull = errors.New("no space left on device")

func (d *fullDisk) Write(p []byte) (int, error) {
	n := min(len(p), d.limit)
	d.limit -= n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func TestWriterDiskFull(t *testing.T) {
	size := len(build(t, signed))
	for limit := range size {
		w := NewWriter(&fullDisk{limit})
		var err error
		for _, i := range signed {
			err = cmpFirst(err, entry(i.name, i.data)(w))
		}
		err = cmpFirst(err, w.Close())
		if !errors.Is(err, errFull) || !strings.HasPrefix(err.Error(), "swu: ") {
			t.Fatalf("disk full after %d bytes: %v", limit, err)
		}
		wantSticky(t, w, err)
	}
}

func cmpFirst(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// shortWriter breaks the rules of io.Writer.
type shortWriter struct{}

func (shortWriter) Write(p []byte) (int, error) { return len(p) / 2, nil }

func TestWriterShortWrite(t *testing.T) {
	if err := NewWriter(shortWriter{}).WriteHeader(Header{Name: Description}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("error %v, want %v", err, io.ErrShortWrite)
	}
}

// TestWriterSkip lays a bundle out in a file behind something else, artifacts
// first, and expects what writing in order gives.
func TestWriterSkip(t *testing.T) {
	const base = 77
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	offset := int64(base)
	for _, i := range signed {
		if _, err := f.WriteAt([]byte(i.data), offset+HeadSize(i.name)); err != nil {
			t.Fatal(err)
		}
		offset += EntrySize(headerOf(i))
	}
	f.Seek(base, io.SeekStart)
	w := NewWriter(f)
	for _, i := range signed {
		if err := script(w, header(i.name, int64(len(i.data)), i.data), (*Writer).Skip); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(f.Name())
	if want := build(t, signed); err != nil || !bytes.Equal(got[base:], want) {
		t.Errorf("%v\n got %q\nwant %q", err, got[base:], want)
	}
}

func TestWriterSkipNothingThere(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	err = script(NewWriter(f), header(Description, 5, "hello"), (*Writer).Skip)
	if want := `swu: "sw-description": skip: 0 bytes of data are in place, the header says 5`; err == nil || err.Error() != want {
		t.Errorf("error %v\nwant %s", err, want)
	}
	f.Close()
	w := NewWriter(f)
	w.current = Header{Name: "a"}
	if err := w.Skip(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("skip in a closed file: %v", err)
	}
}

// TestWriterFourGiB writes the largest entry there is, without its data.
func TestWriterFourGiB(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no holes by default")
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	big := Header{Name: "big", Size: MaxSize}
	end := EntrySize(headerOf(item{Description, "x"})) + EntrySize(big)
	if err := f.Truncate(end); err != nil {
		reftool.Missing(t, err.Error())
	}
	w := NewWriter(f)
	err = script(w, entry(Description, "x"), func(w *Writer) error { return w.WriteHeader(big) }, (*Writer).Skip, entry("a", "after"), (*Writer).Close)
	if err != nil {
		t.Fatal(err)
	}
	head := make([]byte, 6)
	if _, err := f.ReadAt(head, end); err != nil || string(head) != "070702" {
		t.Errorf("entry behind 4 GiB begins with %q, %v", head, err)
	}
}

func BenchmarkWriter(b *testing.B) {
	block := bytes.Repeat([]byte{1}, 1<<20)
	b.SetBytes(int64(len(block)))
	for b.Loop() {
		w := NewWriter(io.Discard)
		if err := w.WriteHeader(Header{Description, int64(len(block)), 1 << 20}); err != nil {
			b.Fatal(err)
		}
		w.Write(block)
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
