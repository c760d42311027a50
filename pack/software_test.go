package pack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/template/swdesc"
)

// declare is a project file whose one bundle is declared by rest.
func declare(rest string) string {
	return `schema = 1
project = { name = "gw", version = "2.4.0" }
vars = { MACHINE = "b1" }
[[artifact]]
name = "rootfs"
file = "rootfs.img"
[[artifact]]
name = "app"
file = "app.bin"
[[artifact]]
name = "packed"
file = "app.bin"
compress = "zstd"
[[artifact]]
name = "setup.sh"
file = "setup.sh"
[[bundle]]
name = "gw"
output = "gw.swu"
` + rest
}

// declaredProject is a folder with the project and all that it packs.
func declaredProject(t *testing.T, rest string) string {
	t.Helper()
	return files{
		"fwpack.toml": declare(rest), "rootfs.img": "rootfs", "app.bin": "app", "setup.sh": "#!/bin/sh\n",
		"beside.txt": "beside", "hooks.lua": "function hook(image)\n\treturn true, \"a\\\\b\"\nend\n", "packed.gz": "\x1f\x8b\x08\x00",
	}.write(t)
}

// described plans a bundle and returns its description before anything is
// filled in.
func declaredDescription(t *testing.T, rest string) string {
	t.Helper()
	return string(plan(t, declaredProject(t, rest)).Bundles[0].Description)
}

