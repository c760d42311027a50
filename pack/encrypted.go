package pack

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"unicode/utf8"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/envelope"
)

// openFunc reads a description that is encrypted.
type openFunc func(stored []byte) ([]byte, error)

// isEncrypted tells whether a description is no text.
func isEncrypted(description []byte) bool {
	return envelope.Is(description) || !utf8.Valid(description)
}

// openWith reads what opens descriptions: the private key of a recipient with its
// certificate, if that is there, or an AES key with its IV.
func openWith(file string, passphrase sign.PassphraseFunc) (openFunc, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if key, iv, err := payload.ParseAESKey(data); err == nil {
		return openSymmetric(file, key, iv)
	}
	key, err := sign.ParsePrivateKey(data, passphrase)
	if err != nil {
		return nil, fmt.Errorf("%s: want an AES key or the private key of a recipient: %w", file, err)
	}
	return func(stored []byte) ([]byte, error) {
		if !envelope.Is(stored) {
			return nil, errors.New("is no envelope for the owners of private keys: want the AES key")
		}
		return envelope.Open(stored, key, nil)
	}, nil
}

func openSymmetric(file string, key payload.AESKey, iv []byte) (openFunc, error) {
	if iv == nil {
		return nil, fmt.Errorf("%s: has no IV, which is needed for the description", file)
	}
	secret, err := hex.DecodeString(key.Reveal())
	if err != nil {
		return nil, err
	}
	return func(stored []byte) ([]byte, error) {
		if envelope.Is(stored) {
			return nil, errors.New("is an envelope for the owners of private keys: want one of theirs")
		}
		return envelope.OpenAES(stored, secret, iv)
	}, nil
}
