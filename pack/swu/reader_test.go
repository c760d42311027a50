package swu

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fwpack/fwpack/internal/cpio"
)

// found is an entry with its data as a Reader gives it.
type found struct {
	Entry
	data string
}

// read reads a whole bundle.
func read(r *Reader) ([]found, error) {
	var all []found
	for {
		e, err := r.Next()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return all, err
		}
		all = append(all, found{*e, string(data)})
	}
}

func readBytes(bundle []byte) ([]found, error) {
	return read(NewReader(bytes.NewReader(bundle)))
}

// archive writes entries that a Writer would refuse.
func archive(t testing.TB, items ...item) []byte {
	t.Helper()
	var out []byte
	for n, i := range items {
		h := headerOf(i)
		var err error
		out, err = cpio.AppendHeader(out, cpio.Header{Name: h.Name, Inode: uint32(n + 1), Size: h.Size, Sum: h.Sum})
		if err != nil {
			t.Fatal(err)
		}
		out = append(append(out, i.data...), zeros[:cpio.Padding(h.Size)]...)
	}
	out, err := cpio.AppendTrailer(out)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestReader(t *testing.T) {
	bundle := build(t, signed)
	all, err := readBytes(bundle)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(signed) {
		t.Fatalf("%d entries, want %d", len(all), len(signed))
	}
	var offset int64
	for n, i := range signed {
		h := headerOf(i)
		want := found{Entry{h, "070702", offset, offset + HeadSize(h.Name)}, i.data}
		if all[n] != want {
			t.Errorf("entry %d:\n got %+v\nwant %+v", n+1, all[n], want)
		}
		offset += EntrySize(h)
	}
}

func TestReaderWithoutReading(t *testing.T) {
	r := NewReader(bytes.NewReader(build(t, signed)))
	for _, i := range signed {
		if e, err := r.Next(); err != nil || e.Name != i.name {
			t.Fatalf("entry %v, %v, want %q", e, err, i.name)
		}
	}
	for range 2 {
		if e, err := r.Next(); e != nil || err != io.EOF {
			t.Errorf("at the end: %v, %v", e, err)
		}
	}
}

// problems lists what a tolerant Reader has to say about a bundle.
func problems(bundle []byte) (told []string, all []found, err error) {
	r := NewReader(bytes.NewReader(bundle))
	r.Report = func(e *FormatError) { told = append(told, e.Error()) }
	all, err = read(r)
	return told, all, err
}

func TestReaderRules(t *testing.T) {
	desc, sig := item{Description, "d"}, item{Signature, "s"}
	for _, test := range []struct {
		want  string
		items []item
	}{
		{`offset 0x0: name: first entry is "a", it must be "sw-description"`, []item{{"a", ""}, desc}},
		{`offset 0x0: name: first entry is "sw-description.sig", it must be "sw-description"`, []item{sig, desc}},
		{`offset 0xf4: name: "sw-description.sig" is entry 3, it must be the second`, []item{desc, {"a", ""}, sig}},
		{`offset 0xf8: name: second entry called "a"`, []item{desc, {"a", "1"}, {"a", "1"}}},
		{`offset 0x84: name: second entry called "sw-description"`, []item{desc, desc}},
		{`offset 0x84: name: entry name "../a" contains a slash`, []item{desc, {"../a", ""}}},
		{`offset 0x84: name: entry name ".." is a folder`, []item{desc, {"..", ""}}},
		{`offset 0x84: name: entry name "\n" contains a control character`, []item{desc, {"\n", ""}}},
	} {
		bundle := archive(t, test.items...)
		_, err := readBytes(bundle)
		if err == nil || err.Error() != "swu: "+test.want {
			t.Errorf("error %v\nwant swu: %s", err, test.want)
		}
		told, all, err := problems(bundle)
		if err != nil || len(all) != len(test.items) {
			t.Errorf("%s: tolerant reading ends after %d entries, %v", test.want, len(all), err)
		}
		if want := []string{"swu: " + test.want}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	}
}

func TestReaderFraming(t *testing.T) {
	bundle := build(t, signed)
	patch := func(at int, s string) []byte {
		patched := bytes.Clone(bundle)
		copy(patched[at:], s)
		return patched
	}
	for _, test := range []struct {
		want     string
		bundle   []byte
		readable bool
	}{
		{`offset 0x0: name: bundle without "sw-description"`, archive(t), false},
		{`offset 0x0: header: the file ends here, before the trailer`, nil, false},
		{`offset 0x0: magic: "070707", it must be 070701 or 070702`, patch(0, "070707"), false},
		{`offset 0x36: filesize: "-0000001", it must be 8 hex digits`, patch(54, "-0000001"), false},
		{`offset 0x0: check: "sw-description": the data adds up to 00000545, the header says 00000000`, patch(102, "00000000"), true},
		{`offset 0x117: padding: byte 0x2e, it must be NUL`, patch(0x117, "."), true},
		{`offset 0x3ff: end: data after the trailer`, patch(len(bundle)-1, "x"), true},
	} {
		_, err := readBytes(test.bundle)
		if err == nil || err.Error() != "swu: "+test.want {
			t.Errorf("error %v\nwant swu: %s", err, test.want)
		}
		if _, ok := errors.AsType[*FormatError](err); !ok {
			t.Errorf("%s: %T, want a *FormatError", test.want, err)
		}
		told, all, err := problems(test.bundle)
		if readable := err == nil && len(all) == len(signed); readable != test.readable {
			t.Errorf("%s: tolerant reading: %d entries, %v", test.want, len(all), err)
		}
		if test.readable && !slices.Equal(told, []string{"swu: " + test.want}) {
			t.Errorf("told %q, want %q", told, test.want)
		}
	}
}

// TestReaderNewc: SWUpdate reads 070701, also mixed, and ignores its sum.
func TestReaderNewc(t *testing.T) {
	bundle := build(t, signed)
	copy(bundle, "070701")
	copy(bundle[102:], "00000bad")
	all, err := readBytes(bundle)
	if err != nil {
		t.Fatal(err)
	}
	if got := all[0]; got.Magic != "070701" || got.Sum != 0xbad || got.data != signed[0].data {
		t.Errorf("first entry %+v", got)
	}
	if got := all[1].Magic; got != "070702" {
		t.Errorf("second magic %s", got)
	}
}

func TestReaderSticky(t *testing.T) {
	bundle := build(t, signed)
	copy(bundle[102:], "00000000")
	r := NewReader(bytes.NewReader(bundle))
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	_, first := io.ReadAll(r)
	if _, ok := errors.AsType[*FormatError](first); !ok {
		t.Fatalf("wrong sum: %v", first)
	}
	if _, err := r.Next(); err != first {
		t.Errorf("Next after %q: %v", first, err)
	}
	if _, err := r.Read(nil); err != first {
		t.Errorf("Read after %q: %v", first, err)
	}
}

func TestReaderPassesErrorsOn(t *testing.T) {
	broken := errors.New("cable pulled")
	bundle := build(t, signed)
	for _, cut := range []int{0, 50, 130, len(bundle) - 1} {
		source := io.MultiReader(bytes.NewReader(bundle[:cut]), iotest.ErrReader(broken))
		_, err := read(NewReader(source))
		if _, ok := errors.AsType[*FormatError](err); ok || !errors.Is(err, broken) {
			t.Errorf("broken at %#x: %v", cut, err)
		}
	}
}

func TestReaderEntryLimit(t *testing.T) {
	items := make([]item, MaxEntries+1)
	for n := range items {
		items[n].name = fmt.Sprint(n)
	}
	items[0].name = Description
	bundle := archive(t, items...)
	told, all, err := problems(bundle)
	if err == nil || !strings.HasSuffix(err.Error(), "more than 16384 entries") {
		t.Errorf("error %v", err)
	}
	if len(all) != MaxEntries || len(told) != 0 {
		t.Errorf("%d entries and %d problems, want %d and none", len(all), len(told), MaxEntries)
	}
}

// TestReaderForgetsLongNames: names that no entry may have cost no memory.
func TestReaderForgetsLongNames(t *testing.T) {
	r := NewReader(bytes.NewReader(archive(t, item{Description, ""}, item{strings.Repeat("n", 4000), ""})))
	r.Report = func(*FormatError) {}
	if _, err := read(r); err != nil {
		t.Fatal(err)
	}
	if len(r.order.names) != 1 || r.order.count != 2 {
		t.Errorf("%d names of %d entries are kept", len(r.order.names), r.order.count)
	}
}

func TestReaderTruncated(t *testing.T) {
	bundle := build(t, signed)
	end := bytes.Index(bundle, []byte("TRAILER!!!")) + 14
	for cut := range end {
		if all, err := readBytes(bundle[:cut]); err == nil {
			t.Errorf("cut at %#x: %d entries and no error", cut, len(all))
		}
	}
}

// TestReaderFlipped changes each byte in turn. Sizes, sums and data protect
// each other; a name is protected by the description alone, and a size that
// takes in padding by its hash.
func TestReaderFlipped(t *testing.T) {
	bundle := build(t, signed)
	want, err := readBytes(bundle)
	if err != nil {
		t.Fatal(err)
	}
	for i := range bundle {
		for _, bit := range []int{0, 2, 5, 7} {
			flipped := bytes.Clone(bundle)
			flipped[i] ^= 1 << bit
			got, err := readBytes(flipped)
			if err == nil && !slices.EqualFunc(got, want, sameData) {
				t.Errorf("byte %#x bit %d: accepted as %+v", i, bit, got)
			}
		}
	}
}

func sameData(a, b found) bool {
	return strings.TrimRight(a.data, "\x00") == strings.TrimRight(b.data, "\x00")
}

// rebuild writes what was read.
func rebuild(t *testing.T, all []found) []byte {
	items := make([]item, len(all))
	for n, f := range all {
		items[n] = item{f.Name, f.data}
	}
	return build(t, items)
}

// FuzzReader: what is accepted is accepted by the Writer as well, and reads the
// same again.
func FuzzReader(f *testing.F) {
	f.Add(build(f, signed))
	f.Add(build(f, signed[:1]))
	f.Add(archive(f, item{"a", "b"}, item{"../a", ""}))
	f.Fuzz(func(t *testing.T, bundle []byte) {
		_, tolerated, tolerantErr := problems(bundle)
		all, err := readBytes(bundle)
		if err != nil {
			return
		}
		if tolerantErr != nil || !slices.Equal(all, tolerated) {
			t.Errorf("tolerant reading differs: %v", tolerantErr)
		}
		again, err := readBytes(rebuild(t, all))
		if err != nil {
			t.Fatal(err)
		}
		for n := range all {
			if all[n].Name != again[n].Name || all[n].data != again[n].data {
				t.Errorf("entry %d changed from %+v to %+v", n, all[n], again[n])
			}
		}
	})
}
