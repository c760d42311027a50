package keygen

import (
	"crypto/ecdh"
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"github.com/fwpack/fwpack/sign"
)

// ParsePrivateKey reads the private key of a PEM file: any that
// sign.ParsePrivateKey reads, or an X25519 key, which signs nothing and decrypts.
// passphrase is called, once, only for an encrypted key; nil says that there is
// none.
func ParsePrivateKey(data []byte, passphrase sign.PassphraseFunc) (PrivateKey, error) {
	key, err := parseExchangeKey(data, passphrase)
	if err != nil || key != nil {
		return key, err
	}
	return sign.ParsePrivateKey(data, passphrase)
}

// parseExchangeKey returns the key in a PEM file if it is an X25519 key in the
// clear, or any key in an encrypted PKCS #8, whose passphrase is asked for only
// once; else nil.
func parseExchangeKey(data []byte, passphrase sign.PassphraseFunc) (PrivateKey, error) {
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, nil
	}
	switch block.Type {
	case pemEncryptedKey:
		return parseEncrypted(block.Bytes, passphrase)
	case pemPrivateKey:
		if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if key, ok := key.(*ecdh.PrivateKey); ok {
				return key, nil
			}
		}
	}
	return nil, nil
}

func parseEncrypted(der []byte, passphrase sign.PassphraseFunc) (PrivateKey, error) {
	opened, err := sign.DecryptPKCS8(der, passphrase)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	defer clear(opened)
	key, err := x509.ParsePKCS8PrivateKey(opened)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	private, ok := key.(PrivateKey)
	if !ok {
		return nil, fmt.Errorf("private key of type %T: want RSA, ECDSA, Ed25519 or X25519", key)
	}
	return private, nil
}
