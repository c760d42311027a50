package imgtool

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"

	"github.com/fwpack/fwpack/mcuboot"
)

// What imgtool prints about an image that is not accepted.
const (
	verdictMagic     = "Invalid image magic; is this an MCUboot image?"
	verdictTLV       = "Invalid TLV info magic; is this an MCUboot image?"
	verdictHash      = "Image has an invalid hash"
	verdictSignature = "No signature found for the given key"
	verdictType      = "Key type does not match TLV record"
)

// InvalidError is the error of an image that is not accepted.
type InvalidError struct {
	Verdict string // imgtool's words
	Err     error  // what is wrong
}

// Error returns what is wrong.
func (e *InvalidError) Error() string { return e.Err.Error() }

// Unwrap returns e.Err.
func (e *InvalidError) Unwrap() error { return e.Err }

// VerifyOptions say which image is verified.
type VerifyOptions struct {
	Image      string // file; Intel HEX where the name ends in .hex
	Key        string // file of a private or public key; "" verifies no signature
	Passphrase Passphrases
}

// Verified is what was found about an image.
type Verified struct {
	Version mcuboot.Version
	Digest  []byte
	// Signature is that of a pure image, whose digest no bootloader looks at.
	Signature []byte
	// Unchecked says that there is a signature, and no key to verify it with.
	Unchecked bool
}

// Verify checks the structure of an image, its digest and, with a key, the
// signature and the entry that names its key. An error about the image is an
// *InvalidError. Whether a given bootloader takes the image is another question:
// see mcuboot.Verify.
func Verify(o VerifyOptions) (*Verified, error) {
	var key verifier
	if o.Key != "" {
		var err error
		if key.pub, key.kind, err = publicKey(o.Key, o.Passphrase); err != nil {
			return nil, err
		}
	}
	data, _, err := readInput(o.Image)
	if err != nil {
		return nil, err
	}
	verified, err := verify(data, key)
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		return nil, &InvalidError{invalid.Verdict, fmt.Errorf("%s: %w", o.Image, invalid.Err)}
	}
	return verified, err
}

// verifier is the key that a signature is verified by; the zero one is none.
type verifier struct {
	pub  crypto.PublicKey
	kind mcuboot.KeyType
}

func verify(data []byte, key verifier) (*Verified, error) {
	img, _, err := mcuboot.Parse(data)
	if err != nil {
		return nil, &InvalidError{verdictOf(err), err}
	}
	digest, err := checkDigest(img)
	if err != nil {
		return nil, &InvalidError{verdictHash, err}
	}
	v := &Verified{Version: img.Header.Version, Digest: digest}
	signature, signed := signatureOf(img)
	if key.pub == nil {
		v.Unchecked = signed
	} else if err := key.check(data, img); err != nil {
		return nil, &InvalidError{key.verdict(img), err}
	}
	if _, pure := mcuboot.Find(img.Unprotected, mcuboot.TLVSigPure); pure {
		v.Signature = signature.Value
	}
	return v, nil
}

// verdict tells whether the key is one of another type.
func (v verifier) verdict(img *mcuboot.Image) string {
	types := map[mcuboot.KeyType]mcuboot.TLVType{
		mcuboot.RSA2048: mcuboot.TLVRSA2048, mcuboot.RSA3072: mcuboot.TLVRSA3072,
		mcuboot.ECDSAP256: mcuboot.TLVECDSA, mcuboot.ECDSAP384: mcuboot.TLVECDSA, mcuboot.Ed25519: mcuboot.TLVEd25519,
	}
	if signature, signed := signatureOf(img); signed && signature.Type != types[v.kind] {
		return verdictType
	}
	return verdictSignature
}

// verdictOf tells what cannot be read: the header or what follows it.
func verdictOf(err error) string {
	if format, ok := errors.AsType[*mcuboot.FormatError](err); ok && format.Offset >= mcuboot.MinHeaderSize {
		return verdictTLV
	}
	return verdictMagic
}

func checkDigest(img *mcuboot.Image) ([]byte, error) {
	hash, stored := img.StoredDigest()
	if hash == 0 {
		return nil, errors.New("no digest")
	}
	digest, err := img.Digest(hash)
	switch {
	case err != nil:
		return nil, err
	case bytes.Equal(digest, stored):
		return digest, nil
	case img.Encrypted():
		return nil, errors.New("the body is encrypted, and its digest is that of the clear text: \"fwpack verify --decrypt\" checks it")
	}
	return nil, fmt.Errorf("%s digest %x: the image has %x", hash, stored, digest)
}

// check looks at the signature as the bootloader would that the image seems to be
// made for.
func (v verifier) check(data []byte, img *mcuboot.Image) error {
	b := img.Bootloader()
	b.Mode, b.Primary = mcuboot.SingleSlot, true
	b.Keys, b.PaddedDER = []crypto.PublicKey{v.pub}, true
	report, err := mcuboot.Verify(data, b)
	if err != nil {
		return err
	}
	for _, rule := range []mcuboot.Rule{mcuboot.RuleHeader, mcuboot.RuleStructure, mcuboot.RuleSignature} {
		finding, ok := report.Finding(rule)
		if !ok || finding.Outcome != mcuboot.Passed {
			return fmt.Errorf("%s: %s", rule, finding.Detail)
		}
	}
	return nil
}
