package envelope

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/cms"
)

var forms = map[string]Options{
	"default": {}, "OAEP": {OAEP: true}, "GCM": {GCM: true}, "OAEP and GCM": {OAEP: true, GCM: true},
}

func TestSealAndOpen(t *testing.T) {
	for name, opt := range forms {
		der := seal(t, description, certificatesOf(t, everyone...), opt)
		for _, who := range everyone {
			for _, cert := range []*x509.Certificate{nil, certificateOf(t, who)} {
				got, err := Open(der, keyOf(t, who), cert)
				if err != nil || !bytes.Equal(got, description) {
					t.Errorf("%s, %s: %q, error %v", name, who, got, err)
				}
			}
		}
	}
}

// Whatever the recipients and the length, Size is exact.
func TestSizeIsExact(t *testing.T) {
	random := mathrand.New(mathrand.NewPCG(1, 2))
	for range 40 {
		var recipients []*x509.Certificate
		for i, n := 0, 1+random.IntN(25); i < n; i++ {
			recipients = append(recipients, renamed(t, random, i))
		}
		opt := Options{OAEP: random.IntN(2) == 0, GCM: random.IntN(2) == 0}
		seal(t, make([]byte, random.IntN(1<<uint(random.IntN(18)))), recipients, opt)
	}
}

// renamed is a certificate with another issuer and serial number, of random
// lengths: an envelope takes no more from it than those and the key.
func renamed(t *testing.T, random *mathrand.Rand, i int) *x509.Certificate {
	t.Helper()
	c := *certificateOf(t, everyone[random.IntN(len(everyone))])
	c.Raw = nil
	serial := make([]byte, 4+random.IntN(17))
	for j := range serial {
		serial[j] = byte(random.Uint32())
	}
	binary.BigEndian.PutUint32(serial, uint32(i)) // each its own
	c.SerialNumber = new(big.Int).SetBytes(serial)
	c.SerialNumber.Add(c.SerialNumber, big.NewInt(1))
	name := "CN=" + strings.Repeat("x", random.IntN(300))
	c.RawIssuer = append([]byte{0x30, 0x82, byte((len(name) + 256) >> 8), byte(len(name))}, make([]byte, len(name)+256)...)
	return &c
}

// The bytes per recipient that the package comment promises.
func TestBytesPerRecipient(t *testing.T) {
	for _, c := range []struct {
		who        string
		want, oaep int
	}{
		{"rsa2048", 284, 327},
		{"rsa3072", 412, 455},
		{"rsa4096", 540, 583},
		{"ec-p256", 160, 160},
		{"ec-p384", 192, 192},
		{"ec-p521", 232, 232},
	} {
		device := issue(t, keyOf(t, c.who), func(*x509.Certificate) {})
		named := len(device.RawIssuer) + 2 + 20
		if named != 59 {
			t.Errorf("issuer and serial number have %d bytes", named)
		}
		second, third := *device, *device
		second.SerialNumber = new(big.Int).Add(device.SerialNumber, big.NewInt(1))
		third.SerialNumber = new(big.Int).Add(device.SerialNumber, big.NewInt(2))
		// From two to three recipients the lengths around do not grow.
		two := []*x509.Certificate{device, &second}
		added := func(opt Options) int { return Size(5000, append(two, &third), opt) - Size(5000, two, opt) - named }
		if got, oaep := added(Options{}), added(Options{OAEP: true}); got != c.want || oaep != c.oaep {
			t.Errorf("%s: %d bytes, with OAEP %d", c.who, got, oaep)
		}
	}
}

func TestSealRefuses(t *testing.T) {
	_, err := Seal(description, certificatesOf(t, "ed25519"), Options{Rand: rand.Reader})
	wantError(t, err, `sealing an envelope: recipient "CN=fwpack test ed25519,O=TEST ONLY" (serial number 9) has a key of type Ed25519: want RSA, or EC on P-256, P-384 or P-521`)
	_, err = Seal(description, certificatesOf(t, "ec-p256"), Options{})
	wantError(t, err, "sealing an envelope: no source of randomness")
	_, err = Seal(make([]byte, MaxSize-100), certificatesOf(t, "ec-p256"), Options{Rand: rand.Reader})
	wantError(t, err, "sealing an envelope: it has 16777422 bytes, at most 16777216 are allowed")
	if n := Size(1, nil, Options{}); n != 0 {
		t.Errorf("for nobody: %d bytes", n)
	}
}

