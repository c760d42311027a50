package swufile

import (
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/envelope"
)

// Keys are what opens encrypted things: payloads, descriptions and MCUboot images.
// Each key is used where its kind fits. Nil Keys open nothing.
type Keys struct {
	aes   []aesKey
	image []crypto.PrivateKey // of MCUboot images, and of recipients of descriptions where asymmetric
	certs []*x509.Certificate // of recipients, from the files of their keys
}

// aesKey is a client's key file.
type aesKey struct {
	payload.AESKey
	file string
	iv   []byte // nil where the file has none
}

// Passphrase finds the passphrase of the key in a file.
type Passphrase func(file string) ([]byte, error)

// ReadKeys reads key files: AES keys with or without IV (see payload.ParseAESKey),
// private keys in PEM, and AES keys of MCUboot (see imagefile.ReadDecryptionKey).
// passphrase is called for encrypted keys, and may be nil. The Keys of no files are
// nil.
func ReadKeys(files []string, passphrase Passphrase) (*Keys, error) {
	if len(files) == 0 {
		return nil, nil
	}
	k := &Keys{}
	for _, file := range files {
		if err := k.read(file, passphrase); err != nil {
			return nil, err
		}
	}
	return k, nil
}

func (k *Keys) read(file string, passphrase Passphrase) error {
	data, err := readBounded(file, maxKeyFile)
	if err != nil {
		return err
	}
	defer clear(data)
	var find sign.PassphraseFunc
	if passphrase != nil {
		find = func() ([]byte, error) { return passphrase(file) }
	}
	key, iv, noAES := payload.ParseAESKey(data)
	if noAES == nil {
		k.aes = append(k.aes, aesKey{key, file, iv})
	}
	image, err := imagefile.ParseDecryptionKey(data, find)
	if err == nil {
		k.image = append(k.image, image)
		if certs, err := sign.ParseCertificates(data); err == nil {
			k.certs = append(k.certs, certs...)
		}
	} else if noAES != nil {
		return fmt.Errorf("%s: want an AES key or a private key: %w", file, err)
	}
	return nil
}

func (k *Keys) none() bool { return k == nil || len(k.aes)+len(k.image) == 0 }

// ImageKey returns the key that decrypts an image: the one that opens it, else the
// first of a kind that could; nil where there is none.
func (k *Keys) ImageKey(image *mcuboot.Image) crypto.PrivateKey {
	if k == nil {
		return nil
	}
	for _, key := range k.image {
		if image != nil {
			if _, err := image.ImageKey(key); err == nil {
				return key
			}
		}
	}
	if len(k.image) > 0 {
		return k.image[0]
	}
	return nil
}

// OpenDescription opens a description that is encrypted, by trial of the keys of
// the kind that fits.
func (k *Keys) OpenDescription(stored []byte) ([]byte, error) {
	if envelope.Is(stored) {
		return k.openEnvelope(stored)
	}
	return k.openSymmetric(stored)
}

// openFor opens an envelope as the recipient that the certificate of the key names,
// which of thousands is found at once, else as any.
func (k *Keys) openFor(stored []byte, key crypto.PrivateKey) ([]byte, error) {
	owner, ok := key.(crypto.Signer)
	for _, cert := range k.certs {
		public, comparable := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
		if !ok || !comparable || !public.Equal(owner.Public()) {
			continue
		}
		if clear, err := envelope.Open(stored, key, cert); err == nil {
			return clear, nil
		}
	}
	return envelope.Open(stored, key, nil)
}

func (k *Keys) openEnvelope(stored []byte) ([]byte, error) {
	last := errors.New("is an envelope for the owners of private keys: want one of theirs")
	for _, key := range k.image {
		if _, symmetric := key.(mcuboot.KEK); symmetric {
			continue
		}
		clear, err := k.openFor(stored, key)
		if err == nil && utf8.Valid(clear) {
			return clear, nil
		}
		if last = err; err == nil {
			last = envelope.ErrDecrypt // no padding is wrong once in 256 times
		}
	}
	return nil, last
}

// openSymmetric puts the key that has opened a description first: a client has one
// for that and for payloads.
func (k *Keys) openSymmetric(stored []byte) ([]byte, error) {
	last := errors.New("is no envelope for the owners of private keys: want the AES key")
	for i, key := range k.aes {
		if key.iv == nil {
			last = fmt.Errorf("%s: has no IV, which is needed for the description", key.file)
			continue
		}
		clear, err := openAES(stored, key)
		if err == nil && utf8.Valid(clear) {
			k.aes[0], k.aes[i] = k.aes[i], k.aes[0]
			return clear, nil
		}
		if last = err; err == nil {
			last = envelope.ErrDecrypt
		}
	}
	return nil, last
}

func openAES(stored []byte, key aesKey) ([]byte, error) {
	secret, err := hex.DecodeString(key.Reveal())
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	return envelope.OpenAES(stored, secret, key.iv)
}

// maxKeyFile is far more than a file of keys has, in bytes.
const maxKeyFile = 64 << 10

// readBounded reads a file that should be small.
func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s: too long: want at most %d bytes", path, limit)
	}
	return data, err
}
