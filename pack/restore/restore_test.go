package restore

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
	"github.com/fwpack/fwpack/template/swdesc"
)

const aes = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff 00112233445566778899aabbccddeeff\n"

const head = `schema = 1
[project]
name = "gw"
version = "1.0"
[keys.release]
scheme = "cms"
key = "KEYS/ec-p256.pem"
cert = "KEYS/ec-p256.crt"
[keys.device]
aes = { file = "keys/device.aes" }
[keys.session]
aes = { fresh = true }
[[artifact]]
name = "plain.bin"
file = "plain"
[[artifact]]
name = "packed"
file = "plain"
compress = "zstd"
[[artifact]]
name = "a b(c"
file = "plain"
compress = "zlib"
[[artifact]]
name = "xz"
file = "plain"
compress = "xz"
[[artifact]]
name = "lz4"
file = "plain"
compress = "lz4"
[[artifact]]
name = "best"
file = "plain"
compress = "zlib"
level = 9
[[artifact]]
name = "gzipped"
file = "plain.gz"
[[artifact]]
name = "secret"
file = "plain"
encrypt = "device"
[[artifact]]
name = "secret.zst"
file = "plain"
compress = "zstd"
encrypt = "device"
[[artifact]]
name = "session"
file = "plain"
compress = "zlib"
encrypt = "session"
[[artifact]]
name = "notes"
file = "notes"
[[bundle]]
name = "gw"
output = "gw-1.0.swu"
sign = ["release"]
`

// Everything that would mean something else in a template is text here.
const texts = `
	version = "1.0";
	description = "costs $5, \x24swupdate_get_size(no) not $(x), \x40@NAME@\x40 \"\x40\"";
	hardware-compatibility = [ "#RE:^1\\.[0-3]$" ];
	// a comment with $swupdate_get_size(nothing) and @@NOTHING@@
`

// folderOf makes a folder with a project and its files.
func folderOf(t testing.TB, toml, description string) string {
	t.Helper()
	keys, err := filepath.Abs("../../testdata/keys")
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	plain := strings.Repeat("a payload that can be compressed. ", 3000)
	if _, err := w.Write([]byte(plain)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string]string{
		"fwpack.toml": strings.ReplaceAll(toml, "KEYS", filepath.ToSlash(keys)), "sw-description.in": description,
		"device.crt": recipient(t), "plain": plain, "plain.gz": zipped.String(), "notes": "notes", "keys/device.aes": aes,
	} {
		put(t, filepath.Join(dir, name), data)
	}
	return dir
}

