package mcuboot

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"io"
	"math/big"
	"testing"
)

// signings are all the ways to sign.
func signings(t testing.TB) map[string]Signing {
	return map[string]Signing{
		"rsa2048":        {Signer: signer(t, "rsa2048"), Rand: random()},
		"rsa3072":        {Signer: signer(t, "rsa3072"), Rand: random()},
		"p256":           {Signer: signer(t, "ec-p256")},
		"p256 sha512":    {Signer: signer(t, "ec-p256"), Hash: crypto.SHA512},
		"p384":           {Signer: signer(t, "ec-p384")},
		"ed25519":        {Signer: signer(t, "ed25519")},
		"ed25519 sha512": {Signer: signer(t, "ed25519"), Hash: crypto.SHA512},
		"ed25519 pure":   {Signer: signer(t, "ed25519"), Pure: true},
		"full key":       {Signer: signer(t, "ec-p256"), FullKey: true},
	}
}

func TestSignKinds(t *testing.T) {
	want := map[string]string{
		"rsa2048":        "SHA256 KEYHASH RSA2048",
		"rsa3072":        "SHA256 KEYHASH RSA3072",
		"p256":           "SHA256 KEYHASH ECDSASIG",
		"p256 sha512":    "SHA512 KEYHASH ECDSASIG",
		"p384":           "SHA384 KEYHASH ECDSASIG",
		"ed25519":        "SHA256 KEYHASH ED25519",
		"ed25519 sha512": "SHA512 KEYHASH ED25519",
		"ed25519 pure":   "SHA512 SIG_PURE KEYHASH ED25519",
		"full key":       "SHA256 PUBKEY ECDSASIG",
	}
	for name, s := range signings(t) {
		img := mustBuild(t, Options{Signing: s})
		if got := types(img.Unprotected); got != want[name] {
			t.Errorf("%s: %s, want %s", name, got, want[name])
		}
		digest := img.Unprotected[0]
		if key, ok := Find(img.Unprotected, TLVKeyHash); ok && len(key.Value) != len(digest.Value) {
			t.Errorf("%s: KEYHASH of %d bytes beside a digest of %d", name, len(key.Value), len(digest.Value))
		}
		if got, err := img.Digest(hashOf(digest.Type)); err != nil || !bytes.Equal(got, digest.Value) {
			t.Errorf("%s: digest %x, %v", name, got, err)
		}
	}
}

// TestTwoSteps: the request, signed elsewhere, makes what Build makes.
func TestTwoSteps(t *testing.T) {
	for name, s := range signings(t) {
		o := everything()
		o.PadHeader, o.Signing = true, s
		o.Signing.Signer, o.Signing.PublicKey = nil, s.Signer.Public()
		r, err := ToBeSigned(testBody(0, 1000), o)
		if err != nil {
			t.Fatal(err)
		}
		signature := signElsewhere(t, s.Signer, r, s.Pure)
		img, err := r.Attach(signature)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, isRSA := s.Signer.(*rsa.PrivateKey); !isRSA {
			o.Signing = s
			sameImage(t, img, mustBuild(t, o))
		}
		signature[len(signature)-1] ^= 1
		if _, err := r.Attach(signature); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: changed signature: %v", name, err)
		}
	}
}

