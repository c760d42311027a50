package sign

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	_ "crypto/sha1" // for crypto.SHA1, the default of PBKDF2
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/scrypt"
)

// Limits on the work that an encrypted key may ask for. openssl writes 2048
// iterations of PBKDF2; scrypt with 16 MiB, and reads up to 32 MiB
// (SCRYPT_MAX_MEM).
const (
	maxIterations   = 10_000_000
	maxScryptMemory = 64 << 20
	maxScryptLanes  = 16
)

// encryptedKey is EncryptedPrivateKeyInfo of RFC 5958.
type encryptedKey struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

// pbes2 is PBES2-params of RFC 8018, appendix A.4.
type pbes2 struct {
	KDF    pkix.AlgorithmIdentifier
	Cipher pkix.AlgorithmIdentifier
}

// pbkdf2Parameters is PBKDF2-params of RFC 8018, appendix A.2, with a salt
// given in place.
type pbkdf2Parameters struct {
	Salt       []byte
	Iterations int
	KeyLength  int                      `asn1:"optional"`
	PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
}

// scryptParameters is scrypt-params of RFC 7914, section 7.
type scryptParameters struct {
	Salt      []byte
	N, R, P   int
	KeyLength int `asn1:"optional"`
}

const (
	oidPBES2  = "1.2.840.113549.1.5.13"
	oidPBKDF2 = "1.2.840.113549.1.5.12"
	oidScrypt = "1.3.6.1.4.1.11591.4.11"
)

// prfs are the pseudorandom functions of PBKDF2, HMAC with a hash.
var prfs = map[string]crypto.Hash{
	"1.2.840.113549.2.7":  crypto.SHA1,
	"1.2.840.113549.2.8":  crypto.SHA224,
	"1.2.840.113549.2.9":  crypto.SHA256,
	"1.2.840.113549.2.10": crypto.SHA384,
	"1.2.840.113549.2.11": crypto.SHA512,
}

// cbcCipher is a block cipher in CBC mode.
type cbcCipher struct {
	keySize int
	block   func(key []byte) (cipher.Block, error)
}

var ciphers = map[string]cbcCipher{
	"2.16.840.1.101.3.4.1.2":  {16, aes.NewCipher},
	"2.16.840.1.101.3.4.1.22": {24, aes.NewCipher},
	"2.16.840.1.101.3.4.1.42": {32, aes.NewCipher},
	"1.2.840.113549.3.7":      {24, des.NewTripleDESCipher},
}

var (
	errPassphrase = errors.New("wrong passphrase")
	errParameters = errors.New("the parameters of the encryption are damaged")
)

func parseEncrypted(der []byte, passphrase PassphraseFunc) (crypto.Signer, error) {
	plain, err := DecryptPKCS8(der, passphrase)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	return parsePKCS8(plain)
}

// DecryptPKCS8 opens an EncryptedPrivateKeyInfo (RFC 5958) in DER, the content
// of a PEM block "ENCRYPTED PRIVATE KEY", and returns the PKCS#8 within, which
// may be of any algorithm. It reads PBES2 with PBKDF2 or scrypt and AES-CBC or
// triple DES. passphrase is called once, after everything else was found
// readable; nil says that there is none.
func DecryptPKCS8(der []byte, passphrase PassphraseFunc) ([]byte, error) {
	var box encryptedKey
	if _, err := asn1.Unmarshal(der, &box); err != nil {
		return nil, errNotKey
	}
	if passphrase == nil {
		return nil, errors.New("encrypted, and there is no passphrase")
	}
	open, err := prepare(box)
	if err != nil {
		return nil, err
	}
	secret, err := passphrase()
	if err != nil {
		return nil, fmt.Errorf("passphrase: %w", err)
	}
	defer clear(secret)
	plain, err := open(secret)
	if err != nil {
		return nil, err
	}
	// A wrong passphrase leaves a valid padding once in 256 times.
	var info pkcs8
	if _, err := asn1.Unmarshal(plain, &info); err != nil {
		clear(plain)
		return nil, errPassphrase
	}
	return plain, nil
}

