package imgtool

import (
	"io"
	"slices"

	"github.com/fwpack/fwpack/sign/keygen"
)

// KeyTypes returns the types of keys that Keygen makes.
func KeyTypes() []keygen.Type {
	return []keygen.Type{keygen.RSA2048, keygen.RSA3072, keygen.ECDSAP256, keygen.ECDSAP384, keygen.Ed25519, keygen.X25519}
}

// ParseKeyType reads one of KeyTypes.
func ParseKeyType(text string) (keygen.Type, error) { return choose(text, KeyTypes()...) }

// KeygenOptions say which key is made.
type KeygenOptions struct {
	Key        string // file, which must not exist yet
	Type       keygen.Type
	Passphrase []byte // nil leaves the key in the clear
	Rand       io.Reader
}

// Keygen makes a key and writes it as PKCS #8 in PEM, for its owner alone.
func Keygen(o KeygenOptions) error {
	if !slices.Contains(KeyTypes(), o.Type) {
		return usagef("key of type %q: want one of %s", o.Type, joined(KeyTypes()))
	}
	if err := keygen.CheckNew(o.Key); err != nil {
		return asUsage(err)
	}
	key, err := keygen.Generate(o.Type, o.Rand)
	if err != nil {
		return err
	}
	data, err := keygen.MarshalPrivateKey(key, o.Passphrase, o.Rand)
	if err != nil {
		return err
	}
	defer clear(data)
	return keygen.WriteNew(o.Key, data, keygen.SecretMode)
}
