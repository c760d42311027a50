package sign

import (
	"crypto/ecdh"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"
)

func der(t *testing.T, v any) []byte {
	t.Helper()
	encoded, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// rsaOf is a private key in PKCS#1 with that modulus and nothing that fits it.
func rsaOf(t *testing.T, n *big.Int) []byte {
	t.Helper()
	one := big.NewInt(1)
	return der(t, struct {
		Version                   int
		N, E, D, P, Q, DP, DQ, QI *big.Int
	}{0, n, big.NewInt(65537), one, one, one, one, one, one})
}

// A modulus of a million bits must be refused before anybody calculates.
func TestParsePKCS1Limits(t *testing.T) {
	started := time.Now()
	for bits, want := range map[int]string{
		1:         "RSA-1 is too short: want at least 2048 bits",
		2047:      "RSA-2047 is too short: want at least 2048 bits",
		16385:     "RSA-16385 is too long: OpenSSL verifies at most 16384 bits",
		1_000_000: "RSA-1000000 is too long: OpenSSL verifies at most 16384 bits",
	} {
		n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
		_, err := parsePKCS1(rsaOf(t, n))
		wantError(t, err, want)
	}
	if took := time.Since(started); took > time.Second {
		t.Errorf("took %v", took)
	}
}

// Numbers that are no key, in a structure that is one.
func TestParsePKCS1Nonsense(t *testing.T) {
	n := new(big.Int).Lsh(big.NewInt(1), 2047)
	if _, err := parsePKCS1(rsaOf(t, n)); err == nil {
		t.Error("an RSA key without primes is read")
	}
	if _, err := parsePKCS1(rsaOf(t, n.Neg(n))); err == nil {
		t.Error("a negative modulus is read")
	}
}

func TestParsePKCS8Refuses(t *testing.T) {
	curve := func(oid any) pkix.AlgorithmIdentifier {
		return pkix.AlgorithmIdentifier{Algorithm: oidKeyEC, Parameters: asn1.RawValue{FullBytes: der(t, oid)}}
	}
	x25519, err := ecdh.X25519().NewPrivateKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	exchange, err := x509.MarshalPKCS8PrivateKey(x25519)
	if err != nil {
		t.Fatal(err)
	}
	ed448 := pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 101, 113}}
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"curve spelled out", der(t, pkcs8{0, curve(7), nil}), "EC key without the name of its curve: want P-256, P-384 or P-521"},
		{"brainpool", der(t, pkcs8{0, curve(asn1.ObjectIdentifier{1, 3, 36, 3, 3, 2, 8, 1, 1, 7}), nil}),
			"EC key on curve brainpoolP256r1: want P-256, P-384 or P-521"},
		{"unknown curve", der(t, pkcs8{0, curve(asn1.ObjectIdentifier{1, 2, 3}), nil}), "EC key on curve 1.2.3: want P-256, P-384 or P-521"},
		{"ed448", der(t, pkcs8{0, ed448, make([]byte, 57)}), "key of algorithm 1.3.101.113: want RSA, ECDSA or Ed25519: " +
			"x509: PKCS#8 wrapping contained private key with unknown algorithm: 1.3.101.113"},
		{"x25519", exchange, "an X25519 key decrypts, it does not sign: want RSA, ECDSA or Ed25519"},
		{"no rsa key", der(t, pkcs8{0, pkix.AlgorithmIdentifier{Algorithm: oidKeyRSA}, []byte{0}}), "the PEM block does not hold a private key"},
		{"cut off", readFile(t, "ec-p256.der")[:60], "the PEM block does not hold a private key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parsePKCS8(c.file)
			wantError(t, err, c.want)
		})
	}
}

func TestParseSEC1Refuses(t *testing.T) {
	zero := make([]byte, 32)
	_, err := parseSEC1(der(t, sec1{1, zero, asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 1}}))
	wantError(t, err, "EC key on curve P-192: want P-256, P-384 or P-521")
	if _, err := parseSEC1(der(t, sec1{1, zero, asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}})); err == nil {
		t.Error("the key 0 is read")
	}
}
