package pack

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/pack/swu"
)

// fleet is an A/B project for three boards: what differs is said once.
const fleet = `
[[artifact]]
name = "rootfs"
file = "rootfs.img"
compress = "zstd"
[[artifact]]
name = "small"
file = "small.bin"
[[artifact]]
name = "large"
file = "large.bin"
encrypt = "aes"
[[bundle]]
name = "gw"
output = "gw.swu"
sign = ["release"]
embedded-script = "hooks.lua"
[bundle.software]
format = "FORMAT"
hardware-compatibility = { b1 = ["1.0"], b2 = ["#RE:^2\\.[0-3]$"], b3 = ["1.0"] }
bootenv = { rootpart = { "stable,copy1" = "2", "stable,copy2" = "3" }, board = { b1 = "small", b2 = "large", b3 = "small" } }
[[bundle.software.images]]
artifact = "rootfs"
type = "raw"
device = { "stable,copy1" = "@@TARGET@@/slot1", "stable,copy2" = "@@TARGET@@/slot2" }
[[bundle.software.files]]
artifact = { b1 = "small", b2 = "large", b3 = "small" }
path = { "stable,copy1" = "@@TARGET@@/one/app", "stable,copy2" = "@@TARGET@@/two/app" }
properties = { create-destination = "true" }
[[bundle.software.files]]
filename = "board"
path = { b1 = "@@TARGET@@/not-here", b2 = "@@TARGET@@/board", b3 = "@@TARGET@@/not-here" }
hook = "rename"
[[bundle.software.scripts]]
filename = "note.sh"
type = { b2 = "postinstall" }
data = "two"
`

func fleetProject(t *testing.T, format, target string) string {
	t.Helper()
	toml := project(t, "ec-p256", "")
	toml = toml[:strings.Index(toml, "[[bundle]]")]
	toml = strings.Replace(toml, "vars = {", "vars = { TARGET = '"+target+"',", 1)
	return files{
		"fwpack.toml": toml + strings.Replace(fleet, "FORMAT", format, 1),
		"rootfs.img":  "root file system", "small.bin": "small", "large.bin": "large",
		"board": "board", "note.sh": "#!/bin/sh\necho \"$1\" >> " + target + "/noted\n", "device.aes": deviceAES,
		"hooks.lua": "function rename(image)\n\timage.path = string.gsub(image.path, \"not%-here\", \"renamed\")\n\treturn true, image\nend\n",
	}.write(t)
}

// Every board and slot of one declared bundle gets what was declared for it, and
// nothing else, whether its sections are written out or are links.
func TestConformanceDeclared(t *testing.T) {
	reftool.Need(t, "swupdate")
	for _, format := range []string{"libconfig", "json"} {
		for _, board := range []string{"b1:1.0", "b2:2.3", "b3:1.0"} {
			for _, slot := range []string{"copy1", "copy2"} {
				t.Run(strings.Join([]string{format, board, slot}, "_"), func(t *testing.T) {
					t.Parallel()
					installDeclared(t, format, board, slot)
				})
			}
		}
	}
}

func installDeclared(t *testing.T, format, board, slot string) {
	target := t.TempDir()
	dir := fleetProject(t, format, target)
	rootfs, err := os.ReadFile(filepath.Join(dir, "rootfs.img"))
	if err != nil {
		t.Fatal(err)
	}
	blank := make([]byte, len(rootfs))
	want := map[string]string{"slot1": string(blank), "slot2": string(blank)}
	for name, data := range want {
		writeFile(t, filepath.Join(target, name), []byte(data))
	}
	_, entries := build(t, dir, options(dir))
	if links := strings.Count(string(entries[swu.Description]), "#/software/b1/"); links != 4 {
		t.Errorf("%d links, want those of files and bootenv of b3 to both slots of b1:\n%s", links, entries[swu.Description])
	}
	device := reftool.Client{
		Cert: keyFile(t, "ec-p256.crt"), AESKey: filepath.Join(dir, "device.aes"), HW: board, Select: "stable," + slot,
	}
	v := device.Install(t, filepath.Join(dir, "dist", "gw.swu"))
	if !v.Accepted {
		t.Fatalf("refused: %s\n%s", v.Reason, v.Log)
	}
	number := map[string]string{"copy1": "1", "copy2": "2"}[slot]
	want["slot"+number] = string(rootfs)
	app := map[string]string{"copy1": "one/app", "copy2": "two/app"}[slot]
	switch name, _, _ := strings.Cut(board, ":"); name {
	case "b2":
		want[app], want["board"], want["noted"] = "large", "board", "two\n"
	default:
		want[app], want["renamed"] = "small", "board"
	}
	if got := contents(t, target); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("installed %q, want %q", got, want)
	}
	for _, variable := range []string{"rootpart = " + map[string]string{"1": "2", "2": "3"}[number], "board = " + want[app]} {
		if !strings.Contains(v.Log, "Bootloader var: "+variable+"\n") {
			t.Errorf("the bootloader does not get %s\n%s", variable, v.Log)
		}
	}
}

// contents is what the files below dir hold.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A bundle for three boards is refused by a fourth.
func TestConformanceDeclaredStranger(t *testing.T) {
	reftool.Need(t, "swupdate")
	dir := fleetProject(t, "libconfig", t.TempDir())
	build(t, dir, options(dir))
	for _, device := range []reftool.Client{
		{HW: "b4:1.0", Select: "stable,copy1"},
		{HW: "b2:1.0", Select: "stable,copy1"},
	} {
		device.Cert, device.AESKey = keyFile(t, "ec-p256.crt"), filepath.Join(dir, "device.aes")
		if v := device.Check(t, filepath.Join(dir, "dist", "gw.swu")); v.Accepted {
			t.Errorf("%s: accepted\n%s", device.HW, v.Log)
		}
	}
}
