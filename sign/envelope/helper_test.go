package envelope

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const keys = "../../testdata/keys/"

var everyone = []string{"rsa2048", "rsa3072", "rsa4096", "ec-p256", "ec-p384", "ec-p521"}

// description is long enough for a device, and has line ends of both kinds.
var description = []byte("software =\r\n{\n\tversion = \"1.0\";\n\timages: ({ filename = \"rootfs.ext4\"; aes-key = \"00\"; });\n}\n")

// now is a moment within the certificates' validity.
var now = time.Date(2026, time.November, 1, 12, 0, 0, 0, time.UTC)

func readPEM(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(keys, file))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	return block.Bytes
}

func keyOf(t testing.TB, name string) crypto.Signer {
	t.Helper()
	key, err := x509.ParsePKCS8PrivateKey(readPEM(t, name+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	return key.(crypto.Signer)
}

func certificateOf(t testing.TB, name string) *x509.Certificate {
	t.Helper()
	c, err := x509.ParseCertificate(readPEM(t, name+".crt"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func certificatesOf(t testing.TB, names ...string) (list []*x509.Certificate) {
	t.Helper()
	for _, name := range names {
		list = append(list, certificateOf(t, name))
	}
	return list
}

// issue makes a certificate for key that differs from the usual by change.
func issue(t testing.TB, key crypto.Signer, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: new(big.Int).Lsh(big.NewInt(0x42), 8*19), // 20 bytes, as openssl draws them
		Subject:      pkix.Name{CommonName: "device", Organization: []string{"example"}},
		NotBefore:    now.AddDate(-1, 0, 0),
		NotAfter:     now.AddDate(1, 0, 0),
		SubjectKeyId: []byte("key of the device"),
	}
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fleet makes n devices with keys on the curve. Their certificates are not
// signed: an envelope takes issuer, serial number and key only.
func fleet(t testing.TB, n int, curve elliptic.Curve) (list []*x509.Certificate, all []crypto.Signer) {
	t.Helper()
	model := issue(t, keyOf(t, "ec-p256"), func(c *x509.Certificate) { c.Subject.CommonName = curve.Params().Name })
	for i := range n {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		c := *model
		c.Raw, c.PublicKey, c.SerialNumber = nil, key.Public(), big.NewInt(int64(1+i))
		list, all = append(list, &c), append(all, key)
	}
	return list, all
}

func seal(t testing.TB, plaintext []byte, recipients []*x509.Certificate, opt Options) []byte {
	t.Helper()
	opt.Rand = rand.Reader
	der, err := Seal(plaintext, recipients, opt)
	if err != nil {
		t.Fatal(err)
	}
	if size := Size(len(plaintext), recipients, opt); size != len(der) {
		t.Errorf("size %d, sealed %d bytes", size, len(der))
	}
	return der
}

func wantError(t testing.TB, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("error:\n got %v\nwant %s", err, want)
	}
}

func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// writeDevice writes key and certificate to one file each.
func writeDevice(t testing.TB, key crypto.Signer, c *x509.Certificate) (keyFile, certFile string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	keyFile = write(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	return keyFile, write(t, "cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
}
