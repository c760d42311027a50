package keygen

import (
	"crypto/ecdh"
	"crypto/x509"
	"encoding/asn1"
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
		if key := exchangeKey(block.Bytes); key != nil {
			return key, nil
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
	if key := exchangeKey(opened); key != nil {
		return key, nil
	}
	text := pem.EncodeToMemory(&pem.Block{Type: pemPrivateKey, Bytes: opened})
	defer clear(text)
	return sign.ParsePrivateKey(text, nil)
}

// oidX25519 is id-X25519 of RFC 8410, section 3.
var oidX25519 = asn1.ObjectIdentifier{1, 3, 101, 110}

// exchangeKey returns the X25519 key that a PKCS #8 holds, nil where it is none.
// Other keys are not parsed for that: with a hostile RSA key it takes minutes.
func exchangeKey(der []byte) PrivateKey {
	var info pkcs8
	if _, err := asn1.Unmarshal(der, &info); err != nil || !info.Algorithm.Algorithm.Equal(oidX25519) {
		return nil
	}
	key, _ := x509.ParsePKCS8PrivateKey(der)
	if exchange, ok := key.(*ecdh.PrivateKey); ok {
		return exchange
	}
	return nil
}
