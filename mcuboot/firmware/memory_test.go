package firmware

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

func TestAdd(t *testing.T) {
	m := memory(t, "a.hex", 0x20, "cd", 0x10, "ab", 0x12, "x", 0x30, "")
	if got, want := show(m), "0x10:616278 0x20:6364"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if m.Size() != 5 {
		t.Errorf("size is %d, want 5", m.Size())
	}
	first, last, ok := m.Bounds()
	if first != 0x10 || last != 0x21 || !ok {
		t.Errorf("bounds are %#x %#x %v", first, last, ok)
	}
}

func TestEmptyMemory(t *testing.T) {
	m := &Memory{}
	if _, _, ok := m.Bounds(); ok || m.Size() != 0 || m.Segments() != nil {
		t.Errorf("an empty memory has bounds, %d bytes or segments", m.Size())
	}
	if image, err := m.Bytes(5, 0xff, 0); len(image) != 0 || err != nil {
		t.Errorf("its image is %x, %v", image, err)
	}
}

func TestAddErrors(t *testing.T) {
	for _, test := range []struct {
		name string
		addr uint32
		data string
		want string
	}{
		{"overlap below", 0x0e, "abc", "0xe-0x10 of b.bin overlaps 0x10-0x13 of a.hex"},
		{"overlap above", 0x13, "abc", "0x13-0x15 of b.bin overlaps 0x10-0x13 of a.hex"},
		{"same place", 0x10, "data", "0x10-0x13 of b.bin overlaps 0x10-0x13 of a.hex"},
		{"around", 0xf, "aroundit", "0xf-0x16 of b.bin overlaps 0x10-0x13 of a.hex"},
		{"second piece", 0x20, "x", "0x20-0x20 of b.bin overlaps 0x20-0x23 of a.hex"},
		{"last byte", 0xffffffff, "x", "0xffffffff-0xffffffff of b.bin overlaps 0xfffffffe-0xffffffff of a.hex"},
		{"too high", 0xffffffff, "xy", "2 bytes at 0xffffffff of b.bin end beyond the 32-bit address space"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := memory(t, "a.hex", 0x10, "data", 0x20, "more", uint32(0xfffffffe), "zz")
			before := show(m)
			wantError(t, m.Add(test.addr, []byte(test.data), "b.bin"), test.want)
			if got := show(m); got != before {
				t.Errorf("memory became %s", got)
			}
		})
	}
	m := memory(t, "", 0, "a")
	wantError(t, m.Add(0, []byte("b"), ""), "0x0-0x0 overlaps 0x0-0x0")
	wantError(t, m.Add(0xffffffff, []byte("bc"), ""), "2 bytes at 0xffffffff end beyond the 32-bit address space")
}

func TestSlice(t *testing.T) {
	m := memory(t, "a", 0x10, "abcd", 0x14, "ef", 0x20, "gh", uint32(0xffffffff), "z")
	m.Start = Start{StartLinear, 0x10}
	for _, test := range []struct {
		first, last uint32
		want        string
	}{
		{0, 0xffffffff, "0x10:616263646566 0x20:6768 0xffffffff:7a"},
		{0x11, 0x20, "0x11:6263646566 0x20:67"},
		{0x12, 0x12, "0x12:63"},
		{0x16, 0x1f, ""},
		{0x12, 0x11, ""},
		{0x13, 0x14, "0x13:6465"},
		{0x21, 0xfffffffe, "0x21:68"},
		{0xffffffff, 0xffffffff, "0xffffffff:7a"},
	} {
		if got := show(m.Slice(test.first, test.last)); got != test.want {
			t.Errorf("Slice(%#x, %#x) is %q, want %q", test.first, test.last, got, test.want)
		}
	}
}

