package mcuboot

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
)

const (
	publicX25519 = "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"
	publicP256   = "041f140146bfb1b251f84f4ddbe0d4cdcfd77afd984a9520e35794021f8312bb9eec995a08b1fa7704df3dcc0b50a9665263fb7711f95f9f8a449c5096e47c892b"
)

// TestECIES: known answers. The recipient's key is 00.. or, on P-256, 01.., the
// ephemeral one the next 32 bytes, the image key 40 41 ...
func TestECIES(t *testing.T) {
	for _, test := range []struct {
		curve ecdh.Curve
		first byte
		hash  crypto.Hash
		bytes int
		kind  TLVType
		want  string
	}{
		{ecdh.X25519(), 0, crypto.SHA256, 16, TLVEncX25519, publicX25519 +
			"b7daab7468b101ff11fa56e448cf6b1cb64613ca1057c9dd75caad0389d6d5ea" + "c971b6df5cf32941a6c5d3c9b1633706"},
		{ecdh.X25519(), 0, crypto.SHA256, 32, TLVEncX25519, publicX25519 +
			"df13105ff90ba7ccc2163d950044d9aeeb8723aedee57e056b71a22e48a4fc74" + "5e27c328777f452f0cf5657e4b4d0352131967db50fad81a9e74a3d9b23cee23"},
		{ecdh.X25519(), 0, crypto.SHA512, 16, TLVEncX25519SHA512, publicX25519 +
			"72fd68732833502d77fbba4fbb1c772649d7f3e6fa59c7382e28e0f53b62ca602f3d5f01730c501fa3a73537087709d3e9dc9472655b8c05a9555c99338051c7" + "4dd14192cae8d4e0590a57a88b316dc2"},
		{ecdh.X25519(), 0, crypto.SHA512, 32, TLVEncX25519SHA512, publicX25519 +
			"d1c9d92f2f274012fcc0bb513d416d7ca638884aaba43ad737f534062f55f84032269541c5a769486591815917dabe9ea6db5a716647cfaf88f3c860f4b61b86" + "d91321ea6f5fe46976fb10a2330351a3ce5de69dea01dddfe2a91f00b4f306d0"},
		{ecdh.P256(), 1, crypto.SHA256, 16, TLVEncEC256, publicP256 +
			"7ea8d9c0accfac4efd1908a9280f72c9d36c1c85c33230d77450d4ae11b4dc55" + "04bb6809db58682acd36e82d62177f6c"},
		{ecdh.P256(), 1, crypto.SHA256, 32, TLVEncEC256, publicP256 +
			"67c3b45fc348b3ca536fec3ad4e291d1bae861a21cb038d436067be40f933c0a" + "5e4baae3d058e5e26f17d153f3d2ce279c7ed7acf3b05bae66fcc5efe06bebea"},
	} {
		recipient, key := scalar(t, test.curve, test.first), count(0x40, test.bytes)
		tlv, err := WrapKey(key, recipient.Public(), test.hash, bytes.NewReader(count(test.first+0x20, 32)))
		if err != nil {
			t.Fatal(err)
		}
		if tlv.Type != test.kind || !bytes.Equal(tlv.Value, unhex(t, test.want)) {
			t.Errorf("%s %x\nwant %s %s", tlv.Type, tlv.Value, test.kind, test.want)
		}
		if got, err := UnwrapKey(tlv, recipient); err != nil || !bytes.Equal(got, key) {
			t.Errorf("%s: unwrapped %x, %v", tlv.Type, got, err)
		}
	}
}

// TestBodyCipher: imgtool's ciphertext of a known key.
func TestBodyCipher(t *testing.T) {
	e := &Encryption{
		Recipient: scalar(t, ecdh.X25519(), 0).Public(),
		Rand:      bytes.NewReader(slices.Concat(count(0x40, 16), count(0x20, 32))),
	}
	img := mustBuild(t, Options{Encryption: e})
	if got := fmt.Sprintf("%x", sha256.Sum256(img.Body)); got != "d32c91c97e1fbd2a005f17497d235bdb82ea738c57a1735ca64609e4a0da0d27" || len(img.Body) != 1008 {
		t.Errorf("%d bytes, SHA-256 %s", len(img.Body), got)
	}
	if !bytes.HasPrefix(img.Body, unhex(t, "1b934752828ef3b706678e476eb4c8a2")) {
		t.Errorf("begins with %x", img.Body[:16])
	}
}

