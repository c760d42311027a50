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
	verdictHash      = "Image has an invalid hash digest"
	verdictSignature = "No signature found for the given key"
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
	var key crypto.PublicKey
	if o.Key != "" {
		var err error
		if key, _, err = publicKey(o.Key, o.Passphrase); err != nil {
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

func verify(data []byte, key crypto.PublicKey) (*Verified, error) {
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
	if key == nil {
		v.Unchecked = signed
	} else if err := checkSignature(data, img, key); err != nil {
		return nil, &InvalidError{verdictSignature, err}
	}
	if _, pure := mcuboot.Find(img.Unprotected, mcuboot.TLVSigPure); pure {
		v.Signature = signature
	}
	return v, nil
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

// checkSignature looks at the signature as the bootloader would that the image
// seems to be made for.
func checkSignature(data []byte, img *mcuboot.Image, key crypto.PublicKey) error {
	b := img.Bootloader()
	b.Mode, b.Primary = mcuboot.SingleSlot, true
	b.Keys, b.PaddedDER = []crypto.PublicKey{key}, true
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