func TestOpenErrors(t *testing.T) {
	der := seal(t, description, certificatesOf(t, "rsa2048", "ec-p256"), Options{})
	_, err := Open(der, keyOf(t, "leaf"), nil)
	wantError(t, err, "envelope: not decrypted: the key is no recipient's, or the data is damaged")
	if !errors.Is(err, ErrDecrypt) {
		t.Error("not ErrDecrypt")
	}
	_, err = Open(der, keyOf(t, "leaf"), certificateOf(t, "leaf"))
	wantError(t, err, `envelope: certificate "CN=fwpack test leaf,O=TEST ONLY" (serial number 12E) is of no recipient`)
	_, err = Open(description, keyOf(t, "leaf"), nil)
	wantError(t, err, "envelope: cms: not DER: want a SEQUENCE, which begins with byte 0x30")
}

func TestIs(t *testing.T) {
	for _, opt := range forms {
		der := seal(t, description, certificatesOf(t, "ec-p256"), opt)
		if !Is(der) || !Is(der[:20]) || Is(der[1:]) || Is(der[:10]) {
			t.Errorf("%v: not recognised, or what is none", opt)
		}
	}
	for _, c := range []struct {
		data string
		want bool
	}{
		{"", false}, {"0", false}, {"software = {};", false}, {"0\x80", false}, {"0\xff", false},
		{"0\x80" + envelopedID, true}, // BER, for Open to refuse
		{"0\x20" + authEnvelopedID, true},
		{"0\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", false}, // a signature
	} {
		if got := Is([]byte(c.data)); got != c.want {
			t.Errorf("%q: %v", c.data, got)
		}
	}
	certificate := certificateOf(t, "rsa2048").Raw
	if Is(certificate) {
		t.Error("a certificate is none")
	}
}

func TestRecipients(t *testing.T) {
	var kinds, names []string
	for _, opt := range []Options{{}, {OAEP: true}} {
		list, err := Recipients(seal(t, description, certificatesOf(t, everyone...), opt))
		if err != nil || len(list) != len(everyone) {
			t.Fatalf("%d recipients, error %v", len(list), err)
		}
		for _, r := range list {
			kinds, names = append(kinds, r.Kind), append(names, r.String())
			if r.Unsupported != nil || r.Names(certificateOf(t, "leaf")) {
				t.Errorf("%+v", r)
			}
		}
	}
	all := strings.Join(kinds, " ")
	for kind, n := range map[string]int{"RSA PKCS#1 v1.5": 3, "RSA OAEP": 3, "ECDH P-256": 2, "ECDH P-384": 2, "ECDH P-521": 2} {
		if got := strings.Count(all, kind); got != n {
			t.Errorf("%d of kind %s, want %d", got, kind, n)
		}
	}
	if want := "CN=fwpack test rsa2048,O=TEST ONLY, serial number 2"; !strings.Contains(strings.Join(names, "\n"), want) {
		t.Errorf("names %q", names)
	}
	if _, err := Recipients(nil); err == nil {
		t.Error("nothing has recipients")
	}
}