// TestKeyWrap: RFC 3394, sections 4.1 and 4.6.
func TestKeyWrap(t *testing.T) {
	for _, test := range []struct{ kek, key, want string }{
		{"000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff",
			"1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"},
		{"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
			"28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"},
	} {
		kek, key := KEK(unhex(t, test.kek)), unhex(t, test.key)
		tlv, err := WrapKey(key, kek, crypto.SHA256, nil)
		if err != nil || tlv.Type != TLVEncKW || !bytes.Equal(tlv.Value, unhex(t, test.want)) {
			t.Errorf("%s %x, %v", tlv.Type, tlv.Value, err)
		}
		if got, err := UnwrapKey(tlv, kek); err != nil || !bytes.Equal(got, key) {
			t.Errorf("unwrapped %x, %v", got, err)
		}
		for i := range tlv.Value {
			changed := bytes.Clone(tlv.Value)
			changed[i] ^= 1
			if _, err := UnwrapKey(TLV{TLVEncKW, changed}, kek); !errors.Is(err, ErrUnwrap) {
				t.Errorf("byte %d changed: %v", i, err)
			}
		}
	}
}

// recipient is a way to encrypt.
type recipient struct {
	e       Encryption
	private crypto.PrivateKey
	kind    TLVType
	size    int // of the wrapped key
}

func recipients(t testing.TB) map[string]recipient {
	x, p := scalar(t, ecdh.X25519(), 9), signer(t, "ec-p256").(*ecdsa.PrivateKey)
	r := signer(t, "rsa2048").(*rsa.PrivateKey)
	exchange, err := p.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	kek16, kek32 := KEK(count(0, 16)), KEK(count(0, 32))
	return map[string]recipient{
		"rsa":               {Encryption{Recipient: r.Public()}, r, TLVEncRSA2048, 256},
		"rsa 256":           {Encryption{Recipient: r.Public(), KeySize: 256}, r, TLVEncRSA2048, 256},
		"p256":              {Encryption{Recipient: p.Public()}, p, TLVEncEC256, 113},
		"p256 256":          {Encryption{Recipient: exchange.Public(), KeySize: 256}, exchange, TLVEncEC256, 129},
		"x25519":            {Encryption{Recipient: x.Public()}, x, TLVEncX25519, 80},
		"x25519 256":        {Encryption{Recipient: x.Public(), KeySize: 256}, x, TLVEncX25519, 96},
		"x25519 sha512":     {Encryption{Recipient: x.Public(), HMAC: crypto.SHA512}, x, TLVEncX25519SHA512, 112},
		"x25519 sha512 256": {Encryption{Recipient: x.Public(), HMAC: crypto.SHA512, KeySize: 256}, x, TLVEncX25519SHA512, 128},
		"kw":                {Encryption{Recipient: kek16}, kek16, TLVEncKW, 24},
		"kw 256":            {Encryption{Recipient: kek32, KeySize: 256}, kek32, TLVEncKW, 40},
	}
}

func TestEncryptDecrypt(t *testing.T) {
	for name, r := range recipients(t) {
		r.e.Rand = random()
		o := Options{HeaderSize: 33, Signing: Signing{Signer: edKey()}, Encryption: &r.e}
		img := mustBuild(t, o)
		tlv := img.Unprotected[len(img.Unprotected)-1]
		if tlv.Type != r.kind || len(tlv.Value) != r.size {
			t.Errorf("%s: %s of %d bytes", name, tlv.Type, len(tlv.Value))
		}
		clear, err := img.Decrypt(r.private)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		// 33 bytes of header and 1000 of body fill blocks with 7 more.
		if !bytes.Equal(clear.Body, append(testBody(0, 1000), make([]byte, 7)...)) {
			t.Errorf("%s: other firmware", name)
		}
		r.e.Clear, r.e.Rand = true, random()
		if _, isRSA := r.e.Recipient.(*rsa.PublicKey); !isRSA {
			sameImage(t, mustBuild(t, o), clear)
		}
		again, err := clear.Decrypt(r.private)
		if err != nil {
			t.Fatal(err)
		}
		sameImage(t, again, clear)
	}
}

func TestEncryptionRefuses(t *testing.T) {
	x := scalar(t, ecdh.X25519(), 0).Public()
	for _, test := range []struct {
		e    Encryption
		want string
	}{
		{Encryption{Recipient: x}, "encryption needs randomness"},
		{Encryption{Recipient: x, KeySize: 192, Rand: random()}, "AES key of 192 bits: want 128 or 256"},
		{Encryption{Rand: random()}, "encryption: public key of type <nil>"},
		{Encryption{Recipient: signer(t, "rsa3072").Public(), Rand: random()}, "encryption for a key of type rsa-3072"},
		{Encryption{Recipient: signer(t, "ec-p384").Public(), Rand: random()}, "encryption for a key of type ecdsa-p384"},
		{Encryption{Recipient: edKey().Public(), Rand: random()}, "encryption for a key of type ed25519: bootloaders decrypt with"},
		{Encryption{Recipient: KEK(make([]byte, 16)), KeySize: 256, Rand: random()}, "key-encryption key of 16 bytes: want 32"},
		{Encryption{Recipient: signer(t, "ec-p256").Public(), HMAC: crypto.SHA512, Rand: random()}, "x25519 keys only"},
		{Encryption{Recipient: x, HMAC: crypto.SHA384, Rand: random()}, "HMAC with SHA-384: want SHA-256 or SHA-512"},
		{Encryption{Recipient: x, Rand: bytes.NewReader(nil)}, "image key: EOF"},
		{Encryption{Recipient: x, Rand: bytes.NewReader(make([]byte, 20))}, "ephemeral key: unexpected EOF"},
	} {
		_, err := Build(make([]byte, 40), Options{Encryption: &test.e})
		wantError(t, err, test.want)
	}
}