// prepare reads all parameters, so that nobody is asked for the passphrase of
// a file that cannot be read.
func prepare(box encryptedKey) (func(passphrase []byte) ([]byte, error), error) {
	if box.Algorithm.Algorithm.String() != oidPBES2 {
		return nil, hinted("openssl pkcs8 -in FILE | openssl pkcs8 -topk8 -out FILE.pem",
			"encrypted by algorithm %v: want PBES2", box.Algorithm.Algorithm)
	}
	var parameters pbes2
	if _, err := asn1.Unmarshal(box.Algorithm.Parameters.FullBytes, &parameters); err != nil {
		return nil, errParameters
	}
	c, ok := ciphers[parameters.Cipher.Algorithm.String()]
	if !ok {
		return nil, fmt.Errorf("encrypted by cipher %v: want AES in CBC mode, or triple DES", parameters.Cipher.Algorithm)
	}
	var iv []byte
	if _, err := asn1.Unmarshal(parameters.Cipher.Parameters.FullBytes, &iv); err != nil {
		return nil, errParameters
	}
	derive, err := keyDerivation(parameters.KDF)
	if err != nil {
		return nil, err
	}
	return func(passphrase []byte) ([]byte, error) {
		key, err := derive(passphrase, c.keySize)
		if err != nil {
			return nil, err
		}
		defer clear(key)
		return c.decrypt(key, iv, box.Data)
	}, nil
}

// keyDerivation returns the function that makes a key of so many bytes.
func keyDerivation(id pkix.AlgorithmIdentifier) (func(passphrase []byte, size int) ([]byte, error), error) {
	switch id.Algorithm.String() {
	case oidPBKDF2:
		return pbkdf2Derivation(id.Parameters.FullBytes)
	case oidScrypt:
		return scryptDerivation(id.Parameters.FullBytes)
	}
	return nil, fmt.Errorf("key derivation %v: want PBKDF2 or scrypt", id.Algorithm)
}

func pbkdf2Derivation(der []byte) (func([]byte, int) ([]byte, error), error) {
	var p pbkdf2Parameters
	if _, err := asn1.Unmarshal(der, &p); err != nil {
		return nil, errParameters
	}
	if p.Iterations < 1 || p.Iterations > maxIterations {
		return nil, fmt.Errorf("PBKDF2 of %d iterations: want 1 to %d", p.Iterations, maxIterations)
	}
	hash := crypto.SHA1
	if len(p.PRF.Algorithm) > 0 {
		hash = prfs[p.PRF.Algorithm.String()]
	}
	if hash == 0 {
		return nil, fmt.Errorf("PBKDF2 with function %v: want HMAC with SHA-1 or SHA-2", p.PRF.Algorithm)
	}
	return func(passphrase []byte, size int) ([]byte, error) {
		return pbkdf2.Key(hash.New, string(passphrase), p.Salt, p.Iterations, size)
	}, nil
}

func scryptDerivation(der []byte) (func([]byte, int) ([]byte, error), error) {
	var p scryptParameters
	if _, err := asn1.Unmarshal(der, &p); err != nil {
		return nil, errParameters
	}
	powerOfTwo := p.N > 1 && p.N&(p.N-1) == 0
	if !powerOfTwo || p.R < 1 || p.P < 1 || p.P > maxScryptLanes || p.R > maxScryptMemory/128/p.N {
		return nil, fmt.Errorf("scrypt with N=%d r=%d p=%d: want N a power of two, at most %d MiB and %d lanes",
			p.N, p.R, p.P, maxScryptMemory>>20, maxScryptLanes)
	}
	return func(passphrase []byte, size int) ([]byte, error) {
		return scrypt.Key(passphrase, p.Salt, p.N, p.R, p.P, size)
	}, nil
}

// decrypt undoes CBC and the padding of RFC 8018, section 6.1.1.
func (c cbcCipher) decrypt(key, iv, data []byte) ([]byte, error) {
	block, err := c.block(key)
	if err != nil {
		return nil, err
	}
	size := block.BlockSize()
	if len(iv) != size || len(data) == 0 || len(data)%size != 0 {
		return nil, errParameters
	}
	plain := slices.Clone(data)
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, plain)
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > size {
		return nil, errPassphrase
	}
	for _, b := range plain[len(plain)-pad:] {
		if int(b) != pad {
			return nil, errPassphrase
		}
	}
	return plain[:len(plain)-pad], nil
}
