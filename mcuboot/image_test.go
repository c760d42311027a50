package mcuboot

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// small returns the bytes of an image with a header of 40 bytes, a body of 3,
// a protected area of 12 at 43 and an unprotected one of 40 at 55.
func small(t testing.TB) []byte {
	t.Helper()
	counter := uint32(7)
	img, err := Build([]byte("abc"), Options{HeaderSize: 40, PadHeader: true, SecurityCounter: &counter})
	if err != nil {
		t.Fatal(err)
	}
	return mustMarshal(t, img)
}

func TestParse(t *testing.T) {
	data := append(small(t), "rest"...)
	img, rest, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if string(rest) != "rest" || string(img.Body) != "abc" || len(img.HeaderPad) != 8 || img.Size() != len(data)-4 {
		t.Errorf("%+v, rest %q", img, rest)
	}
	if got := types(img.Protected) + ", " + types(img.Unprotected); got != "SEC_CNT, SHA256" {
		t.Errorf("TLVs %s", got)
	}
	want := Header{Size: 40, ProtectedSize: 12, ImageSize: 3}
	if img.Header != want {
		t.Errorf("header %+v, want %+v", img.Header, want)
	}
}

// TestParseRefuses breaks the small image in one place at a time.
func TestParseRefuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		at     int
		bytes  []byte
		cut    int // bytes off the end
		offset int64
		want   string
	}{
		{"old magic", 0, []byte{0x3c}, 0, 0, "offset 0x0: magic: 3c b8 f3 96: want 3d b8 f3 96"},
		{"half a header", 0, nil, 64, 0, "header: 31 bytes: want at least 32"},
		{"header size 31", 8, []byte{31, 0}, 0, 8, "header size: 31: want at least 32"},
		{"header size 0", 8, []byte{0, 0}, 0, 8, "header size: 0: want at least 32"},
		{"header beyond the end", 8, []byte{0xff, 0xff}, 0, 8, "header size: 65535: the image ends at 95"},
		{"body beyond the end", 12, []byte{0xff, 0xff, 0xff, 0xff}, 0, 12, "image size: 4294967295: 55 bytes follow the header"},
		{"no room for areas", 12, []byte{55}, 0, 95, "protected area: the image ends: want 4 bytes"},
		{"no protected area", 43, []byte{0x07}, 0, 43, "protected area: magic 0x6907: want 0x6908"},
		{"protected area not declared", 10, []byte{0}, 0, 43, "unprotected area: magic 0x6908: want 0x6907"},
		{"protected size differs", 10, []byte{13}, 0, 45, "protected area: length 12: the header says 13"},
		{"protected area of 3 bytes", 45, []byte{3}, 0, 45, "protected area: length 3: want 4 to 52"},
		{"protected area too long", 45, []byte{53}, 0, 45, "protected area: length 53: want 4 to 52"},
		{"protected area 1 byte short", 45, []byte{11}, 0, 49, "protected area: TLV of 4 bytes: 3 are left"},
		{"TLV overrun", 49, []byte{5}, 0, 49, "protected area: TLV of 5 bytes: 4 are left"},
		{"TLV short", 49, []byte{3}, 0, 54, "protected area: 1 bytes behind the last TLV"},
		{"unprotected magic", 55, []byte{0}, 0, 55, "unprotected area: magic 0x6900: want 0x6907"},
		{"unprotected area cut", 0, nil, 1, 57, "unprotected area: length 40: want 4 to 39"},
		{"unprotected area 3 too long", 57, []byte{43}, 0, 57, "unprotected area: length 43: want 4 to 40"},
		{"unprotected TLV short", 61, []byte{31}, 0, 94, "1 bytes behind the last TLV"},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := small(t)
			copy(data[test.at:], test.bytes)
			_, _, err := Parse(data[:len(data)-test.cut])
			wantError(t, err, test.want)
			if f, ok := errors.AsType[*FormatError](err); !ok || f.Offset != test.offset {
				t.Errorf("error %#v, want a FormatError at %#x", err, test.offset)
			}
		})
	}
}

// TestParseTruncated: no prefix of an image is one.
func TestParseTruncated(t *testing.T) {
	data := small(t)
	for n := range data {
		if _, _, err := Parse(data[:n]); err == nil {
			t.Errorf("%d of %d bytes accepted", n, len(data))
		}
	}
}

