package keygen_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
)

// folder has the files of one test, and openssl working on them.
type folder struct {
	t   *testing.T
	dir string
}

func newFolder(t *testing.T) folder {
	t.Helper()
	reftool.Need(t, "openssl")
	f := folder{t, t.TempDir()}
	f.write("pass", []byte("fwpack test only"))
	return f
}

func (f folder) path(name string) string { return filepath.Join(f.dir, name) }

func (f folder) write(name string, data []byte) {
	f.t.Helper()
	if err := keygen.WriteNew(f.path(name), data, keygen.SecretMode); err != nil {
		f.t.Fatal(err)
	}
}

func (f folder) read(name string) []byte {
	f.t.Helper()
	data, err := os.ReadFile(f.path(name))
	if err != nil {
		f.t.Fatal(err)
	}
	return data
}

// openssl runs openssl in the folder and returns what it prints.
func (f folder) openssl(args ...string) string {
	f.t.Helper()
	cmd := exec.Command("openssl", args...)
	cmd.Dir = f.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		f.t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (f folder) key(name string, kind keygen.Type, passphrase []byte) keygen.PrivateKey {
	f.t.Helper()
	key, err := keygen.Generate(kind, rand.Reader)
	if err != nil {
		f.t.Fatal(err)
	}
	data, err := keygen.MarshalPrivateKey(key, passphrase, rand.Reader)
	if err != nil {
		f.t.Fatal(err)
	}
	f.write(name, data)
	return key
}

func (f folder) certificate(name string, key any, opt keygen.CertificateOptions) {
	f.t.Helper()
	now := time.Now().UTC()
	opt.NotBefore = now.Add(-time.Hour)
	if opt.CA {
		opt.NotBefore = now.Add(-2 * time.Hour)
	}
	if opt.NotAfter.IsZero() {
		opt.NotAfter = now.AddDate(1, 0, 0)
	}
	data, err := keygen.NewCertificate(key, opt, rand.Reader)
	if err != nil {
		f.t.Fatal(err)
	}
	f.write(name, data)
}

// openssl finds every kind of key sound, and has the same public key and hash for
// it. One of each form of PKCS #8 is encrypted, and opened by its passphrase.
func TestConformanceOpenSSLKeys(t *testing.T) {
	for _, kind := range keygen.Types()[:8] {
		if testing.Short() && (kind == keygen.RSA3072 || kind == keygen.RSA4096) {
			continue
		}
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			f := newFolder(t)
			var passphrase []byte
			if kind == keygen.RSA2048 || kind == keygen.ECDSAP256 || kind == keygen.X25519 {
				passphrase = []byte("fwpack test only")
			}
			key := f.key("key.pem", kind, passphrase)
			f.openssl("pkey", "-in", "key.pem", "-passin", "file:pass", "-out", "plain.pem")
			if out := f.openssl("pkey", "-in", "plain.pem", "-check", "-noout"); !strings.Contains(out, "Key is valid") {
				t.Errorf("openssl says %s", out)
			}
			f.openssl("pkey", "-in", "plain.pem", "-pubout", "-out", "pub.pem")
			pub, err := keygen.MarshalPublicKey(key.Public())
			if err != nil || !bytes.Equal(pub, f.read("pub.pem")) {
				t.Errorf("another public key, error %v", err)
			}
			f.openssl("pkey", "-pubin", "-in", "pub.pem", "-outform", "DER", "-out", "pub.der")
			sum := f.openssl("dgst", "-sha256", "-r", "pub.der")
			if hash, err := keygen.Hash(key.Public(), keygen.HashSPKI); err != nil || !strings.HasPrefix(sum, hash) {
				t.Errorf("hash %s, error %v, openssl says %s", hash, err, sum)
			}
		})
	}
}

// What openssl encrypts is opened here.
func TestConformanceOpenSSLEncrypts(t *testing.T) {
	f := newFolder(t)
	for _, kind := range []string{"X25519", "ED25519"} {
		f.openssl("genpkey", "-algorithm", kind, "-aes-256-cbc", "-pass", "file:pass", "-out", kind+".pem")
		pub, err := keygen.PublicKey(f.read(kind+".pem"), func() ([]byte, error) { return f.read("pass"), nil })
		if err != nil {
			t.Fatal(err)
		}
		text, err := keygen.MarshalPublicKey(pub)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.openssl("pkey", "-in", kind+".pem", "-passin", "file:pass", "-pubout"); got != string(text) {
			t.Errorf("%s: openssl says\n%s", kind, got)
		}
	}
}

