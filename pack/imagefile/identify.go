package imagefile

import (
	"bytes"
	"crypto"
	"slices"

	"github.com/fwpack/fwpack/mcuboot"
)

// NamedKey returns the one of the keys that the image names by its KEYHASH or
// PUBKEY number i, in the order of Inspection.Keys; nil where it is none of them.
// Whether that key signed is another question: see SignedBy.
func (f *File) NamedKey(i int, keys []TrustedKey) *Key {
	named := f.keyTLVs()
	if i >= len(named) {
		return nil
	}
	for _, key := range keys {
		if namesKey(named[i], key.Public, f.hashOfKeys()) {
			k := describeKey(key.Public, key.File)
			return &k
		}
	}
	return nil
}

// SignedBy returns the one of the keys whose signature the image has, nil where
// there is none, or where that cannot be told. Only those that the image names are
// tried. decryptionKey may be nil.
func (f *File) SignedBy(keys []TrustedKey, decryptionKey crypto.PrivateKey) *Key {
	named := f.keyTLVs()
	candidates := slices.DeleteFunc(slices.Clone(keys), func(key TrustedKey) bool {
		return !slices.ContainsFunc(named, func(tlv mcuboot.TLV) bool { return namesKey(tlv, key.Public, f.hashOfKeys()) })
	})
	if len(candidates) == 0 {
		return nil
	}
	b := f.Bootloader()
	b.Decompress = decompress
	if b.EncryptionTLV != 0 {
		b.EncryptionKey = decryptionKey
	}
	return f.signedBy(b, f.matching(candidates))
}

// keyTLVs returns the TLVs that name keys, none of an image that cannot be read.
func (f *File) keyTLVs() []mcuboot.TLV {
	if f.Image == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(f.Image.Unprotected), func(tlv mcuboot.TLV) bool {
		return tlv.Type != mcuboot.TLVKeyHash && tlv.Type != mcuboot.TLVPubKey
	})
}

// hashOfKeys is the hash that the image names keys by.
func (f *File) hashOfKeys() crypto.Hash {
	hash, _ := f.Image.StoredDigest()
	return hash
}

// namesKey tells whether a TLV names a key.
func namesKey(tlv mcuboot.TLV, pub crypto.PublicKey, hash crypto.Hash) bool {
	want, err := mcuboot.PublicKeyBytes(pub)
	if tlv.Type == mcuboot.TLVKeyHash {
		want, err = mcuboot.KeyHash(pub, hash)
	}
	return err == nil && bytes.Equal(want, tlv.Value)
}
