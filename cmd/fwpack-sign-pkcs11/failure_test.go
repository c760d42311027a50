package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"math/big"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
)

// errDevice is what a token says that was pulled out.
func errDevice() error { return code{0x32, "CKR_DEVICE_REMOVED"} }

// failing is a module with one function that stops working after some calls.
type failing struct {
	*fake
	function string
	after    int
}

func (f *failing) fails(function string) error {
	if f.function != function {
		return nil
	}
	if f.after--; f.after >= 0 {
		return nil
	}
	return errDevice()
}

func (f *failing) Info() (pkcs11uri.Library, error) {
	info, _ := f.fake.Info()
	return info, f.fails("Info")
}

func (f *failing) Slots() ([]uint, error) {
	slots, _ := f.fake.Slots()
	return slots, f.fails("Slots")
}

func (f *failing) Slot(slot uint) (pkcs11uri.Slot, error) {
	info, _ := f.fake.Slot(slot)
	return info, f.fails("Slot")
}

func (f *failing) Token(slot uint) (token, error) {
	t, _ := f.fake.Token(slot)
	return t, f.fails("Token")
}

func (f *failing) Mechanisms(slot uint) ([]uint, error) {
	all, _ := f.fake.Mechanisms(slot)
	return all, f.fails("Mechanisms")
}

func (f *failing) OpenSession(slot uint) (uint, error) {
	session, _ := f.fake.OpenSession(slot)
	return session, f.fails("OpenSession")
}

func (f *failing) Login(session, user uint, pin string) error {
	if err := f.fails("Login"); err != nil {
		return err
	}
	return f.fake.Login(session, user, pin)
}

func (f *failing) Find(session, class uint, uri pkcs11uri.URI) ([]uint, error) {
	found, _ := f.fake.Find(session, class, uri)
	return found, f.fails("Find")
}

func (f *failing) SignInit(session uint, m mechanism, key uint) error {
	if err := f.fails("SignInit"); err != nil {
		return err
	}
	return f.fake.SignInit(session, m, key)
}

func (f *failing) Sign(session uint, data []byte) ([]byte, error) {
	signature, err := f.fake.Sign(session, data)
	if failed := f.fails("Sign"); failed != nil {
		return nil, failed
	}
	return signature, err
}

// signWith opens the key of a failing module and signs with it.
func signWith(t *testing.T, function string, after int) error {
	t.Helper()
	f := newFake(newToken("t", pair(t, newKey(t, elliptic.P256()), "release", 1)...))
	p, _, _ := testProgram(f)
	p.load = func(string) (library, error) { return &failing{f, function, after}, nil }
	k, _, err := p.open("pkcs11:object=release")
	if err != nil {
		return err
	}
	_, err = k.Sign(nil, make([]byte, 32), crypto.SHA256)
	return err
}

// A token that stops working ends in an error that says what was done.
func TestFailures(t *testing.T) {
	const removed = "CKR_DEVICE_REMOVED (0x32)"
	for _, test := range []struct{ function, want string }{
		{"Info", "module /fake.so: " + removed},
		{"Slots", "module /fake.so: slots: " + removed},
		{"Slot", "the token is absent: module /fake.so has no token"},
		{"Token", "the token is absent: module /fake.so has no token"},
		{"OpenSession", `token "t": open a session: ` + removed},
		{"Find", `token "t": look for objects: ` + removed},
		{"Login", `token "t": log in: ` + removed},
		{"SignInit", `token "t": sign with "release" (id %01) by CKM_ECDSA: ` + removed},
		{"Sign", `token "t": sign with "release" (id %01) by CKM_ECDSA: ` + removed},
	} {
		wantError(t, signWith(t, test.function, 0), test.want)
	}
	if err := signWith(t, "Mechanisms", 0); err != nil {
		t.Errorf("a token that does not list its mechanisms: %v", err)
	}
}

// Whichever look for objects fails, nothing is signed; certificates alone are
// no reason.
func TestFindFails(t *testing.T) {
	failed := 0
	for after := range 12 {
		if err := signWith(t, "Find", after); err != nil {
			wantError(t, err, `token "t": look for objects: CKR_DEVICE_REMOVED`)
			failed++
		}
	}
	if failed < 5 || failed > 10 {
		t.Errorf("%d of 12 failed", failed)
	}
}

