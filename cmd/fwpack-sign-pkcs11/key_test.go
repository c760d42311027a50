package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"slices"
	"testing"
)

// Each kind of key signs what verifies, after one login.
func TestSign(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, rsaKey, err)
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	must(t, edKey, err)
	p256, p521 := newKey(t, elliptic.P256()), newKey(t, elliptic.P521())
	objects := slices.Concat(pair(t, p256, "p256", 1), pair(t, p521, "p521", 2), []fakeObject{
		{class: classPublic, attributes: named(rsaAttributes(&rsaKey.PublicKey), "rsa", 3)},
		{class: classPrivate, hidden: true, signer: rsaKey, attributes: named(nil, "rsa", 3)},
		{class: classPublic, attributes: named(edAttributes(edPublic), "ed", 4)},
		{class: classPrivate, hidden: true, signer: edKey, attributes: named(nil, "ed", 4)},
	})
	f := newFake(newToken("release", objects...))
	p, _, _ := testProgram(f)
	message := []byte("firmware")
	d256, d512 := sha256.Sum256(message), sha512.Sum512(message)
	sign := func(object string, digest []byte, opts crypto.SignerOpts) []byte {
		k, _, err := p.open("pkcs11:token=release;object=" + object)
		if err != nil {
			t.Fatalf("%s: %v", object, err)
		}
		signature, err := k.Sign(nil, digest, opts)
		return must(t, signature, err)
	}
	if !ecdsa.VerifyASN1(&p256.PublicKey, d256[:], sign("p256", d256[:], crypto.SHA256)) ||
		!ecdsa.VerifyASN1(&p256.PublicKey, d512[:], sign("p256", d512[:], crypto.SHA512)) ||
		!ecdsa.VerifyASN1(&p521.PublicKey, d512[:], sign("p521", d512[:], crypto.SHA512)) {
		t.Error("ECDSA")
	}
	if err := rsa.VerifyPKCS1v15(&rsaKey.PublicKey, crypto.SHA512, d512[:], sign("rsa", d512[:], crypto.SHA512)); err != nil {
		t.Error(err)
	}
	for _, salt := range []int{rsa.PSSSaltLengthEqualsHash, rsa.PSSSaltLengthAuto, 20} {
		opts := &rsa.PSSOptions{Hash: crypto.SHA256, SaltLength: salt}
		if err := rsa.VerifyPSS(&rsaKey.PublicKey, crypto.SHA256, d256[:], sign("rsa", d256[:], opts), opts); err != nil {
			t.Errorf("salt %d: %v", salt, err)
		}
	}
	if !ed25519.Verify(edPublic, message, sign("ed", message, crypto.Hash(0))) {
		t.Error("Ed25519")
	}
	if !slices.Equal(f.logins, []string{"1 4711"}) || f.opened != 1 {
		t.Errorf("logins %q, %d sessions: want one", f.logins, f.opened)
	}
}

// A description needs no PIN where the public key or a certificate can be seen.
func TestDescribeWithoutLogin(t *testing.T) {
	key := newKey(t, elliptic.P256())
	objects := pair(t, key, "release", 1)
	root := issue(t, "root", key.Public(), nil, key)
	for name, objects := range map[string][]fakeObject{
		"public key":  objects,
		"certificate": {objects[1], certificateObject(root, "release", 1)},
		"both":        {objects[0], objects[1], certificateObject(root, "another label", 1)},
		"private key to be seen": {{class: classPrivate, signer: key,
			attributes: named(ecAttributes(t, &key.PublicKey), "release", 1)}},
	} {
		f := newFake(newToken("t", objects...))
		p, _, _ := testProgram(f)
		k, _, err := p.open("pkcs11:object=release;type=private")
		if err != nil || !key.PublicKey.Equal(k.Public()) || len(f.logins) != 0 {
			t.Errorf("%s: %v, logins %q", name, err, f.logins)
			continue
		}
		if _, err := k.Sign(nil, make([]byte, 32), crypto.SHA256); err != nil || len(f.logins) != 1 {
			t.Errorf("%s: %v, logins %q", name, err, f.logins)
		}
	}
}

// Where the public halves are missing or leave a doubt, the private keys decide.
func TestDescribeAfterLogin(t *testing.T) {
	a, b := newKey(t, elliptic.P256()), newKey(t, elliptic.P384())
	second := pair(t, b, "release", 2)[:1] // a public key of somebody else
	for name, objects := range map[string][]fakeObject{
		"two public keys":  append(pair(t, a, "release", 1), second...),
		"no public key":    {{class: classPrivate, hidden: true, signer: a, attributes: named(ecAttributes(t, &a.PublicKey), "release", 1)}},
		"other label":      {pair(t, a, "public", 1)[0], pair(t, a, "release", 1)[1]},
		"no id, one label": pair(t, a, "release"),
	} {
		f := newFake(newToken("t", objects...))
		p, _, _ := testProgram(f)
		k, _, err := p.open("pkcs11:object=release")
		if err != nil || !a.PublicKey.Equal(k.Public()) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := k.Sign(nil, make([]byte, 32), crypto.SHA256); err != nil || len(f.logins) != 1 {
			t.Errorf("%s: %v, logins %q", name, err, f.logins)
		}
	}
}

