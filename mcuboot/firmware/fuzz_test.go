package firmware

import (
	"bytes"
	"debug/elf"
	"strings"
	"testing"
)

// sameAgain writes a memory in both text formats and reads it back.
func sameAgain(t *testing.T, m *Memory) {
	t.Helper()
	back, err := ParseHex("again.hex", []byte(hexText(t, m)))
	if err != nil || show(back) != show(m) {
		t.Errorf("HEX of %.300s is %.300s, %v", show(m), show(back), err)
	}
	back, err = ParseSREC("again.s19", []byte(srecText(t, m)))
	if err != nil {
		t.Fatal(err)
	}
	if back.Start = m.Start; show(back) != show(m) {
		t.Errorf("S-records of %.300s are %.300s", show(m), show(back))
	}
}

// sound checks what every Memory must be, and that small ones flatten to what
// they hold.
func sound(t *testing.T, m *Memory) {
	t.Helper()
	var end uint64
	for i, s := range m.Segments() {
		if len(s.Data) == 0 || i > 0 && uint64(s.Addr) <= end || uint64(s.Addr)+uint64(len(s.Data)) > addressSpace {
			t.Errorf("segment %d is %#x, %d bytes, after %#x", i, s.Addr, len(s.Data), end)
		}
		end = uint64(s.Addr) + uint64(len(s.Data))
	}
	first, last, ok := m.Bounds()
	if !ok {
		return
	}
	image, err := m.Bytes(first, 0xff, 1<<20)
	if err == nil && int64(len(image)) != int64(last)-int64(first)+1 {
		t.Errorf("image from %#x to %#x has %d bytes", first, last, len(image))
	}
}

func FuzzParseHex(f *testing.F) {
	for _, text := range []string{
		hexRec(4, 0, "1000") + hexRec(0, 0x1208, "01") + hexRec(5, 0, "08000101") + hexRec(1, 0, ""),
		hexRec(2, 0, "1000") + hexRec(0, 0xfff0, "0102") + hexRec(3, 0, "08000101") + hexRec(1, 0, ""),
		hexRec(0, 2, "0304") + hexRec(0, 0, "0102") + hexRec(0, 1, "02") + hexRec(1, 0, ""),
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseHex("a.hex", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "a.hex:") {
				t.Errorf("error %q has no place", err)
			}
			return
		}
		sound(t, m)
		sameAgain(t, m)
	})
}

func FuzzParseSREC(f *testing.F) {
	for _, text := range []string{
		srecRec(0, "0000", "48") + srecRec(1, "0010", "0102") + srecRec(5, "0001", "") + srecRec(9, "0000", ""),
		srecRec(3, "10001208", "01") + srecRec(2, "000000", "0102") + srecRec(7, "08000101", ""),
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseSREC("a.s19", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "a.s19:") {
				t.Errorf("error %q has no place", err)
			}
			return
		}
		sound(t, m)
		sameAgain(t, m)
	})
}

func FuzzParseELF(f *testing.F) {
	for _, wide := range []bool{false, true} {
		for _, big := range []bool{false, true} {
			file := firmwareELF()
			file.wide, file.big = wide, big
			f.Add(file.bytes())
			file.sections = nil
			f.Add(file.bytes())
		}
	}
	f.Add(elfFile{kind: elf.ET_EXEC}.bytes())
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<16 {
			return
		}
		m, err := ParseELF("a.elf", src)
		if err != nil {
			return
		}
		sound(t, m)
		// Many sections may share the bytes of the file.
		if m.Size() < 1<<18 {
			sameAgain(t, m)
		}
	})
}

func FuzzDecompress(f *testing.F) {
	f.Add([]byte{0x0a, 0x66, 0x01, 0, 2, 'a', 'b', 'c', 0}, false)
	f.Add([]byte{0x0a, 0x66, 0}, true)
	for _, body := range [][]byte{bytes.Repeat([]byte("abc"), 100), appendBL(appendBL(nil, 0x100), 0xfc)} {
		packed, err := Compress(body, true)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed, true)
	}
	f.Fuzz(func(t *testing.T, packed []byte, armThumb bool) {
		const limit = 1 << 16
		body, err := Decompress(packed, armThumb, limit)
		if err != nil {
			return
		}
		if len(body) > limit {
			t.Fatalf("%d bytes, %d are allowed", len(body), limit)
		}
		again, err := Compress(body, armThumb)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decompress(again, armThumb, limit)
		if err != nil || !bytes.Equal(back, body) {
			t.Errorf("body of %d bytes comes back as %d, %v", len(body), len(back), err)
		}
	})
}

// Neither direction of the filter may make or break a call, or the other would
// find different ones.
func FuzzCalls(f *testing.F) {
	f.Add([]byte{0, 0xf0, 0, 0xf8, 0xff, 0xff, 0, 0xf8})
	f.Fuzz(func(t *testing.T, code []byte) {
		filtered := bytes.Clone(code)
		absoluteCalls(filtered)
		relativeCalls(filtered)
		if !bytes.Equal(filtered, code) {
			t.Errorf("% x comes back as % x", code, filtered)
		}
	})
}
