package pack

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/template/swdesc"
)

// callsDescription is a template as recipes for meta-swupdate have it.
const callsDescription = `software = {
	version = "@@DISTRO_VERSION@@";
	images = (
		{
			filename = "@@IMAGE@@@@FSTYPES[@@IMAGE@@]@@"; // core-image.bin
			device = "/dev/a";
			sha256 = "$swupdate_get_sha256(@@IMAGE@@.bin)";
			encrypted = true;
			ivt = "$swupdate_get_unique_IV(core-image.bin)";
			version = "$swupdate_get_pkgvar(busybox)";
		},
		{
			filename = "packed";
			device = "/dev/b";
			size = $swupdate_get_size(packed);
			version = "@SWU_AUTO_VERSION:busybox@PR";
			properties = { decompressed-size = "$swupdate_get_size(plain.bin)"; };
		}
	);
	files = (
		{ filename = "beside.txt"; path = "/y"; sha256 = "@beside.txt"; version = "@beside.txt"; }
	);
	// sha256 = "$swupdate_get_sha256(gone)"; @@GONE@@
};
`

func callsProject(t *testing.T) files {
	return files{
		"fwpack.toml": strings.Replace(project(t, "rsa2048", `
[[artifact]]
name = "image"
file = "core-image.bin"
encrypt = "aes"
[[artifact]]
name = "packed"
file = "plain.bin"
compress = "zstd"
`), "vars = {", "vars = { DISTRO_VERSION = '7', IMAGE = 'core-image', 'FSTYPES[core-image]' = '.bin', PKGDATA_DIR = 'pkgdata',", 1),
		"sw-description.in":       callsDescription,
		"core-image.bin":          "image",
		"plain.bin":               strings.Repeat("payload ", 50_000),
		"beside.txt":              "beside",
		"device.aes":              deviceAES,
		"pkgdata/runtime/busybox": "PV: 1.36.1+git0\nPR: r3\n",
	}
}

// What a template asks of a payload is answered by the payload as it is packed.
func TestCalls(t *testing.T) {
	dir := callsProject(t).write(t)
	_, entries := build(t, dir, options(dir))
	doc, err := swdesc.Parse(entries[swu.Description])
	if err != nil {
		t.Fatal(err)
	}
	get := func(list string, index int, name string) string {
		t.Helper()
		group := doc.Find("software", list).Value().(*swdesc.List).Values()[index].(*swdesc.Group)
		if before, after, ok := strings.Cut(name, "."); ok {
			group, name = group.Get(before).Value().(*swdesc.Group), after
		}
		switch v := group.Get(name).Value().(type) {
		case *swdesc.String:
			return v.Value()
		case *swdesc.Int:
			return fmt.Sprint(v.Value())
		}
		return ""
	}
	for _, test := range []struct {
		list  string
		index int
		name  string
		want  string
	}{
		{"images", 0, "filename", "core-image.bin"},
		{"images", 0, "sha256", hexDigest(entries["core-image.bin"])},
		{"images", 0, "version", "1.36.1"},
		{"images", 1, "size", fmt.Sprint(len(entries["packed"]))},
		{"images", 1, "version", "r3"},
		{"images", 1, "properties.decompressed-size", "400000"},
		{"files", 0, "sha256", hexDigest([]byte("beside"))},
		{"files", 0, "version", hexDigest([]byte("beside"))},
	} {
		if got := get(test.list, test.index, test.name); got != test.want {
			t.Errorf("%s[%d].%s is %q, want %q", test.list, test.index, test.name, got, test.want)
		}
	}
	iv, err := hex.DecodeString(get("images", 0, "ivt"))
	if err != nil || strings.Count(string(iv), "\x00") > 8 {
		t.Errorf("ivt is %x, %v", iv, err)
	}
	if got := string(decrypt(t, entries["core-image.bin"], iv)); got != "image" {
		t.Errorf("the image is decrypted to %q", got)
	}
	if !strings.Contains(string(entries[swu.Description]), `// sha256 = "$swupdate_get_sha256(gone)"; @@GONE@@`) {
		t.Errorf("the comment is not kept:\n%s", entries[swu.Description])
	}
}

