package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fwpack/fwpack/internal/reftool"
)

// envelopeFor encrypts content for the certificates of those names.
func envelopeFor(t testing.TB, o EnvelopeOptions, names ...string) []byte {
	t.Helper()
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	der, err := BuildEnvelope(content, certificatesOf(t, names...), o)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func certificatesOf(t testing.TB, names ...string) (list []*x509.Certificate) {
	t.Helper()
	for _, name := range names {
		list = append(list, certificateOf(t, name))
	}
	return list
}

func mustParseEnvelope(t testing.TB, der []byte) *Envelope {
	t.Helper()
	e, err := ParseEnvelope(der)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func mustOpen(t testing.TB, der []byte, key crypto.PrivateKey, c *x509.Certificate) {
	t.Helper()
	got, err := mustParseEnvelope(t, der).Open(key, c)
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("opened %q, error %v", got, err)
	}
}

var everyone = []string{"rsa2048", "rsa3072", "rsa4096", "ec-p256", "ec-p384", "ec-p521"}

var everyForm = map[string]EnvelopeOptions{
	"CBC": {}, "GCM": {GCM: true}, "CBC with OAEP": {OAEP: true}, "GCM with OAEP": {GCM: true, OAEP: true},
}

func TestEnvelopeOpensForEveryone(t *testing.T) {
	for name, o := range everyForm {
		der := envelopeFor(t, o, everyone...)
		for _, who := range everyone {
			t.Run(name+" "+who, func(t *testing.T) {
				mustOpen(t, der, signerOf(t, who), nil)
				mustOpen(t, der, signerOf(t, who), certificateOf(t, who))
			})
		}
	}
}

// hiddenDecrypter and hiddenExchanger hide the type of a key, as a token does.
type hiddenDecrypter struct{ crypto.Decrypter }

type hiddenExchanger struct{ ecdh.KeyExchanger }

func TestEnvelopeOpensWithTokens(t *testing.T) {
	der := envelopeFor(t, EnvelopeOptions{OAEP: true}, everyone...)
	mustOpen(t, der, hiddenDecrypter{signerOf(t, "rsa3072").(*rsa.PrivateKey)}, nil)
	key, err := signerOf(t, "ec-p521").(*ecdsa.PrivateKey).ECDH()
	if err != nil {
		t.Fatal(err)
	}
	mustOpen(t, der, hiddenExchanger{key}, certificateOf(t, "ec-p521"))
}

func TestEnvelopeContents(t *testing.T) {
	c := certificatesOf(t, "ec-p256")
	for name, o := range everyForm {
		o.Rand = rand.Reader
		for _, n := range []int{0, 1, 15, 16, 17, 1 << 20} {
			plaintext := bytes.Repeat([]byte{'a'}, n)
			der, err := BuildEnvelope(plaintext, c, o)
			if err != nil {
				t.Fatal(err)
			}
			got, err := mustParseEnvelope(t, der).Open(signerOf(t, "ec-p256"), nil)
			if err != nil || !bytes.Equal(got, plaintext) {
				t.Errorf("%s, %d bytes: %d bytes, error %v", name, n, len(got), err)
			}
		}
	}
}

// The same random bytes give the same envelope, in whatever order the
// recipients come; without PKCS #1 v1.5, whose padding is Go's own.
func TestEnvelopeRepeats(t *testing.T) {
	build := func(names ...string) []byte {
		return envelopeFor(t, EnvelopeOptions{OAEP: true, Rand: &counting{}}, names...)
	}
	if !bytes.Equal(build("ec-p256", "rsa2048"), build("ec-p256", "rsa2048")) {
		t.Error("two envelopes differ")
	}
	names := func(names ...string) (order []string) {
		for _, r := range mustParseEnvelope(t, build(names...)).Recipients {
			order = append(order, string(r.RawIssuer))
		}
		return order
	}
	if a, b := names("ec-p521", "rsa2048", "ec-p256"), names("rsa2048", "ec-p256", "ec-p521"); strings.Join(a, "") != strings.Join(b, "") {
		t.Error("the recipients are not sorted")
	}
}

// counting is not random, but never the same.
type counting struct{ n uint64 }

func (c *counting) Read(p []byte) (int, error) {
	for i := range p {
		c.n++
		p[i] = byte(c.n * 0x9e3779b97f4a7c15 >> 56)
	}
	return len(p), nil
}

func TestEnvelopeSize(t *testing.T) {
	check := func(n int, o EnvelopeOptions, names ...string) {
		t.Helper()
		o.Rand = rand.Reader
		c := certificatesOf(t, names...)
		der, err := BuildEnvelope(make([]byte, n), c, o)
		if err != nil {
			t.Fatal(err)
		}
		if size, err := EnvelopeSize(n, c, o); err != nil || size != len(der) {
			t.Errorf("%d bytes for %v: size %d, error %v, envelope of %d", n, names, size, err, len(der))
		}
	}
	for _, o := range everyForm {
		for n := range 300 { // lengths of one, two and three octets
			check(n, EnvelopeOptions{GCM: o.GCM}, "ec-p256")
		}
		for _, n := range []int{0, 0xff00, 0xfff0, 0xffff, 0x10000, 1<<24 - 1, 1 << 24} {
			check(n, o, "ec-p256")
		}
		for i := range everyone {
			check(i, o, everyone[i])
			check(i, o, everyone[i:]...)
		}
	}
	if _, err := EnvelopeSize(1, certificatesOf(t, "ed25519"), EnvelopeOptions{}); err == nil {
		t.Error("an envelope for Ed25519 has a size")
	}
}

func TestBuildEnvelopeRefuses(t *testing.T) {
	twin := *certificateOf(t, "ec-p384")
	twin.RawIssuer, twin.SerialNumber = certificateOf(t, "ec-p256").RawIssuer, certificateOf(t, "ec-p256").SerialNumber
	unknown := *certificateOf(t, "rsa2048")
	unknown.PublicKey, unknown.PublicKeyAlgorithm = nil, x509.UnknownPublicKeyAlgorithm
	many := make([]*x509.Certificate, maxRecipients+1)
	for _, c := range []struct {
		want       string
		recipients []*x509.Certificate
		random     io.Reader
	}{
		{"no source of randomness", certificatesOf(t, "ec-p256"), nil},
		{"0 recipients: want 1 to 10000", nil, rand.Reader},
		{"10001 recipients: want 1 to 10000", many, rand.Reader},
		{"recipient without a certificate", many[:1], rand.Reader},
		{`recipient "CN=fwpack test ed25519,O=TEST ONLY" (serial number 9) has a key of type Ed25519: want RSA, or EC on P-256, P-384 or P-521`,
			certificatesOf(t, "rsa2048", "ed25519"), rand.Reader},
		{`recipient "CN=fwpack test rsa2048,O=TEST ONLY" (serial number 2) has a key of type unknown: want RSA, or EC on P-256, P-384 or P-521`,
			[]*x509.Certificate{&unknown}, rand.Reader},
		{`recipient "CN=fwpack test ec-p224,O=TEST ONLY" (serial number 5) has a key on P-224: want P-256, P-384 or P-521`,
			certificatesOf(t, "ec-p224"), rand.Reader},
		{`recipient "CN=fwpack test rsa1024,O=TEST ONLY" (serial number 1) has an RSA key of 1024 bits: want 2048 or more`,
			certificatesOf(t, "rsa1024"), rand.Reader},
		{`recipient "CN=fwpack test ec-p384,O=TEST ONLY" (serial number 6) is there twice: each recipient needs a pair of issuer and serial number of its own`,
			[]*x509.Certificate{certificateOf(t, "ec-p256"), &twin}, rand.Reader},
		{"random source: unexpected EOF", certificatesOf(t, "ec-p256"), strings.NewReader("short")},
		{"random source: EOF", certificatesOf(t, "ec-p256"), strings.NewReader(strings.Repeat("x", 48))},
		{"random source: 8 draws in a row are no private key: its bytes are not random", certificatesOf(t, "ec-p521"), zeros{}},
	} {
		_, err := BuildEnvelope(content, c.recipients, EnvelopeOptions{Rand: c.random})
		wantError(t, err, c.want)
	}
	errToken := errors.New("unplugged")
	_, err := BuildEnvelope(content, certificatesOf(t, "rsa2048"), EnvelopeOptions{OAEP: true, Rand: iotest.ErrReader(errToken)})
	if !errors.Is(err, errToken) {
		t.Errorf("error %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	der := envelopeFor(t, EnvelopeOptions{}, "rsa2048", "ec-p256")
	for _, c := range []struct {
		what, want string
		key        crypto.PrivateKey
		cert       string
	}{
		{"wrong RSA key", ErrDecrypt.Error(), signerOf(t, "rsa3072"), ""},
		{"wrong RSA key of that size", ErrDecrypt.Error(), signerOf(t, "rsa2048-leaf"), ""},
		{"wrong EC key", ErrDecrypt.Error(), signerOf(t, "leaf"), ""},
		{"wrong curve", ErrDecrypt.Error(), signerOf(t, "ec-p384"), ""},
		{"key of another certificate", `certificate "CN=fwpack test ec-p256,O=TEST ONLY" is of another key`, signerOf(t, "leaf"), "ec-p256"},
		{"key of another kind", `certificate "CN=fwpack test ec-p256,O=TEST ONLY" is of another key`, signerOf(t, "rsa2048"), "ec-p256"},
		{"EC key, RSA certificate", `certificate "CN=fwpack test rsa2048,O=TEST ONLY" is of another key`, signerOf(t, "ec-p256"), "rsa2048"},
		{"no recipient", `certificate "CN=fwpack test ec-p384,O=TEST ONLY" (serial number 7) is of no recipient`, signerOf(t, "ec-p384"), "ec-p384"},
		{"Ed25519", "key of type ed25519.PrivateKey: want RSA or EC", signerOf(t, "ed25519"), ""},
		{"no key", "key of type <nil>: want RSA or EC", nil, ""},
		{"P-224", "key of another curve: want P-256, P-384 or P-521", signerOf(t, "ec-p224"), ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			var certificate *x509.Certificate
			if c.cert != "" {
				certificate = certificateOf(t, c.cert)
			}
			_, err := mustParseEnvelope(t, der).Open(c.key, certificate)
			wantError(t, err, c.want)
		})
	}
}

// Of a small envelope every bit matters to someone: with GCM each change is an
// error; with CBC there may be another plaintext, never the same one.
func TestEveryBit(t *testing.T) {
	key := signerOf(t, "ec-p256")
	for name, o := range everyForm {
		if o.OAEP {
			continue
		}
		der := envelopeFor(t, o, "ec-p256")
		same, other := 0, 0
		for i := range 8 * len(der) {
			bad := bytes.Clone(der)
			bad[i/8] ^= 1 << (i % 8)
			e, err := ParseEnvelope(bad)
			if err != nil {
				continue
			}
			switch got, err := e.Open(key, nil); {
			case err == nil && bytes.Equal(got, content):
				same++
			case err == nil:
				other++
			}
		}
		// What may change without a trace without a certificate: the name and
		// number of the recipient, which are not secret and not signed.
		issuer := len(certificateOf(t, "ec-p256").RawIssuer) + 3
		if same > 8*issuer+2 || o.GCM && other > 0 || !o.GCM && other == 0 {
			t.Errorf("%s: %d changes unnoticed, %d give another text", name, same, other)
		}
	}
}

func TestEveryTruncation(t *testing.T) {
	der := envelopeFor(t, EnvelopeOptions{GCM: true}, "ec-p256", "rsa2048")
	for n := range len(der) {
		if _, err := ParseEnvelope(der[:n]); err == nil {
			t.Errorf("%d of %d bytes are accepted", n, len(der))
		}
	}
	_, err := ParseEnvelope(append(der, 0, 0))
	wantError(t, err, "cms: after the envelope: 2 bytes too many")
}

// All that depends on the secret fails with one error.
func TestOneError(t *testing.T) {
	der := envelopeFor(t, EnvelopeOptions{}, "rsa2048")
	at := bytes.LastIndex(der, must(oidData)) // from here on is the content
	for _, i := range []int{at - 5, at - 100, len(der) - 1, len(der) - 17, len(der) - 32, len(der) - 35} {
		bad := bytes.Clone(der)
		bad[i] ^= 0x40
		got, err := mustParseEnvelope(t, bad).Open(signerOf(t, "rsa2048"), certificateOf(t, "rsa2048"))
		if err != nil && err != ErrDecrypt || err == nil && bytes.Equal(got, content) {
			t.Errorf("byte %d: %q, error %v", i, got, err)
		}
	}
}

// RFC 3394, sections 4.1 and 4.6, and RFC 3217, section 3.4.
func TestKeyWrapVectors(t *testing.T) {
	const data = "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f"
	for _, v := range []struct{ kek, key, want string }{
		{"000102030405060708090a0b0c0d0e0f", data[:32], "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"},
		{"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", data,
			"28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"},
	} {
		got, err := wrapAES(unhex(t, v.kek), unhex(t, v.key))
		if err != nil || hex.EncodeToString(got) != v.want {
			t.Errorf("error %v\n got %x\nwant %s", err, got, v.want)
		}
		key, ok := unwrapAES(unhex(t, v.kek), got)
		if !ok || hex.EncodeToString(key) != v.key {
			t.Errorf("unwrapped %x", key)
		}
		for i := range got {
			bad := bytes.Clone(got)
			bad[i] ^= 1
			if _, ok := unwrapAES(unhex(t, v.kek), bad); ok {
				t.Errorf("changed byte %d goes unnoticed", i)
			}
		}
	}
	des := unhex(t, "255e0d1c07b646dfb3134cc843ba8aa71f025b7c0838251f")
	wrapped := unhex(t, "690107618ef092b3b48ca1796b234ae9fa33ebb4159604037db5d6a84eb3aac2768c632775a467d4")
	key, ok := unwrapDES(des, wrapped)
	if !ok || hex.EncodeToString(key) != "2923bf85e06dd6ae529149f1f1bae9eab3a7da3d860d3e98" {
		t.Errorf("unwrapped %x", key)
	}
	wrapped[9] ^= 1
	if _, ok := unwrapDES(des, wrapped); ok {
		t.Error("a changed byte goes unnoticed")
	}
}

func TestUnwrapRefusesLengths(t *testing.T) {
	for _, n := range []int{0, 8, 16, 23, 25, 33, 41} {
		if _, ok := unwrapAES(make([]byte, 32), make([]byte, n)); ok {
			t.Errorf("AES: %d bytes", n)
		}
		if _, ok := unwrapDES(make([]byte, 24), make([]byte, n)); ok {
			t.Errorf("triple DES: %d bytes", n)
		}
	}
	if _, err := wrapAES(make([]byte, 5), make([]byte, 16)); err == nil {
		t.Error("wrapped with a key of 5 bytes")
	}
	if _, ok := unwrapAES(make([]byte, 5), make([]byte, 24)); ok {
		t.Error("unwrapped with a key of 5 bytes")
	}
}

// One ephemeral key may serve several recipients (RFC 5753, section 3.1.1),
// though none is written that way.
func TestOneEphemeralKey(t *testing.T) {
	der := oneEphemeralKey(t, "ec-p256", "leaf")
	e := mustParseEnvelope(t, der)
	if len(e.Recipients) != 2 || e.Recipients[1].Curve != "P-256" {
		t.Fatalf("recipients %v", e.Recipients)
	}
	for _, name := range []string{"ec-p256", "leaf"} {
		mustOpen(t, der, signerOf(t, name), nil)
		mustOpen(t, der, signerOf(t, name), certificateOf(t, name))
	}
}

// OpenSSL opens such an envelope for all who give their certificates. Who does
// not is opened as the first recipient or not at all, in release 3.0.
func TestConformanceOneEphemeralKey(t *testing.T) {
	reftool.Need(t, "openssl")
	file := filepath.Join(t.TempDir(), "sealed")
	if err := os.WriteFile(file, oneEphemeralKey(t, "ec-p256", "leaf"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ec-p256", "leaf"} {
		key := "../../testdata/keys/" + name
		args := []string{"cms", "-decrypt", "-binary", "-inform", "DER", "-in", file, "-inkey", key + ".pem"}
		out, err := exec.Command("openssl", append(args, "-recip", key+".crt")...).Output()
		if err != nil || !bytes.Equal(out, content) {
			t.Errorf("%s: %q, error %v", name, out, err)
		}
		_, err = exec.Command("openssl", args...).Output()
		t.Logf("%s without its certificate: error %v", name, err)
	}
}

// oneEphemeralKey makes an envelope with one key agreement for all, with user
// keying material.
func oneEphemeralKey(t testing.TB, names ...string) []byte {
	t.Helper()
	o := EnvelopeOptions{Rand: rand.Reader}
	key, sealed, err := encrypt(content, o)
	if err != nil {
		t.Fatal(err)
	}
	ephemeral, err := ephemeralKey(ecdh.P256(), o.Rand)
	if err != nil {
		t.Fatal(err)
	}
	var shared *outgoingAgreement
	for _, c := range certificatesOf(t, names...) {
		pub, _ := c.PublicKey.(*ecdsa.PublicKey).ECDH()
		out, err := newAgreement(issuerAndSerial{asn1.RawValue{FullBytes: c.RawIssuer}, c.SerialNumber}, pub)
		if err != nil {
			t.Fatal(err)
		}
		secret, _ := ephemeral.ECDH(pub)
		out.with.ukm = []byte("keying material")
		kek, _ := out.with.wrappingKey(secret)
		out.info.Keys[0].Key, _ = wrapAES(kek, key)
		if shared == nil {
			shared = out
			shared.info.UKM = out.with.ukm
			shared.info.setPoint(ephemeral.PublicKey().Bytes())
		} else {
			shared.info.Keys = append(shared.info.Keys, out.info.Keys...)
		}
	}
	der, err := assemble([]outgoing{shared}, sealed, o)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestEphemeralKeysAreValid(t *testing.T) {
	for _, curve := range []ecdh.Curve{ecdh.P256(), ecdh.P384(), ecdh.P521()} {
		for range 20 {
			if _, err := ephemeralKey(curve, rand.Reader); err != nil {
				t.Error(err)
			}
		}
	}
	// One draw above the order is drawn again.
	high := bytes.Repeat([]byte{0xff}, 32)
	low := binary.BigEndian.AppendUint64(make([]byte, 24), 7)
	key, err := ephemeralKey(ecdh.P256(), bytes.NewReader(append(high, low...)))
	if err != nil || !bytes.Equal(key.Bytes(), low) {
		t.Errorf("error %v", err)
	}
}

func TestDecryptCBCPadding(t *testing.T) {
	c := contentCiphers[0]
	block, _ := c.block(make([]byte, 32))
	iv := make([]byte, 16)
	for n := range 40 {
		sealed := EncryptCBC(block, iv, make([]byte, n))
		if got, ok := DecryptCBC(block, iv, sealed); !ok || len(got) != n || len(sealed) != PaddedSize(n, 16) {
			t.Errorf("%d bytes: %d sealed, %d opened", n, len(sealed), len(got))
		}
	}
	for _, n := range []int{0, 1, 15, 17} {
		if _, ok := DecryptCBC(block, iv, make([]byte, n)); ok {
			t.Errorf("%d bytes of ciphertext", n)
		}
	}
}
