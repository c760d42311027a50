package dfuzip

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"reflect"
	"testing"
	"time"
)

func TestRoundTrip(t *testing.T) {
	for name, p := range packages(t) {
		got, err := unpack(pack(t, p))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want := filled(p); !reflect.DeepEqual(*got, want) {
			t.Errorf("%s: got %+v, want %+v", name, *got, want)
		}
		if !bytes.Equal(pack(t, *got), pack(t, p)) {
			t.Errorf("%s: other bytes the second time", name)
		}
	}
}

// The manifest, byte for byte: members and order are those of the SDK's
// generate_zip.py.
func TestManifest(t *testing.T) {
	const want = `{
    "format-version": 1,
    "time": 1772368210,
    "files": [
        {
            "type": "application",
            "board": "nrf5340dk",
            "soc": "nRF5340_CPUAPP_QKAA",
            "load_address": 49664,
            "image_index": "0",
            "slot_index_primary": "1",
            "slot_index_secondary": "2",
            "version_MCUBOOT": "1.7.0+12",
            "size": 1072,
            "file": "sensor.signed.bin",
            "modtime": 1772368210
        },
        {
            "type": "application",
            "board": "nrf5340dk/nrf5340/cpunet",
            "soc": "nRF5340_CPUAPP_QKAA",
            "load_address": 16812032,
            "image_index": "1",
            "slot_index_primary": "3",
            "slot_index_secondary": "4",
            "size": 572,
            "file": "ipc_radio.bin",
            "modtime": 1772368210
        }
    ],
    "name": "sensor"
}`
	p := several(t)
	if got, err := p.manifest(); err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestManifestXIP(t *testing.T) {
	p := xip(t)
	text, err := p.manifest()
	if err != nil {
		t.Fatal(err)
	}
	for member, want := range map[string]int{
		`"slot": "0"`: 1, `"slot": "1"`: 1, `"version_MCUBOOT+XIP": "1.7.0+12"`: 2, `"version_MCUBOOT"`: 0, `slot_index`: 0,
	} {
		if n := bytes.Count(text, []byte(member)); n != want {
			t.Errorf("%s: %d times in %s", member, n, text)
		}
	}
}

// The bytes are part of the promise: they change with nothing but the package.
func TestBytes(t *testing.T) {
	for name, want := range map[string]string{
		"single":  "4c038ff091fcbd4aa224e3c0921b67adfff04596914b6cda018304e4b2c8934a",
		"several": "bd68cbf76da938ec1b3c2295f9f3842fe20845f822eb33c32e70f288f413ab33",
		"xip":     "a062feea8fabe04a074548d36595a6afc7a8083aa67ee15af4b469f2f6851e24",
	} {
		if sum := sha256.Sum256(pack(t, packages(t)[name])); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s: sha256 %x, want %s", name, sum, want)
		}
	}
	p := single(t)
	p.Time = p.Time.In(time.FixedZone("far", 9*3600)).Add(time.Nanosecond)
	if !bytes.Equal(pack(t, p), pack(t, single(t))) {
		t.Error("the time zone changes the bytes")
	}
}

// The zip of the standard library finds what was written, stored and with the
// sizes in front.
func TestArchive(t *testing.T) {
	p := several(t)
	data := pack(t, p)
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		if f.Method != zip.Store || f.Flags != 0 || !f.Mode().IsRegular() || f.Mode().Perm() != 0o644 || !f.Modified.Equal(p.Time) {
			t.Errorf("%s: %+v", f.Name, f.FileHeader)
		}
	}
	if want := []string{"sensor.signed.bin", "ipc_radio.bin", "manifest.json"}; !reflect.DeepEqual(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
	f, err := z.Open("ipc_radio.bin")
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(f); err != nil || !bytes.Equal(content, p.Files[1].Data) {
		t.Errorf("%d bytes, %v", len(content), err)
	}
}

func TestDOSTime(t *testing.T) {
	for _, test := range []struct{ at, want time.Time }{
		{time.Unix(0, 0), time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)},
		{time.Date(1979, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)},
		{time.Date(2026, 3, 1, 12, 30, 11, 0, time.UTC), time.Date(2026, 3, 1, 12, 30, 10, 0, time.UTC)},
		{time.Date(2107, 12, 31, 23, 59, 58, 0, time.UTC), time.Date(2107, 12, 31, 23, 59, 58, 0, time.UTC)},
		{time.Date(2026, 3, 1, 1, 0, 0, 0, time.FixedZone("", 7200)), time.Date(2026, 2, 28, 23, 0, 0, 0, time.UTC)},
	} {
		p := single(t)
		p.Time = test.at
		data := pack(t, p)
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		if got := z.File[0].Modified; !got.Equal(test.want) {
			t.Errorf("%v: %v in the zip, want %v", test.at, got, test.want)
		}
		if back, err := unpack(data); err != nil || !back.Time.Equal(test.at.Truncate(time.Second)) {
			t.Errorf("%v: %v in the manifest, %v", test.at, back, err)
		}
	}
}

// full is a disk with some room left.
type full struct{ room int }

var errFull = errors.New("disk full")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		return f.room, errFull
	}
	f.room -= len(p)
	return len(p), nil
}

func TestWriteFails(t *testing.T) {
	for room := range len(pack(t, single(t))) {
		if err := Write(&full{room}, single(t)); !errors.Is(err, errFull) {
			t.Fatalf("room for %d bytes: %v", room, err)
		}
	}
}