// recipient is a certificate for the test key rsa2048.
func recipient(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("../../testdata/keys/rsa2048.pem")
	if err != nil {
		t.Fatal(err)
	}
	key, err := sign.ParsePrivateKey(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	certificate, err := keygen.NewCertificate(key, keygen.CertificateOptions{
		CommonName: "device", NotBefore: begin, NotAfter: begin.AddDate(10, 0, 0), Recipient: true,
	}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(certificate)
}

func put(t testing.TB, path, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(data), 0o666); err != nil {
		t.Fatal(err)
	}
}

// build builds the project in a folder and returns its bundle's path.
func build(t testing.TB, dir string) string {
	t.Helper()
	project, err := pack.Load(filepath.Join(dir, "fwpack.toml"), pack.Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := project.Plan(pack.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	report, err := pack.Build(context.Background(), plan, pack.Options{
		Out: filepath.Join(dir, "dist"), Rand: rand.Reader, Tool: "test", Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "dist", report.Outputs[0].File)
}

func readKeys(t testing.TB, files ...string) *swufile.Keys {
	t.Helper()
	keys, err := swufile.ReadKeys(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func restored(t testing.TB, bundle string, keys *swufile.Keys) (*Project, error) {
	t.Helper()
	data, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	return Read(context.Background(), bundle, bytes.NewReader(data), int64(len(data)), keys)
}

// again restores a bundle and builds it. What a person has to do is done: keys are put
// in their place, and the lines about them are taken for real.
func again(t testing.TB, bundle string, keys *swufile.Keys) string {
	t.Helper()
	p, err := restored(t, bundle, keys)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := filepath.Abs("../../testdata/keys")
	if err != nil {
		t.Fatal(err)
	}
	p.TOML = []byte(strings.NewReplacer(
		"# sign = ", "sign = ", "# [keys.release]\n# scheme = \"cms\"\n# key = \"keys/release.pem\"\n# cert = \"keys/release.crt\"\n",
		"[keys.release]\nscheme = \"cms\"\nkey = \"KEYS/ec-p256.pem\"\ncert = \"KEYS/ec-p256.crt\"\n",
	).Replace(string(p.TOML)))
	p.TOML = bytes.ReplaceAll(p.TOML, []byte("KEYS"), []byte(filepath.ToSlash(folder)))
	dir := filepath.Join(t.TempDir(), "project")
	if _, err := p.Write(context.Background(), dir, false); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "keys/device.aes"), aes)
	put(t, filepath.Join(dir, "recipients/device.crt"), recipient(t))
	return build(t, dir)
}

const entries = `
	images = (
		{ filename = "plain.bin"; type = "raw"; device = "/dev/sda1"; },
		{ filename = "packed"; type = "raw"; device = "/dev/sda2"; installed-directly = true; },
		{ filename = "a b(c"; type = "raw"; device = "/dev/sda3"; sha256 = ""; },
		{ filename = "xz"; device = "/dev/sda4"; type = "raw"; },
		{ filename = "lz4"; device = "/dev/sda5"; type = "raw"; },
		{ filename = "best"; device = "/dev/sda6"; type = "raw"; },
		{ filename = "gzipped"; device = "/dev/sda7"; type = "raw"; compressed = "zlib"; properties = { decompressed-size = "102000"; }; }
	);
`

// A bundle without secrets is built again to the last byte.
func TestAgain(t *testing.T) {
	bundle := build(t, folderOf(t, head+"description = 'sw-description.in'\nextra = ['notes']\n", "software = {"+texts+strings.Replace(entries, ` sha256 = "";`, "", 1)+"};\n"))
	want, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(again(t, bundle, nil))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("is not the same; description\n%s", description(t, bundle))
	}
	p, err := restored(t, bundle, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"name = \"packed\"\nfile = \"payloads/packed\"\ncompress = \"zstd\"\n", "name = \"best\"\nfile = \"payloads/best\"\n# is compressed already (zlib)",
		"extra = [\"notes\"]", "#   CN=fwpack test ec-p256,O=TEST ONLY (ECDSA P-256, ",
	} {
		if !strings.Contains(string(p.TOML), line) {
			t.Errorf("%s\nlacks %q", p.TOML, line)
		}
	}
}

func description(t testing.TB, bundle string) string {
	t.Helper()
	f, err := swufile.Open(context.Background(), bundle, swufile.Options{Keys: readKeys(t, "../../testdata/keys/rsa2048.pem")})
	if err != nil {
		t.Fatal(err)
	}
	return string(f.Source)
}

// A JSON description stays one, and links stay links.
func TestAgainJSON(t *testing.T) {
	for name, text := range map[string]string{
		"json": `{"software": {"version": "1.0", "description": "\u0024swupdate_x(y) \u0040@A\u0040@", "hardware-compatibility": ["1.0"],
			"images": [{"filename": "packed", "type": "raw", "device": "/dev/sda1"}]}}` + "\n",
		"links": `software = { version = "1.0"; hardware-compatibility = ["1.0"];
			a = { b = { images = ({ filename = "packed"; type = "raw"; device = "/dev/sda1"; }); }; c = { ref = "#./b"; }; }; };` + "\n",
	} {
		bundle := build(t, folderOf(t, head+"description = 'sw-description.in'\n", text))
		want, err := os.ReadFile(bundle)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(again(t, bundle, nil)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: is not the same; description\n%s", name, description(t, bundle))
		}
	}
}

// What is encrypted has another IV each time, and so another digest; all else is the
// same.
func TestAgainEncrypted(t *testing.T) {
	for name, test := range map[string]struct{ bundle, entries, key string }{
		"with the devices' key": {
			"", `{ filename = "secret"; type = "raw"; device = "/dev/sda1"; }, { filename = "secret.zst"; type = "raw"; device = "/dev/sda2"; }, { filename = "packed"; type = "raw"; device = "/dev/sda3"; }`, "device.aes",
		},
		"with a key of its own": {
			"encrypt-description = { recipients = ['device.crt'] }\n", `{ filename = "session"; type = "raw"; device = "/dev/sda1"; }`, "",
		},
	} {
		dir := folderOf(t, head+"description = 'sw-description.in'\n"+test.bundle, "software = {"+texts+"images = ("+test.entries+"); };\n")
		keys := readKeys(t, "../../testdata/keys/rsa2048.pem", filepath.Join(dir, "keys/device.aes"))
		bundle := build(t, dir)
		if _, err := restored(t, bundle, nil); err == nil || !strings.Contains(err.Error(), "is encrypted") {
			t.Errorf("%s, no key: %v", name, err)
		}
		old, err := swufile.Open(context.Background(), bundle, swufile.Options{Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		got, err := swufile.Open(context.Background(), again(t, bundle, keys), swufile.Options{Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		if problems := slices.Concat(got.Problems, got.Mismatches()); len(problems) > 0 || len(got.Payloads) != len(old.Payloads) {
			t.Fatalf("%s: %q", name, problems)
		}
		for i, p := range got.Payloads {
			if p.Name != old.Payloads[i].Name || p.Unpacked == nil || *p.Unpacked != *old.Payloads[i].Unpacked {
				t.Errorf("%s: %s is another payload", name, p.Name)
			}
		}
		if a, b := settled(t, old), settled(t, got); !swdesc.Equal(a.Root, b.Root) {
			t.Errorf("%s: described as\n%s\nwas\n%s", name, got.Source, old.Source)
		}
	}
}

// settled is the description without what is drawn anew.
func settled(t testing.TB, f *swufile.File) *swdesc.Document {
	t.Helper()
	doc, err := swdesc.ParseAny(f.Source)
	if err != nil {
		t.Fatal(err)
	}
	for group := range swufile.Groups(doc) {
		if ok, _, _ := group.GetBool("encrypted"); ok {
			for _, name := range []string{"sha256", "ivt", "aes-key"} {
				if !group.Remove(name) && name != "aes-key" {
					t.Errorf("%s: no %s", group.Path(), name)
				}
			}
		}
	}
	return doc
}

// Nothing is made of what is damaged, and nothing is written over.
func TestRefused(t *testing.T) {
	bundle := build(t, folderOf(t, head+"description = 'sw-description.in'\n", `software = { version = "1.0"; hardware-compatibility = ["1.0"]; images = ({ filename = "plain.bin"; type = "raw"; device = "/dev/sda1"; }); };`+"\n"))
	data, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func([]byte) []byte
		want   string
	}{
		"payload changed": {func(b []byte) []byte { return bytes.Replace(b, []byte("a payload"), []byte("A payload"), 1) }, "plain.bin: sha256 is"},
		"cut off":         {func(b []byte) []byte { return b[:len(b)/2] }, "swu: offset"},
		"no description":  {func(b []byte) []byte { return bytes.Replace(b, []byte("software"), []byte("softw}re"), 1) }, "sw-description"},
		"placeholder":     {func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("plain.bin"), []byte("@@ain.bin")) }, "@@ain.bin: has @@"},
	} {
		changed := test.change(bytes.Clone(data))
		if _, err := Read(context.Background(), "gw.swu", bytes.NewReader(changed), int64(len(changed)), nil); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p, err := restored(t, bundle, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put(t, filepath.Join(dir, "payloads/plain.bin"), "mine")
	if _, err := p.Write(context.Background(), dir, false); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("written over: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "fwpack.toml")); err == nil {
		t.Error("a part was written")
	}
	if _, err := p.Write(context.Background(), dir, true); err != nil {
		t.Error(err)
	}
}

// Texts of others stay what they are.
func TestEscaped(t *testing.T) {
	for _, src := range []string{
		`a = "$swupdate_get_size(no) $5 $(x)"; b = ("@@X@@", "@file", "x@y", "\"@"); c = "one" "@two"; // $swupdate_get_size(x) @@Y@@` + "\n",
		`{"a": "$swupdate_get_size(no) $5", "b": ["@@X@@", "@file", "x@y"], "c": {"d": "$a.b-c(d)"}}`,
	} {
		doc, err := swdesc.ParseAny([]byte(src))
		if err != nil {
			t.Fatal(err)
		}
		out := escaped(doc, []byte(src))
		again, err := swdesc.ParseAny(out)
		if err != nil || !swdesc.Equal(doc.Root, again.Root) {
			t.Errorf("%s\nbecomes %s: %v", src, out, err)
		}
		for s := range stringsOf(again) {
			if meaning().MatchString(s.Raw()) {
				t.Errorf("%s means something", s.Raw())
			}
		}
		if !bytes.Contains(out, []byte("$5")) || !bytes.Contains(out, []byte("x@y")) {
			t.Errorf("%s is changed without need: %s", src, out)
		}
	}
}
