package imgtool

import (
	"crypto"
	"fmt"

	"github.com/fwpack/fwpack/mcuboot"
)

// ParsePrivateFormat reads "openssl" or "pkcs8".
func ParsePrivateFormat(text string) (mcuboot.PrivateFormat, error) {
	word, err := choose(text, "openssl", "pkcs8")
	switch {
	case err != nil:
		return mcuboot.PrivateDefault, err
	case word == "openssl":
		return mcuboot.PrivateOpenSSL, nil
	}
	return mcuboot.PrivatePKCS8, nil
}

// GetprivOptions say in which form a private key is printed.
type GetprivOptions struct {
	Key        string
	Minimal    bool // leaves out what the bootloader can compute
	Format     mcuboot.PrivateFormat
	Passphrase Passphrases
}

// Getpriv returns the C source of a private key that a bootloader decrypts images
// with.
func Getpriv(o GetprivOptions) ([]byte, error) {
	key, err := privateKey(o.Key, o.Passphrase)
	if err != nil {
		return nil, err
	}
	data, err := mcuboot.PrivateKeyBytes(key, o.Format, o.Minimal)
	if err != nil {
		return nil, usagef("%s: %w", o.Key, err)
	}
	defer clear(data)
	return cArray("enc_priv_key", data), nil
}

// KeyHalf is which half of a pair a file holds.
type KeyHalf string

// The halves.
const (
	PrivateHalf KeyHalf = "private"
	PublicHalf  KeyHalf = "public"
)

// ParseKeyHalf reads one of the halves.
func ParseKeyHalf(text string) (KeyHalf, error) { return choose(text, PrivateHalf, PublicHalf) }

// Keyinfo says which half of a pair a file holds. If want is not empty, the other
// half is an error; so is a private key that only a passphrase opens.
func Keyinfo(path string, want KeyHalf) (KeyHalf, error) {
	half, err := keyHalf(path)
	switch {
	case err != nil:
		return "", err
	case want != "" && half != want:
		return "", usagef("%s: a %s key: want a %s one", path, half, want)
	}
	return half, nil
}

func keyHalf(path string) (KeyHalf, error) {
	private, err := privateKey(path, nil)
	if err == nil {
		_, err = keyTypeOfPrivate(private)
		return PrivateHalf, asUsage(err)
	}
	if _, _, publicErr := publicKey(path, nil); publicErr != nil {
		return "", publicErr
	}
	return PublicHalf, nil
}

func keyTypeOfPrivate(key crypto.PrivateKey) (mcuboot.KeyType, error) {
	pair, ok := key.(interface{ Public() crypto.PublicKey })
	if !ok {
		return 0, fmt.Errorf("private key of type %T: MCUboot knows RSA, ECDSA, Ed25519 and X25519", key)
	}
	return mcuboot.KeyTypeOf(pair.Public())
}
