package sign

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/fwpack/fwpack/internal/cms"
	"github.com/fwpack/fwpack/internal/ecdsader"
)

// maxAttached bounds a signature that was made elsewhere, in bytes: a CMS with
// its certificates, in base64 and lines.
const maxAttached = 2 * cms.MaxSize

// Attach takes signatures that were made elsewhere and returns the indices of
// their keys. It accepts what ToSign asks for, as the raw bytes of the
// signature, ECDSA's in DER or as r and s; and for scheme cms a CMS of the
// message, as "openssl cms -sign" makes it, attached or detached. All of that
// may be in base64 or PEM.
//
// Signatures by a stranger, over something else, or by a key that has signed
// already are refused with a *VerificationError.
func (c *Ceremony) Attach(data []byte) ([]int, error) {
	forms, err := Forms(data)
	if err != nil {
		return nil, err
	}
	for _, form := range forms {
		if d, err := cms.Parse(form); err == nil {
			return c.attachCMS(d)
		}
	}
	for _, form := range forms {
		if i, signature := c.find(form); i >= 0 {
			return []int{i}, c.attachRaw(i, signature)
		}
	}
	return nil, c.explain(forms)
}

// Forms returns what a signature that was made elsewhere may stand for: data as
// they are, and what they hold in PEM, or else in base64 and in hex. Only the form
// that verifies counts. Data are 1 byte to 2 MiB.
func Forms(data []byte) ([][]byte, error) {
	if len(data) == 0 || len(data) > maxAttached {
		return nil, fmt.Errorf("signature of %d bytes: want 1 to %d", len(data), maxAttached)
	}
	forms := [][]byte{data}
	if block, _ := pem.Decode(data); block != nil {
		return append(forms, block.Bytes), nil
	}
	text := bytes.Join(bytes.Fields(data), nil)
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
		if decoded, err := encoding.DecodeString(string(text)); err == nil && len(decoded) > 0 {
			forms = append(forms, decoded)
		}
	}
	if decoded, err := hex.DecodeString(string(text)); err == nil && len(decoded) > 0 {
		forms = append(forms, decoded)
	}
	return forms, nil
}

// find returns the key that made the raw signature, which may have signed
// already, and the signature, ECDSA's in DER.
func (c *Ceremony) find(signature []byte) (int, []byte) {
	for i := range c.keys {
		t, err := c.ToSign(i)
		if err != nil {
			continue
		}
		if normal := c.matches(i, t.Bytes, signature); normal != nil {
			return i, normal
		}
	}
	return -1, nil
}

// matches returns the signature, in the form that is shipped, where key i made
// it over message; else nil.
func (c *Ceremony) matches(i int, message, signature []byte) []byte {
	algorithm, pub := c.keys[i].algorithm(c.scheme), c.keys[i].Signer.Public()
	if ec, ok := pub.(*ecdsa.PublicKey); ok {
		normal, err := ecdsader.Normalize(ec, hashOf(algorithm.Hash, message), signature)
		if err != nil {
			return nil
		}
		return normal
	}
	if c.scheme == SchemeRSAPSS {
		algorithm.SaltLength = 0 // any, as clients take it; a CMS states the length
	}
	if algorithm.Verify(pub, message, signature) != nil {
		return nil
	}
	return signature
}

func hashOf(hash crypto.Hash, message []byte) []byte {
	h := hash.New()
	h.Write(message)
	return h.Sum(nil)
}

// attachRaw takes a raw signature, which is key i's.
func (c *Ceremony) attachRaw(i int, signature []byte) error {
	if c.Signed(i) {
		return &VerificationError{Signer: c.keys[i].subject(), Reason: errors.New("is there already: each key signs once")}
	}
	if c.scheme != SchemeCMS {
		return c.take(i, signature)
	}
	der, err := buildCMS(c.message, c.keys[i:i+1], c.opt, func(Key, []byte) ([]byte, error) { return signature, nil })
	if err != nil {
		return err
	}
	return c.take(i, der)
}

