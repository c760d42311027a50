package cms

import (
	"crypto"
	"crypto/ecdh"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

var oidECPublicKey = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}

// keyDerivation is the KDF of X9.63 with a hash, the scheme being the one
// without cofactor: on the curves here the cofactor is 1.
type keyDerivation struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash
}

// keyDerivations are those of RFC 5753, section 7.1.4. Only the first is
// written; openssl writes the last.
var keyDerivations = []keyDerivation{
	{asn1.ObjectIdentifier{1, 3, 132, 1, 11, 1}, crypto.SHA256},
	{asn1.ObjectIdentifier{1, 3, 132, 1, 11, 2}, crypto.SHA384},
	{asn1.ObjectIdentifier{1, 3, 132, 1, 11, 3}, crypto.SHA512},
	{asn1.ObjectIdentifier{1, 3, 132, 1, 11, 0}, crypto.SHA224},
	{asn1.ObjectIdentifier{1, 3, 133, 16, 840, 63, 0, 2}, crypto.SHA1},
}

// agreement is what both sides of a key agreement know.
type agreement struct {
	hash    crypto.Hash
	wrap    keyWrap
	keyInfo []byte // DER of the wrap's AlgorithmIdentifier, as the file has it
	ukm     []byte // nil where the file has none
	point   []byte // the ephemeral public key, uncompressed
}

// sharedInfo is ECC-CMS-SharedInfo of RFC 5753, section 7.2.
type sharedInfo struct {
	KeyInfo     asn1.RawValue
	EntityUInfo []byte `asn1:"explicit,tag:0,optional"`
	SuppPubInfo []byte `asn1:"explicit,tag:2"`
}

// wrappingKey derives the key from the secret of both sides, by the KDF of
// ANSI X9.63 (SEC 1, section 3.6.1).
func (a *agreement) wrappingKey(secret []byte) ([]byte, error) {
	info, err := asn1.Marshal(sharedInfo{
		KeyInfo:     asn1.RawValue{FullBytes: a.keyInfo},
		EntityUInfo: a.ukm,
		SuppPubInfo: binary.BigEndian.AppendUint32(nil, uint32(8*a.wrap.keyLength)),
	})
	if err != nil {
		return nil, err
	}
	var key []byte
	for counter := uint32(1); len(key) < a.wrap.keyLength; counter++ {
		h := a.hash.New()
		h.Write(secret)
		h.Write(binary.BigEndian.AppendUint32(nil, counter))
		h.Write(info)
		key = h.Sum(key)
	}
	return key[:a.wrap.keyLength], nil
}

// unwrap is false where another key was meant.
func (a *agreement) unwrap(key ecdh.KeyExchanger, wrapped []byte) ([]byte, bool) {
	ephemeral, err := key.Curve().NewPublicKey(a.point)
	if err != nil {
		return nil, false
	}
	secret, err := key.ECDH(ephemeral)
	if err != nil {
		return nil, false
	}
	kek, err := a.wrappingKey(secret)
	if err != nil {
		return nil, false
	}
	return a.wrap.unwrap(kek, wrapped)
}

// curveOf returns the name of the curve that the point is on, "" for none of
// the three. An uncompressed point is on one of them at most, by its length.
func curveOf(point []byte) string {
	for _, curve := range []ecdh.Curve{ecdh.P256(), ecdh.P384(), ecdh.P521()} {
		if _, err := curve.NewPublicKey(point); err == nil {
			return fmt.Sprint(curve)
		}
	}
	return ""
}

// ephemeralKey makes a key for one use from the bytes of random. The curve's
// own GenerateKey takes no source of randomness since Go 1.26.
func ephemeralKey(curve ecdh.Curve, random io.Reader) (*ecdh.PrivateKey, error) {
	size, mask := 32, byte(0xff)
	switch curve {
	case ecdh.P384():
		size = 48
	case ecdh.P521():
		size, mask = 66, 1
	}
	scalar := make([]byte, size)
	// The orders are so close below a power of two that a random scalar is too
	// large once in 2^32 times at most.
	for range 8 {
		if _, err := io.ReadFull(random, scalar); err != nil {
			return nil, fmt.Errorf("random source: %w", err)
		}
		scalar[0] &= mask
		if key, err := curve.NewPrivateKey(scalar); err == nil {
			return key, nil
		}
	}
	return nil, errors.New("random source: 8 draws in a row are no private key: its bytes are not random")
}

// agree is the algorithm of every key agreement that is written.
func agree() (pkix.AlgorithmIdentifier, *agreement, error) {
	kdf, wrap := keyDerivations[0], keyWraps[0]
	// Without parameters: RFC 3565, section 2.3.2, wants them absent.
	keyInfo, err := asn1.Marshal(pkix.AlgorithmIdentifier{Algorithm: wrap.oid})
	id := pkix.AlgorithmIdentifier{Algorithm: kdf.oid, Parameters: asn1.RawValue{FullBytes: keyInfo}}
	return id, &agreement{hash: kdf.hash, wrap: wrap, keyInfo: keyInfo}, err
}

func derivationHash(oid asn1.ObjectIdentifier) (crypto.Hash, bool) {
	for _, d := range keyDerivations {
		if d.oid.Equal(oid) {
			return d.hash, true
		}
	}
	return 0, false
}
