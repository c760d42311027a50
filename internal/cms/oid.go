package cms

import (
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
)

// Object identifiers of RFC 5652, RFC 5754, RFC 5758 and RFC 8017.
var (
	oidData          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidEnvelopedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 3}

	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}

	oidRSA    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidMGF1   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}
	oidRSAPSS = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
)

// hashIdentifiers holds for each hash its own identifier and those of the
// signatures that name it.
type hashIdentifiers struct {
	hash               crypto.Hash
	digest, rsa, ecdsa asn1.ObjectIdentifier
}

var supported = []hashIdentifiers{
	{crypto.SHA256, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1},
		asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}},
	{crypto.SHA384, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2},
		asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}},
	{crypto.SHA512, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3},
		asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}},
}

// weakDigests have names, so that a message can call them what people do.
var weakDigests = map[string]string{
	"1.2.840.113549.2.5":     "md5",
	"1.3.14.3.2.26":          "sha1",
	"2.16.840.1.101.3.4.2.4": "sha224",
}

// digestName is "sha256" and the like, or the identifier in dots.
func digestName(oid asn1.ObjectIdentifier) string {
	for _, s := range supported {
		if oid.Equal(s.digest) {
			return fmt.Sprintf("sha%d", s.hash.Size()*8)
		}
	}
	if name, ok := weakDigests[oid.String()]; ok {
		return name
	}
	return oid.String()
}

func identifiersOf(hash crypto.Hash) (hashIdentifiers, error) {
	for _, s := range supported {
		if s.hash == hash {
			return s, nil
		}
	}
	return hashIdentifiers{}, fmt.Errorf("digest %v: want SHA-256, SHA-384 or SHA-512", hash)
}

// pssParameters is RSASSA-PSS-params of RFC 8017, appendix A.2.3. The defaults
// of its first two fields are SHA-1, so both are always present here.
type pssParameters struct {
	Hash         pkix.AlgorithmIdentifier `asn1:"explicit,tag:0"`
	MGF          pkix.AlgorithmIdentifier `asn1:"explicit,tag:1"`
	SaltLength   int                      `asn1:"explicit,optional,tag:2,default:20"`
	TrailerField int                      `asn1:"explicit,optional,tag:3,default:1"`
}

// identifier returns the signatureAlgorithm for a.
//
// PKCS #1 v1.5 is named by rsaEncryption, as openssl does: RFC 5754, section
// 3.2, asks every reader to know that one.
func (a Algorithm) identifier() (pkix.AlgorithmIdentifier, error) {
	ids, err := identifiersOf(a.Hash)
	if err != nil {
		return pkix.AlgorithmIdentifier{}, err
	}
	switch a.Kind {
	case RSA:
		return pkix.AlgorithmIdentifier{Algorithm: oidRSA, Parameters: asn1.NullRawValue}, nil
	case RSAPSS:
		return pssIdentifier(ids, a.SaltLength)
	case ECDSA:
		return pkix.AlgorithmIdentifier{Algorithm: ids.ecdsa}, nil
	}
	return pkix.AlgorithmIdentifier{}, fmt.Errorf("no signature algorithm is %v", a.Kind)
}

func pssIdentifier(ids hashIdentifiers, saltLength int) (pkix.AlgorithmIdentifier, error) {
	hash := pkix.AlgorithmIdentifier{Algorithm: ids.digest, Parameters: asn1.NullRawValue}
	inner, err := asn1.Marshal(hash)
	if err != nil {
		return pkix.AlgorithmIdentifier{}, err
	}
	der, err := asn1.Marshal(pssParameters{
		Hash:         hash,
		MGF:          pkix.AlgorithmIdentifier{Algorithm: oidMGF1, Parameters: asn1.RawValue{FullBytes: inner}},
		SaltLength:   saltLength,
		TrailerField: 1,
	})
	return pkix.AlgorithmIdentifier{Algorithm: oidRSAPSS, Parameters: asn1.RawValue{FullBytes: der}}, err
}

// algorithmOf reads the pair of identifiers of a SignerInfo. An identifier of
// a signature that names a hash must name the digest's.
func algorithmOf(digest, signature pkix.AlgorithmIdentifier) (Algorithm, error) {
	for _, s := range supported {
		if !digest.Algorithm.Equal(s.digest) {
			continue
		}
		switch {
		case signature.Algorithm.Equal(oidRSA), signature.Algorithm.Equal(s.rsa):
			return Algorithm{Kind: RSA, Hash: s.hash}, nil
		case signature.Algorithm.Equal(s.ecdsa):
			return Algorithm{Kind: ECDSA, Hash: s.hash}, nil
		case signature.Algorithm.Equal(oidRSAPSS):
			return pssAlgorithm(s, signature.Parameters.FullBytes)
		}
		return Algorithm{}, fmt.Errorf("signature algorithm %v with digest %s: want RSA, RSASSA-PSS or ECDSA with the same digest",
			signature.Algorithm, digestName(digest.Algorithm))
	}
	return Algorithm{}, fmt.Errorf("digest %s: want sha256, sha384 or sha512", digestName(digest.Algorithm))
}

func pssAlgorithm(ids hashIdentifiers, der []byte) (Algorithm, error) {
	var p pssParameters
	rest, err := asn1.Unmarshal(der, &p)
	if err != nil || len(rest) != 0 {
		return Algorithm{}, errors.New("RSASSA-PSS parameters: want hash, mask generation function and salt length")
	}
	var mgfHash pkix.AlgorithmIdentifier
	if _, err := asn1.Unmarshal(p.MGF.Parameters.FullBytes, &mgfHash); err != nil || !p.MGF.Algorithm.Equal(oidMGF1) {
		return Algorithm{}, errors.New("RSASSA-PSS parameters: the mask generation function is not MGF1")
	}
	if !p.Hash.Algorithm.Equal(ids.digest) || !mgfHash.Algorithm.Equal(ids.digest) {
		return Algorithm{}, fmt.Errorf("RSASSA-PSS with %s and MGF1 with %s: want the digest %s in both",
			digestName(p.Hash.Algorithm), digestName(mgfHash.Algorithm), digestName(ids.digest))
	}
	// 2048 bytes is the modulus of the longest key; no salt is as long.
	if p.SaltLength < 0 || p.SaltLength > 2048 || p.TrailerField != 1 {
		return Algorithm{}, fmt.Errorf("RSASSA-PSS parameters: salt of %d bytes, trailer %d", p.SaltLength, p.TrailerField)
	}
	return Algorithm{Kind: RSAPSS, Hash: ids.hash, SaltLength: p.SaltLength}, nil
}
