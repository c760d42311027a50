package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
)

// fakeObject is an object on a fake token; the attributes are those that it
// lets see.
type fakeObject struct {
	class      uint
	hidden     bool // CKA_PRIVATE
	attributes map[uint][]byte
	signer     crypto.Signer
}

// fakeToken is a token in a slot.
type fakeToken struct {
	token
	pin        string
	objects    []fakeObject
	mechanisms []uint
	loginError uint // what each login returns, 0 for what the PIN deserves
	afterLogin uint // flags that a failed login sets
}

// fake is a module. Handles of objects are their places, from 1.
type fake struct {
	tokens   []*fakeToken
	loggedIn map[uint]bool
	logins   []string // "user pin"
	opened   int
	closed   bool
	signing  *fakeObject
	how      mechanism
	again    bool // a context-specific login is awaited
}

func newFake(tokens ...*fakeToken) *fake {
	return &fake{tokens: tokens, loggedIn: map[uint]bool{}}
}

func newToken(label string, objects ...fakeObject) *fakeToken {
	return &fakeToken{
		token: token{pkcs11uri.Token{Label: label, Serial: "1234", Model: "fake v1", Manufacturer: "fwpack"}, flagTokenInitialized | flagLoginRequired},
		pin:   "4711", objects: objects,
		mechanisms: []uint{mechanismRSA, mechanismPSS, mechanismECDSA, mechanismEdDSA, 0x250},
	}
}

func (f *fake) Info() (pkcs11uri.Library, error) {
	return pkcs11uri.Library{Manufacturer: "fwpack", Description: "fake module", Major: 2, Minor: 40}, nil
}

func (f *fake) Slots() ([]uint, error) {
	var all []uint
	for i := range f.tokens {
		all = append(all, uint(i))
	}
	return all, nil
}

func (f *fake) Slot(slot uint) (pkcs11uri.Slot, error) {
	return pkcs11uri.Slot{ID: uint64(slot), Description: "fake slot"}, nil
}

func (f *fake) Token(slot uint) (token, error) { return f.tokens[slot].token, nil }

func (f *fake) Mechanisms(slot uint) ([]uint, error) { return f.tokens[slot].mechanisms, nil }

func (f *fake) OpenSession(slot uint) (uint, error) {
	f.opened++
	return slot, nil
}

func (f *fake) Login(session, user uint, pin string) error {
	f.logins = append(f.logins, string(rune('0'+user))+" "+pin)
	t := f.tokens[session]
	switch {
	case t.loginError != 0:
		t.flags |= t.afterLogin
		return code{t.loginError, "CKR_FAKE"}
	case pin != t.pin:
		t.flags |= t.afterLogin
		return code{codePINIncorrect, "CKR_PIN_INCORRECT"}
	case user == userContext:
		f.again = false
	default:
		f.loggedIn[session] = true
	}
	return nil
}

func (f *fake) Find(session, class uint, uri pkcs11uri.URI) ([]uint, error) {
	var found []uint
	for i, o := range f.tokens[session].objects {
		if o.class == class && (!o.hidden || f.loggedIn[session]) {
			found = append(found, uint(i)+1) // the rest is for the caller to compare
		}
	}
	return found, nil
}

func (f *fake) Attribute(session, object, kind uint) ([]byte, error) {
	value, ok := f.tokens[session].objects[object-1].attributes[kind]
	if !ok {
		return nil, code{0x12, "CKR_ATTRIBUTE_TYPE_INVALID"}
	}
	return value, nil
}

func (f *fake) SignInit(session uint, m mechanism, key uint) error {
	o := &f.tokens[session].objects[key-1]
	if o.signer == nil {
		return code{codeNotPermitted, "CKR_KEY_FUNCTION_NOT_PERMITTED"}
	}
	f.signing, f.how, f.again = o, m, yes(o.attributes[attributeAlwaysLogin])
	return nil
}

func (f *fake) Sign(_ uint, data []byte) ([]byte, error) {
	if f.again {
		return nil, code{0x101, "CKR_USER_NOT_LOGGED_IN"}
	}
	return fakeSign(f.signing.signer, f.how, data)
}

func (f *fake) Close(time.Duration) { f.closed = true }

