package mcuboot

import (
	"bytes"
	"strings"
	"testing"
)

func TestPad(t *testing.T) {
	for _, test := range []struct {
		slot Slot
		mark Mark
		tail string // the end of the slot, in hex
	}{
		{Slot{Align: 8}, MarkPad, "ffffffffffffffff 77c295f360d2ef7f3552500f2cb67980"},
		{Slot{Align: 1}, MarkConfirm, "ffffffffffffffff 01ffffffffffffff 77c295f360d2ef7f3552500f2cb67980"},
		{Slot{Align: 8, ErasedZero: true}, MarkConfirm, "0000000000000000 0100000000000000 77c295f360d2ef7f3552500f2cb67980"},
		{Slot{Align: 8, OverwriteOnly: true}, MarkConfirm, "ffffffffffffffff 77c295f360d2ef7f3552500f2cb67980"},
		{Slot{Align: 16}, MarkConfirm, "ffff 01ffffffffffffffffffffffffffffff 10002de15d29410b8d77679c110f1f8a"},
		{Slot{Align: 16, ByteOrder: BigEndian}, MarkTest, "ffff 00102de15d29410b8d77679c110f1f8a"},
		{Slot{Align: 4, MaxAlign: 32}, MarkConfirm, "01" + strings.Repeat("ff", 47) + "20002de15d29410b8d77679c110f1f8a"},
	} {
		test.slot.Size = 0x8000
		slot, err := test.slot.Pad([]byte("image"), test.mark)
		if err != nil {
			t.Fatal(err)
		}
		tail := unhex(t, test.tail)
		if len(slot) != 0x8000 || !bytes.HasPrefix(slot, []byte("image")) || !bytes.HasSuffix(slot, tail) {
			t.Errorf("%+v: %d bytes, ends with %x", test.slot, len(slot), slot[len(slot)-len(tail):])
		}
		between := bytes.Trim(slot[5:len(slot)-len(tail)], string([]byte{erased(test.slot.ErasedZero)}))
		if len(between) > 0 {
			t.Errorf("%+v: %x is not erased", test.slot, between)
		}
	}
}

func TestRecords(t *testing.T) {
	for _, test := range []struct {
		slot  Slot
		mark  Mark
		wants []int // offsets from the end
	}{
		{Slot{}, MarkPad, []int{16}},
		{Slot{}, MarkTest, []int{24, 16}},
		{Slot{Align: 16}, MarkConfirm, []int{32, 16}},
		{Slot{Align: 32}, MarkConfirm, []int{64, 16}},
		{Slot{OverwriteOnly: true}, MarkConfirm, []int{16}},
	} {
		test.slot.Size = 0x10000
		records, err := test.slot.Records(test.mark)
		if err != nil || len(records) != len(test.wants) {
			t.Fatalf("%+v: %v, %v", test.slot, records, err)
		}
		for i, r := range records {
			if r.Offset != 0x10000-test.wants[i] {
				t.Errorf("%+v: record at %#x", test.slot, r.Offset)
			}
		}
		if first := records[0].Data[0]; test.mark != MarkPad && len(records) > 1 && (first == imageOK) != (test.mark == MarkConfirm) {
			t.Errorf("%+v: image ok %#x", test.slot, first)
		}
	}
}

func TestSlotRefuses(t *testing.T) {
	for _, test := range []struct {
		slot Slot
		size int
		want string
	}{
		{Slot{Size: 0x8000, Align: 3}, 0, "alignment 3: want 1, 2, 4, 8, 16 or 32"},
		{Slot{Size: 0x8000, MaxAlign: 4}, 0, "maximal alignment 4: want 8, 16 or 32"},
		{Slot{Size: 0x8000, MaxSectors: -1}, 0, "-1 sectors at most: want 1 to 1048576"},
		{Slot{Size: 3119}, 0, "slot of 3119 bytes: want at least the 3120 of the trailer"},
		{Slot{Size: 3120}, 1, "slot of 3120 bytes: the trailer takes 3120, and 1 at 0x0 are too many besides"},
		{Slot{Size: 0x8000, ImageOffset: -1}, 0, "image at -1 in its slot: want at least 0"},
		{Slot{Size: 0x8000, ImageOffset: 0x7000}, 977, "slot of 32768 bytes: the trailer takes 3120, and 977 at 0x7000 are too many"},
		{Slot{}, 0, "slot of 0 bytes"},
		{Slot{Size: -5}, 0, "slot of -5 bytes"},
	} {
		_, err := test.slot.Pad(make([]byte, test.size), MarkPad)
		wantError(t, err, test.want)
		if strings.HasPrefix(test.want, "slot") {
			continue
		}
		_, err = test.slot.Fit(&Image{})
		wantError(t, err, test.want)
	}
	if _, err := (Slot{Size: 3121}).Pad([]byte{1}, MarkPad); err != nil {
		t.Errorf("slot filled to the last byte: %v", err)
	}
}