func TestListFails(t *testing.T) {
	for function, want := range map[string]string{
		"Info":        "module /fake.so: CKR_DEVICE_REMOVED",
		"Slots":       "module /fake.so: slots: CKR_DEVICE_REMOVED",
		"OpenSession": `token "t": open a session: CKR_DEVICE_REMOVED`,
		"Find":        `token "t": look for objects: CKR_DEVICE_REMOVED`,
	} {
		f := newFake(newToken("t", pair(t, newKey(t, elliptic.P256()), "release", 1)...))
		p, _, stderr := testProgram(f)
		p.load = func(string) (library, error) { return &failing{f, function, 0}, nil }
		if status := p.run([]string{"list"}); status != 1 || !strings.Contains(stderr.String(), want) {
			t.Errorf("%s: status %d, %s", function, status, stderr)
		}
	}
}

// A public key that cannot be used is shown as such, beside those that can.
func TestListOddKeys(t *testing.T) {
	odd := pair(t, newKey(t, elliptic.P256()), "odd\x1b", 9)[0]
	odd.attributes[attributeKeyType] = ulong(1)
	rsaKey := fakeObject{class: classPublic, attributes: named(rsaAttributes(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 3071), E: 65537}), "rsa")}
	edKey := fakeObject{class: classPublic, attributes: named(edAttributes(make(ed25519.PublicKey, 32)), "ed", 2)}
	p, stdout, stderr := testProgram(newFake(newToken("t", odd, rsaKey, edKey)))
	if status := p.run([]string{"list"}); status != 0 {
		t.Fatal(stderr)
	}
	for _, want := range []string{
		`token "t": public key "odd\x1b" (id %09): a key of type 0x1 (CKA_KEY_TYPE)`, "object=odd%1B;id=%09;",
		"object=rsa;type=private?module-path=/fake.so\n    RSA, 3072 bits\n", "object=ed;id=%02;type=private?module-path=/fake.so\n    Ed25519\n",
	} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("want %s in\n%s", want, stdout)
		}
	}
	if kindOf(7) != "int" || shown("a\x1b[b") != "a?[b" {
		t.Error("odd texts")
	}
}

// Several references may lead to one token, or to several.
func TestSessions(t *testing.T) {
	a, b := newKey(t, elliptic.P256()), newKey(t, elliptic.P384())
	f := newFake(newToken("a", pair(t, a, "one", 1)...), newToken("b", pair(t, b, "two", 2)...))
	p, _, _ := testProgram(f)
	for _, test := range []struct {
		reference string
		key       *ecdsa.PrivateKey
	}{{"pkcs11:token=a", a}, {"pkcs11:token=b", b}, {"pkcs11:object=one;token=a", a}, {"pkcs11:slot-id=1", b}} {
		k, _, err := p.open(test.reference)
		must(t, k, err)
		signature, err := k.Sign(nil, bytes.Repeat([]byte{3}, 32), crypto.SHA256)
		must(t, signature, err)
		if !ecdsa.VerifyASN1(&test.key.PublicKey, bytes.Repeat([]byte{3}, 32), signature) {
			t.Errorf("%s: another key signed", test.reference)
		}
	}
	if f.opened != 2 || len(f.logins) != 2 || len(p.modules) != 1 {
		t.Errorf("%d sessions, %d logins, %d modules", f.opened, len(f.logins), len(p.modules))
	}
}

// A program that is interrupted while it loads a module does not wait for it.
func TestCloseBusy(t *testing.T) {
	f := newFake()
	p, _, _ := testProgram(f)
	m, err := p.module("/fake.so")
	must(t, m, err)
	p.mu.Lock()
	p.close(time.Hour)
	p.mu.Unlock()
	if f.closed {
		t.Error("closed while busy")
	}
}

func TestMachine(t *testing.T) {
	for arch, want := range map[string]string{"amd64": "EM_X86_64", "386": "EM_386", "arm64": "EM_AARCH64", "arm": "EM_ARM", "other": "EM_NONE"} {
		if got := fmt.Sprint(machine(arch)); got != want {
			t.Errorf("%s: %s, want %s", arch, got, want)
		}
	}
	if names := fileNames("a"); len(names) != 3 || runtime.GOOS == "linux" && names[1] != "liba.so" {
		t.Errorf("%q", names)
	}
}
