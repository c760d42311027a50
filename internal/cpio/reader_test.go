package cpio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// file is an entry with its data.
type file struct {
	Entry
	data string
}

// readAll reads the whole of an archive.
func readAll(archive string) ([]file, error) {
	return readWith(NewReader(strings.NewReader(archive)))
}

func readWith(r *Reader) ([]file, error) {
	var files []file
	for {
		entry, err := r.Next()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return files, err
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return files, err
		}
		files = append(files, file{entry, string(data)})
	}
}

// sample holds both magics, every padding and an empty file.
func sample() string {
	var s strings.Builder
	s.WriteString(rawEntry(MagicCRC, 1, "sw-description", "one", naiveSum([]byte("one"))))
	s.WriteString(rawEntry(MagicNewc, 2, "b", "", 0xabcdef))
	s.WriteString(rawEntry(MagicCRC, 3, "cc", "four", naiveSum([]byte("four"))))
	s.WriteString(rawEntry(MagicCRC, 4, "ddd", "\xff\xff\xff\xff\xff", 5*255))
	s.WriteString(rawTrailer())
	return s.String() + strings.Repeat("\x00", 512-s.Len()%512)
}

func TestReader(t *testing.T) {
	archive := sample()
	want := []file{
		{Entry{MagicCRC, "sw-description", 3, 0x142, 0, 128}, "one"},
		{Entry{MagicNewc, "b", 0, 0xabcdef, 132, 244}, ""},
		{Entry{MagicCRC, "cc", 4, 0x1bc, 244, 360}, "four"},
		{Entry{MagicCRC, "ddd", 5, 0x4fb, 364, 480}, "\xff\xff\xff\xff\xff"},
	}
	for name, r := range map[string]io.Reader{
		"whole":    strings.NewReader(archive),
		"one byte": iotest.OneByteReader(strings.NewReader(archive)),
		"data+EOF": iotest.DataErrReader(strings.NewReader(archive)),
	} {
		got, err := readWith(NewReader(r))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v\nwant %v", name, got, err, want)
		}
	}
	for _, f := range want {
		if archive[f.Data:f.Data+f.Size] != f.data || !strings.HasPrefix(archive[f.Offset:], f.Magic) {
			t.Errorf("%s: offsets %d and %d are wrong", f.Name, f.Offset, f.Data)
		}
	}
}

func TestReaderSkips(t *testing.T) {
	r := NewReader(strings.NewReader(sample()))
	for _, want := range []string{"sw-description", "b", "cc", "ddd"} {
		entry, err := r.Next()
		if err != nil || entry.Name != want {
			t.Fatalf("entry %q, %v, want %q", entry.Name, err, want)
		}
		if want == "cc" { // half of it
			io.ReadFull(r, make([]byte, 2))
		}
	}
	for range 2 {
		if _, err := r.Next(); err != io.EOF {
			t.Errorf("at the end: %v", err)
		}
		if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("read at the end: %d, %v", n, err)
		}
	}
}

func TestReaderBeforeNext(t *testing.T) {
	r := NewReader(strings.NewReader(sample()))
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("read before the first entry: %d, %v", n, err)
	}
	if _, err := r.Next(); err != nil {
		t.Error(err)
	}
}

func TestReaderLowerCase(t *testing.T) {
	entry := strings.ToLower(rawEntry(MagicCRC, 0xabc, "a", "zzz", 0x16e))
	if _, err := readAll(entry + rawTrailer()); err != nil {
		t.Error(err)
	}
}

// with returns s with the bytes at offset replaced.
func with(s string, offset int, bytes string) string {
	return s[:offset] + bytes + s[offset+len(bytes):]
}