// attachCMS takes every signer of a CMS that was made elsewhere.
func (c *Ceremony) attachCMS(d *cms.SignedData) ([]int, error) {
	if c.scheme != SchemeCMS {
		return nil, &VerificationError{Reason: fmt.Errorf("a CMS: scheme %s wants the raw signature", c.scheme)}
	}
	if len(d.Signers) == 0 {
		return nil, &VerificationError{Reason: errors.New("the CMS has no signer")}
	}
	var attached []int
	for n := range d.Signers {
		i, err := c.attachSigner(d, &d.Signers[n])
		if err != nil {
			return nil, &VerificationError{Signer: describeSigner(d, &d.Signers[n]).Subject, Reason: err}
		}
		attached = append(attached, i)
	}
	return attached, nil
}

// attachSigner takes one signer of d, with the certificates of the ceremony:
// what else the CMS brings along is not shipped.
func (c *Ceremony) attachSigner(d *cms.SignedData, s *cms.SignerInfo) (int, error) {
	i := c.signerIndex(d, s)
	if i < 0 {
		return i, fmt.Errorf("is by none of the keys expected: %s", names(c.keys))
	}
	if c.Signed(i) {
		return i, errors.New("is there already: each key signs once")
	}
	if err := d.Verify(s, c.keys[i].Signer.Public(), c.message); err != nil {
		return i, err
	}
	one := d.Without(func(other *cms.SignerInfo) bool { return other != s })
	one.Certificates = append(one.Certificates[:0:0], c.keys[i].Certificate)
	one.Certificates = append(one.Certificates, c.keys[i].Chain...)
	c.made[i] = one
	return i, nil
}

// signerIndex finds the key whose certificate s names, in the CMS or not.
func (c *Ceremony) signerIndex(d *cms.SignedData, s *cms.SignerInfo) int {
	for i, k := range c.keys {
		if s.Names(k.Certificate) {
			return i
		}
	}
	return -1
}

// explain says what a signature is that no key made over what it should sign.
// Some mistakes are made so often that they are looked for.
func (c *Ceremony) explain(forms [][]byte) error {
	for i, k := range c.keys {
		t, err := c.ToSign(i)
		if err != nil {
			return err
		}
		digest := hashOf(k.Digest.Hash(), t.Bytes)
		for _, mistake := range []struct {
			message []byte
			words   string
		}{
			{digest, "of the digest as if that were what is to be signed: it has been hashed twice"},
			{[]byte(hex.EncodeToString(digest)), "of the digest in hex: sign the bytes"},
			{c.message, "of the message itself: sign the bytes of the request, or make a whole CMS"},
		} {
			for _, form := range forms {
				if c.matches(i, mistake.message, form) != nil {
					return &VerificationError{Signer: k.subject(), Reason: errors.New("is " + mistake.words)}
				}
			}
		}
		if c.otherPadding(i, t.Bytes, forms) {
			return &VerificationError{Signer: k.subject(), Reason: fmt.Errorf("has another padding: want %s", t.padding())}
		}
	}
	return &VerificationError{Reason: fmt.Errorf("by none of the keys expected, or over something else: want one of %s", names(c.keys))}
}

// padding is how an RSA key is to sign.
func (t ToSign) padding() string {
	if t.SaltLength == 0 {
		return t.Algorithm
	}
	return fmt.Sprintf("%s with a salt of %d bytes", t.Algorithm, t.SaltLength)
}

// otherPadding tells whether an RSA key signed by the wrong one of its schemes.
func (c *Ceremony) otherPadding(i int, message []byte, forms [][]byte) bool {
	algorithm := c.keys[i].algorithm(c.scheme)
	for _, kind := range []cms.Kind{cms.RSA, cms.RSAPSS} {
		other := cms.Algorithm{Kind: kind, Hash: algorithm.Hash} // any salt
		for _, form := range forms {
			if other.Verify(c.keys[i].Signer.Public(), message, form) == nil {
				return true
			}
		}
	}
	return false
}

// subject is what names the key's signature: its certificate, else its name.
func (k Key) subject() string {
	if k.Certificate == nil {
		return k.Name
	}
	return distinguishedName(k.Certificate.Subject.String())
}
