package pack

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/mcuboot/dfuzip"
)

// dfuProject is a project for the two cores of an nRF5340.
func dfuProject(t *testing.T, rest string) string {
	t.Helper()
	image := func(name string, number, slot int) string {
		return fmt.Sprintf(`[[image]]
name = "%s"
number = %d
input = "zephyr.bin"
output = "%s.bin"
version = "1.%d.0+7"
header-size = 0x200
pad-header = true
slot-size = "64K"
slot-address = %#x
sign = "mcu"
board = "nrf5340dk"
soc = "nRF5340_CPU%d"
bootloader = "main"
`, name, number, name, number, slot, number)
	}
	keys := filepath.ToSlash(must(filepath.Abs(testKeys)))
	return files{"zephyr.bin": testFirmware(3000), "fwpack.toml": "schema = 1\nproject = { name = 'cores', version = '9.9.9' }\nkeys = { mcu = { key = '" + keys + "/ed25519.pem' }, far = { public = '" + keys + "/ed25519.pub.pem' } }\n" +
		"[bootloader.main]\nmode = \"overwrite-only\"\nsecondary-slot-address = 0x80000\n" + image("app", 0, 0xc000) + image("net", 1, 0x8000) + rest}.write(t)
}

const bothCores = "[[dfu]]\nname = \"phones\"\noutput = \"dfu_application.zip\"\nimages = [\"app\", \"net\"]\n"

// A zip has the images in order, as they are uploaded, and says what the project says
// of them.
func TestDFU(t *testing.T) {
	dir := dfuProject(t, bothCores)
	opt := options(dir)
	opt.SigningTime = time.Date(2026, 3, 1, 12, 30, 10, 0, time.UTC)
	report, err := Build(context.Background(), plan(t, dir), opt)
	if err != nil {
		t.Fatal(err)
	}
	outputs := outputFiles(t, dir)
	got, err := dfuzip.Read(bytes.NewReader(outputs["dfu_application.zip"]), int64(len(outputs["dfu_application.zip"])))
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "cores" || !got.Time.Equal(opt.SigningTime) || len(got.Files) != 2 {
		t.Fatalf("%q of %s with %d files", got.Name, got.Time, len(got.Files))
	}
	for i, want := range []dfuzip.File{
		{Name: "app.bin", Board: "nrf5340dk", SoC: "nRF5340_CPU0", LoadAddress: 0xc200, ImageIndex: 0, SlotIndexPrimary: 1, SlotIndexSecondary: 2, Version: "1.0.0+7"},
		{Name: "net.bin", Board: "nrf5340dk", SoC: "nRF5340_CPU1", LoadAddress: 0x8200, ImageIndex: 1, SlotIndexPrimary: 3, SlotIndexSecondary: 4, Version: "1.1.0+7"},
	} {
		f := got.Files[i]
		if !bytes.Equal(f.Data, outputs[want.Name]) {
			t.Errorf("%s: %d bytes, not the image", f.Name, len(f.Data))
		}
		f.Data, f.Type = nil, ""
		if fmt.Sprintf("%+v", f) != fmt.Sprintf("%+v", want) {
			t.Errorf("%+v, want\n%+v", f, want)
		}
	}
	if o := report.Outputs[2]; o.Kind != "dfu" || o.File != "dfu_application.zip" || o.SHA256 != hexDigest(outputs[o.File]) || o.Name != "phones" {
		t.Errorf("report %+v", o)
	}
	again, err := Build(context.Background(), plan(t, dir), opt)
	if err != nil || again.Outputs[2].SHA256 != report.Outputs[2].SHA256 {
		t.Errorf("the second zip is another one: %v", err)
	}
}

// An image that is executed in place says in which slot.
func TestDFUDirectXIP(t *testing.T) {
	dir := dfuProject(t, bothCores)
	toml := filepath.Join(dir, "fwpack.toml")
	replaceIn(t, toml, `mode = "overwrite-only"`, `mode = "direct-xip"`)
	replaceIn(t, toml, "number = 1\n", "number = 0\nrom-fixed = 0x80000\n")
	if _, err := Build(context.Background(), plan(t, dir), options(dir)); err != nil {
		t.Fatal(err)
	}
	data := outputFiles(t, dir)["dfu_application.zip"]
	got, err := dfuzip.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range got.Files {
		if want := []uint32{0xc200, 0x80200}[i]; f.Slot == nil || *f.Slot != i || f.LoadAddress != want || f.ImageIndex != 0 {
			t.Errorf("%+v, want slot %d and address %#x", f, i, want)
		}
	}
}

