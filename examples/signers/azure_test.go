package signers

import (
	"crypto"
	"crypto/ecdsa"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"
)

const (
	azureVault   = "https://acme.vault.azure.net/keys/"
	azureVersion = "/0123456789abcdef0123456789abcdef"
)

func azureKey(name string) string { return azureVault + name + azureVersion }

// az is the command of Azure CLI 2.68, with the form of its messages.
func az(args []string) reply {
	if a, ok := match(args, "keyvault", "key", "download", "--id", "*", "--encoding", "PEM", "--file", "public", "--only-show-errors"); ok {
		return azureDownload(a[0])
	}
	if a, ok := match(args, "keyvault", "key", "sign", "--id", "*", "--algorithm", "*", "--digest", "*",
		"--query", "signature", "--output", "tsv", "--only-show-errors"); ok {
		return azureSign(a[0], a[1], a[2])
	}
	return reply{stderr: fmt.Sprintf("ERROR: unrecognized arguments: %q\n\nExamples from AI knowledge base:\n", args), status: 2}
}

// azureError repeats the message as az does, with what the service adds.
func azureError(code, message, inner string) reply {
	return reply{stderr: fmt.Sprintf("ERROR: (%s) %s\r\nCode: %s\nMessage: %s\nInner error: {\n    \"code\": \"%s\"\n}\n", code, message, code, message, inner), status: 1}
}

// azureName is the key in the test data that an identifier stands for.
func azureName(id string) (string, bool) {
	name := strings.TrimSuffix(strings.TrimPrefix(id, azureVault), azureVersion)
	switch name {
	case "rsa2048", "ec-p256", "ec-p384", "ec-p521":
		return name, id == azureKey(name)
	case "denied", "disabled", "throttled":
		return "ec-p256", true
	}
	return "", false
}

func azureDownload(id string) reply {
	if id == azureKey("logged-out") {
		return reply{stderr: "ERROR: Please run 'az login' to setup account.\n", status: 1}
	}
	name, ok := azureName(id)
	if !ok {
		return azureError("KeyNotFound", "A key with (name/id) "+strings.TrimPrefix(id, azureVault)+" was not found in this key vault.", "KeyNotFound")
	}
	if _, err := os.Stat("public"); err == nil {
		return reply{stderr: "ERROR: File or directory named 'public' already exists.\n", status: 1}
	}
	if err := os.WriteFile("public", []byte(publicPEM(storedKey(name))), 0o600); err != nil {
		return reply{stderr: err.Error(), status: 1}
	}
	return reply{}
}

func azureSign(id, algorithm, digest string) reply {
	switch id {
	case azureKey("denied"):
		return azureError("Forbidden", "Caller is not authorized to perform action on resource.", "ForbiddenByRbac")
	case azureKey("disabled"):
		return azureError("Forbidden", "Operation sign is not allowed on a disabled key.", "KeyDisabled")
	case azureKey("throttled"):
		return azureError("Throttled", "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached", "VaultRequestTypeLimitReached")
	}
	name, ok := azureName(id)
	if !ok {
		return azureError("KeyNotFound", "A key with (name/id) "+strings.TrimPrefix(id, azureVault)+" was not found in this key vault.", "KeyNotFound")
	}
	input, err := base64.StdEncoding.DecodeString(digest)
	if err != nil {
		return reply{stderr: "ERROR: Incorrect padding\n", status: 1}
	}
	signature, err := azureSignature(storedKey(name), algorithm, input)
	if err != nil {
		return azureError("BadParameter", "Key and signing algorithm are incompatible. Key "+id+", "+err.Error()+".", "BadParameter")
	}
	return answer(base64.StdEncoding.EncodeToString(signature) + "\n")
}

func azureSignature(key crypto.Signer, algorithm string, digest []byte) ([]byte, error) {
	salt := 0
	switch want := family(key); {
	case want == "rsa" && strings.HasPrefix(algorithm, "PS"):
		salt = hash(algorithm).Size()
	case want == "rsa" && strings.HasPrefix(algorithm, "RS"), want == "ecdsa" && algorithm == "ES"+curveHash(key):
	default:
		return nil, fmt.Errorf("algorithm '%s'", algorithm)
	}
	signature, err := signDigest(key, hash(algorithm), digest, salt)
	if curve, ok := key.(*ecdsa.PrivateKey); ok && err == nil {
		return rawSignature(signature, (curve.Curve.Params().BitSize+7)/8), nil
	}
	return signature, err
}

// rawSignature is r and s of an ECDSA signature, of size bytes each.
func rawSignature(der []byte, size int) []byte {
	var v struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &v); err != nil {
		panic(err)
	}
	raw := make([]byte, 2*size)
	v.R.FillBytes(raw[:size])
	v.S.FillBytes(raw[size:])
	return raw
}

func TestConformanceAzure(t *testing.T) {
	t.Parallel()
	bin := path(t, nil, []string{"az"})
	for key, want := range map[string][]string{
		"rsa2048": withRSA(),
		"ec-p256": {"ecdsa sha256"}, "ec-p384": {"ecdsa sha384"}, "ec-p521": {"ecdsa sha512"},
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			checkConformance(t, "azure-keyvault", azureKey(key), options(t, "azure-keyvault", bin), want...)
		})
	}
}

func TestConformanceAzureRefusals(t *testing.T) {
	t.Parallel()
	opt := options(t, "azure-keyvault", path(t, nil, []string{"az"}))
	for _, test := range []struct {
		key    string
		opts   crypto.SignerOpts
		reason string
	}{
		{azureKey("logged-out"), crypto.SHA256, "az keyvault key download: Please run 'az login' to setup account."},
		{azureKey("nothing"), crypto.SHA256, "(KeyNotFound) A key with (name/id) nothing" + azureVersion + " was not found in this key vault."},
		{azureKey("denied"), crypto.SHA256, "az keyvault key sign: (Forbidden) Caller is not authorized to perform action on resource."},
		{azureKey("disabled"), crypto.SHA256, "(Forbidden) Operation sign is not allowed on a disabled key."},
		{azureKey("throttled"), crypto.SHA256, "Reason: VaultRequestTypeLimitReached"},
		{azureKey("ec-p256"), crypto.SHA384, "algorithm 'ES384'."},
		{azureKey("rsa2048"), shortSalt(), "Key Vault makes salts as long as the hash only: 32 bytes"},
		{"firmware", crypto.SHA256, `keys/NAME/VERSION: {"reference":"firmware"}`},
		{azureVault + "firmware", crypto.SHA256, `keys/NAME/VERSION: {"reference":"` + azureVault + `firmware"}`},
	} {
		t.Run(test.reason, func(t *testing.T) {
			checkRefusal(t, "azure-keyvault", test.key, opt, test.opts, test.reason)
		})
	}
}
