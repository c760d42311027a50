package pack

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"os"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
)

// publicHalf reads the public half of a key, which may be of a type that signs
// nothing.
func publicHalf(ctx context.Context, key *Key, opt Options) (crypto.PublicKey, error) {
	if key.Certificate != "" {
		return expectedKey(key, &sign.Key{})
	}
	file := key.Public
	if file == "" {
		file = key.PrivateKey
	}
	if file == "" {
		return nil, errors.New("public is missing: its public half is needed")
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	public, err := keygen.PublicKey(pem, passphrase(ctx, key, opt))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return public, nil
}

// readKEK reads a key-encryption key of AES key wrap.
func readKEK(ctx context.Context, secret *Secret, opt Options) (mcuboot.KEK, error) {
	data, err := secret.readAll(ctx, opt)
	if err != nil {
		return nil, err
	}
	defer clear(data)
	if _, iv, err := payload.ParseAESKey(data); err == nil && iv != nil {
		return nil, fmt.Errorf("%s: has an IV, too, as the key of a payload: AES key wrap takes a key alone", secret)
	}
	if kek := imagefile.ParseKEK(data); kek != nil {
		return kek, nil
	}
	return nil, fmt.Errorf("%s: want a key-encryption key of 16 or 32 bytes, as they are, in base64 or in hexadecimal", secret)
}

// checkRecipient refuses for a release a key that anybody decrypts with.
func checkRecipient(public crypto.PublicKey) error {
	if _, ok := public.(mcuboot.KEK); ok {
		return nil
	}
	if err := keygen.CheckRelease(public); err != nil {
		return fmt.Errorf("is not for a release: %w", err)
	}
	return nil
}

// checkImageKey refuses a key that images are not signed with.
func checkImageKey(opened sign.Key) error {
	kind, err := mcuboot.KeyTypeOf(opened.Signer.Public())
	if err == nil && kind == mcuboot.X25519 {
		err = fmt.Errorf("of type %s, which does not sign", kind)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", opened, err)
	}
	return nil
}
