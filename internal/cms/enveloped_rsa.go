package cms

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
)

var (
	oidOAEP       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 7}
	oidPSpecified = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 9}
	oidSHA1       = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
)

// oaepScheme is the choice that RSAES-OAEP leaves.
type oaepScheme struct {
	hash, mgf crypto.Hash
	label     []byte
}

// oaepParameters is RSAES-OAEP-params of RFC 8017, appendix A.2.1. What is
// absent is SHA-1, MGF1 with SHA-1 and no label.
type oaepParameters struct {
	Hash  pkix.AlgorithmIdentifier `asn1:"explicit,tag:0,optional"`
	MGF   pkix.AlgorithmIdentifier `asn1:"explicit,tag:1,optional"`
	Label pkix.AlgorithmIdentifier `asn1:"explicit,tag:2,optional"`
}

// oaepIdentifier returns the algorithm of OAEP with SHA-256 throughout, laid
// out as openssl does.
func oaepIdentifier() (pkix.AlgorithmIdentifier, error) {
	hash := pkix.AlgorithmIdentifier{Algorithm: supported[0].digest}
	inner, err := asn1.Marshal(hash)
	if err != nil {
		return pkix.AlgorithmIdentifier{}, err
	}
	mgf := pkix.AlgorithmIdentifier{Algorithm: oidMGF1, Parameters: asn1.RawValue{FullBytes: inner}}
	der, err := asn1.Marshal(oaepParameters{Hash: hash, MGF: mgf})
	return pkix.AlgorithmIdentifier{Algorithm: oidOAEP, Parameters: asn1.RawValue{FullBytes: der}}, err
}

// oaepOf reads the parameters of RSAES-OAEP.
func oaepOf(parameters []byte) (oaepScheme, error) {
	s := oaepScheme{hash: crypto.SHA1, mgf: crypto.SHA1}
	c := newCursor(parameters)
	fields := c.sequence("parameters")
	c.end("parameters")
	if fields.has(0) {
		s.hash = oaepHash(fields.context(0, "hash"))
	}
	if fields.has(1) {
		s.mgf = oaepMGF(fields.context(1, "mask generation function"))
	}
	if fields.has(2) {
		s.label = oaepLabel(fields.context(2, "label"))
	}
	fields.end("parameters")
	if err := c.err(); err != nil {
		return oaepScheme{}, fmt.Errorf("RSAES-OAEP: %w", err)
	}
	return s, nil
}

// oaepHash reads the one identifier that c holds.
func oaepHash(c *cursor) crypto.Hash {
	id := readAlgorithm(c, "hash")
	c.end("hash")
	if id.oid.Equal(oidSHA1) {
		return crypto.SHA1
	}
	for _, s := range supported {
		if id.oid.Equal(s.digest) {
			return s.hash
		}
	}
	c.fail("hash %v: want sha1, sha256, sha384 or sha512", id.oid)
	return 0
}

func oaepMGF(c *cursor) crypto.Hash {
	id := readAlgorithm(c, "mask generation function")
	c.end("mask generation function")
	if !id.oid.Equal(oidMGF1) {
		c.fail("mask generation function %v: want MGF1", id.oid)
	}
	return oaepHash(&cursor{rest: id.parameters, failure: c.failure})
}

func oaepLabel(c *cursor) []byte {
	id := readAlgorithm(c, "label")
	c.end("label")
	if !id.oid.Equal(oidPSpecified) {
		c.fail("label source %v: want a label given in the file", id.oid)
	}
	inner := &cursor{rest: id.parameters, failure: c.failure}
	label := inner.octets("label")
	inner.end("label")
	return label
}

// transport encrypts the content key for an RSA key.
func transport(random io.Reader, pub *rsa.PublicKey, key []byte, oaep bool) ([]byte, error) {
	if oaep {
		return rsa.EncryptOAEP(crypto.SHA256.New(), random, pub, key, nil)
	}
	//lint:ignore SA1019 the padding that every device takes; envelope.Options says why
	return rsa.EncryptPKCS1v15(random, pub, key)
}

// decryptTransport is false where another key was meant.
func (r *Recipient) decryptTransport(key crypto.Decrypter) ([]byte, bool) {
	var opts crypto.DecrypterOpts // none stands for PKCS #1 v1.5
	if r.Kind == TransportOAEP {
		opts = &rsa.OAEPOptions{Hash: r.oaep.hash, MGFHash: r.oaep.mgf, Label: r.oaep.label}
	}
	content, err := key.Decrypt(nil, r.key, opts)
	return content, err == nil
}
