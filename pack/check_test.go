package pack

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

const checkedSoftware = "[bundle.software]\n[[bundle.software.files]]\nartifact = 'app'\npath = '/x'\n"

// loadDeclared loads a declared project that must be right.
func loadDeclared(t *testing.T, rest string) *Project {
	t.Helper()
	project, err := Load(filepath.Join(declaredProject(t, rest), "fwpack.toml"), Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// The project says how its descriptions are checked, and for which device.
func TestCheckConfig(t *testing.T) {
	project := loadDeclared(t, `target = "board"
`+checkedSoftware+`
[check]
target = "debian-12"
[check.allow]
SWD021 = "the handler comes with the device"
unanchored-expression = "all revisions @@VERSION@@"
[check.handlers]
mcu = ["images", "files"]
fuse = { sections = ["scripts"], data = false }
[target.board]
release = "2024.12"
handlers = ["raw", "rawfile"]
compressions = []
verifier = "rsa-pss"
hardware-check = true
lua = false
file-systems = ["ext4"]
custom = { modem = ["files"] }
`)
	check := project.Check
	if check.Target.Name != "debian-12" || check.Target.Release != (swupdate.Release{Year: 2022, Month: 12}) {
		t.Errorf("target %+v", check.Target)
	}
	var allowed []string
	for _, a := range check.Allow {
		allowed = append(allowed, fmt.Sprintf("%s %q %d:%d", a.Rule, a.Reason, a.Pos.Line-strings.Count(declare(""), "\n"), a.Pos.Col))
	}
	if want := []string{`SWD021 "the handler comes with the device" 10:1`, `unanchored-expression "all revisions 2.4.0" 11:1`}; !reflect.DeepEqual(allowed, want) {
		t.Errorf("allowed %q, want %q", allowed, want)
	}
	handlers := []swupdate.CustomHandler{
		{Name: "mcu", Sections: []swupdate.Section{swupdate.Images, swupdate.Files}},
		{Name: "fuse", Sections: []swupdate.Section{swupdate.Scripts}, NoData: true},
	}
	if !reflect.DeepEqual(check.Handlers, handlers) {
		t.Errorf("handlers %+v", check.Handlers)
	}
	board := swupdate.Profile{
		Name: "board", Release: swupdate.Release{Year: 2024, Month: 12}, Handlers: []string{"raw", "rawfile"}, Compressions: []string{},
		Verifier: swupdate.VerifierRSAPSS, HardwareCheck: swupdate.Yes, Lua: swupdate.No, FileSystems: []string{"ext4"},
		Custom: append([]swupdate.CustomHandler{{Name: "modem", Sections: []swupdate.Section{swupdate.Files}}}, handlers...),
	}
	if got := project.Bundles[0].Target; !reflect.DeepEqual(got, board) {
		t.Errorf("target of the bundle\n%+v, want\n%+v", got, board)
	}
}

// Without a target of its own a bundle has the project's, and without any the
// zero one: a device of which nothing is known.
func TestCheckDefaults(t *testing.T) {
	project := loadDeclared(t, checkedSoftware)
	if got := project.Bundles[0].Target; !reflect.DeepEqual(got, swupdate.Profile{}) {
		t.Errorf("target %+v", got)
	}
	project = loadDeclared(t, checkedSoftware+"[check]\ntarget = '2022.12'\n")
	if got := project.Bundles[0].Target; got.Name != "2022.12" {
		t.Errorf("target %+v", got)
	}
}

func TestCheckWrong(t *testing.T) {
	checkWrong(t, []wrong{
		{"target", checkedSoftware + "[check]\ntarget = 'debian12'\n", `6:10: target "debian12" is not known (did you mean debian-12?)`},
		{"far target", checkedSoftware + "[check]\ntarget = 'toaster'\n[target.board]\n", `6:10: target "toaster" is not known (known here: 2019.11, 2020.04, 2020.11, 2021.04, 2021.11, 2022.05, 2022.12, 2023.05, 2023.12, 2024.05, 2024.12, 2025.05, 2025.12, 2026.05, board, debian-12, newest)`},
		{"own target", "target = 'bord'\n" + checkedSoftware + "[target.board]\n", `1:10: target "bord" is not known (did you mean board?)`},
		{"reasons", checkedSoftware + "[check.allow]\nSWD001 = ''\nSWD002 = true\n[check]\nalow = 1\n", `
6:10: the reason to allow SWD001 is empty
7:10: SWD002 is a boolean, and must be a string: the reason why it is allowed
9:1: unknown key alow (did you mean allow?)`},
		{"handlers", checkedSoftware + "[check.handlers]\na = 'images'\nb = ['imags', 'bootenv']\nc = { section = ['files'], data = 'no' }\n", `
6:5: a is a string, and must be an array of strings
7:6: "imags" is no section for handlers: images, files, scripts, partitions are
7:15: "bootenv" is no section for handlers: images, files, scripts, partitions are
8:7: unknown key section (did you mean sections?)
8:35: data is a string, and must be true or false`},
		{"taken", checkedSoftware + "[target.'2022.12']\n", `5:2: target name "2022.12" is taken by one that every project has`},
		{"profile", checkedSoftware + "[target.x]\nname = 'x'\nrelease = '2022.11'\nhandlers = ['raw', 'rawfil']\ncompressions = ['bzip2']\nverifier = 'pgp'\nlua = 'yes'\n", `
6:1: unknown key name (known here: compressions, custom, delta-download, encrypted-description, encryption, file-systems, handlers, hardware-check, ignores-extra-certificates, json, lua, release, skips-unknown-signers, verifier)
7:11: release: "2022.11" is no release of SWUpdate that is known: 2019.11, 2020.04, 2020.11, 2021.04, 2021.11, 2022.05, 2022.12, 2023.05, 2023.12, 2024.05, 2024.12, 2025.05, 2025.12, 2026.05
8:20: handlers: "rawfil" is not known (did you mean rawfile?)
9:17: compressions: "bzip2" is not known (known here: lz4, xz, zlib, zstd)
10:12: verifier: "pgp" is no verifier: ["cms" "rsa-pkcs1v15" "rsa-pss" "gpg" "any" "none"]
11:7: lua is a string, and must be true or false`},
	})
}

func TestFindProfile(t *testing.T) {
	project := loadDeclared(t, checkedSoftware+"[target.board]\nrelease = '2023.12'\n")
	for _, name := range []string{"board", "debian-12", "2024.05", "newest"} {
		if profile, err := project.FindProfile(name); err != nil || profile.Name != name {
			t.Errorf("%s: %+v, %v", name, profile, err)
		}
	}
	if _, err := FindProfile("board"); err == nil || err.Error() != `target "board" is not known` || !strings.Contains(hintOf(err), "debian-12") {
		t.Errorf("error %v, hint %q", err, hintOf(err))
	}
	if _, err := FindProfile("2022-12"); hintOf(err) != "did you mean 2022.12?" {
		t.Errorf("error %v, hint %q", err, hintOf(err))
	}
}

func TestLoadProfile(t *testing.T) {
	dir := files{
		"board.toml":  "release = '2023.05'\nencryption = true\n",
		"named.toml":  "name = 'gateway'\n",
		"wrong.toml":  "relese = '2023.05'\njson = 1\n",
		"syntax.toml": "release = \n",
	}.write(t)
	for file, want := range map[string]swupdate.Profile{
		"board.toml": {Name: "board", Release: swupdate.Release{Year: 2023, Month: 5}, Encryption: swupdate.Yes},
		"named.toml": {Name: "gateway"},
	} {
		if got, err := LoadProfile(filepath.Join(dir, file)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", file, got, err)
		}
	}
	_, err := LoadProfile(filepath.Join(dir, "wrong.toml"))
	want := "wrong.toml:1:1: unknown key relese\nwrong.toml:2:8: json is an integer, and must be true or false"
	if err == nil || strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "") != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if _, err := LoadProfile(filepath.Join(dir, "syntax.toml")); err == nil || !strings.Contains(err.Error(), "syntax.toml:1:11: toml: ") {
		t.Errorf("error %v", err)
	}
	if _, err := LoadProfile(filepath.Join(dir, "missing.toml")); !os.IsNotExist(err) {
		t.Errorf("error %v", err)
	}
}
