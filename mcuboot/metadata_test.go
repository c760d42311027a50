package mcuboot

import (
	"bytes"
	"crypto"
	"slices"
	"strings"
	"testing"
)

func TestParseDependencies(t *testing.T) {
	for text, want := range map[string][]Dependency{
		"(1,2.3.4+5)":         {{1, Version{2, 3, 4, 5}}},
		"(1,1.2.3),(2, 0.1)":  {{1, Version{1, 2, 3, 0}}, {2, Version{0, 1, 0, 0}}},
		"(0,1) , (255,2.0)":   {{0, Version{1, 0, 0, 0}}, {255, Version{2, 0, 0, 0}}},
		"(1,1),(1,2),(3,3.3)": {{1, Version{Major: 1}}, {1, Version{Major: 2}}, {3, Version{3, 3, 0, 0}}},
	} {
		got, err := ParseDependencies(text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

func TestParseDependenciesRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                 `at "": want (IMAGE,VERSION)`,
		"1,2.3":            `at "1,2.3": want`,
		"( 1,2.3)":         `at "( 1,2.3)": want`,
		"(1,2.3 )":         `want (IMAGE`,
		"(1,1.0)(2,1.0)":   `at "(1,1.0)(2,1.0)": want`,
		"(1,1.0),":         `at "": want`,
		"(1,1.0), x":       `at "x": want`,
		"(256,1.0)":        "image 256: want 0 to 255",
		"(1,256.0)":        "major 256: want at most 255",
		"(1,1.0), (2,1..)": `version "1..": want MAJOR`,
	} {
		_, err := ParseDependencies(text)
		wantError(t, err, want)
	}
}

func TestDependenciesOfImage(t *testing.T) {
	want := []Dependency{{1, Version{2, 3, 4, 5}}, {2, Version{Minor: 1}}}
	for _, o := range []ByteOrder{LittleEndian, BigEndian} {
		img := mustBuild(t, Options{Dependencies: want, ByteOrder: o})
		got, err := img.Dependencies()
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%v: %v, %v", o, got, err)
		}
	}
	img := &Image{Protected: []TLV{{TLVDependency, make([]byte, 11)}}}
	_, err := img.Dependencies()
	wantError(t, err, "dependency of 11 bytes: want 12")
}

func TestBootRecord(t *testing.T) {
	r := BootRecord{"SPE", "1.2.3", make([]byte, 32), crypto.SHA256}
	value, err := r.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	want := unhex(t, "a501635350450465312e322e33055820"+strings.Repeat("00", 32)+"0666534841323536025820"+strings.Repeat("00", 32))
	if !bytes.Equal(value, want) {
		t.Errorf("%x\nwant\n%x", value, want)
	}
	for _, r := range []BootRecord{r, {"", "255.255.65535", make([]byte, 48), crypto.SHA384}, {"ABCDEFGHIJKL", "0.0.0", make([]byte, 64), crypto.SHA512}} {
		value, err := r.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseBootRecord(value)
		if err != nil || again.SoftwareType != r.SoftwareType || again.Version != r.Version || again.Hash != r.Hash || !bytes.Equal(again.SignerID, r.SignerID) {
			t.Errorf("%+v: read as %+v, %v", r, again, err)
		}
	}
}

func TestBootRecordRefuses(t *testing.T) {
	_, err := BootRecord{SoftwareType: "ABCDEFGHIJKLM", Hash: crypto.SHA256}.MarshalBinary()
	wantError(t, err, "13 characters: want at most 12")
	_, err = BootRecord{SoftwareType: "\xff", Hash: crypto.SHA256}.MarshalBinary()
	wantError(t, err, "want UTF-8")
	_, err = BootRecord{Hash: crypto.MD5}.MarshalBinary()
	wantError(t, err, "want SHA-256, SHA-384 or SHA-512")
	_, err = BootRecord{SignerID: make([]byte, 256), Hash: crypto.SHA256}.MarshalBinary()
	wantError(t, err, "signer of 256: want at most 255")
	twelve := BootRecord{SoftwareType: "äöüäöüäöüäöü", Hash: crypto.SHA256}
	if _, err := twelve.MarshalBinary(); err != nil {
		t.Errorf("twelve characters of two bytes: %v", err)
	}
}

func TestParseBootRecordRefuses(t *testing.T) {
	value, err := BootRecord{"SPE", "1.2.3", make([]byte, 32), crypto.SHA256}.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for n := range value {
		if _, err := ParseBootRecord(value[:n]); err == nil {
			t.Errorf("%d of %d bytes accepted", n, len(value))
		}
	}
	for at := range 16 {
		changed := bytes.Clone(value)
		changed[at] ^= 0x80
		if r, err := ParseBootRecord(changed); err == nil {
			t.Errorf("accepted with byte %d changed: %+v", at, r)
		}
	}
	_, err = ParseBootRecord(append(value, 0))
	wantError(t, err, "want the map that imgtool writes")
}

func TestUUID(t *testing.T) {
	vendor, err := ParseVendorID("example.com")
	if err != nil || vendor.String() != "cfbff0d1-9375-5685-968c-48ce8b15ae17" {
		t.Errorf("vendor %s, %v", vendor, err)
	}
	class, err := ParseClassID("board-a", &vendor)
	if err != nil || class.String() != "5f363112-95cf-534f-a3d1-fc8ef6f4962a" {
		t.Errorf("class %s, %v", class, err)
	}
	for _, text := range []string{"11111111-2222-3333-4444-5555ABCDEF00", "1111111122223333444455555abcdef00"[:8] + "22223333" + "44445555abcdef00"} {
		id, err := ParseVendorID(text)
		if err != nil || id.String() != "11111111-2222-3333-4444-5555abcdef00" {
			t.Errorf("%s: %s, %v", text, id, err)
		}
		if same, err := ParseClassID(text, nil); err != nil || same != id {
			t.Errorf("class %s: %s, %v", text, same, err)
		}
	}
}

func TestUUIDRefuses(t *testing.T) {
	_, err := ParseVendorID("")
	wantError(t, err, "want a UUID or printable text")
	_, err = ParseVendorID("a\nb")
	wantError(t, err, "want a UUID or printable text")
	_, err = ParseClassID("board-a", nil)
	wantError(t, err, "needs a vendor")
}