// signElsewhere signs as somebody does who knows only what the documentation of
// Request says.
func signElsewhere(t *testing.T, key crypto.Signer, r *Request, pure bool) (signature []byte) {
	t.Helper()
	var err error
	switch key := key.(type) {
	case *rsa.PrivateKey:
		signature, err = rsa.SignPSS(rand.Reader, key, r.Hash, r.Digest, &rsa.PSSOptions{SaltLength: 32})
	case *ecdsa.PrivateKey:
		signature, err = key.Sign(nil, r.Digest, r.Hash)
	case ed25519.PrivateKey:
		signature = ed25519.Sign(key, r.Digest)
		if pure {
			signature = ed25519.Sign(key, r.Payload)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// TestTwoStepsEncrypted: the signature is of the image in the clear, and the
// image is encrypted once it is there.
func TestTwoStepsEncrypted(t *testing.T) {
	kek := KEK(make([]byte, 16))
	o := Options{
		PadHeader: true, Signing: Signing{PublicKey: edKey().Public()},
		Encryption: &Encryption{Recipient: kek, Rand: random()},
	}
	r, err := ToBeSigned(testBody(0, 1000), o)
	if err != nil {
		t.Fatal(err)
	}
	img, err := r.Attach(ed25519.Sign(edKey(), r.Digest))
	if err != nil {
		t.Fatal(err)
	}
	o.Signing, o.Encryption.Rand = Signing{Signer: edKey()}, random()
	sameImage(t, img, mustBuild(t, o))
	o.Encryption.Rand = nil
	_, err = ToBeSigned(testBody(0, 1000), o)
	wantError(t, err, "encryption needs randomness")
}

func TestRequestMessage(t *testing.T) {
	for name, s := range signings(t) {
		r, err := ToBeSigned(make([]byte, 40), Options{Signing: s})
		if err != nil {
			t.Fatal(err)
		}
		want := r.Payload
		if name == "ed25519" || name == "ed25519 sha512" {
			want = r.Digest
		}
		if !bytes.Equal(r.Message(), want) {
			t.Errorf("%s: message of %d bytes, want %d", name, len(r.Message()), len(want))
		}
	}
}

// TestAttachRS: what tokens give, r and s, becomes DER.
func TestAttachRS(t *testing.T) {
	s := Signing{PublicKey: signer(t, "ec-p256").Public()}
	r, err := ToBeSigned(make([]byte, 40), Options{Signing: s})
	if err != nil {
		t.Fatal(err)
	}
	der := signElsewhere(t, signer(t, "ec-p256"), r, false)
	var n struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &n); err != nil {
		t.Fatal(err)
	}
	raw := append(n.R.FillBytes(make([]byte, 32)), n.S.FillBytes(make([]byte, 32))...)
	img, err := r.Attach(raw)
	if err != nil {
		t.Fatal(err)
	}
	if got := img.Unprotected[2].Value; !bytes.Equal(got, der) {
		t.Errorf("signature %x, want %x", got, der)
	}
}

func TestAttachRefuses(t *testing.T) {
	for _, test := range []struct {
		key       string
		signature []byte
		want      string
	}{
		{"ec-p256", nil, "signature of 0 bytes: want DER, or the 64 bytes of r and s"},
		{"ec-p256", make([]byte, 64), "key of type ecdsa-p256, 64 bytes of signature: the signature does not match"},
		{"ed25519", []byte("x"), "key of type ed25519, 1 bytes of signature: the signature does not match"},
		{"rsa2048", make([]byte, 256), "key of type rsa-2048, 256 bytes of signature"},
	} {
		r, err := ToBeSigned(make([]byte, 40), Options{Signing: Signing{PublicKey: signer(t, test.key).Public()}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.Attach(test.signature)
		wantError(t, err, test.want)
	}
	r, err := ToBeSigned(make([]byte, 40), Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Attach(nil)
	wantError(t, err, "names no public key")
}

// TestPSSSalt: another length of salt than 32 is refused, as bootloaders do.
func TestPSSSalt(t *testing.T) {
	key := signer(t, "rsa2048").(*rsa.PrivateKey)
	r, err := ToBeSigned(make([]byte, 40), Options{Signing: Signing{PublicKey: key.Public()}})
	if err != nil {
		t.Fatal(err)
	}
	for _, salt := range []int{0, 20, 31, 33, 64} {
		signature, err := rsa.SignPSS(rand.Reader, key, r.Hash, r.Digest, &rsa.PSSOptions{SaltLength: salt})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Attach(signature); !errors.Is(err, ErrSignature) {
			t.Errorf("salt of %d bytes: %v", salt, err)
		}
	}
}

func TestSigningRefuses(t *testing.T) {
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		s    Signing
		want string
	}{
		{Signing{Signer: signer(t, "rsa2048")}, "signing with RSA needs randomness"},
		{Signing{Signer: signer(t, "rsa4096")}, "RSA key of 4096 bits: MCUboot knows 2048 and 3072"},
		{Signing{Signer: signer(t, "ec-p521")}, "ECDSA key on P-521: MCUboot knows P-256 and P-384"},
		{Signing{Signer: p224}, "ECDSA key on P-224"},
		{Signing{PublicKey: scalar(t, ecdh.X25519(), 0).Public()}, "X25519 key decrypts"},
		{Signing{PublicKey: 7}, "public key of type int"},
		{Signing{Signer: edKey(), PublicKey: edKey().Public()}, "want one of them"},
		{Signing{Signer: edKey(), Hash: crypto.SHA384}, "hash SHA-384 with a key of type ed25519: want one of [SHA-256 SHA-512]"},
		{Signing{Signer: edKey(), Hash: crypto.SHA256, Pure: true}, "want one of [SHA-512]"},
		{Signing{Signer: signer(t, "rsa2048"), Hash: crypto.SHA512}, "want one of [SHA-256]"},
		{Signing{Signer: signer(t, "ec-p384"), Hash: crypto.SHA256}, "want one of [SHA-384]"},
		{Signing{Signer: signer(t, "ec-p256"), Pure: true}, "pure signature by a key of type ecdsa-p256: want ed25519"},
		{Signing{Pure: true}, "pure signature by a key of type none"},
		{Signing{FullKey: true}, "full public key without a key"},
		{Signing{Signer: edKey(), PadSignature: true}, "padded signature by a key of type ed25519: want ECDSA"},
	} {
		o := Options{Signing: test.s}
		_, err := ToBeSigned(make([]byte, 40), o)
		if err == nil {
			_, err = Build(make([]byte, 40), o)
		}
		wantError(t, err, test.want)
	}
}

// wrongKey signs with another key than its public one says, as a badly chosen
// slot of a token does.
type wrongKey struct{ crypto.Signer }

func (wrongKey) Sign(random io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	return edKey().Sign(random, digest, o)
}

// brokenKey is a token that was pulled.
type brokenKey struct{ crypto.Signer }

var errGone = errors.New("token removed")

func (brokenKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errGone }

func TestSignVerifies(t *testing.T) {
	_, err := Build(make([]byte, 40), Options{Signing: Signing{Signer: wrongKey{signer(t, "ed25519")}}})
	if !errors.Is(err, ErrSignature) {
		t.Errorf("wrong key: %v", err)
	}
	_, err = Build(make([]byte, 40), Options{Signing: Signing{Signer: brokenKey{signer(t, "ec-p256")}}})
	if !errors.Is(err, errGone) {
		t.Errorf("broken key: %v", err)
	}
	wantError(t, err, "signing with a key of type ecdsa-p256: token removed")
}

// TestPadSignature: the lengths that imgtool's --pad-sig gives.
func TestPadSignature(t *testing.T) {
	for name, want := range map[string]int{"ec-p256": 72, "ec-p384": 103} {
		plain := mustBuild(t, Options{Signing: Signing{Signer: signer(t, name)}}).Unprotected[2].Value
		padded := mustBuild(t, Options{Signing: Signing{Signer: signer(t, name), PadSignature: true}}).Unprotected[2].Value
		want = max(want, len(plain))
		if len(padded) != want || !bytes.Equal(padded[:len(plain)], plain) || len(bytes.Trim(padded[len(plain):], "\x00")) > 0 {
			t.Errorf("%s: %d bytes: %x", name, len(padded), padded)
		}
	}
}

// TestResign: from any key to any other, as if built with that one.
func TestResign(t *testing.T) {
	all := signings(t)
	all["unsigned"] = Signing{}
	for from, old := range all {
		o := everything()
		o.Signing = old
		img := mustBuild(t, o)
		before := mustMarshal(t, img)
		for to, s := range all {
			fresh, err := img.Sign(s)
			if err != nil {
				t.Fatalf("%s to %s: %v", from, to, err)
			}
			if s.Rand == nil {
				o.Signing = s
				sameImage(t, fresh, mustBuild(t, o))
			}
		}
		if !bytes.Equal(mustMarshal(t, img), before) {
			t.Errorf("%s: the image itself has changed", from)
		}
	}
}

// TestResignEncrypted: the wrapped key stays where it was.
func TestResignEncrypted(t *testing.T) {
	kek := KEK(make([]byte, 16))
	img := mustBuild(t, Options{Encryption: &Encryption{Recipient: kek, Rand: random()}})
	_, err := img.Sign(Signing{Signer: edKey()})
	wantError(t, err, "encrypted and has to be decrypted first")
	key, err := img.ImageKey(kek)
	if err != nil {
		t.Fatal(err)
	}
	clear, err := img.Crypt(key)
	if err != nil {
		t.Fatal(err)
	}
	if clear, err = clear.Sign(Signing{Signer: edKey()}); err != nil {
		t.Fatal(err)
	}
	fresh, err := clear.Crypt(key)
	if err != nil {
		t.Fatal(err)
	}
	if got := types(fresh.Unprotected); got != "SHA256 KEYHASH ED25519 ENCKW" || !bytes.Equal(fresh.Body, img.Body) {
		t.Errorf("TLVs %s", got)
	}
}

func TestResignRefuses(t *testing.T) {
	img := mustBuild(t, Options{})
	img.Body = testBody(1, 999)
	_, err := img.Sign(Signing{Signer: edKey()})
	wantError(t, err, "not the one of its SHA256 digest: it is damaged")
	_, err = mustBuild(t, Options{}).Sign(Signing{PublicKey: edKey().Public()})
	wantError(t, err, "a public key does not sign")
	_, err = mustBuild(t, Options{Compression: &Compression{Compress: halve}}).Sign(Signing{Signer: edKey()})
	wantError(t, err, "build it anew")
	record := mustBuild(t, Options{BootRecord: new("SPE")})
	record.Protected[0].Value = make([]byte, len(record.Protected[0].Value))
	_, err = resigned(t, record).Sign(Signing{Signer: edKey()})
	wantError(t, err, "want the map that imgtool writes")
	_, err = mustBuild(t, Options{}).Sign(Signing{Signer: signer(t, "rsa4096")})
	wantError(t, err, "4096 bits")
	bare := mustBuild(t, Options{})
	bare.Unprotected = nil
	_, err = bare.Sign(Signing{Signer: edKey()})
	wantError(t, err, "no digest to check it by")
}

func TestKeys(t *testing.T) {
	for name, want := range map[string]struct {
		kind string
		size int
	}{
		"rsa2048": {"rsa-2048", 270}, "rsa3072": {"rsa-3072", 398},
		"ec-p256": {"ecdsa-p256", 91}, "ec-p384": {"ecdsa-p384", 120}, "ed25519": {"ed25519", 44},
	} {
		pub := signer(t, name).Public()
		kind, err := KeyTypeOf(pub)
		if err != nil || kind.String() != want.kind {
			t.Errorf("%s: %s, %v", name, kind, err)
		}
		if der, err := PublicKeyBytes(pub); err != nil || len(der) != want.size {
			t.Errorf("%s: %d bytes, %v", name, len(der), err)
		}
	}
	hash, err := KeyHash(edKey().Public(), crypto.SHA256)
	if err != nil || !bytes.Equal(hash, unhex(t, "a050837d85070582ccf7394b0988847cc312cb88259b894899f6f239cf1791a5")) {
		t.Errorf("hash %x, %v", hash, err)
	}
	exchange := scalar(t, ecdh.X25519(), 0).Public()
	if kind, err := KeyTypeOf(exchange); err != nil || kind != X25519 {
		t.Errorf("X25519 key: %s, %v", kind, err)
	}
	exchange384, err := signer(t, "ec-p384").Public().(*ecdsa.PublicKey).ECDH()
	if err != nil {
		t.Fatal(err)
	}
	_, err = KeyTypeOf(exchange384)
	wantError(t, err, "ECDH key on P-384: MCUboot knows X25519 and P-256")
	_, err = PublicKeyBytes(exchange384)
	wantError(t, err, "ECDH key on P-384")
	_, err = KeyHash(7, crypto.SHA256)
	wantError(t, err, "public key of type int")
	_, err = KeyHash(exchange, crypto.SHA1)
	wantError(t, err, "want SHA-256, SHA-384 or SHA-512")
	if s := KeyType(99).String(); s != "KeyType(99)" {
		t.Error(s)
	}
}
