package imgtool

import (
	"crypto"
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
	key, err := keygen.ParsePrivateKey(data, pass.of(path))
	if err != nil {
		return nil, usagef("%s: %w", path, err)
	}
	return key, nil
}
