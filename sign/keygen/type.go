// Package keygen makes keys and certificates, and looks at those there are.
//
// To make: Generate makes a key pair and MarshalPrivateKey the PEM file of it;
// GenerateAES makes the file of a symmetric key; NewCertificate certifies a
// public key. WriteNew writes a file that must not be there yet.
//
// To look: Describe says what a PEM file holds, PublicKey takes the public half
// out of it, Hash names that by one number, and Examine finds what is wrong
// with a set of key and certificate files.
//
// The files are those that openssl 3 reads and writes:
//
//	private keys  PKCS#8, "PRIVATE KEY" or "ENCRYPTED PRIVATE KEY" (PBES2)
//	public keys   SubjectPublicKeyInfo, "PUBLIC KEY"
//	certificates  X.509 v3 by RFC 5280, "CERTIFICATE"
//	AES keys      key and IV in hexadecimal on one line, for SWUpdate's option -K
package keygen

import (
	"fmt"
	"slices"
	"strings"
)

// Type is a kind of key that can be made.
type Type string

// The kinds of keys. ECDSA and Ed25519 keys sign, X25519 keys receive keys of
// encrypted MCUboot images, RSA keys do either, AES keys encrypt payloads.
const (
	RSA2048   Type = "rsa-2048"
	RSA3072   Type = "rsa-3072"
	RSA4096   Type = "rsa-4096"
	ECDSAP256 Type = "ecdsa-p256"
	ECDSAP384 Type = "ecdsa-p384"
	ECDSAP521 Type = "ecdsa-p521"
	Ed25519   Type = "ed25519"
	X25519    Type = "x25519"
	AES128    Type = "aes-128"
	AES192    Type = "aes-192"
	AES256    Type = "aes-256"
)

// Types returns every type.
func Types() []Type {
	return []Type{RSA2048, RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521, Ed25519, X25519, AES128, AES192, AES256}
}

// Symmetric reports whether t is made by GenerateAES rather than Generate.
func (t Type) Symmetric() bool { return t.aesSize() > 0 }

// UnmarshalText sets t to the type that text names.
func (t *Type) UnmarshalText(text []byte) error {
	if !slices.Contains(Types(), Type(text)) {
		return fmt.Errorf("type of key %q: want %s", text, listTypes(Types()))
	}
	*t = Type(text)
	return nil
}

func listTypes(types []Type) string {
	var names []string
	for _, t := range types {
		names = append(names, string(t))
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
