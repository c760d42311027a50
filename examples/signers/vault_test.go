package signers

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// vault is the command of HashiCorp Vault and OpenBao. Where its output is not a
// terminal it writes a field without a line's end after it.
func vault(args []string) reply {
	if a, ok := match(args, "read", "-format=json", "-field=keys", "*"); ok {
		return vaultRead(a[0])
	}
	if len(args) > 5 && slices.Equal(args[:3], []string{"write", "-format=table", "-field=signature"}) && args[4] == "input=-" {
		return vaultWrite(args[3], args[5:])
	}
	return reply{stderr: fmt.Sprintf("flag provided but not defined: %q\n", args), status: 1}
}

// vaultError is an answer of the server.
func vaultError(doing, method, path string, code int, text string) reply {
	return reply{stderr: fmt.Sprintf("Error %s %s: Error making API request.\n\nURL: %s https://vault.example.com:8200/v1/%s\nCode: %d. Errors:\n\n* %s\n",
		doing, path, method, path, code, text), status: 2}
}

// vaultKeyName is the key in the test data that a path stands for.
func vaultKeyName(path, kind string) (string, bool) {
	name, ok := strings.CutPrefix(path, "team/transit/"+kind+"/")
	if !ok {
		name, ok = strings.CutPrefix(path, "transit/"+kind+"/")
	}
	switch name {
	case "rsa2048", "ec-p256", "ec-p384", "ec-p521", "ed25519":
		return name, ok
	case "denied", "throttled", "retired":
		return "ec-p256", ok
	}
	return "", false
}

// vaultRead answers with two versions, of which the first is the test data's.
func vaultRead(path string) reply {
	if path == "transit/keys/logged-out" {
		return vaultError("reading", "GET", path, 403, "1 error occurred:\n\t* permission denied\n")
	}
	if path == "transit/keys/aes" {
		return answer("{\n  \"1\": 1700000000\n}")
	}
	name, ok := vaultKeyName(path, "keys")
	if !ok {
		return reply{stderr: "No value found at " + path + "\n", status: 2}
	}
	text, err := json.MarshalIndent(map[string]any{
		"1":  vaultVersion(storedKey(name)),
		"11": vaultVersion(storedKey("rsa2048")),
	}, "", "  ")
	if err != nil {
		panic(err)
	}
	return answer(string(text))
}

func vaultVersion(key crypto.Signer) map[string]any {
	public := publicPEM(key)
	if k, ok := key.Public().(ed25519.PublicKey); ok {
		public = base64.StdEncoding.EncodeToString(k)
	}
	return map[string]any{"certificate_chain": "", "creation_time": "2025-11-02T09:00:00.123456789Z", "hybrid_public_key": "", "name": "key", "public_key": public}
}

func vaultWrite(path string, fields []string) reply {
	refuse := func(code int, text string) reply {
		return vaultError("writing data to", "PUT", path, code, text)
	}
	switch path {
	case "transit/sign/denied":
		return refuse(403, "1 error occurred:\n\t* permission denied\n")
	case "transit/sign/throttled":
		return refuse(429, `request path "transit/sign/throttled": rate limit quota exceeded`)
	case "transit/sign/retired":
		return refuse(400, "cannot sign: requested key version is less than the minimum encryption key version")
	}
	name, ok := vaultKeyName(path, "sign")
	if !ok {
		return refuse(400, "signing key not found")
	}
	stdin, err := io.ReadAll(os.Stdin)
	if err != nil {
		return refuse(400, err.Error())
	}
	input, err := base64.StdEncoding.DecodeString(string(stdin))
	if err != nil || strings.HasSuffix(string(stdin), "\n") {
		return refuse(400, "unable to decode input as base64")
	}
	signature, err := vaultSignature(storedKey(name), fields, input)
	if err != nil {
		return refuse(400, err.Error())
	}
	return answer("vault:v1:" + base64.StdEncoding.EncodeToString(signature))
}