func TestMarshalRefuses(t *testing.T) {
	for _, test := range []struct {
		change func(*Image)
		want   string
	}{
		{func(img *Image) { img.Header.Size++ }, "header size 41: it is 40"},
		{func(img *Image) { img.Body = nil }, "image size 3: it is 0"},
		{func(img *Image) { img.Protected = nil }, "protected size 12: it is 4"},
		{func(img *Image) { img.Header.ProtectedSize = 0 }, "protected size 0: it is 12"},
		{func(img *Image) { img.Unprotected = []TLV{{TLVSHA256, make([]byte, 65536)}} }, "unprotected area: 65544 bytes: want at most 65535"},
	} {
		img, _, err := Parse(small(t))
		if err != nil {
			t.Fatal(err)
		}
		test.change(img)
		_, err = img.MarshalBinary()
		wantError(t, err, test.want)
	}
}

// TestEmptyProtectedArea: an area without entries is odd, and kept.
func TestEmptyProtectedArea(t *testing.T) {
	img := mustBuild(t, Options{})
	img.Header.ProtectedSize = areaInfoSize
	data := mustMarshal(t, img)
	again, _, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	sameImage(t, again, img)
}

func TestFlagsString(t *testing.T) {
	for f, want := range map[Flags]string{
		0:                                "0x0",
		FlagAES128 | FlagRAMLoad:         "ENCRYPTED_AES128|RAM_LOAD",
		FlagLZMA2 | FlagARMThumb | 1<<31: "COMPRESSED_LZMA2|COMPRESSED_ARM_THUMB|0x80000000",
	} {
		if got := f.String(); got != want {
			t.Errorf("%#x: %s, want %s", uint32(f), got, want)
		}
	}
}

func TestTLVTypes(t *testing.T) {
	if s := TLVSHA256.String(); s != "SHA256" || !TLVSHA256.Known() {
		t.Errorf("SHA256 is %s", s)
	}
	if s := TLVType(0xa0).String(); s != "0xa0" || TLVType(0xa0).Known() {
		t.Errorf("0xa0 is %s", s)
	}
	for _, o := range []ByteOrder{LittleEndian, BigEndian} {
		for n := range 0x10000 {
			code, err := TLVType(n).encode(o)
			if err != nil && (o == LittleEndian || n&0xff != 0 || n>>8 >= 0xa0) {
				t.Errorf("%v: %v", o, err)
			}
			if got, ok := decodeTLVType(code[:], o); err == nil && (got != TLVType(n) || !ok) {
				t.Errorf("%v: %#x reads as %#x, %t", o, n, uint16(got), ok)
			}
		}
	}
}

// TestBigEndianType: MCUboot's own types are written the little-endian way.
func TestBigEndianType(t *testing.T) {
	_, err := parseEntries([]byte{0, 0x30, 0, 0}, 0x10, protectedArea, BigEndian)
	wantError(t, err, "offset 0x10: protected area: TLV type 00 30: imgtool writes 30 00")
}

// TestGoldenAreas: the bytes that imgtool 2.4 writes for vectors I and N.
func TestGoldenAreas(t *testing.T) {
	for id, want := range map[string]string{
		"I": `0869c000 5000040003000201
			60005b00a501635350450465312e322e33055820a050837d85070582ccf7394b0988847cc312cb88259b894899f6f239cf1791a5
			0666534841323536025820` + strings.Repeat("00", 32) + `
			40000c00010000000203040005000000 40000c00020000000001000000000000
			74001000cfbff0d193755685968c48ce8b15ae17 750010005f36311295cf534fa3d1fc8ef6f4962a
			a00003000102ff 00ab02006869 0769`,
		"N": `6908001c 5000000400000007 4000000c010000000203000400000005 69070028 10000020`,
	} {
		for _, v := range vectors(t) {
			if v.ID != id {
				continue
			}
			c, err := parseCommand(v.Args)
			if err != nil {
				t.Fatal(err)
			}
			data, err := c.run(testBody(v.ZeroHeader, v.Body))
			if err != nil {
				t.Fatal(err)
			}
			bytesWanted := unhex(t, strings.Join(strings.Fields(want), ""))
			if !bytes.HasPrefix(data[32+1000:], bytesWanted) {
				t.Errorf("%s: %x", id, data[32+1000:])
			}
		}
	}
}

func TestByteOrderString(t *testing.T) {
	if LittleEndian.String() != "little" || BigEndian.String() != "big" {
		t.Error(LittleEndian, BigEndian)
	}
}
