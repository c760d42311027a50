package imagefile

import (
	"crypto/x509"
	"encoding/hex"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
)

// namedBy has the hashes in KEYHASH TLVs of published keys that are no
// fingerprints of package sign: those of RSA keys, which MCUboot hashes as
// PKCS #1, and those by SHA-384 and SHA-512. They follow from the keys, which
// are in MCUboot's sim/mcuboot-sys/csupport/keys.c and the .pem files that
// package keygen names. The value is the fingerprint without "sha256:".
var namedBy = map[string]string{
	"fc5701dc6135e1323847bdc40f04d2e5bee5833b23c29f93593d00018cfa9994":                                                                 "a14bcb1bf9bb821146ba32838217e476f5412621320534ffe490a1890c994660",
	"449793fb65cd7698753d5b3f35fab15f1e3a45111ff24e1d46741de5ae12d59e":                                                                 "159d8b7930769d887f3ff0b4e9ec176b82313663f2ef76dc24f5e964da1bc482",
	"85b7bd5f5dff9a03a99927adaf6ca6febde822c1a480928324a8e60323715c5779461c496a95aee8c4f90b99779f848a":                                 "6bcd1e16d80e5fe13a5307e6f1de8344c7e50e537d9962ce35ef6db5e642fae8",
	"e3e129b49f1218e18e4614acb2523389c75852ebb98b4d2c6171a2fc65706ba3d1ddf85f52e71450c3e572e624695fafd41ce4d9354d6c2b19f7d6001a6ae8b0": "c1907fa4eac7fae3840a78902b6f0710b037e9968e5c6274a12a28790c7d4e3c",
	"37491781699741ec96e7faaf03c04e70f135f2f8b1f09d5a2a53667115052331e6a8abd3310476e7fbedf676feb9e8bcff7ff5366e8470714c0ef4c582941881": "b1d87d60173352b9a4808979790fc699fb4c4f83b49cf1970edd96ff4adc36a6",
	"e11ed22583de283392266b917bd82e88486edf47bc58c7ce8e42f9fb90e1daa900e72f172e4bd4fb19fc1870638e3a89c3f033ef4db6f6235d02ee623b4b2924": "6754edab1e29affef4a05935adecbeb1a7b8b62397b31e39a61b5bfcaafd63af",
}

// published says where everybody can have the private half of the key that a TLV
// names, "" where no such place is known.
func published(tlv mcuboot.TLV) string {
	switch tlv.Type {
	case mcuboot.TLVKeyHash:
		hash := hex.EncodeToString(tlv.Value)
		if fingerprint, ok := namedBy[hash]; ok {
			hash = fingerprint
		}
		return keygen.Published("sha256:" + hash)
	case mcuboot.TLVPubKey:
		return publishedInFull(tlv.Value)
	}
	return ""
}

// publishedInFull is published for a key as mcuboot.PublicKeyBytes returns it.
func publishedInFull(der []byte) string {
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return publishedKey(key)
	}
	if key, err := x509.ParsePKIXPublicKey(der); err == nil {
		return publishedKey(key)
	}
	return ""
}

func publishedKey(key any) string {
	fingerprint, err := sign.Fingerprint(key)
	if err != nil {
		return ""
	}
	return keygen.Published(fingerprint)
}