// TestTrailerSize: the sizes that imgtool 2.4 reckons with, but for AES-256 and
// overwriting: see Slot.Fit.
func TestTrailerSize(t *testing.T) {
	for _, test := range []struct {
		slot Slot
		key  int
		want int
	}{
		{Slot{Align: 1}, 0, 432}, {Slot{Align: 2}, 0, 816}, {Slot{Align: 4}, 0, 1584}, {Slot{Align: 8}, 0, 3120},
		{Slot{Align: 16}, 0, 6224}, {Slot{Align: 32}, 0, 12448}, {Slot{Align: 4, MaxAlign: 32}, 0, 1696},
		{Slot{}, 0, 3120}, {Slot{MaxSectors: 64}, 0, 1584},
		{Slot{}, 16, 3152}, {Slot{Align: 32}, 16, 12512}, {Slot{}, 32, 3184},
		{Slot{}, 80, 3280}, {Slot{}, 113, 3360}, {Slot{}, 256, 3632},
		{Slot{OverwriteOnly: true}, 16, 40}, {Slot{OverwriteOnly: true, Align: 16}, 0, 64}, {Slot{OverwriteOnly: true, Align: 32}, 0, 128},
	} {
		if got := test.slot.trailer(trailerKeys{test.key}).size(); got != test.want {
			t.Errorf("%+v, key %d: %d, want %d", test.slot, test.key, got, test.want)
		}
	}
}

func TestParseTrailer(t *testing.T) {
	for _, slot := range []Slot{{Align: 8}, {Align: 16}, {Align: 32}, {Align: 16, ByteOrder: BigEndian}} {
		slot.Size = 0x10000
		data, err := slot.Pad(nil, MarkConfirm)
		if err != nil {
			t.Fatal(err)
		}
		a := slot.maxAlign()
		end := len(data) - alignUp(16, a)
		data[end-2*a], data[end-3*a] = 1, 0x12
		slot.ByteOrder.reader().PutUint32(data[end-4*a:], 0x1234)
		got, err := ParseTrailer(data, slot.ByteOrder)
		if want := (Trailer{a, 1, 1, 0x12, 0x1234}); err != nil || got != want {
			t.Errorf("%+v: %+v, %v", slot, got, err)
		}
		_, err = ParseTrailer(data[end-4*a+1:], slot.ByteOrder)
		wantError(t, err, "trailer cut off")
	}
	_, err := ParseTrailer(make([]byte, 15), LittleEndian)
	wantError(t, err, "less than 16 bytes")
	_, err = ParseTrailer(make([]byte, 99), LittleEndian)
	wantError(t, err, "no trailer: the last bytes are 00 00")
}

func TestFit(t *testing.T) {
	img := mustBuild(t, Options{SecurityCounter: new(uint32(1))})
	fit, err := Slot{Size: 4204}.Fit(img)
	if err != nil || fit.Err() != nil || fit.Free() != 0 {
		t.Errorf("%v, %v\n%s", err, fit.Err(), fit)
	}
	want := `header area                32
body                     1000
protected TLVs             12
unprotected TLVs           40
swap status              3072
swap size                   8
swap info                   8
copy done                   8
image ok                    8
magic                      16
together                 4204
slot                     4204
free                        0
`
	if got := fit.String(); got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
	fit.Slot--
	wantError(t, fit.Err(), "4204 bytes: 1 more than the slot of 4203 has")
	if !strings.HasSuffix(fit.String(), "too much                    1\n") {
		t.Errorf("\n%s", fit)
	}
}

// TestFitEncrypted: the keys in the trailer are the image's.
func TestFitEncrypted(t *testing.T) {
	for _, test := range []struct {
		bits int
		save bool
		want int
	}{{128, false, 32}, {256, false, 64}, {128, true, 48}, {256, true, 80}} {
		e := &Encryption{Recipient: KEK(make([]byte, test.bits/8)), KeySize: test.bits, Rand: random()}
		img := mustBuild(t, Options{Encryption: e})
		fit, err := Slot{Size: 0x8000, SaveEncTLV: test.save}.Fit(img)
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for _, part := range fit.Parts {
			if part.Name == "keys" {
				got = part.Size
			}
		}
		if got != test.want {
			t.Errorf("AES-%d: %d bytes for keys, want %d", test.bits, got, test.want)
		}
	}
}
