package mcuboot

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"slices"
)

// Request is an image that waits for its signature.
type Request struct {
	KeyType KeyType     // of the key that is asked to sign
	Hash    crypto.Hash // of the image
	// Payload is what is hashed of the image: header, body in the clear,
	// protected area. RSA and ECDSA keys sign it by way of Hash: RSA with PSS,
	// MGF1 by the same hash and 32 bytes of salt. A pure Ed25519 key signs it as
	// it is.
	Payload []byte
	// Digest is Hash of Payload. It is the message of an Ed25519 key that is not
	// pure.
	Digest []byte

	content    *content
	img        *Image
	signing    Signing
	by         signedBy
	encryption *Encryption
}

// Pure tells whether the key signs the payload itself, without a digest.
func (r *Request) Pure() bool { return r.by.pure }

// Message returns what a signer takes as the message: the payload, or for
// Ed25519 the digest, unless pure.
func (r *Request) Message() []byte {
	if r.KeyType == Ed25519 && !r.by.pure {
		return r.Digest
	}
	return r.Payload
}

// ToBeSigned makes the image that Build would, up to the signature. The key's
// public half is needed (Signing.PublicKey, or Signer), as the digest and the
// boot record depend on it; without it the request is for the digest alone, and
// Attach refuses. The same input and options make the same request, also in
// another process.
func ToBeSigned(input []byte, o Options) (*Request, error) {
	if o.Compression != nil {
		return nil, errors.New("mcuboot: a compressed image holds two signatures: its key has to be at hand")
	}
	b, img, err := assemble(input, o)
	if err != nil {
		return nil, err
	}
	if o.Encryption != nil {
		if err := b.padBody(img); err != nil {
			return nil, err
		}
	}
	r, err := newRequest(img, o.Signing, b.by, o.Encryption)
	return r.withPayload(), err
}

// ToBeSigned asks for a new signature of a finished image: only its digest,
// key and signature are replaced, and the signer in a boot record. The body has
// to be in the clear, and the image not compressed.
func (img *Image) ToBeSigned(s Signing) (*Request, error) {
	by, err := s.resolve()
	if err != nil {
		return nil, err
	}
	if img.Header.Flags&flagsCompressed != 0 {
		return nil, errors.New("mcuboot: a compressed image holds a second signature, of what it was before: build it anew")
	}
	if err := img.checkDigests(); err != nil {
		return nil, err
	}
	fresh := img.clone()
	if err := fresh.renameSigner(by); err != nil {
		return nil, err
	}
	r, err := newRequest(fresh, s, by, nil)
	return r.withPayload(), err
}

// Sign returns the image with a new digest, key and signature: see
// Image.ToBeSigned. Without a key it becomes an unsigned image.
func (img *Image) Sign(s Signing) (*Image, error) {
	r, err := img.ToBeSigned(s)
	if err != nil {
		return nil, err
	}
	if s.Signer == nil {
		if s.PublicKey != nil {
			return nil, errors.New("mcuboot: a public key does not sign: see ToBeSigned")
		}
		return r.image(nil)
	}
	signature, err := r.sign()
	if err != nil {
		return nil, err
	}
	return r.image(signature)
}

// checkDigests refuses an image whose digest is wrong or missing, which a new
// signature would make good.
func (img *Image) checkDigests() error {
	checked := false
	for _, tlv := range img.Unprotected {
		hash := hashOf(tlv.Type)
		if hash == 0 {
			continue
		}
		digest, err := img.Digest(hash)
		if err != nil {
			return err
		}
		if bytes.Equal(digest, tlv.Value) {
			checked = true
			continue
		}
		if img.Header.Flags&flagsEncrypted != 0 {
			return fmt.Errorf("mcuboot: the image is not the one of its %s digest: it is damaged, or encrypted and has to be decrypted first", tlv.Type)
		}
		return fmt.Errorf("mcuboot: the image is not the one of its %s digest: it is damaged", tlv.Type)
	}
	if !checked {
		return errors.New("mcuboot: the image has no digest to check it by")
	}
	return nil
}

