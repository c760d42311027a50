package sign

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
)

const (
	// newIterations is what OWASP recommends for PBKDF2 with HMAC-SHA-256
	// (Password Storage Cheat Sheet, 2023); openssl 3.0 takes 2048.
	newIterations = 600_000
	// newSaltSize is the least that NIST SP 800-132 section 5.1 allows.
	newSaltSize = 16
	// newKeySize is that of AES-256.
	newKeySize = 32
)

// The algorithms of what EncryptPKCS8 writes (RFC 8018 appendix C, RFC 3565).
var (
	idPBES2      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	idPBKDF2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	idHMACSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
	idAES256CBC  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
)

// EncryptPKCS8 encrypts a private key, PKCS#8 in DER, and returns the content
// of a PEM block "ENCRYPTED PRIVATE KEY": PBES2 with PBKDF2, HMAC-SHA-256 and
// 600,000 iterations, and AES-256-CBC, which openssl reads since 1.1.0. rand
// gives salt and IV.
func EncryptPKCS8(der, passphrase []byte, rand io.Reader) ([]byte, error) {
	if len(passphrase) == 0 {
		return nil, errors.New("the passphrase is empty")
	}
	random := make([]byte, newSaltSize+aes.BlockSize)
	if _, err := io.ReadFull(rand, random); err != nil {
		return nil, fmt.Errorf("drawing a salt: %w", err)
	}
	salt, iv := random[:newSaltSize], random[newSaltSize:]
	key, err := pbkdf2.Key(sha256.New, string(passphrase), salt, newIterations, newKeySize)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	data, err := encryptCBC(der, key, iv)
	if err != nil {
		return nil, err
	}
	algorithm, err := newAlgorithm(salt, iv)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(encryptedKey{algorithm, data})
}

// encryptCBC pads as RFC 8018 section 6.1.1 wants it, and encrypts.
func encryptCBC(plain, key, iv []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	data := make([]byte, len(plain)+pad)
	for i := copy(data, plain); i < len(data); i++ {
		data[i] = byte(pad)
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(data, data)
	return data, nil
}

func newAlgorithm(salt, iv []byte) (pkix.AlgorithmIdentifier, error) {
	prf := pkix.AlgorithmIdentifier{Algorithm: idHMACSHA256, Parameters: asn1.NullRawValue}
	kdf, err := identified(idPBKDF2, pbkdf2Parameters{Salt: salt, Iterations: newIterations, PRF: prf})
	if err != nil {
		return kdf, err
	}
	encryption, err := identified(idAES256CBC, iv)
	if err != nil {
		return encryption, err
	}
	return identified(idPBES2, pbes2{kdf, encryption})
}

func identified(id asn1.ObjectIdentifier, parameters any) (pkix.AlgorithmIdentifier, error) {
	der, err := asn1.Marshal(parameters)
	return pkix.AlgorithmIdentifier{Algorithm: id, Parameters: asn1.RawValue{FullBytes: der}}, err
}
