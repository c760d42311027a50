package imgtool

import (
	"bytes"
	"encoding/hex"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/sign/keygen"
)

// openssl returns what OpenSSL prints.
func openssl(t *testing.T, args string) []byte {
	t.Helper()
	reftool.Need(t, "openssl")
	cmd := exec.Command("openssl", strings.Fields(args)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("openssl %s: %v\n%s", args, err, stderr.Bytes())
	}
	return out
}

var arrayElement = regexp.MustCompile(`0x([0-9a-f]{2}),`)

// elements are the bytes of an array in C or Rust.
func elements(t *testing.T, source []byte) []byte {
	t.Helper()
	var digits []byte
	for _, m := range arrayElement.FindAllSubmatch(source, -1) {
		digits = append(digits, m[1]...)
	}
	data, err := hex.DecodeString(string(digits))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestConformancePublicKeys: OpenSSL encodes each public key to the same bytes, as
// imgtool lets it do.
func TestConformancePublicKeys(t *testing.T) {
	x25519 := newKey(t, t.TempDir(), keygen.X25519)
	for path, command := range map[string]string{
		testKey("rsa2048"): "rsa -RSAPublicKey_out -outform DER -in ", testKey("rsa3072"): "rsa -RSAPublicKey_out -outform DER -in ",
		testKey("ec-p256"): "pkey -pubout -outform DER -in ", testKey("ec-p384"): "pkey -pubout -outform DER -in ",
		testKey("ed25519"): "pkey -pubout -outform DER -in ", x25519: "pkey -pubout -outform DER -in ",
	} {
		want := openssl(t, command+path)
		for _, encoding := range []Encoding{EncodingRaw, EncodingC, EncodingRust} {
			got, err := Getpub(GetpubOptions{Key: path, Encoding: encoding})
			if err != nil {
				t.Fatal(err)
			}
			if encoding != EncodingRaw {
				got = elements(t, got)
			}
			wantBytes(t, got, want)
		}
		got, err := Getpub(GetpubOptions{Key: path, Encoding: EncodingPEM})
		if err != nil {
			t.Fatal(err)
		}
		wantBytes(t, got, openssl(t, "pkey -pubout -in "+path))
	}
}

// TestConformancePrivateKeys: the same of private keys; those in a minimal form,
// OpenSSL reads as the same keys.
func TestConformancePrivateKeys(t *testing.T) {
	dir := t.TempDir()
	x25519 := newKey(t, dir, keygen.X25519)
	for _, test := range []struct {
		path    string
		format  mcuboot.PrivateFormat
		command string
	}{
		{testKey("rsa2048"), mcuboot.PrivateDefault, "rsa -traditional -outform DER -in "},
		{testKey("rsa3072"), mcuboot.PrivateOpenSSL, "rsa -traditional -outform DER -in "},
		{testKey("ec-p256"), mcuboot.PrivateDefault, "pkcs8 -topk8 -nocrypt -outform DER -in "},
		{testKey("ec-p256"), mcuboot.PrivateOpenSSL, "ec -outform DER -in "},
		{testKey("ec-p384"), mcuboot.PrivatePKCS8, "pkcs8 -topk8 -nocrypt -outform DER -in "},
		{testKey("ec-p384"), mcuboot.PrivateOpenSSL, "ec -outform DER -in "},
		{x25519, mcuboot.PrivateDefault, "pkcs8 -topk8 -nocrypt -outform DER -in "},
	} {
		got, err := Getpriv(GetprivOptions{Key: test.path, Format: test.format})
		if err != nil {
			t.Fatal(err)
		}
		wantBytes(t, elements(t, got), openssl(t, test.command+test.path))
	}
	for _, format := range []mcuboot.PrivateFormat{mcuboot.PrivatePKCS8, mcuboot.PrivateOpenSSL} {
		minimal, err := Getpriv(GetprivOptions{Key: testKey("ec-p256"), Format: format, Minimal: true})
		if err != nil {
			t.Fatal(err)
		}
		der := write(t, dir+"/minimal.der", elements(t, minimal))
		wantBytes(t, openssl(t, "pkey -inform DER -pubout -in "+der), openssl(t, "pkey -pubout -in "+testKey("ec-p256")))
	}
}

// TestConformanceKeygen: OpenSSL reads each type of key, and one with a
// passphrase.
func TestConformanceKeygen(t *testing.T) {
	for _, kind := range KeyTypes() {
		wantReadable(t, kind, nil)
	}
	wantReadable(t, keygen.ECDSAP256, []byte("test only"))
}

func wantReadable(t *testing.T, kind keygen.Type, secret []byte) {
	t.Helper()
	path := t.TempDir() + "/key.pem"
	if err := Keygen(KeygenOptions{Key: path, Type: kind, Passphrase: secret, Rand: random()}); err != nil {
		t.Fatal(err)
	}
	pass := write(t, t.TempDir()+"/pass", append(bytes.Clone(secret), '\n'))
	got, err := Getpub(GetpubOptions{Key: path, Encoding: EncodingPEM, Passphrase: passphrase(string(secret))})
	if err != nil {
		t.Fatal(err)
	}
	wantBytes(t, got, openssl(t, "pkey -pubout -passin file:"+pass+" -in "+path))
	if want := secret != nil; bytes.Contains(read(t, path), []byte("ENCRYPTED")) != want {
		t.Errorf("%s, passphrase %q: encrypted is not %t", kind, secret, want)
	}
}

// TestConformanceYAML: PyYAML reads each dump, and writes it the same again. The
// JSON of the dump is what Python's json module makes of the same data.
func TestConformanceYAML(t *testing.T) {
	reftool.Need(t, "python3")
	python := ""
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import yaml").Run() == nil {
			python = name
		}
	}
	if python == "" {
		reftool.Missing(t, "python3-yaml is not installed")
	}
	const script = `
import json, sys, yaml
for i in range(1, len(sys.argv), 2):
    text = open(sys.argv[i], encoding="utf-8").read()
    data = yaml.safe_load(text)
    if yaml.dump(data, sort_keys=False) != text:
        sys.exit("%s\nis written as\n%s" % (text, yaml.dump(data, sort_keys=False)))
    again = json.dumps(data, indent=2, default=bytes.hex)
    if again != open(sys.argv[i + 1], encoding="utf-8").read():
        sys.exit("json of\n%s\nis\n%s" % (text, again))
`
	args := []string{"-X", "utf8", "-c", script}
	names := []string{
		"zephyr.signed.bin", "true", "0x10", "1.5", "1e3", "12:30", "2026-11-22", "~", "null", "a: b", "a #b", "- x", "-x", "?x", "'q'", `"q"`, "é.bin", "\U0001f600",
		"[a]", "{a}", "a, b", "&a", "*a", "!a", "%a", "@a", "`a", "|", ">", "=", "a b", strings.Repeat("long-name_", 12), "...", "---", ".inf", "0o7", "a\tb",
		"0b1", "+1", "1_000", "1.", "00.5", "-", "a:", ":a", "#a", "a'b", `a\b`, "\u00a0", "\u2028", "y", "n", "NO", "0x", "190:20:30", "2001-1-1", "<<", "yEs", "Off", "NaN", ".nan", "-.Inf", "2001-1-1 1:02:03", "2001-1-1T1:02:03Z", "0b", "08", "1e+3", "1.0e+3", "-1", "--", "a\u0085", "\x1b",
	}
	images := dumped(t)
	for i, name := range names {
		o := images[[]string{"plain", "full", "padded", "zero32"}[i%4]]
		o.Output = o.dir() + "/" + name
		mustSign(t, o)
		info, err := Dumpinfo(o.Output)
		if err != nil {
			t.Fatal(err)
		}
		for format, ending := range map[Format]string{FormatYAML: ".yaml", FormatJSON: ".json"} {
			if err := info.WriteFile(o.Output+ending, format); err != nil {
				t.Fatal(err)
			}
		}
		args = append(args, o.Output+".yaml", o.Output+".json")
	}
	if out, err := exec.Command(python, args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
