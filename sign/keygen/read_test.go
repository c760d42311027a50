package keygen

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
)

// Every form of a key has the same public half.
func TestPublicKey(t *testing.T) {
	for want, names := range map[string][]string{
		"ec-p256.pub.pem": {"ec-p256.pem", "ec-p256.sec1.pem", "ec-p256.params.pem", "ec-p256.enc.pem", "ec-p256.enc-scrypt.pem", "ec-p256.crt", "ec-p256.pub.pem"},
		"rsa2048.pub.pem": {"rsa2048.pem", "rsa2048.pkcs1.pem", "rsa2048.pkcs1.pub.pem", "rsa2048.enc.pem", "rsa2048.crt"},
		"rsa1024.pub.pem": {"rsa1024.pem", "rsa1024.crt"},
		"ed25519.pub.pem": {"ed25519.pem", "ed25519.crt"},
	} {
		for _, name := range names {
			pub, err := PublicKey(readKey(t, name), says(testPassphrase))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if got, err := MarshalPublicKey(pub); err != nil || !bytes.Equal(got, readKey(t, want)) {
				t.Errorf("%s: another public key, error %v", name, err)
			}
		}
	}
}

// Of several things in a file the private key counts, then the public key, then
// the first certificate.
func TestPublicKeyChoice(t *testing.T) {
	crt, key, pub := readKey(t, "chain.crt"), readKey(t, "rsa2048.pem"), readKey(t, "ed25519.pub.pem")
	for _, c := range []struct {
		parts [][]byte
		want  string
	}{
		{[][]byte{crt, pub, key}, "RSA-2048"},
		{[][]byte{crt, pub}, "Ed25519"},
		{[][]byte{crt}, "ECDSA P-256"},
	} {
		items, err := Describe(bytes.Join(c.parts, nil))
		if err != nil || len(items) != len(c.parts)+1 {
			t.Fatalf("%d items, error %v", len(items), err)
		}
		got, err := PublicKey(bytes.Join(c.parts, nil), nil)
		if err != nil || describe(t, got) != c.want {
			t.Errorf("%s, error %v, want %s", describe(t, got), err, c.want)
		}
	}
}

func describe(t *testing.T, pub any) string {
	t.Helper()
	file, err := MarshalPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	items, err := Describe(file)
	if err != nil {
		t.Fatal(err)
	}
	return items[0].Key
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// longRSA is a public key with which arithmetic would take for ever.
func longRSA() *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), maxRSABits)
	return &rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 65537}
}

func TestPublicKeyRefuses(t *testing.T) {
	long, err := x509.MarshalPKIXPublicKey(longRSA())
	if err != nil {
		t.Fatal(err)
	}
	twice := append(readKey(t, "rsa2048.pem"), readKey(t, "ec-p256.pem")...)
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "the file is empty"},
		{"text", []byte("hello"), "neither PEM nor an AES key"},
		{"DER", readKey(t, "ec-p256.der"), "neither PEM nor an AES key"},
		{"damaged", []byte("-----BEGIN PRIVATE KEY-----\nMIIB"), "the PEM is damaged"},
		{"huge", make([]byte, maxFile+1), "65537 bytes are no file of keys: at most 65536 are allowed"},
		{"two keys", twice, "found 2 keys: want one"},
		{"other block", block("DH PARAMETERS", nil), `found a PEM block "DH PARAMETERS": want a private key`},
		{"OpenSSH", block("OPENSSH PRIVATE KEY", nil), `private key in a PEM block "OPENSSH PRIVATE KEY": want PKCS#8`},
		{"no key", block("PRIVATE KEY", []byte("x")), "the PEM block does not hold one"},
		{"no RSA key", block("RSA PRIVATE KEY", []byte("x")), "the PEM block does not hold an RSA key"},
		{"legacy", readKey(t, "rsa2048.legacy.pem"), "encrypted in the legacy form of OpenSSL"},
		{"PBES1", readKey(t, "ec-p256.enc-pbes1.pem"), "want PBES2"},
		{"curve", readKey(t, "ec-secp256k1.pem"), "want RSA, ECDSA on P-256"},
		{"long RSA", block("PUBLIC KEY", long), "RSA-16385 is too long: at most 16384 bits are allowed"},
		{"bad certificate", block("CERTIFICATE", []byte("x")), "x509"},
		{"bad public key", block("PUBLIC KEY", []byte("x")), "asn1"},
		{"bad PKCS#1", block("RSA PUBLIC KEY", []byte("x")), "asn1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := PublicKey(c.data, says(testPassphrase))
			wantError(t, err, c.want)
		})
	}
	_, err = PublicKey(readKey(t, "ec-p256.enc.pem"), nil)
	wantError(t, err, "private key: encrypted, and there is no passphrase")
}