func TestReaderRefuses(t *testing.T) {
	one := rawEntry(MagicCRC, 1, "a", "data!", 0x1bb)
	good := one + rawTrailer()
	zeros := strings.Repeat("\x00", maxTail)
	for _, test := range []struct{ name, archive, want string }{
		{"empty", "", "offset 0x0: header: the file ends here, before the trailer"},
		{"one byte short", good[:len(good)-1], "offset 0xf3: name: the file ends here, before the trailer"},
		{"no trailer", one, "offset 0x78: header: the file ends here, before the trailer"},
		{"cut in data", one[:114], "offset 0x72: data: the file ends here, before the trailer"},
		{"cut in padding", one[:118], "offset 0x76: padding: the file ends here, before the trailer"},
		{"odc", with(good, 0, "070707"), `offset 0x0: magic: "070707", it must be 070701 or 070702`},
		{"second magic", with(good, 120, "070703"), `offset 0x78: magic: "070703", it must be 070701 or 070702`},
		{"sign", with(good, 54, "-0000001"), `offset 0x36: filesize: "-0000001", it must be 8 hex digits`},
		{"plus", with(good, 54, "+0000005"), `offset 0x36: filesize: "+0000005", it must be 8 hex digits`},
		{"blank", with(good, 14, " 00081A4"), `offset 0xe: mode: " 00081A4", it must be 8 hex digits`},
		{"underscore", with(good, 6, "0000_001"), `offset 0x6: ino: "0000_001", it must be 8 hex digits`},
		{"0x", with(good, 102, "0x0001bb"), `offset 0x66: check: "0x0001bb", it must be 8 hex digits`},
		{"huge", with(good, 54, "ffffffff"), "offset 0xf4: data: the file ends here, before the trailer"},
		{"no name", with(good, 94, "00000000"), "offset 0x5e: namesize: 0, allowed are 1 to 4096"},
		{"long name", with(good, 94, "00001001"), "offset 0x5e: namesize: 4097, allowed are 1 to 4096"},
		{"claimed name", with(good, 94, "ffffffff"), "offset 0x5e: namesize: 4294967295, allowed are 1 to 4096"},
		{"NUL missing", with(good, 111, "b"), `offset 0x6e: name: "ab" must have its only NUL at the end`},
		{"NUL inside", rawEntry(MagicCRC, 1, "a\x00b", "", 0) + rawTrailer(), `offset 0x6e: name: "a\x00b\x00" must have its only NUL at the end`},
		{"name padding", rawEntry(MagicCRC, 1, "ab", "", 0)[:113] + "\x00\x07\x00" + rawTrailer(), "offset 0x72: padding: byte 0x07, it must be NUL"},
		{"data padding", with(good, 119, "x"), "offset 0x77: padding: byte 0x78, it must be NUL"},
		{"sum", with(good, 102, "000001BC"), `offset 0x0: check: "a": the data adds up to 000001bb, the header says 000001bc`},
		{"sum of nothing", rawEntry(MagicCRC, 1, "a", "", 7) + rawTrailer(), `offset 0x0: check: "a": the data adds up to 00000000, the header says 00000007`},
		{"folder", with(good, 14, "000041ED"), "offset 0xe: mode: 040755, it must be that of a plain file"},
		{"link", with(good, 14, "0000A1FF"), "offset 0xe: mode: 0120777, it must be that of a plain file"},
		{"device", with(good, 14, "000061A4"), "offset 0xe: mode: 060644, it must be that of a plain file"},
		{"trailer with a sum", one + with(rawTrailer(), 102, "00000001"), `offset 0x78: check: "TRAILER!!!": the data adds up to 00000000, the header says 00000001`},
		{"trailer with data", one + with(rawTrailer(), 54, "00000001"), "offset 0x78: filesize: the trailer claims 1 bytes of data"},
		{"data after the end", good + zeros[:9] + "x", "offset 0xfd: end: data after the trailer"},
		{"endless end", good + zeros + "\x00", "offset 0xf4: end: more than 65536 bytes of padding after the trailer"},
	} {
		_, err := readAll(test.archive)
		if err == nil || err.Error() != "cpio: "+test.want {
			t.Errorf("%s: error %v\nwant cpio: %s", test.name, err, test.want)
		}
		if _, ok := errors.AsType[*FormatError](err); !ok {
			t.Errorf("%s: %T, want a *FormatError", test.name, err)
		}
	}
	if _, err := readAll(good + zeros); err != nil {
		t.Errorf("padding of %d bytes: %v", maxTail, err)
	}
}

// endlessZeros is a file that ends nowhere.
type endlessZeros struct{}

func (endlessZeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestReaderFourGiB passes the largest entry there is, and finds what is behind it.
func TestReaderFourGiB(t *testing.T) {
	big := with(rawEntry(MagicNewc, 1, "big", "", 0), 54, "FFFFFFFF")
	rest := "\x00" + rawEntry(MagicCRC, 2, "a", "data!", 0x1bb) + rawTrailer()
	for _, test := range []struct {
		size int64
		want string
	}{
		{MaxSize, ""},
		{MaxSize - 1, "cpio: offset 0x100000073: padding: byte 0x30, it must be NUL"},
	} {
		r := NewReader(io.MultiReader(strings.NewReader(big), io.LimitReader(endlessZeros{}, test.size), strings.NewReader(rest)))
		if entry, err := r.Next(); err != nil || entry.Size != MaxSize {
			t.Fatalf("first entry %+v, %v", entry, err)
		}
		entry, err := r.Next()
		if test.want != "" {
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
			continue
		}
		if err != nil || entry.Name != "a" || entry.Offset != int64(len(big))+1<<32 {
			t.Errorf("second entry %+v, %v", entry, err)
		}
		if _, err := r.Next(); err != io.EOF {
			t.Errorf("at the end: %v", err)
		}
	}
}

// TestReaderSumWithoutReading: an entry that nobody reads is checked as well.
func TestReaderSumWithoutReading(t *testing.T) {
	r := NewReader(strings.NewReader(rawEntry(MagicCRC, 1, "a", "data", 1) + rawTrailer()))
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	_, first := r.Next()
	if first == nil || !strings.Contains(first.Error(), "adds up to") {
		t.Fatalf("skipped entry: %v", first)
	}
	if _, err := r.Next(); err != first {
		t.Errorf("the error is not final: %v", err)
	}
	if _, err := r.Read(make([]byte, 1)); err != first {
		t.Errorf("the error is not final for Read: %v", err)
	}
}

// TestReaderSumExactRead: io.ReadFull drops the error of a full read, so that
// the next call must tell.
func TestReaderSumExactRead(t *testing.T) {
	r := NewReader(strings.NewReader(rawEntry(MagicCRC, 1, "a", "data", 1) + rawTrailer()))
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); err == nil {
		t.Error("wrong sum goes unnoticed")
	}
}