// renameSigner makes the boot record name the new signer.
func (img *Image) renameSigner(by signedBy) error {
	i := slices.IndexFunc(img.Protected, func(t TLV) bool { return t.Type == TLVBootRecord })
	if i < 0 {
		return nil
	}
	record, err := ParseBootRecord(img.Protected[i].Value)
	if err != nil {
		return fmt.Errorf("mcuboot: %v", err)
	}
	record.Hash = by.hash
	if record.SignerID, err = by.signerID(); err != nil {
		return fmt.Errorf("mcuboot: %v", err)
	}
	if img.Protected[i].Value, err = record.MarshalBinary(); err != nil {
		return fmt.Errorf("mcuboot: boot record: %v", err)
	}
	return img.setSizes()
}

func newRequest(img *Image, s Signing, by signedBy, e *Encryption) (*Request, error) {
	c, err := img.content()
	if err != nil {
		return nil, err
	}
	return &Request{
		KeyType: by.kind, Hash: by.hash, Digest: c.sum(by.hash),
		content: c, img: img, signing: s, by: by, encryption: e,
	}, nil
}

// withPayload completes a request that somebody else will see.
func (r *Request) withPayload() *Request {
	if r != nil {
		r.Payload = r.content.bytes()
	}
	return r
}

// sign makes the signature with the key that is at hand.
func (r *Request) sign() ([]byte, error) {
	return r.by.sign(r.signing.Signer, r.signing.Rand, r.content)
}

// Attach returns the finished image, encrypted if that was asked for. The
// signature is verified, and an error wraps ErrSignature if it is not this
// image's. One by ECDSA may be DER or r and s; one that was padded is refused:
// see Signing.PadSignature.
func (r *Request) Attach(signature []byte) (*Image, error) {
	if r.by.pub == nil {
		return nil, errors.New("mcuboot: the request names no public key to verify the signature with")
	}
	signature, err := r.by.accept(r.content, signature)
	if err != nil {
		return nil, err
	}
	return r.image(signature)
}

// image returns the finished image. It is unsigned where the signature is nil.
func (r *Request) image(signature []byte) (*Image, error) {
	img := r.img.clone()
	tlvs, err := r.tlvs(signature)
	if err != nil {
		return nil, fmt.Errorf("mcuboot: %v", err)
	}
	for _, tlv := range r.img.Unprotected {
		if !tlv.Type.signs() {
			tlvs = append(tlvs, tlv) // an encrypted key
		}
	}
	img.Unprotected = tlvs
	if r.encryption != nil {
		if err := r.encryption.apply(img); err != nil {
			return nil, err
		}
	}
	if size := areaSize(img.Unprotected); size > maxAreaSize {
		return nil, fmt.Errorf("mcuboot: %s of %d bytes: want at most %d", unprotectArea, size, maxAreaSize)
	}
	return img, nil
}

// signs tells whether a TLV of type t belongs to digest and signature.
func (t TLVType) signs() bool {
	return t <= TLVSigPure
}

// tlvs returns digest, key and signature in imgtool's order.
func (r *Request) tlvs(signature []byte) ([]TLV, error) {
	digestType, err := hashTLV(r.Hash)
	if err != nil {
		return nil, err
	}
	tlvs := []TLV{{digestType, r.Digest}}
	if signature == nil {
		return tlvs, nil
	}
	if r.by.pure {
		tlvs = append(tlvs, TLV{TLVSigPure, []byte{1}})
	}
	key, err := r.by.keyTLV(r.signing.FullKey)
	if err != nil {
		return nil, err
	}
	if r.signing.PadSignature {
		signature = r.by.pad(signature)
	}
	return append(tlvs, key, TLV{r.KeyType.signatureTLV(), signature}), nil
}
