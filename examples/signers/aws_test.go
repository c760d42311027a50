package signers

import (
	"crypto"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"
)

// aws is the command aws of AWS CLI 1.45: status 255 and its messages are
// as it wrote them for answers of the service with these codes.
func aws(args []string) reply {
	if a, ok := match(args, "kms", "get-public-key", "--key-id", "*", "--output", "text", "--query", "[KeyUsage,PublicKey]"); ok {
		return awsPublicKey(a[0])
	}
	if a, ok := match(args, "kms", "sign", "--key-id", "*", "--message", "fileb://input", "--message-type", "*",
		"--signing-algorithm", "*", "--output", "text", "--query", "Signature"); ok {
		return awsSign(a[0], a[1], a[2])
	}
	return reply{stderr: fmt.Sprintf("usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\naws: error: %q\n", args), status: 252}
}

const awsARN = "arn:aws:kms:eu-central-1:111122223333:"

// awsError is an answer of the service.
func awsError(code, operation, text string) reply {
	return reply{stderr: fmt.Sprintf("\nAn error occurred (%s) when calling the %s operation: %s\n", code, operation, text), status: 255}
}

// awsFaults are keys that cannot be used, by the operation that says so.
func awsFaults(key, operation string) (reply, bool) {
	switch strings.TrimPrefix(key, "alias/") + " " + operation {
	case "logged-out GetPublicKey":
		return reply{stderr: "Unable to locate credentials. You can configure credentials by running \"aws configure\".\n", status: 255}, true
	case "denied Sign":
		return awsError("AccessDeniedException", operation, "User: arn:aws:iam::111122223333:user/ci is not authorized to perform: kms:Sign on resource: "+
			awsARN+"key/1234abcd-12ab-34cd-56ef-1234567890ab because no identity-based policy allows the kms:Sign action"), true
	case "throttled Sign":
		return reply{stderr: "\nAn error occurred (ThrottlingException) when calling the Sign operation (reached max retries: 4): Rate exceeded\n", status: 255}, true
	case "disabled Sign":
		return awsError("DisabledException", operation, awsARN+"key/1234abcd-12ab-34cd-56ef-1234567890ab is disabled."), true
	case "encrypts GetPublicKey":
		return answer("ENCRYPT_DECRYPT\t" + base64.StdEncoding.EncodeToString(publicDER(storedKey("rsa2048"))) + "\n"), true
	}
	return reply{}, false
}

// awsKey is the key in the test data that an alias stands for.
func awsKey(id string) (crypto.Signer, bool) {
	switch name := strings.TrimPrefix(id, "alias/"); name {
	case "rsa2048", "ec-p256", "ec-p384", "ec-p521", "ed25519":
		return storedKey(name), name != id
	case "denied", "throttled", "disabled":
		return storedKey("rsa2048"), true
	}
	return nil, false
}

func awsPublicKey(id string) reply {
	if r, ok := awsFaults(id, "GetPublicKey"); ok {
		return r
	}
	key, ok := awsKey(id)
	if !ok {
		return awsError("NotFoundException", "GetPublicKey", "Invalid keyId '"+id+"'")
	}
	return answer("SIGN_VERIFY\t" + base64.StdEncoding.EncodeToString(publicDER(key)) + "\n")
}

func awsSign(id, messageType, algorithm string) reply {
	if r, ok := awsFaults(id, "Sign"); ok {
		return r
	}
	key, ok := awsKey(id)
	if !ok {
		return awsError("NotFoundException", "Sign", "Invalid keyId '"+id+"'")
	}
	if (messageType == "RAW") != (algorithm == "ED25519_SHA_512") || !awsFits(key, algorithm) {
		return awsError("InvalidKeyUsageException", "Sign", "Algorithm "+algorithm+" is incompatible with the key spec.")
	}
	message, err := os.ReadFile("input")
	if err != nil {
		return reply{stderr: "Error parsing parameter '--message': Unable to load paramfile fileb://input\n", status: 252}
	}
	signature, err := awsSignature(key, algorithm, message)
	if err != nil {
		return awsError("ValidationException", "Sign", err.Error())
	}
	return answer(base64.StdEncoding.EncodeToString(signature) + "\n")
}

// awsFits is the table of key specs and signing algorithms.
func awsFits(key crypto.Signer, algorithm string) bool {
	switch family(key) {
	case "rsa":
		return strings.HasPrefix(algorithm, "RSASSA_PSS_SHA_") || strings.HasPrefix(algorithm, "RSASSA_PKCS1_V1_5_SHA_")
	case "ecdsa":
		return algorithm == "ECDSA_SHA_"+curveHash(key)
	}
	return algorithm == "ED25519_SHA_512"
}

func awsSignature(key crypto.Signer, algorithm string, message []byte) ([]byte, error) {
	if len(message) > 4096 {
		return nil, fmt.Errorf("message of %d bytes", len(message))
	}
	if family(key) == "ed25519" {
		return key.Sign(nil, message, crypto.Hash(0))
	}
	salt := 0
	if strings.HasPrefix(algorithm, "RSASSA_PSS") {
		salt = hash(algorithm).Size()
	}
	return signDigest(key, hash(algorithm), message, salt)
}

func TestConformanceAWS(t *testing.T) {
	t.Parallel()
	bin := path(t, nil, []string{"aws"})
	for key, want := range map[string][]string{
		"rsa2048": withRSA(),
		"ec-p256": {"ecdsa sha256"}, "ec-p384": {"ecdsa sha384"}, "ec-p521": {"ecdsa sha512"}, "ed25519": {"ed25519"},
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			checkConformance(t, "aws-kms", "alias/"+key, options(t, "aws-kms", bin), want...)
		})
	}
}

func TestConformanceAWSRefusals(t *testing.T) {
	t.Parallel()
	opt := options(t, "aws-kms", path(t, nil, []string{"aws"}))
	for _, test := range []struct {
		key    string
		opts   crypto.SignerOpts
		reason string
	}{
		{"alias/logged-out", crypto.SHA256, `You can configure credentials by running "aws configure".`},
		{"alias/denied", crypto.SHA256, "because no identity-based policy allows the kms:Sign action"},
		{"alias/throttled", crypto.SHA256, "(reached max retries: 4): Rate exceeded"},
		{"alias/disabled", crypto.SHA256, "ef-1234567890ab is disabled."},
		{"alias/encrypts", crypto.SHA256, "alias/encrypts is not a key that signs: want one with the key usage SIGN_VERIFY"},
		{"alias/nothing", crypto.SHA256, "calling the GetPublicKey operation: Invalid keyId 'alias/nothing'"},
		{"alias/ec-p256", crypto.SHA384, "Algorithm ECDSA_SHA_384 is incompatible with the key spec."},
		{"alias/rsa2048", shortSalt(), "AWS KMS makes salts as long as the hash only: 32 bytes"},
		{"--debug", crypto.SHA256, `not a request for a key of AWS KMS: {"reference":"--debug"}`},
		{"file:///etc/hostname", crypto.SHA256, `not a request for a key of AWS KMS: {"reference":"file:///etc/hostname"}`},
	} {
		t.Run(test.key, func(t *testing.T) {
			checkRefusal(t, "aws-kms", test.key, opt, test.opts, test.reason)
		})
	}
}

// Ed25519 keys take the message, and no more of it than KMS does.
func TestConformanceAWSMessage(t *testing.T) {
	t.Parallel()
	checkMessages(t, "aws-kms", "alias/ed25519", options(t, "aws-kms", path(t, nil, []string{"aws"})), 4096,
		"AWS KMS signs messages of at most 4096 bytes with Ed25519")
}
