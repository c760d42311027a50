package pkgdata_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template"
	"github.com/fwpack/fwpack/template/pkgdata"
)

// uBoot is the shape of what OpenEmbedded's package.bbclass writes.
const uBoot = `PN: u-boot
PV: 2022.01
PR: r0
PKGV: 2022.01+git0+d637294e26
PKGR: r0
LICENSE: GPL-2.0-or-later
DESCRIPTION: A boot loader\nwith \"many\" boards, 1 \xe9 \u20ac \U0001f600 \\n \q
SECTION: bootloaders
PKG:u-boot: u-boot
FILES:u-boot: /boot /etc
PKGSIZE:u-boot: 1234
EMPTY:
PLUS: +git
`

// folder writes a pkgdata folder.
func folder(t testing.TB, files map[string]string) pkgdata.Folder {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return pkgdata.Folder(dir)
}

func yocto(t testing.TB) pkgdata.Folder {
	return folder(t, map[string]string{
		"runtime/u-boot":               uBoot,
		"runtime/u-boot.packaged":      "",
		"runtime/libfoo":               "PV: 1.0\nPKGV: 1.0\nPKG:libfoo: libfoo2\nRDEPENDS:libfoo: libc6\n",
		"runtime-reverse/libfoo2":      "PV: 1.0\nPKGV: 1.0\nPKG:libfoo: libfoo2\nRDEPENDS:libfoo: libc6\n",
		"runtime/both":                 "PV: runtime\nPKGV: plain\nPKGV:both: alone\n",
		"runtime-reverse/both-renamed": "PV: reverse\n",
		"runtime/both-renamed":         "PV: runtime\n",
		"recipe":                       "PACKAGES: recipe-dbg recipe\nPV: 9\n",
		"runtime/old":                  "PV_old: 3.1+r2\nPKGV: 3\nPKG_old: older\nSUMMARY_old: a_b\nodd line\n: x\nnocolon x: y\n",
	})
}

func TestValue(t *testing.T) {
	dir := yocto(t)
	tests := []struct{ pkg, variable, want string }{
		{"u-boot", "PV", "2022.01"},
		{"u-boot", "PKGV", "2022.01"},
		{"u-boot", "DESCRIPTION", "A boot loader\nwith \"many\" boards, 1 é € 😀 \\n \\q"},
		{"u-boot", "PKGSIZE", "1234"},
		{"u-boot", "EMPTY", ""},
		{"u-boot", "PLUS", ""},
		{"libfoo", "RDEPENDS", "libc6"},
		{"libfoo2", "RDEPENDS", "libc6"},
		{"both", "PKGV", "alone"},
		{"both-renamed", "PV", "reverse"},
		{"recipe", "PV", "9"},
		{"old", "PV", "3.1"},
		{"old", "SUMMARY", "a_b"},
	}
	for _, tt := range tests {
		got, err := dir.Value(tt.pkg, tt.variable)
		if got != tt.want || err != nil {
			t.Errorf("%s of %s = %q, %v, want %q", tt.variable, tt.pkg, got, err, tt.want)
		}
	}
}

func TestValueErrors(t *testing.T) {
	dir := yocto(t)
	tests := []struct{ pkg, variable, want, hint string }{
		{"u-bot", "PV", `package "u-bot" is not in the pkgdata folder`, "did you mean u-boot?"},
		{"zzzzzzzz", "PV", `package "zzzzzzzz" is not in the pkgdata folder`, ""},
		{"runtime", "PV", `package "runtime" is not in the pkgdata folder`, ""},
		{"u-boot", "PVX", `package "u-boot" has no variable "PVX"`, "did you mean PV?"},
		{"u-boot", "FILE", `package "u-boot" has no variable "FILE"`, ""},
		{"", "PV", `"" is not the name of a package`, ""},
		{".", "PV", `"." is not the name of a package`, ""},
		{"..", "PV", `".." is not the name of a package`, ""},
		{"../runtime/u-boot", "PV", `"../runtime/u-boot" is not the name of a package`, ""},
		{"runtime/u-boot", "PV", `"runtime/u-boot" is not the name of a package`, ""},
		{`a\b`, "PV", `"a\\b" is not the name of a package`, ""},
		{"/etc/passwd", "PV", `"/etc/passwd" is not the name of a package`, ""},
	}
	for _, tt := range tests {
		got, err := dir.Value(tt.pkg, tt.variable)
		if got != "" || err == nil || err.Error() != tt.want {
			t.Errorf("%s of %s = %q, %v, want %s", tt.variable, tt.pkg, got, err, tt.want)
		}
		var d diag.Diagnostic
		if errors.As(err, &d); d.Hint != tt.hint {
			t.Errorf("hint %q, want %q", d.Hint, tt.hint)
		}
	}
}

func TestNoFolder(t *testing.T) {
	_, err := pkgdata.Folder(filepath.Join(t.TempDir(), "none")).Value("u-boot", "PV")
	if err == nil || !strings.HasPrefix(err.Error(), "the pkgdata folder cannot be read: ") || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// The files of runtime-reverse are links; one that leads out is not followed.
func TestLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege")
	}
	dir := folder(t, map[string]string{"runtime/u-boot": uBoot, "runtime-reverse/x": "PV: 1\n"})
	link := func(target, name string) {
		if err := os.Symlink(target, filepath.Join(string(dir), "runtime-reverse", name)); err != nil {
			t.Fatal(err)
		}
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("PV: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	link("../runtime/u-boot", "boot")
	link(secret, "absolute")
	link("../../../../../../../etc/passwd", "upwards")
	if got, err := dir.Value("boot", "PV"); got != "2022.01" || err != nil {
		t.Errorf("by a link: %q, %v", got, err)
	}
	for _, name := range []string{"absolute", "upwards"} {
		if got, err := dir.Value(name, "PV"); err == nil {
			t.Errorf("%s leads out of the folder and gives %q", name, got)
		}
	}
}

func TestWithTemplate(t *testing.T) {
	source := template.Source{Packages: yocto(t).Value}
	_, err := source.Expand("sw-description", []byte("version = \"$swupdate_get_pkgvar(u-bot)\";\n\"$swupdate_get_pkgvar(u-boot@PVR)\""))
	want := "sw-description:1:12: $swupdate_get_pkgvar(u-bot): package \"u-bot\" is not in the pkgdata folder\n" +
		"sw-description:2:2: $swupdate_get_pkgvar(u-boot@PVR): package \"u-boot\" has no variable \"PVR\""
	if err == nil || err.Error() != want {
		t.Fatalf("got\n%v\nwant\n%s", err, want)
	}
	if hint := err.(diag.List)[0].Hint; hint != "did you mean u-boot?" {
		t.Errorf("hint %q", hint)
	}
}

func ExampleFolder_Value() {
	dir, err := os.MkdirTemp("", "pkgdata")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "u-boot"), []byte("PV: 2022.01+gitAUTOINC\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	source := template.Source{Packages: pkgdata.Folder(dir).Value}
	text, err := source.Expand("sw-description.in", []byte(`version = "$swupdate_get_pkgvar(u-boot)";`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", text.Bytes())
	// Output: version = "2022.01";
}
