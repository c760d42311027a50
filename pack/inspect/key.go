package inspect

import (
	"crypto/x509"
	"encoding/pem"
	"io"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/envelope"
	"github.com/fwpack/fwpack/sign/keygen"
)

// AESKey describes an AES key without giving it away.
type AESKey struct {
	Key        string `json:"key"` // "AES-256 key"
	CheckValue string `json:"check_value"`
	IV         bool   `json:"iv"` // the file has one
}

func (in *inspector) pem(ins *Inspection, r io.Reader, depth int) {
	data := in.hold(ins, r, maxKeyFile, depth)
	if data == nil {
		return
	}
	defer clear(data)
	in.items(ins, data)
}

func (in *inspector) items(ins *Inspection, data []byte) {
	items, err := keygen.Describe(data)
	if err != nil {
		ins.problemf("%v", err)
		return
	}
	for _, item := range items {
		if item.Problem != "" {
			ins.problemf("%s: %s", item.Form, item.Problem)
		}
	}
	ins.Items = items
}

// aesKey tells whether text is a file with an AES key.
func (in *inspector) aesKey(ins *Inspection, data []byte) bool {
	key, iv, err := payload.ParseAESKey(data)
	if err != nil {
		return false
	}
	ins.Kind = KindAESKey
	ins.AESKey = &AESKey{key.String(), key.Fingerprint(), iv != nil}
	return true
}

// der looks at what begins as DER does. What is none of what is known may still be
// a raw signature.
func (in *inspector) der(ins *Inspection, r io.Reader, depth int) {
	if depth > 0 { // of a payload only its head is read to find out
		ins.Kind = KindData
		return
	}
	data := in.hold(ins, r, maxDescription, depth)
	defer clear(data)
	switch form := formOf(data); {
	case data == nil:
		ins.Kind = KindData
	case envelope.Is(data):
		in.envelope(ins, data)
	case form != "":
		ins.Kind = KindPEM
		in.items(ins, pem.EncodeToMemory(&pem.Block{Type: form, Bytes: data}))
	default:
		if _, err := sign.ParseCMS(data); err == nil {
			ins.Kind = KindSignature
			ins.Signature = in.signers(ins, data, nil)
			return
		}
		in.raw(ins, data)
	}
}

// formOf returns the type of the PEM block for a key or a certificate in DER, "" for
// what is neither.
func formOf(der []byte) string {
	if _, err := x509.ParseCertificate(der); err == nil {
		return "CERTIFICATE"
	}
	if _, err := x509.ParsePKIXPublicKey(der); err == nil {
		return "PUBLIC KEY"
	}
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return "PRIVATE KEY"
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return "RSA PRIVATE KEY"
	}
	if _, err := x509.ParseECPrivateKey(der); err == nil {
		return "EC PRIVATE KEY"
	}
	return ""
}

// data looks at what no magic tells. Inside of other files that is left at that.
func (in *inspector) data(ins *Inspection, r io.Reader, depth int) {
	if depth > 0 {
		return
	}
	data, err := io.ReadAll(io.LimitReader(r, maxDescription+1))
	if err != nil || len(data) > maxDescription {
		return
	}
	in.raw(ins, data)
}

// raw looks at bytes that are a raw signature, a description that is encrypted with
// an AES key, or neither.
func (in *inspector) raw(ins *Inspection, data []byte) {
	ins.Kind = KindData
	if made := likely(data); made != "" {
		ins.Kind = KindSignature
		ins.Signature = in.signers(ins, data, nil)
		ins.Signature.Likely = made
		return
	}
	if in.opt.Keys == nil {
		return
	}
	if clear, err := in.opt.Keys.OpenDescription(data); err == nil && looksDescribing(clear) {
		in.description(ins, clear)
	}
}
