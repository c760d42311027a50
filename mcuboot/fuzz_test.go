package mcuboot

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzParse: what is accepted is written again as it was, and no bootloader
// makes the judge fall over.
func FuzzParse(f *testing.F) {
	o := everything()
	o.Signing.Signer = edKey()
	signedImage, err := Build(make([]byte, 40), o)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(mustMarshal(f, signedImage))
	f.Add(small(f))
	big, err := Build(make([]byte, 40), Options{ByteOrder: BigEndian, SecurityCounter: new(uint32(1))})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(mustMarshal(f, big))
	b := device()
	b.EncryptionTLV, b.EncryptionKey = TLVEncKW, KEK(make([]byte, 16))
	b.Compression, b.Decompress = true, double
	b.SecurityCounter, b.VendorID, b.ClassID = new(uint32), &UUID{}, &UUID{}
	b.Images, b.VerifyAddress, b.Flash, b.MaxBootRecord = map[uint8]Version{}, true, &Region{}, 9
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := Verify(data, b); err != nil {
			t.Fatal(err)
		}
		img, rest, err := Parse(data)
		if err != nil {
			return
		}
		again, err := img.MarshalBinary()
		if err != nil || !bytes.Equal(append(again, rest...), data) {
			t.Fatalf("other bytes than parsed, %v", err)
		}
		if img.Size()+len(rest) != len(data) {
			t.Fatalf("size %d and %d of %d", img.Size(), len(rest), len(data))
		}
	})
}

func FuzzTLVs(f *testing.F) {
	f.Add([]byte{0x10, 0, 2, 0, 1, 2, 0xa0, 0, 0, 0}, false)
	f.Add([]byte{0x10, 0, 0, 2, 1, 2, 0xa1, 0, 0, 0}, true)
	f.Fuzz(func(t *testing.T, data []byte, big bool) {
		o := LittleEndian
		if big {
			o = BigEndian
		}
		tlvs, err := parseEntries(data, 0, unprotectArea, o)
		if err != nil || len(data) > maxAreaSize-areaInfoSize {
			return
		}
		again, err := appendArea(nil, unprotectArea, tlvs, o)
		if err != nil || !bytes.Equal(again[areaInfoSize:], data) {
			t.Fatalf("%x, %v", again, err)
		}
	})
}

func FuzzDependencies(f *testing.F) {
	f.Add("(1,2.3.4+5)")
	f.Add("(1,1.2.3),(2, 0.1)")
	f.Add("(0,1) , (255,2.0)")
	f.Fuzz(func(t *testing.T, text string) {
		first, err := ParseDependencies(text)
		if err != nil {
			return
		}
		var formatted []string
		for _, d := range first {
			formatted = append(formatted, d.String())
		}
		second, err := ParseDependencies(strings.Join(formatted, ", "))
		if err != nil || len(second) != len(first) {
			t.Fatalf("%q reads as %v, that as %v, %v", text, first, second, err)
		}
	})
}

func FuzzBootRecord(f *testing.F) {
	img, err := Build(make([]byte, 40), Options{BootRecord: new("SPE")})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(img.Protected[0].Value)
	f.Fuzz(func(t *testing.T, value []byte) {
		r, err := ParseBootRecord(value)
		if err != nil {
			return
		}
		if again, err := r.MarshalBinary(); err != nil || !bytes.Equal(again, value) {
			t.Fatalf("%x, %v", again, err)
		}
	})
}

func FuzzUnwrapKey(f *testing.F) {
	keys := recipients(f)
	for _, r := range keys {
		f.Add(uint16(r.kind), make([]byte, r.size))
	}
	f.Fuzz(func(t *testing.T, kind uint16, value []byte) {
		for name, r := range keys {
			if key, err := UnwrapKey(TLV{TLVType(kind), value}, r.private); err == nil {
				t.Fatalf("%s: opens %x", name, key)
			}
		}
	})
}

func FuzzParseVersion(f *testing.F) {
	for _, text := range []string{"1", "1.2", "1.2.3+4", "255.255.65535+4294967295", "1.2+3", "01"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ParseVersion(text)
		if err != nil {
			return
		}
		if again, err := ParseVersion(v.String()); err != nil || again != v || !strings.HasPrefix(v.String()+"+", text) {
			t.Fatalf("%q reads as %s, that as %s, %v", text, v, again, err)
		}
	})
}