// What is declared is written as a description that a person would have
// written.
func TestSoftware(t *testing.T) {
	tests, err := filepath.Glob("testdata/software/*.toml")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests: %v", err)
	}
	for _, file := range tests {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".toml"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := declaredDescription(t, string(src))
			golden := strings.TrimSuffix(file, ".toml") + ".golden"
			if os.Getenv("UPDATE_GOLDEN") == "1" {
				writeFile(t, golden, []byte(got))
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// Every node of a declared description is known by where in the project file it
// comes from.
func TestSoftwareOffsets(t *testing.T) {
	const rest = `embedded-script = "hooks.lua"
[bundle.software]
hardware-compatibility = { b1 = ["1.0"] }
[[bundle.software.images]]
artifact = "rootfs"
device = { "stable,copy1" = "/dev/a", "stable,copy2" = "/dev/a" }
properties = { p = ["x"] }
`
	dir := declaredProject(t, rest)
	project, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	software := project.Bundles[0].Software
	script, err := swdesc.NewString(project.Bundles[0].scriptOffset, "x")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := software.document(script)
	if err != nil {
		t.Fatal(err)
	}
	first := strings.Count(declare(""), "\n")
	var got []string
	for group := range doc.Groups() {
		for _, s := range group.Settings() {
			name, value := software.lines.Pos(s.Offset()), software.lines.Pos(s.Value().Offset())
			got = append(got, fmt.Sprintf("%s %d:%d %d:%d", s.Path(), name.Line-first, name.Col, value.Line-first, value.Col))
		}
	}
	want := []string{
		"software 2:2 2:2",
		fmt.Sprintf("software.version %d:36 %[1]d:36", 2-first), // the project's
		"software.embedded-script 1:19 1:19",
		"software.b1 3:28 3:28",
		"software.stable 4:3 4:3",
		"software.b1.hardware-compatibility 3:1 3:33",
		"software.stable.copy1 4:3 4:3",
		"software.stable.copy2 4:3 4:3",
		"software.stable.copy1.images 4:3 4:3",
		"software.stable.copy1.images[0].filename 5:1 5:12",
		"software.stable.copy1.images[0].device 6:1 6:29",
		"software.stable.copy1.images[0].properties 7:14 7:14",
		"software.stable.copy1.images[0].properties.p 7:16 7:20",
		"software.stable.copy2.images 4:3 4:3",
		"software.stable.copy2.images.ref 4:3 4:3",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// An entry that names no board or slot is for all that the software has, also
// where its section names some of them only.
func TestSoftwareEverywhere(t *testing.T) {
	got := declaredDescription(t, `
[bundle.software]
hardware-compatibility = { b1 = ["1.0"], b2 = ["1.0"], b3 = ["1.0"] }
[[bundle.software.files]]
artifact = "app"
path = "/all"
[[bundle.software.files]]
artifact = "app"
path = { b2 = "/two" }
`)
	doc, err := swdesc.Parse([]byte(got))
	if err != nil {
		t.Fatal(err)
	}
	for board, want := range map[string]int{"b1": 1, "b2": 2, "b3": 1} {
		value, err := doc.Resolve("software", board, "files")
		if err != nil || value == nil {
			t.Fatalf("%s: %v, %v", board, value, err)
		}
		if list := value.(*swdesc.List); list.Len() != want {
			t.Errorf("%s gets %d files, want %d", board, list.Len(), want)
		}
	}
}

// Payloads are filled in and packed as for a template, scripts before the rest.
func TestBuildDeclared(t *testing.T) {
	dir := declaredProject(t, `extra = ["beside.txt", "packed"]
[bundle.software]
[[bundle.software.images]]
artifact = "rootfs"
device = { "stable,copy1" = "/dev/a", "stable,copy2" = "/dev/b" }
[[bundle.software.files]]
filename = "packed.gz"
compressed = "zlib"
path = "/x"
[[bundle.software.scripts]]
artifact = { "stable,copy1" = "setup.sh", "stable,copy2" = "app" }
type = "preinstall"
`)
	report, entries := build(t, dir, options(dir))
	var order []string
	for _, p := range report.Outputs[0].Payloads {
		order = append(order, p.Name)
	}
	if got, want := strings.Join(order, " "), "setup.sh app packed.gz rootfs beside.txt packed"; got != want {
		t.Errorf("payloads are %s, want %s", got, want)
	}
	description := string(entries[swu.Description])
	for _, name := range []string{"setup.sh", "app", "packed.gz", "rootfs"} {
		entry := fmt.Sprintf("filename = %q;\n\t+sha256 = %q;", name, hexDigest(entries[name]))
		if !regexp.MustCompile(entry).MatchString(description) {
			t.Errorf("the description lacks %s:\n%s", entry, description)
		}
	}
	if report.Outputs[0].Version != "2.4.0" || !strings.Contains(plan(t, dir).String(), "from "+filepath.Join(dir, "fwpack.toml")) {
		t.Errorf("version %q, plan\n%s", report.Outputs[0].Version, plan(t, dir))
	}
}

// An inner bundle, settings for a container and variables of a bootloader are
// artifacts like any other.
func TestBuildNested(t *testing.T) {
	inner := files{"fwpack.toml": declare(checkedSoftware), "app.bin": "app"}.write(t)
	build(t, inner, options(inner))
	swuBytes, err := os.ReadFile(filepath.Join(inner, "dist", "gw.swu"))
	if err != nil {
		t.Fatal(err)
	}
	image := strings.Repeat("layer ", 1000)
	dir := files{
		"fwpack.toml": `schema = 1
project = { name = "gw", version = "1" }
[[artifact]]
name = "image"
file = "image.tar"
compress = "zstd"
[[bundle]]
name = "gw"
output = "gw.swu"
[bundle.software]
[[bundle.software.images]]
filename = "inner.swu"
type = "swuforward"
properties.url = ["http://192.168.178.41:8080", "http://192.168.178.42:8080"]
[[bundle.software.images]]
filename = "uboot.env"
type = "bootloader"
[[bundle.software.images]]
artifact = "image"
type = "docker_imageload"
[[bundle.software.scripts]]
filename = "web.json"
type = "docker_containercreate"
properties.name = "web"
`,
		"inner.swu": string(swuBytes), "uboot.env": "rootpart=2\nold=\n", "image.tar": image, "web.json": `{"Image": "web"}`,
	}.write(t)
	_, entries := build(t, dir, options(dir))
	if !bytes.Equal(entries["inner.swu"], swuBytes) || string(entries["uboot.env"]) != "rootpart=2\nold=\n" || entries["web.json"] == nil {
		t.Error("an artifact is not what went in")
	}
	doc, err := swdesc.Parse(entries[swu.Description])
	if err != nil {
		t.Fatal(err)
	}
	images := doc.Find("software", "images").Value().(*swdesc.List).Values()
	forward, load := images[0].(*swdesc.Group), images[2].(*swdesc.Group)
	properties, err := forward.GetGroup("properties")
	if err != nil || properties.Get("url").Value().Kind() != swdesc.KindArray {
		t.Errorf("url of swuforward: %v, %v", properties, err)
	}
	properties, err = load.GetGroup("properties")
	if err != nil {
		t.Fatal(err)
	}
	if size, _, err := properties.GetString("decompressed-size"); err != nil || size != fmt.Sprint(len(image)) {
		t.Errorf("decompressed-size %q, %v", size, err)
	}
}

// In JSON a description is filled in and looked at as in libconfig, declared or
// written by hand.
func TestBuildJSON(t *testing.T) {
	const files = `"files": [{"filename": "packed", "path": "/x"}]`
	for name, bundle := range map[string]string{
		"declaration": strings.Replace(checkedSoftware, "'app'", "'packed'\nname = 'ü'", 1) + "[bundle.software.hardware-compatibility]\nb1 = ['1.0']\n",
		"template":    "description = 'sw-description.in'\n",
	} {
		dir := declaredProject(t, strings.Replace(bundle, "[bundle.software]\n", "[bundle.software]\nformat = 'json'\n", 1))
		writeFile(t, filepath.Join(dir, "sw-description.in"), []byte(`{"software": {"version": "@@VERSION@@", "b1": {"hardware-compatibility": ["1.0"]}, `+files+"}}\n"))
		report, entries := build(t, dir, options(dir))
		if !json.Valid(entries[swu.Description]) || !bytes.Contains(entries[swu.Description], []byte(`"compressed": "zstd"`)) {
			t.Errorf("%s: description\n%s", name, entries[swu.Description])
		}
		archive, err := os.Open(filepath.Join(dir, "dist", report.Outputs[0].File))
		if err != nil {
			t.Fatal(err)
		}
		defer archive.Close()
		seen, err := swufile.Read(t.Context(), "a.swu", archive, swufile.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if problems := append(seen.Problems, seen.Mismatches()...); len(problems) > 0 || versionOf(seen.Doc) != "2.4.0" || len(hardwareOf(seen.Doc)) != 1 || seen.Payloads[0].Packing.Compress != "zstd" {
			t.Errorf("%s: %+v, problems %q", name, seen, problems)
		}
	}
}

// The example of the reference is a declaration as it should be.
func TestSoftwareDocs(t *testing.T) {
	reference, err := os.ReadFile("../docs/project.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(reference), "```toml\n")
	example, _, ok := strings.Cut(example, "```")
	if !ok {
		t.Fatal("the reference has no example")
	}
	example = strings.NewReplacer("rootfs-arm64", "app", "rootfs-arm", "rootfs").Replace(example)
	if got := declaredDescription(t, example); strings.Count(got, "images = (") != 4 || strings.Count(got, "ref =") != 0 {
		t.Errorf("described as\n%s", got)
	}
	for _, key := range softwareKeys() {
		if !strings.Contains(string(reference), "`"+key.Name+"`") {
			t.Errorf("the reference does not know %s", key.Name)
		}
	}
}
