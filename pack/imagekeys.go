package pack

import (
	"context"
	"crypto"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
)

// publicHalf reads the public half of a key, which may be of a type that signs
// nothing.
func publicHalf(ctx context.Context, key *Key, opt Options) (crypto.PublicKey, error) {
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

// readKEK reads a key-encryption key of AES key wrap: its bytes as they are, or in
// base64, as MCUboot has them, or in hexadecimal.
func readKEK(ctx context.Context, secret *Secret, opt Options) (mcuboot.KEK, error) {
	data, err := secret.read(ctx, opt.Env)
	if err != nil {
		return nil, err
	}
	defer clear(data)
	text := strings.TrimSpace(string(data))
	for _, decode := range []func(string) ([]byte, error){hex.DecodeString, base64.StdEncoding.DecodeString} {
		if key, err := decode(text); err == nil && (len(key) == 16 || len(key) == 32) {
			return key, nil
		}
	}
	if len(data) == 16 || len(data) == 32 {
		return append(mcuboot.KEK(nil), data...), nil
	}
	return nil, fmt.Errorf("%s: want a key-encryption key of 16 or 32 bytes, as they are, in base64 or in hexadecimal", secret)
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