// vaultSignature wants the fields that are right for the key, in order.
func vaultSignature(key crypto.Signer, fields []string, input []byte) ([]byte, error) {
	kind := family(key)
	if kind == "ed25519" && slices.Equal(fields, []string{"key_version=1"}) {
		return key.Sign(nil, input, crypto.Hash(0))
	}
	if len(fields) < 4 || !slices.Equal(fields[:2], []string{"key_version=1", "prehashed=true"}) || !strings.HasPrefix(fields[2], "hash_algorithm=sha2-") {
		return nil, fmt.Errorf("unsupported fields %q", fields)
	}
	h, salt := hash(fields[2]), 0
	switch rest := fields[3:]; {
	case kind == "ecdsa" && slices.Equal(rest, []string{"marshaling_algorithm=asn1"}), kind == "rsa" && slices.Equal(rest, []string{"signature_algorithm=pkcs1v15"}):
	case kind == "rsa" && len(rest) == 2 && rest[0] == "signature_algorithm=pss" && strings.HasPrefix(rest[1], "salt_length="):
		var err error
		if salt, err = strconv.Atoi(strings.TrimPrefix(rest[1], "salt_length=")); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("unsupported fields %q", fields)
	}
	return signDigest(key, h, input, salt)
}

func TestConformanceVault(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"vault", "bao"} {
		bin := path(t, nil, []string{command})
		for key, want := range map[string][]string{
			"transit/rsa2048:1": withRSA(), "team/transit/ec-p256:1": withEC(),
			"transit/ec-p384:1": withEC(), "transit/ec-p521:1": withEC(), "transit/ed25519:1": {"ed25519"},
		} {
			if command == "bao" && !strings.Contains(key, "ec-p256") {
				continue // one key shows that the other command is called
			}
			t.Run(command+" "+key, func(t *testing.T) {
				t.Parallel()
				checkConformance(t, "vault-transit", key, options(t, "vault-transit", bin), want...)
			})
		}
	}
}

// Any salt will do for Vault.
func TestConformanceVaultSalt(t *testing.T) {
	t.Parallel()
	opt := options(t, "vault-transit", path(t, nil, []string{"vault"}))
	checkSignature(t, "vault-transit", "transit/rsa2048:1", opt, make([]byte, 32), shortSalt())
}

func TestConformanceVaultRefusals(t *testing.T) {
	t.Parallel()
	opt := options(t, "vault-transit", path(t, nil, []string{"vault"}))
	for _, test := range []struct{ key, reason string }{
		{"transit/logged-out:1", "* permission denied"},
		{"transit/nothing:1", "No value found at transit/keys/nothing"},
		{"transit/denied:1", "* permission denied"},
		{"transit/throttled:1", `* request path "transit/sign/throttled": rate limit quota exceeded`},
		{"transit/retired:1", "* cannot sign: requested key version is less than the minimum encryption key version"},
		{"transit/ec-p256:2", "transit/ec-p256:2: no public key of this version: want an RSA, ECDSA or Ed25519 key, and a version that has not been trimmed"},
		{"transit/aes:1", "transit/aes:1: no public key of this version: want an RSA, ECDSA or Ed25519 key, and a version that has not been trimmed"},
		{"transit/ec-p256", `not a request for a key MOUNT/NAME:VERSION: {"reference":"transit/ec-p256"}`},
		{"ec-p256:1", `not a request for a key MOUNT/NAME:VERSION: {"reference":"ec-p256:1"}`},
		{"transit/ec-p256:1.*", `not a request for a key MOUNT/NAME:VERSION: {"reference":"transit/ec-p256:1.*"}`},
	} {
		t.Run(test.key, func(t *testing.T) {
			checkRefusal(t, "vault-transit", test.key, opt, crypto.SHA256, test.reason)
		})
	}
}

// A message that is too long for a command line goes by stdin.
func TestConformanceVaultMessage(t *testing.T) {
	t.Parallel()
	opt := options(t, "vault-transit", path(t, nil, []string{"vault"}))
	for _, size := range []int{0, 1, 1 << 20} {
		checkSignature(t, "vault-transit", "transit/ed25519:1", opt, make([]byte, size), crypto.Hash(0))
	}
}