func TestCallsWrong(t *testing.T) {
	for _, test := range []struct{ old, new, want string }{
		{"sha256(@@IMAGE@@.bin)", "sha256(beside.txt)", `7:14: sha256 asks for "beside.txt", but the entry's filename is "core-image.bin"`},
		{"size(packed)", "size(gone)", `15:11: $swupdate_get_size(gone): no file of that name is packed in this bundle`},
		{`sha256 = "@beside.txt"`, `ivt = "$swupdate_get_IV(beside.txt)"`, `21:50: $swupdate_get_IV(beside.txt): artifact "beside.txt" is not encrypted`},
		{"busybox)", "bsybox)", `10:15: `},
		{"decompressed-size = \"$swupdate_get_size(plain.bin)\"", "sha256 = \"$swupdate_get_sha256(plain.bin)\"",
			`17:29: $swupdate_get_sha256(plain.bin) is the digest of what lies in the archive, and the device ends up with something else: the artifact is compressed or encrypted`},
	} {
		project := callsProject(t)
		if !strings.Contains(callsDescription, test.old) {
			t.Fatalf("%s is not in the template", test.old)
		}
		project["sw-description.in"] = strings.Replace(callsDescription, test.old, test.new, 1)
		loaded, err := Load(filepath.Join(project.write(t), "fwpack.toml"), Inputs{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = loaded.Plan(Selection{})
		if err == nil || !strings.Contains(err.Error(), "sw-description.in:"+test.want) {
			t.Errorf("%s: got\n%v\nwant\n%s", test.new, err, test.want)
		}
	}
}

// A function asks about its own payload also where a selection leaves out those
// before it.
func TestCallsOfSelection(t *testing.T) {
	project := callsProject(t)
	project["first.in"] = `software = { version = "1"; files = ({ filename = "a"; path = "/a"; }, { filename = "b"; path = "/b"; }); };` + "\n"
	project["a"], project["b"] = "first", "second"
	project["fwpack.toml"] = strings.Replace(project["fwpack.toml"], "[[bundle]]", "[[bundle]]\nname = \"first\"\noutput = \"first.swu\"\ndescription = \"first.in\"\n[[bundle]]", 1)
	dir := project.write(t)
	loaded, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := loaded.Plan(Selection{Only: []string{"gw"}})
	if err != nil {
		t.Fatal(err)
	}
	opt := options(dir)
	if _, err := Build(context.Background(), p, opt); err != nil {
		t.Fatal(err)
	}
	entries := readBundle(t, filepath.Join(opt.Out, "gw.swu"))
	if want := `sha256 = "` + hexDigest(entries["beside.txt"]) + `"`; !strings.Contains(string(entries[swu.Description]), want) {
		t.Errorf("%s is not in\n%s", want, entries[swu.Description])
	}
}

// A description that turns out shorter than foreseen, since it holds the size of
// a compressed payload, is filled up with line ends: no payload is moved.
func TestSizeOfCompressed(t *testing.T) {
	dir := callsProject(t).write(t)
	_, entries := build(t, dir, options(dir))
	spare := len("400000") - len(fmt.Sprint(len(entries["packed"])))
	if spare <= 0 {
		t.Fatal("the size has as many digits as that of the source, so nothing is filled up")
	}
	description := string(entries[swu.Description])
	if !strings.HasSuffix(description, "};\n"+strings.Repeat("\n", spare)) {
		t.Errorf("the description ends in %q, want %d spare line ends", description[len(description)-20:], spare)
	}
}

// What fwpack writes itself has the sizes of the archive, but not in partitions,
// where size is that of a volume.
func TestDeclaredSizes(t *testing.T) {
	for _, format := range []string{"libconfig", "json"} {
		dir := declaredProject(t, `
[bundle.software]
format = "`+format+`"
[[bundle.software.images]]
artifact = "packed"
type = "raw"
device = "/dev/a"
[[bundle.software.scripts]]
filename = "setup.sh"
type = "shellscript"
[[bundle.software.partitions]]
type = "ubipartition"
name = "data"
device = "mtd0"
size = 4096
`)
		_, entries := build(t, dir, options(dir))
		doc, err := swdesc.ParseAny(entries[swu.Description])
		if err != nil {
			t.Fatal(err)
		}
		for list, want := range map[string]int64{"images": int64(len(entries["packed"])), "scripts": int64(len("#!/bin/sh\n")), "partitions": 4096} {
			value, _ := doc.Resolve("software", list)
			entry := value.(*swdesc.List).Values()[0].(*swdesc.Group)
			if size, ok, err := entry.GetInt("size"); size != want || !ok || err != nil {
				t.Errorf("%s: size of %s is %d, %v, want %d", format, list, size, err, want)
			}
		}
	}
}

// Build systems' files of variables are read, whatever else is in them.
func TestVarFiles(t *testing.T) {
	for name, contents := range map[string]string{
		"bitbake":      "# INCLUDE HISTORY:\n#\n# $V\n#   set conf:1\n#     \"7\"\nV=\"7\"\nVERSION=\"99\"\ndo_x() {\n    V=8\n}\n",
		"buildroot":    "BR2_HAVE_DOT_CONFIG=y\n# BR2_X is not set\nV=\"7\"\n",
		"swugenerator": "variables = { V = \"7\"; VERSION = \"99\"; };\n",
		"lines":        "V='7'\nVERSION=99\n",
	} {
		dir := files{"fwpack.toml": project(t, "rsa2048", ""), "sw-description.in": "", "vars": contents}.write(t)
		loaded, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{VarFiles: []string{filepath.Join(dir, "vars")}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if loaded.Vars["V"] != "7" || loaded.Vars["VERSION"] != "1.2.3" {
			t.Errorf("%s: %v", name, loaded.Vars)
		}
	}
}

// decrypt undoes AES-256-CBC with the key of deviceAES, and the padding.
func decrypt(t *testing.T, data, iv []byte) []byte {
	t.Helper()
	key, err := hex.DecodeString(strings.Fields(deviceAES)[0])
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, data)
	return out[:len(out)-int(out[len(out)-1])]
}
