package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
)

// modules makes folders with files that can be loaded as far as their header
// goes: links to the test itself.
func modules(t *testing.T, files ...string) string {
	t.Helper()
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the names are those of Linux")
	}
	self, err := os.Executable()
	must(t, self, err)
	dir := t.TempDir()
	for _, file := range files {
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(self, path); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestModulePath(t *testing.T) {
	dir := modules(t, "x86/pkcs11/libsofthsm2.so", "x86/opensc-pkcs11.so", "lib/p11-kit-proxy.so")
	broken := filepath.Join(dir, "arm/pkcs11/libsofthsm2.so")
	if err := os.MkdirAll(filepath.Dir(broken), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(broken, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	folders := []string{filepath.Join(dir, "*", "pkcs11"), filepath.Join(dir, "x86")}
	withProxy := append(folders, filepath.Join(dir, "lib"))
	for _, test := range []struct {
		query     string
		env       map[string]string
		folders   []string
		want, err string
	}{
		{"?module-path=/a/../b.so", nil, nil, "/b.so", ""},
		{"?module-path=b.so", nil, nil, "", `module-path "b.so": want an absolute path`},
		{"?module-path=/b.so&module-name=opensc", nil, nil, "/b.so", ""},
		{"?module-name=softhsm2", nil, folders, dir + "/x86/pkcs11/libsofthsm2.so", ""},
		{"?module-name=libsofthsm2.so", nil, folders, dir + "/x86/pkcs11/libsofthsm2.so", ""},
		{"?module-name=opensc", nil, folders, dir + "/x86/opensc-pkcs11.so", ""},
		{"?module-name=opensc-pkcs11", nil, folders, dir + "/x86/opensc-pkcs11.so", ""},
		{"?module-name=ykcs11", nil, folders, "", `module-name "ykcs11": no ykcs11.so, libykcs11.so, ykcs11-pkcs11.so in ` + strings.Join(folders, ", ") +
			`; there is ` + dir + `/x86/pkcs11/libsofthsm2.so, ` + dir + `/x86/opensc-pkcs11.so`},
		{"?module-name=*", nil, folders, "", `module-name "*": want a name without folder`},
		{"?module-name=a/b", nil, folders, "", `module-name "a/b": want a name without folder`},
		{"", map[string]string{"PKCS11_MODULE_PATH": "/m.so", "PKCS11_PROVIDER_MODULE": "/n.so"}, withProxy, "/m.so", ""},
		{"", map[string]string{"PKCS11_PROVIDER_MODULE": "/n.so"}, withProxy, "/n.so", ""},
		{"", map[string]string{"PKCS11_MODULE_PATH": "m.so"}, withProxy, "", `environment variable PKCS11_MODULE_PATH: "m.so": want an absolute path`},
		{"", nil, withProxy, dir + "/lib/p11-kit-proxy.so", ""},
		{"", nil, folders, "", `no PKCS #11 module is named: want module-path or module-name in the URI, or environment variable PKCS11_MODULE_PATH or PKCS11_PROVIDER_MODULE; ` +
			`there is ` + dir + `/x86/pkcs11/libsofthsm2.so`},
		{"", nil, nil, "", "p11-kit-proxy is in none of "},
	} {
		uri, err := pkcs11uri.Parse("pkcs11:" + test.query)
		must(t, uri, err)
		p := &program{folders: test.folders, env: func(name string) (string, bool) { v, ok := test.env[name]; return v, ok }}
		path, err := p.modulePath(uri)
		if test.err != "" {
			wantError(t, err, test.err)
		} else if err != nil || path != test.want {
			t.Errorf("%s: %q, %v; want %q", test.query, path, err, test.want)
		}
	}
}

func TestCheckModule(t *testing.T) {
	dir := modules(t, "good.so")
	text := filepath.Join(dir, "text.so")
	if err := os.WriteFile(text, []byte("a text"), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.ReadFile(filepath.Join(dir, "good.so"))
	must(t, self, err)
	self[18] = 8 // e_machine: MIPS
	foreign := filepath.Join(dir, "mips.so")
	if err := os.WriteFile(foreign, self, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "absent.so"): "there is no such file",
		dir:                             "not a file: want a shared library",
		text:                            "not a shared library",
		foreign:                         "a library for EM_MIPS: want one for",
	} {
		wantError(t, checkModule(path), want)
	}
	if err := checkModule(filepath.Join(dir, "good.so")); err != nil {
		t.Error(err)
	}
}

func TestModuleFolders(t *testing.T) {
	folders := strings.Join(moduleFolders(), " ")
	for _, want := range []string{"/usr/lib/*/pkcs11", "/usr/lib/softhsm", "/usr/lib64/pkcs11", "/usr/local/lib"} {
		if !strings.Contains(folders, filepath.FromSlash(want)) {
			t.Errorf("%s is not in %s", want, folders)
		}
	}
}