func TestMerge(t *testing.T) {
	boot := memory(t, "boot.hex", 0, "boot", 0x8000, "x")
	boot.Start = Start{StartLinear, 1}
	app := memory(t, "app.hex", 4, "next", 0x10001208, "uicr")
	if err := boot.Merge(app); err != nil {
		t.Fatal(err)
	}
	if got, want := show(boot), "0x0:626f6f746e657874 0x8000:78 0x10001208:75696372 start 0x1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if err := app.Merge(&Memory{Start: Start{StartSegment, 0x10000020}}); err != nil || app.Start.String() != "0x1000:0x20" {
		t.Errorf("start is %v, %v", app.Start, err)
	}
	if err := app.Merge(&Memory{Start: app.Start}); err != nil {
		t.Error(err)
	}
}

func TestMergeErrors(t *testing.T) {
	boot := memory(t, "boot.hex", 0, "boot", 0x10, "boot")
	boot.Start = Start{StartLinear, 1}
	before := show(boot)
	wantError(t, boot.Merge(memory(t, "app.hex", 0x12, "app")), "0x12-0x14 of app.hex overlaps 0x10-0x13 of boot.hex")
	wantError(t, boot.Merge(memory(t, "app.hex", 0xf, "app")), "0x10-0x13 of boot.hex overlaps 0xf-0x11 of app.hex")
	wantError(t, boot.Merge(boot), "0x0-0x3 of boot.hex overlaps 0x0-0x3 of boot.hex")
	wantError(t, boot.Merge(&Memory{Start: Start{StartSegment, 1}}), "start addresses 0x1 and 0x0:0x1 differ")
	if got := show(boot); got != before {
		t.Errorf("memory became %s", got)
	}
}

func TestBytes(t *testing.T) {
	m := memory(t, "a.hex", 0x10, "ab", 0x12, "c", 0x15, "d")
	for _, test := range []struct {
		base uint32
		fill byte
		want string
	}{
		{0x10, 0xff, "abc\xff\xffd"},
		{0x10, 0, "abc\x00\x00d"},
		{0xe, '.', "..abc..d"},
	} {
		got, err := m.Bytes(test.base, test.fill, 8)
		if err != nil || string(got) != test.want {
			t.Errorf("Bytes(%#x, %#x) is %q, %v, want %q", test.base, test.fill, got, err, test.want)
		}
	}
}

func TestBytesErrors(t *testing.T) {
	uicr := memory(t, "app.hex", 0x8000, "abcd", 0x8010, "x", 0x10001208, "uicr")
	for _, test := range []struct {
		m     *Memory
		base  uint32
		limit int64
		want  string
	}{
		{uicr, 0x8001, 0, "0x8000-0x8003 of app.hex is below the base address 0x8001"},
		{uicr, 0x8000, 0, "an image from 0x8000 to 0x1000120b has 268407308 bytes, 67108864 are allowed: nothing is at 0x8011-0x10001207, before 0x10001208-0x1000120b of app.hex"},
		{uicr.Slice(0, 0x8010), 0x8000, 16, "an image from 0x8000 to 0x8010 has 17 bytes, 16 are allowed: nothing is at 0x8004-0x800f, before 0x8010-0x8010 of app.hex"},
		{uicr.Slice(0, 0x8003), 0, -1, ""},
		{uicr.Slice(0, 0x8003), 0, 4, "an image from 0x0 to 0x8003 has 32772 bytes, 4 are allowed: nothing is at 0x0-0x7fff, before 0x8000-0x8003 of app.hex"},
		{uicr.Slice(0, 0x8003), 0x8000, 3, "an image from 0x8000 to 0x8003 has 4 bytes, 3 are allowed"},
		{memory(t, "x", uint32(0xffffffff), "z"), 0, 0, "an image from 0x0 to 0xffffffff has 4294967296 bytes, 67108864 are allowed: nothing is at 0x0-0xfffffffe, before 0xffffffff-0xffffffff of x"},
	} {
		_, err := test.m.Bytes(test.base, 0xff, test.limit)
		if test.want == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		wantError(t, err, test.want)
	}
}

