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

// Decrypt is what opens a description that is encrypted. The zero Decrypt opens
// none.
type Decrypt struct {
	File       string                           // the private key of a recipient, or an AES key with its IV
	Passphrase func(key string) ([]byte, error) // asks for that of the private key; may be nil
}

// open returns nil where nothing is to be opened.
func (d Decrypt) open() (openFunc, error) {
	if d.File == "" {
		return nil, nil
	}
	return openWith(d.File, func() ([]byte, error) {
		if d.Passphrase == nil {
			return nil, noPassphraseError{}
		}
		return d.Passphrase(d.File)
	})
}

// sealedFor describes an envelope: its cipher and who can open it; nil for what is
// none.
func sealedFor(description []byte) *InspectedEnvelope {
	if !envelope.Is(description) {
		return nil
	}
	e := &InspectedEnvelope{Recipients: []string{}}
	recipients, err := envelope.Recipients(description)
	if err != nil {
		return e
	}
	e.Cipher, _ = envelope.Cipher(description) // it has just been parsed
	for i := range recipients {
		e.Recipients = append(e.Recipients, fmt.Sprintf("%s (%s)", &recipients[i], recipients[i].Kind))
	}
	return e
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
