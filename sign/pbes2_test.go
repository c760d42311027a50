package sign

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"strings"
	"testing"
)

func oidOf(t *testing.T, dotted string) asn1.ObjectIdentifier {
	t.Helper()
	for _, known := range []asn1.ObjectIdentifier{
		{1, 2, 840, 113549, 1, 5, 12}, {1, 2, 840, 113549, 1, 5, 13}, {1, 3, 6, 1, 4, 1, 11591, 4, 11},
		{1, 2, 840, 113549, 2, 9}, {2, 16, 840, 1, 101, 3, 4, 1, 42}, {1, 2, 3},
	} {
		if known.String() == dotted {
			return known
		}
	}
	t.Fatal("unknown identifier " + dotted)
	return nil
}

func identifier(t *testing.T, dotted string, parameters any) pkix.AlgorithmIdentifier {
	t.Helper()
	der, err := asn1.Marshal(parameters)
	if err != nil {
		t.Fatal(err)
	}
	return pkix.AlgorithmIdentifier{Algorithm: oidOf(t, dotted), Parameters: asn1.RawValue{FullBytes: der}}
}

// Files that ask for too much work, or would trip up the arithmetic.
func TestEncryptedKeyRefuses(t *testing.T) {
	const aes256 = "2.16.840.1.101.3.4.1.42"
	salt, iv, data := make([]byte, 8), make([]byte, 16), make([]byte, 32)
	sha256 := pkix.AlgorithmIdentifier{Algorithm: oidOf(t, "1.2.840.113549.2.9")}
	kdf := func(iterations int) pkix.AlgorithmIdentifier {
		return identifier(t, oidPBKDF2, pbkdf2Parameters{Salt: salt, Iterations: iterations, PRF: sha256})
	}
	memory := func(n, r, p int) pkix.AlgorithmIdentifier {
		return identifier(t, oidScrypt, scryptParameters{Salt: salt, N: n, R: r, P: p})
	}
	const limits = ": want N a power of two, at most 64 MiB and 16 lanes"
	for _, c := range []struct {
		name        string
		kdf, cipher pkix.AlgorithmIdentifier
		data        []byte
		want        string
	}{
		{"no iteration", kdf(0), identifier(t, aes256, iv), data, "PBKDF2 of 0 iterations: want 1 to 10000000"},
		{"negative", kdf(-1), identifier(t, aes256, iv), data, "PBKDF2 of -1 iterations: want 1 to 10000000"},
		{"years", kdf(2_000_000_000), identifier(t, aes256, iv), data, "PBKDF2 of 2000000000 iterations: want 1 to 10000000"},
		{"prf", identifier(t, oidPBKDF2, pbkdf2Parameters{salt, 1, 0, identifier(t, "1.2.3", 1)}), identifier(t, aes256, iv), data,
			"PBKDF2 with function 1.2.3: want HMAC with SHA-1 or SHA-2"},
		{"kdf", identifier(t, "1.2.3", 1), identifier(t, aes256, iv), data, "key derivation 1.2.3: want PBKDF2 or scrypt"},
		{"kdf parameters", identifier(t, oidPBKDF2, 1), identifier(t, aes256, iv), data, "the parameters of the encryption are damaged"},
		{"scrypt parameters", identifier(t, oidScrypt, 1), identifier(t, aes256, iv), data, "the parameters of the encryption are damaged"},
		{"scrypt memory", memory(1<<20, 8, 1), identifier(t, aes256, iv), data, "scrypt with N=1048576 r=8 p=1" + limits},
		{"scrypt blocks", memory(2, 1<<30, 1), identifier(t, aes256, iv), data, "scrypt with N=2 r=1073741824 p=1" + limits},
		{"scrypt lanes", memory(16, 1, 1<<30), identifier(t, aes256, iv), data, "scrypt with N=16 r=1 p=1073741824" + limits},
		{"scrypt odd", memory(15, 1, 1), identifier(t, aes256, iv), data, "scrypt with N=15 r=1 p=1" + limits},
		{"scrypt nothing", memory(0, 0, 0), identifier(t, aes256, iv), data, "scrypt with N=0 r=0 p=0" + limits},
		{"cipher", kdf(1), identifier(t, "1.2.3", iv), data, "encrypted by cipher 1.2.3: want AES in CBC mode, or triple DES"},
		{"iv", kdf(1), identifier(t, aes256, iv[:8]), data, "the parameters of the encryption are damaged"},
		{"iv type", kdf(1), identifier(t, aes256, 7), data, "the parameters of the encryption are damaged"},
		{"no data", kdf(1), identifier(t, aes256, iv), nil, "the parameters of the encryption are damaged"},
		{"odd data", kdf(1), identifier(t, aes256, iv), data[:17], "the parameters of the encryption are damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			der, err := asn1.Marshal(encryptedKey{identifier(t, oidPBES2, pbes2{c.kdf, c.cipher}), c.data})
			if err != nil {
				t.Fatal(err)
			}
			_, err = parseEncrypted(der, passphrase)
			wantError(t, err, c.want)
		})
	}
}

// No error may repeat what the file or the passphrase holds.
func TestErrorsHoldNoSecret(t *testing.T) {
	const phrase = "correct horse"
	for _, file := range []string{"ec-p256.pem", "rsa2048.pem", "rsa2048.pkcs1.pem", "ed25519.pem", "ec-p256.sec1.pem", "ec-p256.enc.pem"} {
		text := readFile(t, file)
		der := decode(t, text)
		for at := 40; at < len(text); at += 13 {
			damaged := bytes.Clone(text)
			damaged[at] ^= 3
			_, err := ParsePrivateKey(damaged, func() ([]byte, error) { return []byte(phrase), nil })
			if err == nil {
				continue
			}
			if leaks(err.Error(), text, der, phrase) {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

// leaks reports whether message repeats eight characters of the file or of the
// hex of its DER, or the passphrase.
func leaks(message string, text, der []byte, phrase string) bool {
	body := strings.Join(strings.Split(string(text), "\n")[1:], "")
	dump := hex.EncodeToString(der)
	for i := 0; i+8 <= len(message); i++ {
		part := message[i : i+8]
		if !strings.Contains(part, " ") && !strings.Contains(part, "KEY") && (strings.Contains(body, part) || strings.Contains(dump, part)) {
			return true
		}
	}
	return strings.Contains(message, phrase)
}
