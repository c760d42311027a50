package cms

import (
	"bytes"
	"crypto"
	"fmt"
)

// Verify returns nil where s, one of d's signers, is pub's signature of
// content. Where the content does not match it returns ErrMismatch or an error
// that wraps it.
func (d *SignedData) Verify(s *SignerInfo, pub crypto.PublicKey, content []byte) error {
	if s.Unsupported != nil {
		return s.Unsupported
	}
	if d.Content != nil && !bytes.Equal(d.Content, content) {
		return fmt.Errorf("%w: the attached content is another one", ErrMismatch)
	}
	if s.signed == nil {
		return d.verifyPlain(s, pub, content)
	}
	// RFC 5652, section 11.1: the attribute ties the signature to the kind of
	// content.
	if !s.contentType.Equal(d.ContentType) {
		return fmt.Errorf("the content type is signed as %v and given as %v", s.contentType, d.ContentType)
	}
	if !bytes.Equal(s.digest, digestOf(s.Algorithm.Hash, content)) {
		return fmt.Errorf("%w: the digest is of another content", ErrMismatch)
	}
	return s.Algorithm.Verify(pub, s.signed, s.Signature)
}

// verifyPlain verifies a signature without signed attributes, which RFC 5652,
// section 5.3, allows for plain data only.
func (d *SignedData) verifyPlain(s *SignerInfo, pub crypto.PublicKey, content []byte) error {
	if !d.ContentType.Equal(oidData) {
		return fmt.Errorf("content type %v without signed attributes: want plain data", d.ContentType)
	}
	return s.Algorithm.Verify(pub, content, s.Signature)
}
