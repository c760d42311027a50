package imgtool

import (
	"crypto"
	"crypto/ecdh"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
)

// maxKeyFile is far more than a key has.
const maxKeyFile = 64 << 10

func readKey(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, asUsage(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err == nil && len(data) > maxKeyFile {
		err = usagef("%s: too long for a key: want at most %d bytes", path, maxKeyFile)
	}
	return data, err
}

// publicKey reads the public half of a key, private or public, of a type that
// MCUboot knows.
func publicKey(path string, pass Passphrases) (crypto.PublicKey, mcuboot.KeyType, error) {
	data, err := readKey(path)
	if err != nil {
		return nil, 0, err
	}
	defer clear(data)
	pub, err := keygen.PublicKey(data, pass.of(path))
	if err != nil {
		return nil, 0, usagef("%s: %w", path, err)
	}
	kind, err := mcuboot.KeyTypeOf(pub)
	if err != nil {
		return nil, 0, usagef("%s: %w", path, err)
	}
	return pub, kind, nil
}

// signer reads a private key that signs images.
func signer(path string, pass Passphrases) (crypto.Signer, mcuboot.KeyType, error) {
	data, err := readKey(path)
	if err != nil {
		return nil, 0, err
	}
	defer clear(data)
	key, err := sign.ParsePrivateKey(data, pass.of(path))
	if err != nil {
		return nil, 0, usagef("%s: %w", path, err)
	}
	kind, err := mcuboot.KeyTypeOf(key.Public())
	if err != nil {
		return nil, 0, usagef("%s: %w", path, err)
	}
	return key, kind, nil
}

// privateKey reads a private key of any type, X25519 included.
func privateKey(path string, pass Passphrases) (crypto.PrivateKey, error) {
	data, err := readKey(path)
	if err != nil {
		return nil, err
	}
	defer clear(data)
	key, err := x25519Key(data, pass.of(path))
	if err == nil && key == nil {
		return anySigner(data, path, pass)
	}
	if err != nil {
		return nil, usagef("%s: %w", path, err)
	}
	return key, nil
}

func anySigner(data []byte, path string, pass Passphrases) (crypto.PrivateKey, error) {
	key, err := sign.ParsePrivateKey(data, pass.of(path))
	if err != nil {
		return nil, usagef("%s: %w", path, err)
	}
	return key, nil
}

// x25519Key returns the key in a PEM file if it is an X25519 key in the clear, or
// any key in an encrypted PKCS #8, whose passphrase is asked for only once; else
// nil.
func x25519Key(data []byte, pass sign.PassphraseFunc) (crypto.PrivateKey, error) {
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, nil
	}
	switch block.Type {
	case "ENCRYPTED PRIVATE KEY":
		der, err := sign.DecryptPKCS8(block.Bytes, pass)
		if err != nil {
			return nil, fmt.Errorf("private key: %w", err)
		}
		defer clear(der)
		return x509.ParsePKCS8PrivateKey(der)
	case "PRIVATE KEY":
		if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if key, ok := key.(*ecdh.PrivateKey); ok {
				return key, nil
			}
		}
	}
	return nil, nil
}