// What is wrong with a zip is found before anything is signed.
func TestDFUWrong(t *testing.T) {
	const head = "[[dfu]]\nname = 'x'\noutput = 'x.zip'\n"
	for rest, want := range map[string]string{
		"[[dfu]]\n": "1:3: name is missing\n1:3: output is missing\n1:3: dfu \"\": images is missing: want the names of one or more",
		head + "images = ['app', 'ne', '']\nimage = 'app'\n":                                                                            "4:18: image \"ne\" is not declared (did you mean net?)\n4:24: an element of images is empty\n5:1: unknown key image (did you mean images?)",
		head + "images = ['app', 'app']\n":                                                                                              `4:18: image "app" stands there twice`,
		head + "images = ['app']\n" + head + "images = ['net']\n":                                                                       "5:3: dfu \"x\": output \"x.zip\" is also that of dfu \"x\"\n6:8: dfu name \"x\" is taken: names are unique",
		strings.Replace(head, "x.zip", "app.bin", 1) + "images = ['app']\n":                                                             `1:3: dfu "x": output "app.bin" is also that of image "app"`,
		strings.Replace(head, "x.zip", "x/y.zip", 1) + "images = ['app']\n":                                                             `3:10: output "x/y.zip" must be a plain file name other than artifacts.json: it is put into the output folder`,
		head + "images = ['app', 'b']\n" + strings.Replace(goodImage, "'a'", "'b'", 1):                                                  `4:18: image "b": board or soc is missing: phones want both` + "\n" + `4:18: image "b" has number 0, as image "app" has: want one for each slot (give each image of the device its number)`,
		head + "images = ['b']\n" + strings.Replace(goodImage, "'a'", "'b'\nboard = 'x'\nsoc = 'y'", 1):                                 `4:11: image "b": slot-address is missing: the manifest says where the image runs`,
		head + "images = ['a b']\n" + strings.Replace(goodImage, "'a'", "'a b'\nboard = 'x'\nsoc = 'y'\nslot-address = 0", 1):           `1:3: dfu "x": file "a b.bin": want a name of at most 255 letters, digits and "-_.+" that begins with one of the first two and ends in ".bin"`,
		head + "images = ['b']\n" + strings.Replace(goodImage, "'a'", "'b'\nboard = 'x'\nsoc = 'y'\nslot-address = 0\nsign = 'far'", 1): `1:3: dfu "x": image "b" is signed elsewhere, and its signature is not there yet (build the image alone (--only b), have it signed, and build with --attach b=FILE)`,
	} {
		dir := dfuProject(t, rest)
		writeFile(t, filepath.Join(dir, "fw.bin"), []byte(testFirmware(400)))
		project := must2(Load(filepath.Join(dir, "fwpack.toml"), Inputs{}))
		_, err := project.Plan(Selection{})
		first := strings.Count(string(readFile(t, filepath.Join(dir, "fwpack.toml"))), "\n") - strings.Count(rest, "\n")
		if got := problemLines(t, err, dir, first); got != want {
			t.Errorf("%s\n%s\nwant\n%s", rest, got, want)
		}
	}
}

// must2 is the project, whatever is wrong with it.
func must2(project *Project, _ error) *Project { return project }

// dfuScript shows what Python makes of a zip.
const dfuScript = `
import json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
m = json.loads(z.read("manifest.json"))
print(m["format-version"], m["name"], m["time"], z.namelist())
for f in m["files"]:
    print(f["type"], f["board"], f["soc"], hex(f["load_address"]), f["image_index"], f["slot_index_primary"], f["slot_index_secondary"], f["version_MCUBOOT"], f["size"] == len(z.read(f["file"])), f["file"])
    with open(sys.argv[2] + "/" + f["file"], "rb") as image:
        assert image.read() == z.read(f["file"])
`

// Python reads the zip of two cores.
func TestConformanceDFU(t *testing.T) {
	reftool.Need(t, "python3")
	dir := dfuProject(t, bothCores)
	opt := options(dir)
	opt.SigningTime = time.Unix(1772368210, 0)
	if _, err := Build(context.Background(), plan(t, dir), opt); err != nil {
		t.Fatal(err)
	}
	dist := filepath.Join(dir, "dist")
	want := `1 cores 1772368210 ['app.bin', 'net.bin', 'manifest.json']
application nrf5340dk nRF5340_CPU0 0xc200 0 1 2 1.0.0+7 True app.bin
application nrf5340dk nRF5340_CPU1 0x8200 1 3 4 1.1.0+7 True net.bin
`
	if got := string(run(t, nil, "python3", "-c", dfuScript, filepath.Join(dist, "dfu_application.zip"), dist)); got != want {
		t.Errorf("Python reads\n%s\nwant\n%s", got, want)
	}
}
