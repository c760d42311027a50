package sign

import (
	"bytes"
	"crypto/rand"
	"encoding/asn1"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// plainKey is the PKCS#8 of a test key.
func plainKey(t *testing.T, name string) []byte {
	t.Helper()
	block, _ := pem.Decode(readFile(t, name))
	return block.Bytes
}

func encrypt(t *testing.T, der []byte, passphrase string) []byte {
	t.Helper()
	box, err := EncryptPKCS8(der, []byte(passphrase), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func says(text string) PassphraseFunc {
	return func() ([]byte, error) { return []byte(text), nil }
}

// What is encrypted here is opened here, by the right passphrase alone.
func TestEncryptPKCS8(t *testing.T) {
	der := plainKey(t, "ec-p256.pem")
	box := encrypt(t, der, "Grüße, 世界")
	plain, err := DecryptPKCS8(box, says("Grüße, 世界"))
	if err != nil || !bytes.Equal(plain, der) {
		t.Fatalf("decrypted %d bytes, error %v", len(plain), err)
	}
	if _, err := DecryptPKCS8(box, says("wrong")); err == nil || err.Error() != "wrong passphrase" {
		t.Errorf("error %v", err)
	}
	if _, err := DecryptPKCS8(box, nil); err == nil || !strings.Contains(err.Error(), "no passphrase") {
		t.Errorf("error %v", err)
	}
	signer, err := ParsePrivateKey(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: box}), says("Grüße, 世界"))
	if err != nil || !samePublicKey(signer.Public(), privateKey(t, "ec-p256").Public()) {
		t.Errorf("another key, error %v", err)
	}
}

// The parameters are those that the documentation promises, and salt and IV
// come from rand.
func TestEncryptPKCS8Parameters(t *testing.T) {
	var random [newSaltSize + 16]byte
	for i := range random {
		random[i] = byte(i)
	}
	der, err := EncryptPKCS8(make([]byte, 16), []byte("x"), bytes.NewReader(random[:]))
	if err != nil {
		t.Fatal(err)
	}
	var box encryptedKey
	var scheme pbes2
	var kdf pbkdf2Parameters
	var iv []byte
	for _, part := range []struct {
		der  func() []byte
		into any
	}{
		{func() []byte { return der }, &box},
		{func() []byte { return box.Algorithm.Parameters.FullBytes }, &scheme},
		{func() []byte { return scheme.KDF.Parameters.FullBytes }, &kdf},
		{func() []byte { return scheme.Cipher.Parameters.FullBytes }, &iv},
	} {
		if rest, err := asn1.Unmarshal(part.der(), part.into); err != nil || len(rest) > 0 {
			t.Fatalf("%d bytes left, error %v", len(rest), err)
		}
	}
	if kdf.Iterations < 600_000 || !bytes.Equal(kdf.Salt, random[:16]) || !kdf.PRF.Algorithm.Equal(idHMACSHA256) {
		t.Errorf("PBKDF2 %+v", kdf)
	}
	if !bytes.Equal(iv, random[16:]) || !scheme.Cipher.Algorithm.Equal(idAES256CBC) || len(box.Data) != 32 {
		t.Errorf("IV %x, cipher %v, %d bytes of data", iv, scheme.Cipher.Algorithm, len(box.Data))
	}
}

func TestEncryptPKCS8Refuses(t *testing.T) {
	if _, err := EncryptPKCS8([]byte("key"), nil, rand.Reader); err == nil || err.Error() != "the passphrase is empty" {
		t.Errorf("error %v", err)
	}
	if _, err := EncryptPKCS8([]byte("key"), []byte("x"), strings.NewReader("short")); err == nil || !strings.HasPrefix(err.Error(), "drawing a salt: ") {
		t.Errorf("error %v", err)
	}
}

// openssl opens what is encrypted here.
func TestConformanceOpenSSLDecrypts(t *testing.T) {
	reftool.Need(t, "openssl")
	dir := t.TempDir()
	box := encrypt(t, plainKey(t, "rsa2048.pem"), testPassphrase)
	writeFile(t, dir, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: box}))
	if err := os.WriteFile(filepath.Join(dir, "pass"), []byte(testPassphrase), 0o600); err != nil {
		t.Fatal(err)
	}
	mustOpenSSL(t, dir, "pkcs8", "-in", "key.pem", "-passin", "file:pass", "-out", "plain.pem")
	if got := read(t, dir, "plain.pem"); !bytes.Equal(got, readFile(t, "rsa2048.pem")) {
		t.Error("openssl decrypted another key")
	}
}
