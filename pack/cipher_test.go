package pack

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
	"github.com/fwpack/fwpack/template/swdesc"
)

// device makes the key of a device, and the certificate that is known of it.
func device(t *testing.T, name string, kind keygen.Type) (key, certificate string) {
	t.Helper()
	private, err := keygen.Generate(kind, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text, err := keygen.MarshalPrivateKey(private, nil, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c, err := keygen.NewCertificate(private, keygen.CertificateOptions{
		CommonName: name, Recipient: true, NotBefore: signNow.AddDate(-1, 0, 0), NotAfter: signNow.AddDate(10, 0, 0),
	}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), string(c)
}

const secretDescription = `// for some devices only
software = {
	version = "1.2.3";
	hardware-compatibility = [ "1.0" ];
	files = (
		{ filename = "one"; path = "/one"; },
		{ filename = "two"; path = "/two"; }
	);
};
`

const secretArtifacts = `
[keys.session]
aes = { fresh = true }
[[artifact]]
name = "one"
file = "one.bin"
encrypt = "session"
compress = "zlib"
[[artifact]]
name = "two"
file = "two.bin"
encrypt = "session"
`

// secretProject has a bundle whose description is encrypted as the TOML says.
func secretProject(t *testing.T, artifacts, encrypt string, more files) string {
	t.Helper()
	all := files{
		"fwpack.toml":       project(t, "ec-p256", artifacts) + "encrypt-description = " + encrypt + "\n",
		"sw-description.in": secretDescription, "one.bin": strings.Repeat("one", 5000), "two.bin": "two", "device.aes": deviceAES,
	}
	for name, contents := range more {
		all[name] = contents
	}
	return all.write(t)
}

func TestBuildForRecipients(t *testing.T) {
	rsaKey, rsaCert := device(t, "one", keygen.RSA2048)
	ecKey, ecCert := device(t, "two", keygen.ECDSAP384)
	more := files{"devices/a.crt": rsaCert, "devices/b.crt": ecCert, "a.pem": rsaKey, "b.pem": ecKey}
	for _, encrypt := range []string{
		`{ recipients = ["devices/*.crt"] }`,
		`{ recipients = ["devices/a.crt", "devices/b.crt"], padding = "oaep", cipher = "aes-256-gcm" }`,
	} {
		dir := secretProject(t, secretArtifacts, encrypt, more)
		report, entries := build(t, dir, options(dir))
		stored := entries[swu.Description]
		if planned := plan(t, dir).Bundles[0].Cipher; planned.Count != 2 || planned.Overhead < 300 || planned.Overhead > 1200 {
			t.Errorf("planned %+v", planned)
		}
		var clear []byte
		for _, name := range []string{"a.pem", "b.pem"} {
			var err error
			if clear, err = keysIn(t, filepath.Join(dir, name)).OpenDescription(stored); err != nil {
				t.Fatal(err)
			}
		}
		trust := trustIn(t, filepath.Join(testKeys, "ec-p256.crt"))
		trust.Now = signNow
		if _, err := sign.Verify(sign.SchemeCMS, clear, entries[swu.Signature], trust); err != nil {
			t.Error(err)
		}
		out := report.Outputs[0]
		if out.Description.SHA256 != hexDigest(clear) || out.Encrypted == nil || out.Encrypted.Recipients != 2 || out.Encrypted.Size != int64(len(stored)) {
			t.Errorf("report: %+v, %+v", out.Description, out.Encrypted)
		}
		keys := checkShipped(t, clear, entries)
		text, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			if bytes.Contains(text, []byte(key)) {
				t.Error("the report holds the key of an artifact")
			}
		}
	}
}

// checkShipped decrypts the payloads with what the description says, and returns
// their keys.
func checkShipped(t *testing.T, description []byte, entries map[string][]byte) []string {
	t.Helper()
	doc, err := swdesc.ParseAny(description)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for group := range swufile.Groups(doc) {
		key, iv := textOf(group, "aes-key", ""), textOf(group, "ivt", "")
		name := textOf(group, "filename", "")
		got := decryptCBC(t, key, iv, entries[name])
		if name == "two" && string(got) != "two" {
			t.Errorf("two is %q", got)
		}
		if name == "one" && !bytes.HasPrefix(got, []byte{0x1f, 0x8b}) {
			t.Errorf("one begins %x", got[:2])
		}
		keys = append(keys, key)
	}
	if len(keys) != 2 || keys[0] == keys[1] || len(keys[0]) != 64 {
		t.Errorf("%d keys of %d digits, equal or not", len(keys), len(keys[0]))
	}
	return keys
}

func decryptCBC(t *testing.T, key, iv string, data []byte) []byte {
	t.Helper()
	secret, err := hex.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	start, err := hex.DecodeString(iv)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		t.Fatal(err)
	}
	clear := bytes.Clone(data)
	cipher.NewCBCDecrypter(block, start).CryptBlocks(clear, clear)
	return clear[:len(clear)-int(clear[len(clear)-1])]
}

