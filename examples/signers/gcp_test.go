package signers

import (
	"bytes"
	"crypto"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

const (
	gcpRing  = "projects/acme/locations/europe-west3/keyRings/firmware/cryptoKeys/"
	gcpToken = "ya29.stand-in"
)

// gcpKey is the full name of version 1 of a key.
func gcpKey(name string) string { return gcpRing + name + "/cryptoKeyVersions/1" }

// gcpAlgorithms has the algorithm of each key, and its key in the test data.
func gcpAlgorithms() map[string][2]string {
	return map[string][2]string{
		"rsa-pkcs1-2048-sha256": {"RSA_SIGN_PKCS1_2048_SHA256", "rsa2048"},
		"rsa-pkcs1-4096-sha512": {"RSA_SIGN_PKCS1_4096_SHA512", "rsa4096"},
		"rsa-pss-2048-sha256":   {"RSA_SIGN_PSS_2048_SHA256", "rsa2048"},
		"rsa-pss-4096-sha512":   {"RSA_SIGN_PSS_4096_SHA512", "rsa4096"},
		"rsa-raw-2048":          {"RSA_SIGN_RAW_PKCS1_2048", "rsa2048"},
		"ec-p256":               {"EC_SIGN_P256_SHA256", "ec-p256"},
		"ec-p384":               {"EC_SIGN_P384_SHA384", "ec-p384"},
		"ed25519":               {"EC_SIGN_ED25519", "ed25519"},
		"denied":                {"EC_SIGN_P256_SHA256", "ec-p256"},
		"disabled":              {"EC_SIGN_P256_SHA256", "ec-p256"},
		"throttled":             {"EC_SIGN_P256_SHA256", "ec-p256"},
	}
}

// gcloud is the command of Google Cloud SDK 528, with its messages.
func gcloud(args []string) reply {
	if a, ok := match(args, "kms", "keys", "versions", "get-public-key", "*"); ok {
		return gcpAsk("get-public-key", a[0], func(algorithm [2]string) string { return publicPEM(storedKey(algorithm[1])) })
	}
	if a, ok := match(args, "kms", "keys", "versions", "describe", "*", "--format=value(algorithm)"); ok {
		return gcpAsk("describe", a[0], func(algorithm [2]string) string { return algorithm[0] + "\n" })
	}
	if _, ok := match(args, "auth", "print-access-token"); ok {
		return answer(gcpToken + "\n")
	}
	return reply{stderr: fmt.Sprintf("ERROR: (gcloud) unrecognized arguments: %q\n", args), status: 2}
}

// gcpAsk answers for the keys that there are.
func gcpAsk(command, name string, say func([2]string) string) reply {
	short := strings.TrimSuffix(strings.TrimPrefix(name, gcpRing), "/cryptoKeyVersions/1")
	if short == "logged-out" {
		return reply{stderr: "ERROR: (gcloud.kms.keys.versions." + command + ") You do not currently have an active account selected.\n" +
			"Please run:\n\n  $ gcloud auth login\n\nto obtain new credentials.\n", status: 1}
	}
	algorithm, ok := gcpAlgorithms()[short]
	if !ok || name != gcpKey(short) {
		return reply{stderr: "ERROR: (gcloud.kms.keys.versions." + command + ") PERMISSION_DENIED: Permission 'cloudkms.cryptoKeyVersions.get' denied on resource '" +
			name + "' (or it may not exist).\n- '@type': type.googleapis.com/google.rpc.ErrorInfo\n  domain: cloudkms.googleapis.com\n" +
			"  metadata:\n    permission: cloudkms.cryptoKeyVersions.get\n  reason: IAM_PERMISSION_DENIED\n", status: 1}
	}
	return answer(say(algorithm))
}

// curl is the command with the service behind it. The token must come on stdin.
func curl(args []string) reply {
	a, ok := match(args, "--silent", "--show-error", "--config", "-", "--header", "Content-Type: application/json",
		"--data-binary", "@request", "--output", "answer", "*")
	stdin, err := io.ReadAll(os.Stdin)
	if !ok || err != nil || string(stdin) != "header = \"Authorization: Bearer "+gcpToken+"\"\n" {
		return reply{stderr: fmt.Sprintf("curl: option %q: is unknown\n", args), status: 2}
	}
	name, ok := strings.CutPrefix(a[0], "https://cloudkms.googleapis.com/v1/")
	name, sign := strings.CutSuffix(name, ":asymmetricSign")
	if !ok || !sign {
		return reply{stderr: "curl: (6) Could not resolve host: " + a[0] + "\n", status: 6}
	}
	if err := os.WriteFile("answer", []byte(gcpSign(name)), 0o600); err != nil {
		return reply{stderr: "curl: (23) Failure writing output to destination\n", status: 23}
	}
	return reply{}
}

// gcpError is an error of the REST interface.
func gcpError(code int, status, message string) string {
	return fmt.Sprintf("{\n  \"error\": {\n    \"code\": %d,\n    \"message\": %q,\n    \"status\": %q\n  }\n}\n", code, message, status)
}

// gcpRequest is the body of asymmetricSign.
type gcpRequest struct {
	Digest map[string][]byte `json:"digest"`
	Data   []byte            `json:"data"`
}

func gcpSign(name string) string {
	short := strings.TrimSuffix(strings.TrimPrefix(name, gcpRing), "/cryptoKeyVersions/1")
	switch short {
	case "denied":
		return gcpError(403, "PERMISSION_DENIED", "Permission 'cloudkms.cryptoKeyVersions.useToSign' denied on resource '"+name+"' (or it may not exist).")
	case "disabled":
		return gcpError(400, "FAILED_PRECONDITION", name+" is not enabled, current state is: DISABLED.")
	case "throttled":
		return gcpError(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Cryptographic requests' and limit 'Cryptographic requests per minute' of service 'cloudkms.googleapis.com'.")
	}
	request, err := readGCPRequest()
	if err != nil {
		return gcpError(400, "INVALID_ARGUMENT", "Invalid JSON payload received. "+err.Error())
	}
	algorithm := gcpAlgorithms()[short]
	signature, err := gcpSignature(storedKey(algorithm[1]), algorithm[0], request)
	if err != nil {
		return gcpError(400, "INVALID_ARGUMENT", err.Error())
	}
	text, err := json.MarshalIndent(map[string]any{"signature": signature, "signatureCrc32c": "1234567890", "name": name, "protectionLevel": "HSM"}, "", "  ")
	if err != nil {
		panic(err)
	}
	return string(text) + "\n"
}

func readGCPRequest() (gcpRequest, error) {
	data, err := os.ReadFile("request")
	if err != nil {
		return gcpRequest{}, err
	}
	var request gcpRequest
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err = d.Decode(&request)
	return request, err
}

func gcpSignature(key crypto.Signer, algorithm string, r gcpRequest) ([]byte, error) {
	if algorithm == "EC_SIGN_ED25519" {
		if len(r.Data) > 65536 || r.Digest != nil {
			return nil, fmt.Errorf("The data field must be at most 65536 bytes.")
		}
		return key.Sign(nil, r.Data, crypto.Hash(0))
	}
	h := hash(algorithm)
	digest, ok := r.Digest[fmt.Sprintf("sha%d", h.Size()*8)]
	if !ok || len(r.Digest) != 1 || r.Data != nil {
		return nil, fmt.Errorf("The digest type must match %s.", algorithm)
	}
	salt := 0
	if strings.HasPrefix(algorithm, "RSA_SIGN_PSS") {
		salt = h.Size()
	}
	return signDigest(key, h, digest, salt)
}

func TestConformanceGCP(t *testing.T) {
	t.Parallel()
	bin := path(t, nil, []string{"gcloud", "curl"})
	for key, want := range map[string]string{
		"rsa-pkcs1-2048-sha256": "rsa-pkcs1v15 sha256", "rsa-pkcs1-4096-sha512": "rsa-pkcs1v15 sha512",
		"rsa-pss-2048-sha256": "rsa-pss sha256", "rsa-pss-4096-sha512": "rsa-pss sha512",
		"ec-p256": "ecdsa sha256", "ec-p384": "ecdsa sha384", "ed25519": "ed25519",
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			checkConformance(t, "gcp-kms", gcpKey(key), options(t, "gcp-kms", bin), want)
		})
	}
}

