package mcuboot

import (
	"bytes"
	"testing"
)

// FuzzParseTrailer: what is read from the end of a slot is what stands there.
func FuzzParseTrailer(f *testing.F) {
	for _, s := range []Slot{{Size: 8192}, {Size: 8192, Align: 16, ByteOrder: BigEndian}, {Size: 16384, Align: 32, SaveEncTLV: true}, {Size: 8192, ErasedZero: true}} {
		for _, mark := range []Mark{MarkPad, MarkConfirm} {
			slot, err := s.Pad(make([]byte, 40), mark)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(slot[len(slot)-200:], s.ByteOrder == BigEndian)
		}
	}
	f.Fuzz(func(t *testing.T, slot []byte, big bool) {
		o := LittleEndian
		if big {
			o = BigEndian
		}
		trailer, err := ParseTrailer(slot, o)
		if err != nil {
			return
		}
		a := trailer.MaxAlign
		if !bytes.HasSuffix(slot, trailerMagic(a, o)) {
			t.Errorf("%+v without a magic", trailer)
		}
		fields := slot[len(slot)-alignUp(magicSize, a)-4*a:]
		if got := (Trailer{a, fields[3*a], fields[2*a], fields[a], o.reader().Uint32(fields)}); got != trailer {
			t.Errorf("%+v, the bytes say %+v", trailer, got)
		}
	})
}

// FuzzParseID: an identifier is a UUID, and that is itself.
func FuzzParseID(f *testing.F) {
	for _, seed := range []string{"example.com", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6BA7B8109DAD11D180B400C04FD430C8", "", "a\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		vendor, err := ParseVendorID(text)
		if err != nil {
			return
		}
		for _, space := range []*UUID{nil, &vendor} {
			if again, err := ParseClassID(vendor.String(), space); err != nil || again != vendor {
				t.Errorf("%q is %v, that is %v, %v", text, vendor, again, err)
			}
		}
	})
}
