package pack

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/pack/swutest"
	"github.com/fwpack/fwpack/sign"
)

// signNow lies within the validity of the test certificates but for the expired.
var signNow = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func certifiedKey(name, certificate string) *Key {
	return &Key{
		Name: name, Scheme: sign.SchemeCMS,
		PrivateKey: filepath.Join(testKeys, name+".pem"), Certificate: filepath.Join(testKeys, certificate+".crt"),
	}
}

func signWith(keys ...*Key) SignOptions {
	return SignOptions{Options: Options{Rand: rand.Reader, Now: signNow}, Keys: keys}
}

// reseal signs a bundle anew and returns the new file.
func reseal(path string, opt SignOptions) (string, *SignReport, error) {
	ctx := context.Background()
	s, err := NewSigning(ctx, path, opt)
	if err != nil {
		return "", nil, err
	}
	defer s.Close()
	out := filepath.Join(filepath.Dir(path), "out.swu")
	report, err := s.Seal(ctx, out)
	return out, report, err
}

const payloadText = "the payload"

func describing(extra string) string {
	return fmt.Sprintf(`software = {
	version = "1.0";
	hardware-compatibility = [ "1.0" ];
	files = ( { filename = "a"; path = "/a"; type = "rawfile"; sha256 = "%s"; %s } );
};
`, hexDigest([]byte(payloadText)), extra)
}