// The older way: key and IV of the device's file, for description and artifacts.
func TestBuildWithDescriptionKey(t *testing.T) {
	dir := secretProject(t, strings.ReplaceAll(secretArtifacts, `"session"`, `"aes"`), `{ key = "aes" }`, nil)
	report, entries := build(t, dir, options(dir))
	clear := decryptCBC(t, deviceAES[:64], deviceAES[65:97], entries[swu.Description])
	if !bytes.HasPrefix(clear, []byte("// for some devices only")) || bytes.Contains(clear, []byte("aes-key")) {
		t.Errorf("in clear: %s", clear)
	}
	if e := report.Outputs[0].Encrypted; e == nil || e.Cipher != "AES-256-CBC" || e.Recipients != 0 {
		t.Errorf("report: %+v", e)
	}
	again, err := keysIn(t, filepath.Join(dir, "device.aes")).OpenDescription(entries[swu.Description])
	if err != nil || !bytes.Equal(again, clear) {
		t.Errorf("opened: %s, %v", again, err)
	}
}

func TestCipherRefused(t *testing.T) {
	_, cert := device(t, "one", keygen.ECDSAP256)
	static := strings.ReplaceAll(secretArtifacts, `"session"`, `"aes"`)
	for name, c := range map[string]struct{ artifacts, encrypt, want string }{
		"nothing":    {secretArtifacts, `{ }`, "exactly one of recipients and key"},
		"both":       {secretArtifacts, `{ recipients = ["a.crt"], key = "aes" }`, "exactly one of recipients and key"},
		"no file":    {secretArtifacts, `{ recipients = ["b.crt"] }`, "b.crt"},
		"no match":   {secretArtifacts, `{ recipients = ["x*.crt"] }`, "there is no such file"},
		"empty":      {secretArtifacts, `{ recipients = [] }`, "nobody could read the description"},
		"signer":     {secretArtifacts, `{ key = "release" }`, `key "release" has no aes and cannot encrypt`},
		"fresh":      {secretArtifacts, `{ key = "session" }`, "no device has it"},
		"padding":    {secretArtifacts, `{ recipients = ["a.crt"], padding = "none" }`, `padding "none" is unknown: pkcs1v15 and oaep are allowed`},
		"idle":       {secretArtifacts, `{ key = "aes", cipher = "aes-256-gcm" }`, "cipher is for recipients"},
		"static key": {static, `{ recipients = ["a.crt"] }`, "devices take the keys of artifacts from there only"},
	} {
		dir := secretProject(t, c.artifacts, c.encrypt, files{"a.crt": cert})
		p, _ := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
		if _, err := p.Plan(Selection{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	dir := files{
		"fwpack.toml": project(t, "ec-p256", secretArtifacts), "sw-description.in": secretDescription,
		"one.bin": "one", "two.bin": "two", "device.aes": deviceAES,
	}.write(t)
	p, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Plan(Selection{}); err == nil || !strings.Contains(err.Error(), "the description of bundle \"gw\", which would hold it, is not encrypted") {
		t.Errorf("in clear: %v", err)
	}
}

// What the certificates of recipients say is looked at when the clock is known.
func TestRecipientsExpired(t *testing.T) {
	_, cert := device(t, "one", keygen.ECDSAP256)
	dir := secretProject(t, secretArtifacts, `{ recipients = ["a.crt"] }`, files{"a.crt": cert})
	opt := options(dir)
	opt.Now = signNow.Add(11 * 366 * 24 * time.Hour)
	_, err := Build(context.Background(), plan(t, dir), opt)
	if err == nil || !strings.Contains(err.Error(), "encrypt-description: ") || !strings.Contains(err.Error(), "expired on") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "dist", "gw.swu")); err == nil {
		t.Error("there is an output")
	}
}

// A bundle with an encrypted description is signed anew with a key of a device at
// hand; the request shows nothing of what is inside.
func TestSignEncrypted(t *testing.T) {
	key, cert := device(t, "one", keygen.ECDSAP256)
	dir := secretProject(t, secretArtifacts, `{ recipients = ["a.crt"] }`, files{"a.crt": cert, "a.pem": key})
	_, entries := build(t, dir, options(dir))
	in := filepath.Join(dir, "dist", "gw.swu")
	opt := signWith(certifiedKey("ec-p384", "ec-p384"))
	if _, _, err := reseal(in, opt); err == nil || !strings.Contains(err.Error(), "is encrypted for CN=one") {
		t.Errorf("without the key: %v", err)
	}
	opt.Decrypt = keysIn(t, filepath.Join(dir, "a.pem"))
	out, _, err := reseal(in, opt)
	if err != nil {
		t.Fatal(err)
	}
	again := readBundle(t, out)
	if !bytes.Equal(again[swu.Description], entries[swu.Description]) || bytes.Equal(again[swu.Signature], entries[swu.Signature]) {
		t.Error("the description has changed, or the signature has not")
	}
	opt.RequestName = filepath.Join(dir, "request.json")
	s, err := NewSigning(context.Background(), in, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Export(context.Background()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(opt.RequestName)
	if err != nil || bytes.Contains(data, []byte(`"message"`)) || bytes.Contains(data, []byte("two")) {
		t.Errorf("the request shows the description: %s, %v", data, err)
	}
}

// openssl reads what was made for recipients, and the artifacts with the keys in
// there.
func TestConformanceRecipients(t *testing.T) {
	reftool.Need(t, "openssl")
	for _, kind := range []keygen.Type{keygen.RSA3072, keygen.ECDSAP256} {
		key, cert := device(t, "one", kind)
		_, other := device(t, "two", keygen.ECDSAP521)
		dir := secretProject(t, secretArtifacts, `{ recipients = ["all.crt"] }`, files{"all.crt": other + cert, "a.pem": key, "a.crt": cert})
		_, entries := build(t, dir, options(dir))
		at := func(name string) string { return filepath.Join(dir, name) }
		for name, data := range entries {
			writeFile(t, at(name), data)
		}
		for _, args := range [][]string{{"-inkey", at("a.pem")}, {"-inkey", at("a.pem"), "-recip", at("a.crt")}} {
			openssl(t, append([]string{"cms", "-decrypt", "-binary", "-inform", "DER", "-in", at(swu.Description), "-out", at("clear")}, args...)...)
		}
		clear, err := os.ReadFile(at("clear"))
		if err != nil {
			t.Fatal(err)
		}
		checkShipped(t, clear, entries)
		openssl(t, "cms", "-verify", "-binary", "-inform", "DER", "-in", at(swu.Signature), "-content", at("clear"),
			"-CAfile", keyFile(t, "ec-p256.crt"), "-out", os.DevNull)
		doc, err := swdesc.ParseAny(clear)
		if err != nil {
			t.Fatal(err)
		}
		for group := range swufile.Groups(doc) {
			openssl(t, "enc", "-d", "-aes-256-cbc", "-K", textOf(group, "aes-key", ""), "-iv", textOf(group, "ivt", ""),
				"-in", at(textOf(group, "filename", "")), "-out", at("plain"))
		}
		if two, err := os.ReadFile(at("plain")); err != nil || string(two) != "two" {
			t.Errorf("two is %q, %v", two, err)
		}
	}
}

func openssl(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("openssl", args...).CombinedOutput(); err != nil {
		t.Fatalf("openssl %s: %v\n%s", args[0], err, out)
	}
}

// keysIn reads key files.
func keysIn(t *testing.T, files ...string) *swufile.Keys {
	t.Helper()
	keys, err := swufile.ReadKeys(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// trustIn reads certificates to trust.
func trustIn(t *testing.T, file string) sign.Trust {
	t.Helper()
	trust, err := swufile.ReadTrust([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	return sign.Trust{Roots: trust.Roots}
}
