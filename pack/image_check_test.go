package pack

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checkedImages checks a project without any file but itself, and returns the
// findings, one a line.
func checkedImages(t *testing.T, rest string) string {
	t.Helper()
	dir := files{"fwpack.toml": brokenHead + rest}.write(t)
	report, err := Check(context.Background(), filepath.Join(dir, "fwpack.toml"), SubjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range report.Findings {
		lines = append(lines, strings.ReplaceAll(f.Message, dir+string(filepath.Separator), ""))
	}
	return strings.Join(lines, "\n")
}

// A check needs neither firmware nor keys, build folders, or what surrounds an image,
// and says what can be told without.
func TestCheckImages(t *testing.T) {
	const image = goodImage + output + "sign = 'mcu'\nencrypt = 'enc'\n"
	for rest, want := range map[string]string{
		image: "",
		image + "tlv = [{ type = 0xa0, file = 'nowhere' }]\nslot-address = 0x8000\nfactory = [{ file = 'nowhere.hex' }]\n[[artifact]]\nname = 'x'\nimage = 'a'\npurpose = 'factory'\n": "",
		"[[image]]\nname = 'a'\nzephyr = 'build'\noutput = 'a.bin'\nsign = 'mcu'\n":                                                                                                    "",
		"[[image]]\nname = 'a'\nzephyr = 'build'\noutputs = { test = 't.hex' }\n[[dfu]]\nname = 'd'\noutput = 'd.zip'\nimages = ['a']\n":                                               "",
		image + "slotsize = 1\nload-address = 1\nrom-fixed = 2\n":                                                                                                                      "unknown key slotsize\nrom-fixed stands beside load-address: one of the two is allowed",
		image + "[image.bootloader]\nmode = 'direct-xip'\n":                                                                                                                            `image "a": with mode direct-xip nothing is decrypted`,
	} {
		if got := checkedImages(t, rest); got != want {
			t.Errorf("%s\n%s\nwant\n%s", rest, got, want)
		}
	}
}

// Where the firmware is there, a check says what the bootloader would refuse, too.
func TestCheckImageFirmware(t *testing.T) {
	dir := files{"fw.bin": testFirmware(70000), "fwpack.toml": brokenHead + goodImage + output}.write(t)
	report, err := Check(context.Background(), filepath.Join(dir, "fwpack.toml"), SubjectOptions{})
	if err != nil || report.Counts.Errors == 0 || !strings.Contains(fmt.Sprint(report.Findings), `rule "size": 73192 bytes`) {
		t.Errorf("%+v, %v", report, err)
	}
}

var update = flag.Bool("update", false, "write the golden files anew")

// The forms of plan and report as data stay what they are: others read them.
func TestImageJSON(t *testing.T) {
	dir := files{"zephyr.bin": testFirmware(5000), "rest": "rest", "tlv": "tlv", "fwpack.toml": imageProject(t, "ed25519", `pad-header = true
sign = "mcu"
security-counter = "auto"
dependencies = { radio = "0.1" }
board = "b"
soc = "s"
tlv = [{ type = 0xa0, file = "tlv" }]
[image.bootloader]
mode = "swap-move"
sector-size = "4K"
signature = "ed25519"
slot-address = 0x8000
[image.outputs]
ota = "sensor.bin"
confirmed = "confirmed.bin"
[[image]]
name = "radio"
number = 1
input = "zephyr.bin"
output = "radio.bin"
version = "0.1"
header-size = 0x200
pad-header = true
slot-size = "64K"
bootloader = { mode = "single-slot" }
[[dfu]]
name = "phones"
output = "dfu.zip"
images = ["sensor"]
[[artifact]]
name = "stays"
image = "sensor"
purpose = "confirmed"
compress = "none"
[[bundle]]
name = "gw"
output = "gw.swu"
description = "sw-description.in"
`), "sw-description.in": `software = { version = "1"; hardware-compatibility = ["1.0"]; files = ({ filename = "stays"; path = "/a"; }); };`}.write(t)
	p := plan(t, dir)
	report, err := Build(context.Background(), p, options(dir))
	if err != nil {
		t.Fatal(err)
	}
	report.Tool.Go = "go"
	for name, value := range map[string]any{"plan.json": p, "artifacts.json": report} {
		data, err := json.MarshalIndent(value, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		data = append(bytes.ReplaceAll(data, []byte(dir+string(filepath.Separator)), nil), '\n')
		golden := filepath.Join("testdata", "image", name)
		if *update {
			writeFile(t, golden, data)
		}
		if want, err := os.ReadFile(golden); err != nil || !bytes.Equal(data, want) {
			t.Errorf("%s (%v) is now\n%s", golden, err, data)
		}
	}
}