// signedBy makes a bundle with a signature by ec-p256 that names a certificate.
func signedBy(t *testing.T, certificate string) string {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(testKeys, "ec-p256.pem"))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := sign.ParsePrivateKey(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	certificates, err := readCertificates([]string{filepath.Join(testKeys, certificate+".crt")})
	if err != nil {
		t.Fatal(err)
	}
	description := []byte(describing(""))
	signature, err := sign.Sign(sign.SchemeCMS, description, []sign.Key{{Signer: signer, Certificate: certificates[0]}}, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return writeBundle(t, [][2]string{{swu.Description, string(description)}, {swu.Signature, string(signature)}, {"a", payloadText}})
}

func writeBundle(t *testing.T, entries [][2]string) string {
	t.Helper()
	var out bytes.Buffer
	w := swu.NewWriter(&out)
	for _, entry := range entries {
		if err := writeEntry(context.Background(), w, entry[0], []byte(entry[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "in.swu")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A certificate that has expired is in nobody's way when another takes its place,
// and does not keep anybody from telling whether the release was genuine.
func TestSignAfterExpiry(t *testing.T) {
	in := signedBy(t, "expired")
	opt := signWith(certifiedKey("ec-p384", "ec-p384"))
	opt.Trust = []string{filepath.Join(testKeys, "expired.crt")}
	out, report, err := reseal(in, opt)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Verified || len(report.Removed) != 1 || len(report.Added) != 1 || len(report.Payloads) != 1 {
		t.Errorf("%+v", report)
	}
	b, err := swufile.Open(context.Background(), out, swufile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	trust := trustIn(t, filepath.Join(testKeys, "ec-p384.crt"))
	trust.Now = signNow
	if err := verifyAny(b, trust); err != nil {
		t.Error(err)
	}
	opt.Trust = []string{filepath.Join(testKeys, "rsa2048.crt")}
	var unverified *sign.VerificationError
	if _, _, err := reseal(in, opt); !errors.As(err, &unverified) {
		t.Errorf("signed by a stranger: %v", err)
	}
}

func TestSignRefusesDamage(t *testing.T) {
	description := describing("")
	for name, c := range map[string]struct {
		entries [][2]string
		want    string
	}{
		"payload":    {[][2]string{{swu.Description, description}, {"a", "another payload"}}, "a: sha256 is "},
		"missing":    {[][2]string{{swu.Description, description}}, "a: the description names it, but it is not in the bundle"},
		"no text":    {[][2]string{{swu.Description, "\x00\x01"}}, "sw-description cannot be read"},
		"no version": {[][2]string{{swu.Description, strings.Replace(description, "version", "persion", 1)}, {"a", payloadText}}, "version"},
	} {
		in := writeBundle(t, c.entries)
		_, _, err := reseal(in, signWith(certifiedKey("ec-p384", "ec-p384")))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(in), "out.swu")); err == nil {
			t.Errorf("%s: written all the same", name)
		}
	}
}

// What only the check has against a bundle can be signed, on demand.
func TestSignUnchecked(t *testing.T) {
	in := writeBundle(t, [][2]string{{swu.Description, describing(`type2 = "x"; installed-directly = "yes";`)}, {"a", payloadText}})
	opt := signWith(certifiedKey("ec-p384", "ec-p384"))
	_, _, err := reseal(in, opt)
	var unfit *UnfitError
	if !errors.As(err, &unfit) {
		t.Fatalf("error %v", err)
	}
	opt.Unchecked = true
	if _, report, err := reseal(in, opt); err != nil || len(report.Remaining) == 0 {
		t.Errorf("unchecked: %v, %v", report, err)
	}
}

// Entries without a sum get one.
func TestSignOlderArchive(t *testing.T) {
	in := signedBy(t, "ec-p256")
	data, err := os.ReadFile(in)
	if err != nil {
		t.Fatal(err)
	}
	for at := bytes.Index(data, []byte("070702")); at >= 0; at = bytes.Index(data, []byte("070702")) {
		copy(data[at:], "070701")
		copy(data[at+102:], "00000000")
	}
	if err := os.WriteFile(in, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, err := reseal(in, signWith(certifiedKey("ec-p384", "ec-p384")))
	if err != nil {
		t.Fatal(err)
	}
	b, err := swufile.Open(context.Background(), out, swufile.Options{})
	if err != nil || len(b.Problems) != 0 || b.Payloads[0].SHA256() != hexDigest([]byte(payloadText)) {
		t.Errorf("%v, %v", b, err)
	}
}

// A file that changes between being read and being copied leaves no output.
func TestSignChangedMeanwhile(t *testing.T) {
	in := signedBy(t, "ec-p256")
	ctx := context.Background()
	s, err := NewSigning(ctx, in, signWith(certifiedKey("ec-p384", "ec-p384")))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(in)
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Replace(data, []byte(payloadText), []byte("payload the"), 1) // of the same sum
	if err := os.WriteFile(in, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(filepath.Dir(in), "out.swu")
	if _, err := s.Seal(ctx, out); err == nil || !strings.Contains(err.Error(), `entry "a": is not what was read before`) {
		t.Errorf("error %v", err)
	}
	left, err := os.ReadDir(filepath.Dir(in))
	if err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestSignRefusesKeys(t *testing.T) {
	in := signedBy(t, "ec-p256")
	raw := &Key{Name: "raw", Scheme: sign.SchemeRSAPSS, PrivateKey: filepath.Join(testKeys, "rsa2048.pem")}
	for want, opt := range map[string]SignOptions{
		`key "ec-p384" is named twice`: signWith(certifiedKey("ec-p384", "ec-p384"), certifiedKey("ec-p384", "ec-p384")),
		"one scheme is possible":       signWith(certifiedKey("ec-p384", "ec-p384"), raw),
		"expired at":                   signWith(certifiedKey("ec-p256", "expired")),
		"belongs to another key":       signWith(certifiedKey("ec-p256", "ec-p384")),
		"2 signatures are required":    {Options: Options{Now: signNow}, Required: 2},
		"holds one signature":          {Options: Options{Now: signNow}, Keys: []*Key{raw}, Add: true},
		"no signer is called":          {Options: Options{Now: signNow}, Strip: []string{"nobody"}},
	} {
		if _, _, err := reseal(in, opt); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	unsigned := writeBundle(t, [][2]string{{swu.Description, describing("")}, {"a", payloadText}})
	opt := signWith(certifiedKey("ec-p384", "ec-p384"))
	opt.Trust = []string{filepath.Join(testKeys, "ec-p256.crt")}
	if _, _, err := reseal(unsigned, opt); err == nil || !strings.Contains(err.Error(), "signature: there is none") {
		t.Errorf("unsigned: %v", err)
	}
}

func TestIsCalled(t *testing.T) {
	b, err := swufile.Open(context.Background(), signedBy(t, "ec-p256"), swufile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	signer := signersOf(b)[0]
	for who, want := range map[string]bool{
		"all": true, "fwpack test ec-p256": true, "CN=fwpack test ec-p256,O=TEST ONLY": true, "fwpack test": false, "": false,
		signer.KeyFingerprint: true, signer.KeyFingerprint[len("sha256:"):][:8]: true, signer.KeyFingerprint[len("sha256:"):][:7]: false,
		strings.ToUpper(signer.CertificateFingerprint[len("sha256:"):]): true, "sha256:0011223344": false, "sha256": false,
	} {
		if got := isCalled(signer, who); got != want {
			t.Errorf("isCalled(%q) = %v", who, got)
		}
	}
}

func TestChanges(t *testing.T) {
	read := func(description string, payloads ...[2]string) *swufile.File {
		b, err := swufile.Open(context.Background(), writeBundle(t, append([][2]string{{swu.Description, description}}, payloads...)), swufile.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	before := read(describing(""), [2]string{"a", payloadText}, [2]string{"old", "x"})
	after := read(strings.Replace(describing(`compressed = "zlib";`), `"/a"`, `"/b"`, 1), [2]string{"a", "other"}, [2]string{"new", "yy"})
	got := strings.Join(changes(before, after), "\n")
	const want = `payload a: other content, 5 bytes after 11
payload new: new, 2 bytes
payload old: gone
software.files a: compressed: new, "zlib"
software.files a: path: "/b" after "/a"
problem: new, a: sha256 is `
	if !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if same := changes(before, before); len(same) != 1 || same[0] != "nothing" {
		t.Errorf("the same: %q", same)
	}
}

// Debian's client takes a bundle that was signed anew, and the payload is the one
// of before.
func TestConformanceSign(t *testing.T) {
	in := swutest.Write(t, testKeys, describing(""), swutest.Member{Name: "a", Data: payloadText})
	opt := signWith(certifiedKey("rsa3072", "rsa3072"))
	out, _, err := reseal(in, opt)
	if err != nil {
		t.Fatal(err)
	}
	checkClient(t, out, "rsa3072.crt", true)
	checkClient(t, out, "ec-p256.crt", false)
	opt = signWith(certifiedKey("ec-p521", "ec-p521"))
	opt.Add = true
	both, _, err := reseal(out, opt)
	if err != nil {
		t.Fatal(err)
	}
	checkClient(t, both, "rsa3072.crt", true) // it skips the one that it does not know
	checkClient(t, both, "ec-p521.crt", true)
	opt = SignOptions{Options: Options{Rand: rand.Reader, Now: signNow}, Strip: []string{"fwpack test rsa3072"}}
	one, _, err := reseal(both, opt)
	if err != nil {
		t.Fatal(err)
	}
	checkClient(t, one, "rsa3072.crt", false)
	checkClient(t, one, "ec-p521.crt", true)
}

func checkClient(t *testing.T, bundle, trusted string, want bool) {
	t.Helper()
	if v := (reftool.Client{Cert: filepath.Join(testKeys, trusted)}).Check(t, bundle); v.Accepted != want {
		t.Errorf("client that trusts %s: accepted %v, want %v\n%s", trusted, v.Accepted, want, v.Log)
	}
}
