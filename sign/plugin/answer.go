package plugin

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/sign"
)

// describeAnswer is what describe-v1 writes.
type describeAnswer struct {
	PublicKey    string `json:"public_key"`
	Certificates string `json:"certificates,omitempty"`
	WantsMessage bool   `json:"wants_message,omitempty"`
}

// description is a describeAnswer that has been understood.
type description struct {
	public       crypto.PublicKey
	certificates []*x509.Certificate
	wantsMessage bool
}

// parseDescription reads the output of describe-v1. Fields it does not know are
// ignored.
func parseDescription(data []byte) (description, error) {
	var a describeAnswer
	if err := decode(data, &a); err != nil {
		return description{}, err
	}
	d := description{wantsMessage: a.WantsMessage}
	var err error
	if d.public, err = parsePublicKey(a.PublicKey); err != nil {
		return description{}, fmt.Errorf("public_key: %w", err)
	}
	if strings.TrimSpace(a.Certificates) == "" {
		return d, nil
	}
	if d.certificates, err = sign.ParseCertificates([]byte(a.Certificates)); err != nil {
		return description{}, fmt.Errorf("certificates: %w", err)
	}
	if first := d.certificates[0].PublicKey; !samePublicKey(first, d.public) {
		return description{}, fmt.Errorf("certificates: the first is of another key: it holds %s, public_key is %s", identify(first), identify(d.public))
	}
	return d, nil
}

// decode reads the one JSON object in data.
func decode(data []byte, v any) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return errors.New("no answer")
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("answer %q: want one JSON object: %v", printable(string(bytes.TrimSpace(data))), err)
	}
	return nil
}

// parsePublicKey reads PEM, or the base64 of a SubjectPublicKeyInfo.
func parsePublicKey(text string) (crypto.PublicKey, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, errors.New("missing: want PEM, or the base64 of a SubjectPublicKeyInfo")
	}
	if !strings.HasPrefix(text, "-----BEGIN") {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("neither PEM nor base64: %v", err)
		}
		text = string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	}
	return sign.ParsePublicKey([]byte(text))
}

// signAnswer is a line that sign-v1 writes. One of the two is there.
type signAnswer struct {
	Signature    string `json:"signature,omitempty"`
	SignatureHex string `json:"signature_hex,omitempty"`
}

// parseSignature reads a line of sign-v1 and returns the signature's bytes.
func parseSignature(line []byte) ([]byte, error) {
	var a signAnswer
	if err := decode(line, &a); err != nil {
		return nil, err
	}
	var signature []byte
	var err error
	switch {
	case (a.Signature == "") == (a.SignatureHex == ""):
		return nil, errors.New("answer without a signature: want signature (base64) or signature_hex, and not both")
	case a.Signature != "":
		signature, err = base64.StdEncoding.DecodeString(a.Signature)
	default:
		signature, err = hex.DecodeString(a.SignatureHex)
	}
	if err != nil {
		return nil, fmt.Errorf("signature: want base64 in signature, or hex in signature_hex: %v", err)
	}
	return signature, nil
}