// openssl accepts certificates for what they are made for, strictly by RFC 5280,
// and for nothing else.
func TestConformanceOpenSSLVerify(t *testing.T) {
	f := newFolder(t)
	root := f.key("ca.pem", keygen.ECDSAP384, nil)
	f.certificate("ca.crt", root, keygen.CertificateOptions{CommonName: "root", CA: true, NotAfter: time.Now().AddDate(20, 0, 0)})
	authority, err := sign.ParseCertificates(f.read("ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	issuer := &keygen.Issuer{Certificate: authority[0], Key: root.(crypto.Signer)}
	for _, kind := range []keygen.Type{keygen.RSA2048, keygen.ECDSAP256, keygen.ECDSAP384, keygen.ECDSAP521} {
		name := string(kind)
		key := f.key(name+".pem", kind, nil)
		f.certificate(name+".crt", key, keygen.CertificateOptions{CommonName: name})
		f.certificate(name+"-leaf.crt", key.Public(), keygen.CertificateOptions{CommonName: name, Issuer: issuer})
		f.openssl("verify", "-purpose", "smimesign", "-CAfile", name+".crt", name+".crt")
		f.openssl("verify", "-x509_strict", "-purpose", "smimesign", "-CAfile", "ca.crt", name+"-leaf.crt")
		if out := f.openssl("x509", "-in", name+"-leaf.crt", "-noout", "-purpose"); !strings.Contains(out, "SSL server : No") {
			t.Errorf("%s: openssl says %s", name, out)
		}
		items, err := keygen.Describe(f.read(name + "-leaf.crt"))
		if err != nil {
			t.Fatal(err)
		}
		print := f.openssl("x509", "-in", name+"-leaf.crt", "-noout", "-serial", "-fingerprint", "-sha256")
		print = strings.ToLower(strings.ReplaceAll(print, ":", ""))
		c := items[0].Certificate
		if !strings.Contains(print, strings.ToLower(c.Serial)) || !strings.Contains(print, strings.TrimPrefix(c.Fingerprint, "sha256:")) {
			t.Errorf("%s: serial %s, fingerprint %s, openssl says %s", name, c.Serial, c.Fingerprint, print)
		}
	}
}

// Debian's SWUpdate installs a bundle whose key and certificate were made here:
// signed by itself, or below an authority that the device knows.
func TestConformanceSWUpdate(t *testing.T) {
	t.Parallel()
	reftool.Need(t, "swupdate")
	f := newFolder(t)
	f.certificate("self.crt", f.key("self.pem", keygen.RSA2048, nil), keygen.CertificateOptions{CommonName: "self"})
	root := f.key("ca.pem", keygen.ECDSAP256, nil)
	f.certificate("ca.crt", root, keygen.CertificateOptions{CommonName: "root", CA: true, NotAfter: time.Now().AddDate(20, 0, 0)})
	authority, err := sign.ParseCertificates(f.read("ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	leaf := f.key("leaf.pem", keygen.ECDSAP384, nil)
	f.certificate("leaf.crt", leaf.Public(), keygen.CertificateOptions{
		CommonName: "leaf", Issuer: &keygen.Issuer{Certificate: authority[0], Key: root.(crypto.Signer)},
	})
	for name, trusted := range map[string]string{"self": "self.crt", "leaf": "ca.crt"} {
		swu := f.bundle(name)
		if v := (reftool.Client{Cert: f.path(trusted)}).Install(t, swu); !v.Accepted {
			t.Errorf("%s: refused: %s\n%s", name, v.Reason, v.Log)
		}
		if got := string(f.read(name + ".installed")); got != name {
			t.Errorf("%s: installed %q", name, got)
		}
	}
}

// bundle builds a bundle signed with the key of that name.
func (f folder) bundle(name string) string {
	f.t.Helper()
	f.write(name+".toml", []byte(strings.ReplaceAll(`schema = 1
project = { name = "gw", version = "1" }
[keys.release]
scheme = "cms"
key = "NAME.pem"
cert = "NAME.crt"
[[bundle]]
name = "gw"
output = "gw.swu"
description = "NAME.in"
sign = ["release"]
`, "NAME", name)))
	f.write(name+".data", []byte(name))
	f.write(name+".in", []byte(`software = { version = "1"; hardware-compatibility = ["1.0"]; files = ({ filename = "`+
		name+`.data"; path = "`+f.path(name+".installed")+`"; }); };`))
	project, err := pack.Load(f.path(name+".toml"), pack.Inputs{})
	if err != nil {
		f.t.Fatal(err)
	}
	plan, err := project.Plan(pack.Selection{})
	if err != nil {
		f.t.Fatal(err)
	}
	out := f.path(name + ".out")
	if _, err := pack.Build(context.Background(), plan, pack.Options{Out: out, Rand: rand.Reader, Tool: "test", Now: time.Now()}); err != nil {
		f.t.Fatal(err)
	}
	return filepath.Join(out, "gw.swu")
}