// fakeSign signs as a token does.
func fakeSign(signer crypto.Signer, m mechanism, data []byte) ([]byte, error) {
	switch m.kind {
	case mechanismRSA:
		return rsa.SignPKCS1v15(nil, signer.(*rsa.PrivateKey), 0, data)
	case mechanismPSS:
		hash := map[uint]crypto.Hash{0x250: crypto.SHA256, 0x260: crypto.SHA384, 0x270: crypto.SHA512}[m.pss.hash]
		return signer.Sign(rand.Reader, data, &rsa.PSSOptions{Hash: hash, SaltLength: int(m.pss.salt)})
	case mechanismECDSA:
		r, s, err := ecdsa.Sign(rand.Reader, signer.(*ecdsa.PrivateKey), data)
		raw := make([]byte, 2*size(&signer.(*ecdsa.PrivateKey).PublicKey))
		if err == nil {
			r.FillBytes(raw[:len(raw)/2])
			s.FillBytes(raw[len(raw)/2:])
		}
		return raw, err
	case mechanismEdDSA:
		return signer.Sign(nil, data, crypto.Hash(0))
	}
	return nil, errors.New("no such mechanism")
}

func ulong(n uint64) []byte { return binary.NativeEndian.AppendUint64(nil, n) }

func must[T any](t testing.TB, value T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// newKey makes an ECDSA key, quickly.
func newKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	return must(t, key, err)
}

func ecAttributes(t testing.TB, pub *ecdsa.PublicKey) map[uint][]byte {
	t.Helper()
	for oid, curve := range curves() {
		if curve != pub.Curve {
			continue
		}
		var numbers asn1.ObjectIdentifier
		for part := range strings.SplitSeq(oid, ".") {
			n, _ := new(big.Int).SetString(part, 10)
			numbers = append(numbers, int(n.Int64()))
		}
		params, err := asn1.Marshal(numbers)
		must(t, params, err)
		point, err := pub.Bytes()
		must(t, point, err)
		wrapped, err := asn1.Marshal(point)
		must(t, wrapped, err)
		return map[uint][]byte{attributeKeyType: ulong(keyEC), attributeECParams: params, attributeECPoint: wrapped}
	}
	t.Fatal("no such curve")
	return nil
}

func rsaAttributes(pub *rsa.PublicKey) map[uint][]byte {
	return map[uint][]byte{attributeKeyType: ulong(keyRSA), attributeModulus: pub.N.Bytes(), attributePublicExponent: big.NewInt(int64(pub.E)).Bytes()}
}

func edAttributes(pub ed25519.PublicKey) map[uint][]byte {
	return map[uint][]byte{
		attributeKeyType: ulong(keyEdwards), attributeECParams: append([]byte{0x13, 12}, "edwards25519"...), attributeECPoint: append([]byte{4, 32}, pub...),
	}
}

// named adds label and id.
func named(attributes map[uint][]byte, label string, id ...byte) map[uint][]byte {
	all := map[uint][]byte{attributeLabel: []byte(label), attributeID: id}
	for kind, value := range attributes {
		all[kind] = value
	}
	return all
}

// pair makes the two objects of an ECDSA key.
func pair(t testing.TB, key *ecdsa.PrivateKey, label string, id ...byte) []fakeObject {
	t.Helper()
	return []fakeObject{
		{class: classPublic, attributes: named(ecAttributes(t, &key.PublicKey), label, id...)},
		{class: classPrivate, hidden: true, signer: key, attributes: named(map[uint][]byte{attributeSign: {1}}, label, id...)},
	}
}

// issue makes a certificate of pub, by issuer or by itself.
func issue(t testing.TB, name string, pub crypto.PublicKey, issuer *x509.Certificate, by crypto.Signer) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2044, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	if issuer == nil {
		issuer = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, pub, by)
	must(t, der, err)
	c, err := x509.ParseCertificate(der)
	return must(t, c, err)
}

func certificateObject(c *x509.Certificate, label string, id ...byte) fakeObject {
	return fakeObject{class: classCertificate, attributes: named(map[uint][]byte{attributeValue: c.Raw}, label, id...)}
}

// testProgram runs with one fake module, whatever its path.
func testProgram(f *fake) (*program, *bytes.Buffer, *bytes.Buffer) {
	var stdout, stderr bytes.Buffer
	return &program{
		stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr,
		env: func(name string) (string, bool) {
			value, ok := map[string]string{"PKCS11_MODULE_PATH": "/fake.so", pinVariable: "4711"}[name]
			return value, ok
		},
		ready: func() error { return nil },
		load:  func(string) (library, error) { return f, nil },
		ask:   func(string) ([]byte, error) { return nil, errors.New("no terminal") },
	}, &stdout, &stderr
}

// wantError wants err to have a text.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}
