package imagefile

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
)

// maxKeyFile is far more than a file of keys has, in bytes.
const maxKeyFile = 64 << 10

func readKeyFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err == nil && len(data) > maxKeyFile {
		err = fmt.Errorf("%s: too long for a key: want at most %d bytes", path, maxKeyFile)
	}
	return data, err
}

// TrustedKey is a key that a bootloader trusts.
type TrustedKey struct {
	File   string
	Public crypto.PublicKey
	Type   mcuboot.KeyType
}

// ReadTrust reads PEM files with a public key each: as such, in a certificate, or
// as half of a private key in the clear.
func ReadTrust(files []string) ([]TrustedKey, error) {
	var keys []TrustedKey
	for _, file := range files {
		data, err := readKeyFile(file)
		if err != nil {
			return nil, err
		}
		pub, err := keygen.PublicKey(data, nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		kind, err := mcuboot.KeyTypeOf(pub)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if kind == mcuboot.X25519 {
			return nil, fmt.Errorf("%s: of type %s, which signs nothing", file, kind)
		}
		keys = append(keys, TrustedKey{file, pub, kind})
	}
	return keys, nil
}

// ReadDecryptionKey reads a key that a bootloader decrypts images with: a private
// key in PEM, RSA, P-256 or X25519; or the AES key of MCUBOOT_ENCRYPT_KW, in
// base64 as MCUboot has it, in hexadecimal, or its bytes.
func ReadDecryptionKey(file string, passphrase sign.PassphraseFunc) (crypto.PrivateKey, error) {
	data, err := readKeyFile(file)
	if err != nil {
		return nil, err
	}
	defer clear(data)
	key, err := ParseDecryptionKey(data, passphrase)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return key, nil
}

// ParseDecryptionKey is ReadDecryptionKey for the content of a file. An AES key is
// a mcuboot.KEK.
func ParseDecryptionKey(data []byte, passphrase sign.PassphraseFunc) (crypto.PrivateKey, error) {
	if kek := ParseKEK(data); kek != nil {
		return kek, nil
	}
	key, err := keygen.ParsePrivateKey(data, passphrase)
	if err != nil {
		return nil, err
	}
	return key, nil
}

// ParseKEK reads a key-encryption key: in base64, as MCUboot has it, in hexadecimal,
// or as it is. It returns nil for what is no AES key of 16 or 32 bytes. What can be
// read as text is text: 32 digits are no 32 bytes.
func ParseKEK(data []byte) mcuboot.KEK {
	if secret, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(data))); err == nil && isKEK(secret) {
		return mcuboot.KEK(secret)
	}
	if key, _, err := payload.ParseAESKey(data); err == nil {
		if secret, err := hex.DecodeString(key.Reveal()); err == nil && isKEK(secret) {
			return mcuboot.KEK(secret)
		}
	}
	if isKEK(data) {
		return mcuboot.KEK(bytes.Clone(data))
	}
	return nil
}

func isKEK(secret []byte) bool { return len(secret) == 16 || len(secret) == 32 }

// Key is a public key as it is shown.
type Key struct {
	Type        string `json:"type"` // as imgtool calls it: "ed25519"
	Fingerprint string `json:"fingerprint"`
	File        string `json:"file,omitempty"`
	Published   string `json:"published,omitempty"` // where everybody can have the private half
}

func describeKey(pub crypto.PublicKey, file string) Key {
	k := Key{File: file}
	if kind, err := mcuboot.KeyTypeOf(pub); err == nil {
		k.Type = kind.String()
	}
	if fingerprint, err := sign.Fingerprint(pub); err == nil {
		k.Fingerprint, k.Published = fingerprint, keygen.Published(fingerprint)
	}
	return k
}