func TestWrapKeyRefuses(t *testing.T) {
	// A point that makes every shared secret 0 (RFC 7748, section 6.1).
	lowOrder, err := ecdh.X25519().NewPublicKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	exchange384, err := signer(t, "ec-p384").Public().(*ecdsa.PublicKey).ECDH()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		key       int
		recipient crypto.PublicKey
		random    io.Reader
		want      string
	}{
		{24, KEK(nil), nil, "image key of 24 bytes: want 16 or 32"},
		{16, KEK(make([]byte, 32)), nil, "key-encryption key of 32 bytes: want 16"},
		{16, signer(t, "rsa3072").Public(), random(), "RSA key of 3072 bits: bootloaders take 2048"},
		{16, signer(t, "ec-p384").Public(), random(), "encryption for a key on P-384"},
		{16, edKey().Public(), random(), "key of type ed25519.PublicKey"},
		{16, signer(t, "ec-p256").Public(), bytes.NewReader(make([]byte, 200)), "ephemeral key: the randomness is none"},
		{16, signer(t, "ec-p521").Public(), random(), "encryption for a key on P-521"},
		{16, lowOrder, random(), "encryption: "},
		{16, exchange384, random(), "encryption for a key on P-384"},
	} {
		_, err := WrapKey(make([]byte, test.key), test.recipient, crypto.SHA256, test.random)
		wantError(t, err, test.want)
	}
}

// TestUnwrapRefuses: each wrapped key changed, cut, and opened with another key.
func TestUnwrapRefuses(t *testing.T) {
	for name, r := range recipients(t) {
		r.e.Rand = random()
		img := mustBuild(t, Options{Encryption: &r.e})
		tlv := img.Unprotected[1]
		for _, at := range []int{0, len(tlv.Value) / 2, len(tlv.Value) - 1} {
			changed := bytes.Clone(tlv.Value)
			changed[at] ^= 1
			if _, err := UnwrapKey(TLV{tlv.Type, changed}, r.private); !errors.Is(err, ErrUnwrap) {
				t.Errorf("%s: byte %d changed: %v", name, at, err)
			}
		}
		for n := range 10 {
			if _, err := UnwrapKey(TLV{tlv.Type, tlv.Value[:n]}, r.private); err == nil {
				t.Errorf("%s: %d bytes opened", name, n)
			}
		}
		_, err := UnwrapKey(TLV{TLVSHA256, tlv.Value}, r.private)
		wantError(t, err, "SHA256: this key opens [")
	}
	_, err := UnwrapKey(TLV{TLVEncKW, make([]byte, 24)}, KEK("short"))
	wantError(t, err, "invalid key size 5")
	_, err = UnwrapKey(TLV{TLVEncX25519, make([]byte, 80)}, scalar(t, ecdh.X25519(), 0))
	if !errors.Is(err, ErrUnwrap) {
		t.Errorf("point of low order: %v", err)
	}
	_, err = UnwrapKey(TLV{}, signer(t, "ec-p384"))
	wantError(t, err, "decryption with a key on P-384")
	_, err = UnwrapKey(TLV{}, edKey())
	wantError(t, err, "decryption with a key of type ed25519.PrivateKey")
}

func TestDecryptRefuses(t *testing.T) {
	kek := KEK(make([]byte, 16))
	e := &Encryption{Recipient: kek, Rand: random()}
	_, err := mustBuild(t, Options{}).Decrypt(kek)
	wantError(t, err, "the image is not encrypted")
	_, err = mustBuild(t, Options{Encryption: e}).Decrypt(scalar(t, ecdh.X25519(), 0))
	wantError(t, err, "holds no key for this type of key: want one of [ENCX25519 ENCX25519_SHA512]")
	_, err = mustBuild(t, Options{Encryption: e}).Decrypt(KEK(count(1, 16)))
	if !errors.Is(err, ErrUnwrap) {
		t.Errorf("another key: %v", err)
	}
	_, err = mustBuild(t, Options{Encryption: e}).Decrypt("key")
	wantError(t, err, "decryption with a key of type string")

	img := mustBuild(t, Options{Encryption: e})
	img.Body[0] ^= 1
	_, err = img.Decrypt(kek)
	wantError(t, err, "not the one of its SHA256 digest")
	img.Header.Flags |= FlagAES256
	_, err = img.Decrypt(kek)
	wantError(t, err, "AES-128 as well as AES-256")
	img.Header.Flags &^= FlagAES128
	_, err = img.Decrypt(kek)
	wantError(t, err, "key of 16 bytes: the header wants 32")
	_, err = img.Crypt(kek)
	wantError(t, err, "image key of 16 bytes: the header wants 32")
}
