package imagefile

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
)

// digestProblem says why an image is not the one of the digests that it holds, nil
// where it is. The body has to be in the clear.
func digestProblem(img *mcuboot.Image) error {
	checked := false
	for _, tlv := range img.Unprotected {
		hash := hashOf(tlv.Type)
		if hash == 0 {
			continue
		}
		digest, err := img.Digest(hash)
		if err != nil {
			return bare(err)
		}
		if !bytes.Equal(digest, tlv.Value) {
			return fmt.Errorf("%s digest %x: the image has %x", tlv.Type, tlv.Value, digest)
		}
		checked = true
	}
	if !checked {
		return errors.New("no digest to check the image by")
	}
	return nil
}

// hashOf returns the hash whose digest a TLV of type t has, or 0.
func hashOf(t mcuboot.TLVType) crypto.Hash {
	switch t {
	case mcuboot.TLVSHA256:
		return crypto.SHA256
	case mcuboot.TLVSHA384:
		return crypto.SHA384
	case mcuboot.TLVSHA512:
		return crypto.SHA512
	}
	return 0
}

// hashName is "sha256" for SHA-256.
func hashName(hash crypto.Hash) string {
	return strings.ToLower(strings.ReplaceAll(hash.String(), "-", ""))
}

// bare takes the name of the package out of err.
func bare(err error) error {
	return &bareError{err}
}

type bareError struct{ err error }

func (e *bareError) Error() string { return strings.TrimPrefix(e.err.Error(), "mcuboot: ") }
func (e *bareError) Unwrap() error { return e.err }