// Two recipients by key identifier, one of a kind that Open does not know, one
// on a curve that it does not know, and one whose issuer is no name.
func TestOtherRecipients(t *testing.T) {
	der, err := os.ReadFile("testdata/aes192-keyid.der")
	if err != nil {
		t.Fatal(err)
	}
	list, err := Recipients(der)
	if err != nil {
		t.Fatal(err)
	}
	for i, who := range []string{"rsa3072", "ec-p384"} {
		c, r := certificateOf(t, who), &list[i]
		want := fmt.Sprintf("key identifier %X", c.SubjectKeyId)
		if r.String() != want || !r.Names(c) || r.Names(certificateOf(t, "leaf")) || r.Issuer != "" {
			t.Errorf("%+v: %s", r, r)
		}
	}
	r, err := recipientOf(&cms.Recipient{Unsupported: errors.New("a password")})
	if err != nil || r.Kind != "other" || r.String() != "unnamed" || r.Names(certificateOf(t, "leaf")) {
		t.Errorf("%+v, error %v", r, err)
	}
	if kind := kindOf(&cms.Recipient{Kind: cms.AgreementECDH}); kind != "ECDH" {
		t.Errorf("kind %q", kind)
	}
	_, err = recipientOf(&cms.Recipient{RawIssuer: []byte{0x30, 1, 0}, Serial: big.NewInt(1)})
	wantError(t, err, "the issuer is not a name")
}

func TestCipherRefuses(t *testing.T) {
	_, err := Cipher(description)
	wantError(t, err, "envelope: cms: not DER: want a SEQUENCE, which begins with byte 0x30")
}

// What openssl 3.0 made, for the keys that the names of the files say; the
// conformance test holds the commands.
func TestVectors(t *testing.T) {
	for _, v := range vectors {
		der, err := os.ReadFile("testdata/" + v.name + ".der")
		if err != nil {
			t.Fatal(err)
		}
		checkVector(t, v, der)
	}
}

func checkVector(t *testing.T, v vector, der []byte) {
	t.Helper()
	if cipher, err := Cipher(der); err != nil || cipher != v.cipher || !Is(der) {
		t.Errorf("%s: cipher %q, error %v", v.name, cipher, err)
	}
	list, err := Recipients(der)
	if err != nil || len(list) != len(v.recipients) {
		t.Fatalf("%s: %d recipients, error %v", v.name, len(list), err)
	}
	for _, who := range v.recipients {
		for _, cert := range []*x509.Certificate{nil, certificateOf(t, who)} {
			got, err := Open(der, keyOf(t, who), cert)
			if err != nil || !bytes.Equal(got, description) {
				t.Errorf("%s for %s: %q, error %v", v.name, who, got, err)
			}
		}
	}
}

func TestAES(t *testing.T) {
	iv := []byte("0123456789abcdef")
	for _, n := range []int{16, 24, 32} {
		key := bytes.Repeat([]byte{7}, n)
		sealed, err := SealAES(description, key, iv)
		if err != nil || len(sealed) != SizeAES(len(description)) {
			t.Fatalf("%d bytes, error %v", len(sealed), err)
		}
		if got, err := OpenAES(sealed, key, iv); err != nil || !bytes.Equal(got, description) {
			t.Errorf("opened %q, error %v", got, err)
		}
		_, err = OpenAES(sealed[1:], key, iv)
		if err != ErrDecrypt {
			t.Errorf("error %v", err)
		}
	}
	_, err := SealAES(nil, make([]byte, 33), iv)
	wantError(t, err, "AES key of 33 bytes: want 16, 24 or 32")
	_, err = OpenAES(nil, make([]byte, 32), iv[1:])
	wantError(t, err, "AES IV of 15 bytes: want 16")
}

func FuzzOpen(f *testing.F) {
	for _, opt := range forms {
		f.Add(seal(f, description, certificatesOf(f, "ec-p256", "rsa2048"), opt))
	}
	key := keyOf(f, "ec-p256")
	f.Fuzz(func(t *testing.T, der []byte) {
		list, err := Recipients(der)
		if err != nil {
			return
		}
		if !Is(der) || len(list) == 0 {
			t.Error("recipients of what is no envelope")
		}
		for i := range list {
			if list[i].String() == "" || list[i].Kind == "" {
				t.Errorf("%+v", list[i])
			}
		}
		if _, err := Open(der, key, nil); err != nil && !strings.HasPrefix(err.Error(), "envelope: ") {
			t.Error(err)
		}
	})
}