func TestReaderTolerates(t *testing.T) {
	archive := rawEntry(MagicCRC, 1, "a", "data!", 1)
	archive = with(archive, 119, "x") + rawEntry(MagicCRC, 1, "b", "", 9) + rawTrailer() + "tail"
	var flaws []string
	r := NewReader(strings.NewReader(archive))
	r.Tolerate = func(err *FormatError) error {
		flaws = append(flaws, fmt.Sprintf("%#x %s", err.Offset, err.Field))
		return nil
	}
	files, err := readWith(r)
	if err != nil || len(files) != 2 || files[0].data != "data!" {
		t.Errorf("read %v, %v", files, err)
	}
	want := []string{"0x0 check", "0x77 padding", "0x78 check", "0x164 end"}
	if !slices.Equal(flaws, want) {
		t.Errorf("flaws %q, want %q", flaws, want)
	}
}

func TestReaderPassesErrorsOn(t *testing.T) {
	broken := errors.New("cable pulled")
	archive := sample()
	for cut := range len(archive) + 1 {
		r := io.MultiReader(strings.NewReader(archive[:cut]), iotest.ErrReader(broken))
		_, err := readWith(NewReader(r))
		if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), fmt.Sprintf("cpio: offset %#x: ", cut)) {
			t.Fatalf("broken at %#x: %v", cut, err)
		}
	}
}

func TestReaderTruncated(t *testing.T) {
	archive := sample()
	end := strings.Index(archive, TrailerName) + len(TrailerName) + 4
	for cut := range end {
		if files, err := readAll(archive[:cut]); err == nil {
			t.Errorf("cut at %#x: read %d files and no error", cut, len(files))
		}
	}
	if _, err := readAll(archive[:end]); err != nil {
		t.Errorf("without the padding behind the trailer: %v", err)
	}
}

// TestReaderFlipped changes each byte in turn: what is then still accepted has
// the same names and data, for only ignored fields were touched.
func TestReaderFlipped(t *testing.T) {
	archive := []byte(sample())
	want, err := readAll(string(archive))
	if err != nil {
		t.Fatal(err)
	}
	for i := range archive {
		for _, mask := range []byte{0x01, 0x02, 0x20, 0x80, 0xff} {
			flipped := bytes.Clone(archive)
			flipped[i] ^= mask
			got, err := readAll(string(flipped))
			if err == nil && !sameContent(got, want) && !unprotected(string(archive), i) {
				t.Errorf("byte %#x ^ %#x: accepted as %v", i, mask, got)
			}
		}
	}
}

// sameContent compares names and data, NUL at the end of data aside: a size
// that takes in the padding changes no sum and no place, so that only a hash
// tells.
func sameContent(a, b []file) bool {
	return slices.EqualFunc(a, b, func(a, b file) bool {
		return a.Name == b.Name && strings.TrimRight(a.data, "\x00") == strings.TrimRight(b.data, "\x00")
	})
}

// unprotected tells whether the byte at i is one of a name: no sum covers it.
func unprotected(archive string, i int) bool {
	for _, name := range []string{"sw-description", "b\x00", "cc\x00", "ddd\x00"} {
		if start := strings.Index(archive, "\x00"+name); start >= 0 && i > start && i <= start+len(name) {
			return true
		}
		if start := strings.Index(archive, name); i >= start && i < start+len(name) {
			return true
		}
	}
	return false
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(sample()))
	f.Add([]byte(rawTrailer()))
	f.Add([]byte(rawEntry(MagicCRC, 1, "a", "data!", 0x1bb) + rawTrailer()))
	f.Fuzz(func(t *testing.T, archive []byte) {
		files, err := readAll(string(archive))
		if err != nil {
			return
		}
		for i, f := range files {
			if f.Magic == MagicCRC && naiveSum([]byte(f.data)) != f.Sum {
				t.Errorf("entry %d: sum %08x accepted", i, f.Sum)
			}
			if int64(len(f.data)) != f.Size || string(archive[f.Data:][:f.Size]) != f.data {
				t.Errorf("entry %d: data is not what is in the archive", i)
			}
		}
	})
}