// Slices of a memory share its bytes, but what is appended to one must not
// reach the next.
func TestSegmentsDoNotReachIntoEachOther(t *testing.T) {
	m, err := ParseHex("a", []byte(hexRec(0, 0, "0102")+hexRec(0, 8, "0304")+hexRec(1, 0, "")))
	if err != nil {
		t.Fatal(err)
	}
	_ = append(m.Segments()[0].Data, 0xee)
	if got := m.Segments()[1].Data; !bytes.Equal(got, []byte{3, 4}) {
		t.Errorf("second segment is %x", got)
	}
}

func TestStart(t *testing.T) {
	for _, test := range []struct {
		start  Start
		text   string
		linear uint32
	}{
		{Start{}, "none", 0},
		{Start{StartLinear, 0x8000101}, "0x8000101", 0x8000101},
		{Start{StartSegment, 0x10000020}, "0x1000:0x20", 0x10020},
		{Start{StartSegment, 0xffffffff}, "0xffff:0xffff", 0x10ffef},
	} {
		if test.start.String() != test.text || test.start.Linear() != test.linear {
			t.Errorf("%+v is %v and %#x, want %s and %#x", test.start, test.start, test.start.Linear(), test.text, test.linear)
		}
	}
}

func TestFormat(t *testing.T) {
	for name, want := range map[string]Format{
		"zephyr.hex": IntelHex, "A.HEX": IntelHex, "a/b.hEx": IntelHex,
		"a.hex.bin": Binary, "hex": Binary, "a.ihex": Binary, "a.elf": Binary, "a.s19": Binary, "": Binary,
	} {
		if got := FormatOfName(name); got != want {
			t.Errorf("FormatOfName(%q) is %v, want %v", name, got, want)
		}
	}
}

func TestDetectFormat(t *testing.T) {
	for content, want := range map[string]Format{
		"":                          Binary,
		":":                         Binary,
		"S":                         Binary,
		"\x7fELF\x01":               ELF,
		"\x7fEL":                    Binary,
		":00000001FF":               IntelHex,
		"\r\n:00000001FF\r\n":       IntelHex,
		":00000001fe\n":             IntelHex, // wrong, but surely meant to be one
		":0000000\n":                Binary,
		":00000001FG\n":             Binary,
		"S0030000FC\n":              SREC,
		"S00600004844521B\r\nS1":    SREC,
		"SA030000FC":                Binary,
		"S003\n":                    Binary,
		"\x3d\xb8\xf3\x96\x00\x00_": Binary,
	} {
		if got := DetectFormat([]byte(content)); got != want {
			t.Errorf("DetectFormat(%q) is %v, want %v", content, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	for _, test := range []struct {
		format  Format
		content string
		want    string
	}{
		{Binary, "ab", "0x100:6162"},
		{IntelHex, hexRec(0, 0x10, "01") + hexRec(1, 0, ""), "0x10:01"},
		{SREC, srecRec(1, "0010", "01") + srecRec(9, "0000", ""), "0x10:01"},
	} {
		m, err := Parse(test.format, "x", []byte(test.content), 0x100)
		if err != nil || show(m) != test.want {
			t.Errorf("%v is %v, %v", test.format, m, err)
		}
	}
	_, err := Parse(ELF, "x", nil, 0)
	wantError(t, err, "x: not a readable ELF file: EOF")
	_, err = Parse(9, "x", nil, 0)
	wantError(t, err, "x: format 9 is unknown")
	_, err = Parse(Binary, "x", []byte("ab"), 0xffffffff)
	wantError(t, err, "2 bytes at 0xffffffff of x end beyond the 32-bit address space")
	names := []string{Binary.String(), IntelHex.String(), SREC.String(), ELF.String()}
	if !slices.Equal(names, []string{"binary", "Intel HEX", "S-record", "ELF"}) {
		t.Errorf("names are %q", fmt.Sprint(names))
	}
}