// A key with CKA_ALWAYS_AUTHENTICATE gets its PIN for every signature.
func TestAlwaysAuthenticate(t *testing.T) {
	key := newKey(t, elliptic.P256())
	objects := pair(t, key, "release", 1)
	objects[1].attributes[attributeAlwaysLogin] = []byte{1}
	f := newFake(newToken("t", objects...))
	p, _, _ := testProgram(f)
	k, _, err := p.open("pkcs11:object=release")
	must(t, k, err)
	for range 2 {
		signature, err := k.Sign(nil, make([]byte, 32), crypto.SHA256)
		must(t, signature, err)
	}
	if !slices.Equal(f.logins, []string{"1 4711", "2 4711", "2 4711"}) {
		t.Errorf("logins %q", f.logins)
	}
	f.tokens[0].pin = "changed"
	_, err = k.Sign(nil, make([]byte, 32), crypto.SHA256)
	wantError(t, err, `token "t": the PIN is wrong; it is not tried again`)
}

func TestKeyRefuses(t *testing.T) {
	a, b := newKey(t, elliptic.P256()), newKey(t, elliptic.P256())
	keys := append(pair(t, a, "release", 1), pair(t, b, "backup", 2)...)
	forbidden := pair(t, a, "release", 1)
	forbidden[1].attributes[attributeSign] = []byte{0}
	undeclared := pair(t, a, "release", 1)
	undeclared[1].signer = nil
	dsa := pair(t, a, "release", 1)
	dsa[0].attributes[attributeKeyType] = ulong(1)
	for _, test := range []struct {
		objects        []fakeObject
		reference, err string
	}{
		{keys, "pkcs11:object=absent", `token "t" has no private key pkcs11:object=absent: private keys on it are "backup" (id %02), "release" (id %01)`},
		{keys, "pkcs11:object=release;id=%02", `token "t" has no private key pkcs11:object=release;id=%02: private keys on it are`},
		{nil, "pkcs11:object=absent", `token "t" has no private key pkcs11:object=absent, and no other`},
		{keys, "pkcs11:", `token "t": 2 private keys fit: want object and id of one of "backup" (id %02), "release" (id %01)`},
		{keys, "pkcs11:object=release;type=cert", "type=cert does not sign: want type=private, or no type"},
		{keys, "pkcs11:object=release;pin-value=1", "attribute pin-value: a PIN is not written into a URI"},
		{forbidden, "pkcs11:object=release", `token "t": private key "release" (id %01) may not sign: its CKA_SIGN is false`},
		{undeclared, "pkcs11:object=release", `may not sign: its CKA_SIGN is false`},
		{dsa, "pkcs11:object=release", `token "t": public key "release" (id %01): a key of type 0x1 (CKA_KEY_TYPE): want RSA, EC or Edwards`},
		{keys[:1], "pkcs11:object=release", `token "t" has no private key pkcs11:object=release, and no other`},
		{keys[1:2], "pkcs11:object=release", `token "t": key "release" (id %01) has neither a public key nor a certificate with its id: import one of them`},
	} {
		p, _, _ := testProgram(newFake(newToken("t", test.objects...)))
		k, _, err := p.open(test.reference)
		if err == nil {
			_, err = k.Sign(nil, make([]byte, 32), crypto.SHA256)
		}
		wantError(t, err, test.err)
	}
}

func TestMechanismMissing(t *testing.T) {
	tok := newToken("t", pair(t, newKey(t, elliptic.P256()), "release", 1)...)
	for _, test := range []struct {
		mechanisms []uint
		want       string
	}{
		{[]uint{mechanismRSA, 0x40, mechanismPSS}, `token "t" cannot sign by CKM_ECDSA; it can by CKM_RSA_PKCS, CKM_RSA_PKCS_PSS`},
		{[]uint{0x250}, `token "t" cannot sign by CKM_ECDSA; it has no mechanism that fwpack signs by`},
	} {
		tok.mechanisms = test.mechanisms
		p, _, _ := testProgram(newFake(tok))
		k, _, err := p.open("pkcs11:")
		must(t, k, err)
		_, err = k.Sign(nil, make([]byte, 32), crypto.SHA256)
		wantError(t, err, test.want)
	}
}