func TestConformanceGCPRefusals(t *testing.T) {
	t.Parallel()
	opt := options(t, "gcp-kms", path(t, nil, []string{"gcloud", "curl"}))
	for _, test := range []struct {
		key    string
		opts   crypto.SignerOpts
		reason string
	}{
		{gcpKey("logged-out"), crypto.SHA256, "You do not currently have an active account selected."},
		{gcpKey("nothing"), crypto.SHA256, "PERMISSION_DENIED: Permission 'cloudkms.cryptoKeyVersions.get' denied on resource '" + gcpKey("nothing") + "' (or it may not exist)."},
		{gcpKey("denied"), crypto.SHA256, "Cloud KMS: Permission 'cloudkms.cryptoKeyVersions.useToSign' denied on resource '" + gcpKey("denied") + "' (or it may not exist)."},
		{gcpKey("disabled"), crypto.SHA256, "is not enabled, current state is: DISABLED."},
		{gcpKey("throttled"), crypto.SHA256, "of service 'cloudkms.googleapis.com'."},
		{gcpKey("ec-p256"), crypto.SHA384, "this key version signs by EC_SIGN_P256_SHA256 only, not by ecdsa-sha384"},
		{gcpKey("rsa-pss-2048-sha256"), crypto.SHA256, "this key version signs by RSA_SIGN_PSS_2048_SHA256 only, not by rsa-pkcs1v15-sha256"},
		{gcpKey("rsa-pss-2048-sha256"), shortSalt(), "Cloud KMS makes salts as long as the hash only: 32 bytes"},
		{gcpKey("rsa-raw-2048"), crypto.SHA256, "this key version signs by RSA_SIGN_RAW_PKCS1_2048 only, not by rsa-pkcs1v15-sha256"},
		{"firmware", crypto.SHA256, `cryptoKeyVersions/V: {"reference":"firmware"}`},
	} {
		t.Run(test.reason, func(t *testing.T) {
			checkRefusal(t, "gcp-kms", test.key, opt, test.opts, test.reason)
		})
	}
}

func TestConformanceGCPMessage(t *testing.T) {
	t.Parallel()
	checkMessages(t, "gcp-kms", gcpKey("ed25519"), options(t, "gcp-kms", path(t, nil, []string{"gcloud", "curl"})), 65536,
		"Cloud KMS: The data field must be at most 65536 bytes.")
}