// The hashes that MCUboot's tools and TF-M print for known keys.
func TestHash(t *testing.T) {
	seed := make([]byte, ed25519.SeedSize)
	for i := range seed {
		seed[i] = byte(i)
	}
	pub := ed25519.NewKeyFromSeed(seed).Public()
	const imgtool = "a050837d85070582ccf7394b0988847cc312cb88259b894899f6f239cf1791a5" // imgtool 2.4.0 getpubhash -e raw
	for _, format := range []HashFormat{"", HashSPKI, HashMCUboot} {
		if got, err := Hash(pub, format); err != nil || got != imgtool {
			t.Errorf("%q: %s, error %v", format, got, err)
		}
	}
}

// MCUboot hashes the PKCS #1 form of an RSA key: for its root-rsa-2048.pem TF-M
// provisions fc5701dc... (tfm_rotpk.c).
func TestHashRSA(t *testing.T) {
	n, _ := new(big.Int).SetString(mcubootModulus, 16)
	pub := &rsa.PublicKey{N: n, E: 65537}
	for format, want := range map[HashFormat]string{
		HashMCUboot: "fc5701dc6135e1323847bdc40f04d2e5bee5833b23c29f93593d00018cfa9994",
		HashSPKI:    "a14bcb1bf9bb821146ba32838217e476f5412621320534ffe490a1890c994660",
	} {
		if got, err := Hash(pub, format); err != nil || got != want {
			t.Errorf("%s: %s, error %v", format, got, err)
		}
	}
	if got := Published(fingerprint(t, pub)); !strings.Contains(got, "root-rsa-2048.pem") {
		t.Errorf("published as %q", got)
	}
}

const mcubootModulus = "" +
	"d106081a18442c18e8fbfdf70da34f1fbbee5ef9aad24b18d35ae96d188019f9" +
	"f09c341bcbf3bc74db42e78c7f10537e435e0d572c44d167080f0dbb5ceeecb3" +
	"99dfe04d840baa774160ed152849a701b43c10e6698c2f5fac414d9e5c14dff2" +
	"f8cf3d1e6fe75bbab4a9c8887e473c94c37767544baa8d3835ca62617eb7e115" +
	"db7773d4be7b7221896924fbf8656e643ec80ed785d55c4ae4530d2fffb7fdf3" +
	"1339833fa3aed20fa76a9df9feb8cefa2abeafb8e0fa823754f43ee12bd0d308" +
	"5818f65e4cc8888131ad5fb08217f28a692723f3ab873e931a1dfee8f81a2466" +
	"59f81cabdcce681b666435ecfa0d119daf5c3aa7d167c647efb14b2c62e1d1c9"

func TestHashRefuses(t *testing.T) {
	_, err := Hash(newKey(t, X25519).Public(), HashMCUboot)
	wantError(t, err, "X25519 key: MCUboot names keys by their hash that sign")
	_, err = Hash("text", HashSPKI)
	wantError(t, err, "public key of type string")
	var f HashFormat
	wantError(t, f.UnmarshalText([]byte("md5")), `format of hash "md5": want spki or mcuboot`)
}
