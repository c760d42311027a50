package dfuzip

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/mcuboot"
)

// image is an unsigned image of the version, with size bytes of firmware.
func image(t testing.TB, version string, size int) []byte {
	t.Helper()
	v, err := mcuboot.ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	img, err := mcuboot.Build(bytes.Repeat([]byte{0x5a}, size), mcuboot.Options{Version: v, PadHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	data, err := img.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// single has one image.
func single(t testing.TB) Package {
	t.Helper()
	return Package{
		Name: "sensor", Time: time.Date(2026, 3, 1, 12, 30, 10, 0, time.UTC),
		Files: []File{{
			Name: "sensor.signed.bin", Data: image(t, "1.7.0+12", 1000), Board: "nrf5340dk", SoC: "nRF5340_CPUAPP_QKAA",
			LoadAddress: 0xc200, Version: "1.7.0+12",
		}},
	}
}

// several has an application and a network core, as the SDK builds it.
func several(t testing.TB) Package {
	t.Helper()
	p := single(t)
	p.Files = append(p.Files, File{
		Name: "ipc_radio.bin", Data: image(t, "2.0.0", 500), Board: "nrf5340dk/nrf5340/cpunet", SoC: "nRF5340_CPUAPP_QKAA",
		LoadAddress: 0x1008800, ImageIndex: 1,
	})
	return p
}

// xip has one application, linked for each of two slots.
func xip(t testing.TB) Package {
	t.Helper()
	p := single(t)
	p.Files[0].Name, p.Files[0].Slot = "primary.bin", new(0)
	second := p.Files[0]
	second.Name, second.Slot, second.LoadAddress = "secondary.bin", new(1), 0x80000
	second.Data = image(t, "1.7.0+12", 1004)
	p.Files = append(p.Files, second)
	return p
}

func packages(t testing.TB) map[string]Package {
	t.Helper()
	return map[string]Package{"single": single(t), "several": several(t), "xip": xip(t)}
}

func pack(t testing.TB, p Package) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, p); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func unpack(data []byte) (*Package, error) {
	return Read(bytes.NewReader(data), int64(len(data)))
}

// filled is p with what Read spells out.
func filled(p Package) Package {
	p.Time = p.Time.UTC().Truncate(time.Second)
	files := p.Files
	p.Files = nil
	for _, f := range files {
		f.Type = TypeApplication
		if f.Slot == nil {
			f.SlotIndexPrimary, f.SlotIndexSecondary = f.slotIndices()
		}
		p.Files = append(p.Files, f)
	}
	return p
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}
