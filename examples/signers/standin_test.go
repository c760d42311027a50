package signers

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// reply is what a command writes, and how it ends.
type reply struct {
	stdout, stderr string
	status         int
}

func answer(stdout string) reply { return reply{stdout: stdout} }

// standIn plays a service's command. Arguments that the service's reference does
// not have, or that a program has no reason to use, are usage errors.
func standIn(name string, args []string) int {
	commands := map[string]func([]string) reply{"aws": aws, "az": az, "gcloud": gcloud, "curl": curl, "vault": vault, "bao": vault}
	r := commands[name](args)
	if os.Getenv("STAND_IN_SAYS_GARBAGE") != "" {
		r = garbage(os.Getenv("STAND_IN_GARBAGE"))
	}
	io.WriteString(os.Stdout, r.stdout)
	io.WriteString(os.Stderr, r.stderr)
	return r.status
}

// garbage is written wherever an answer is looked for, with status 0.
func garbage(text string) reply {
	for _, name := range []string{"public", "answer"} {
		os.WriteFile(name, []byte(text), 0o600)
	}
	return answer(text)
}

// match compares args with a pattern, in which "*" stands for one argument, and
// returns what the stars stand for.
func match(args []string, pattern ...string) ([]string, bool) {
	if len(args) != len(pattern) {
		return nil, false
	}
	var stars []string
	for i, want := range pattern {
		if want == "*" {
			stars = append(stars, args[i])
		} else if args[i] != want {
			return nil, false
		}
	}
	return stars, true
}

// readKey reads a key of the test data.
func readKey(folder, name string) (crypto.Signer, error) {
	data, err := os.ReadFile(filepath.Join(folder, name+".pem"))
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	return key.(crypto.Signer), nil
}

// storedKey is a key that a stand-in holds.
func storedKey(name string) crypto.Signer {
	key, err := readKey(os.Getenv("STAND_IN_KEYS"), name)
	if err != nil {
		panic(err)
	}
	return key
}

func testKey(t *testing.T, name string) crypto.Signer {
	t.Helper()
	key, err := readKey("../../testdata/keys", name)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// publicDER is the SubjectPublicKeyInfo of a key.
func publicDER(key crypto.Signer) []byte {
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		panic(err)
	}
	return der
}

func publicPEM(key crypto.Signer) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: publicDER(key)}))
}

// hash is the one that a name such as RSASSA_PSS_SHA_256 or sha2-384 ends with.
func hash(name string) crypto.Hash {
	switch {
	case strings.HasSuffix(name, "256"):
		return crypto.SHA256
	case strings.HasSuffix(name, "384"):
		return crypto.SHA384
	case strings.HasSuffix(name, "512"):
		return crypto.SHA512
	}
	panic("no hash in " + name)
}

// signDigest signs as services do: a digest of another length is refused.
// salt is 0 for PKCS #1 v1.5 and everything but RSA.
func signDigest(key crypto.Signer, h crypto.Hash, digest []byte, salt int) ([]byte, error) {
	if len(digest) != h.Size() {
		return nil, fmt.Errorf("digest of %d bytes", len(digest))
	}
	if salt != 0 {
		return key.Sign(rand.Reader, digest, &rsa.PSSOptions{SaltLength: salt, Hash: h})
	}
	return key.Sign(rand.Reader, digest, h)
}

// family is the kind of a key: rsa, ecdsa or ed25519.
func family(key crypto.Signer) string {
	switch key.(type) {
	case *rsa.PrivateKey:
		return "rsa"
	case *ecdsa.PrivateKey:
		return "ecdsa"
	case ed25519.PrivateKey:
		return "ed25519"
	}
	panic("key of another kind")
}

// curveHash is the hash that belongs to an ECDSA key's curve.
func curveHash(key crypto.Signer) string {
	return map[int]string{256: "256", 384: "384", 521: "512"}[key.(*ecdsa.PrivateKey).Curve.Params().BitSize]
}
