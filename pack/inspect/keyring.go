package inspect

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
)

// Keyring are the public keys of signers who have a name.
type Keyring []RingKey

// RingKey is a key of a ring.
type RingKey struct {
	File        string
	Public      crypto.PublicKey
	Fingerprint string // that of sign.Fingerprint
}

// maxKeyFile is far more than a file of keys has, in bytes.
const maxKeyFile = 64 << 10

// ReadKeyring reads PEM files with certificates and public keys, or private keys in
// the clear, whose public halves are meant. Of a folder every file is read that has
// such a key; a file that is named and has none is an error.
func ReadKeyring(paths []string) (Keyring, error) {
	var ring Keyring
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if info.IsDir() {
			err = ring.addFolder(path)
		} else if err = ring.addFile(path); errors.Is(err, errNoKey) {
			err = fmt.Errorf("%s: %w", path, err)
		}
		if err != nil {
			return nil, err
		}
	}
	return ring, nil
}

func (r *Keyring) addFolder(path string) error {
	files, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	before := len(*r)
	for _, file := range files {
		if !file.Type().IsRegular() {
			continue
		}
		if err := r.addFile(filepath.Join(path, file.Name())); err != nil && !errors.Is(err, errNoKey) {
			return err
		}
	}
	if len(*r) == before {
		return fmt.Errorf("%s: no file in it has a public key or a certificate in PEM", path)
	}
	return nil
}

var errNoKey = errors.New("want a public key or a certificate in PEM")

func (r *Keyring) addFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxKeyFile+1))
	if err != nil {
		return err
	}
	items, err := keygen.Describe(data)
	if err != nil {
		return errNoKey
	}
	found := false
	for i := range items {
		if pub := items[i].Public(); pub != nil {
			found = true
			*r = append(*r, RingKey{path, pub, items[i].Fingerprint})
		}
	}
	if !found {
		return errNoKey
	}
	return nil
}

// file returns the file with the key of this fingerprint, "" where there is none.
func (r Keyring) file(fingerprint string) string {
	for _, key := range r {
		if key.Fingerprint == fingerprint {
			return key.File
		}
	}
	return ""
}

// keys returns the public keys.
func (r Keyring) keys() []crypto.PublicKey {
	var keys []crypto.PublicKey
	for _, key := range r {
		keys = append(keys, key.Public)
	}
	return keys
}

// trusted returns the keys that images can be signed with.
func (r Keyring) trusted() []imagefile.TrustedKey {
	var keys []imagefile.TrustedKey
	for _, key := range r {
		if kind, err := mcuboot.KeyTypeOf(key.Public); err == nil && kind != mcuboot.X25519 {
			keys = append(keys, imagefile.TrustedKey{File: key.File, Public: key.Public, Type: kind})
		}
	}
	return keys
}

// Signer is who signed a file, or says so.
type Signer struct {
	// Scheme is "cms", "rsa-pkcs1v15" and "rsa-pss" as in package sign, "mcuboot", or
	// "raw" for a signature that only its key tells more of.
	Scheme    string `json:"scheme"`
	Algorithm string `json:"algorithm,omitempty"` // "ecdsa", or imgtool's word
	Digest    string `json:"digest,omitempty"`    // "sha256"
	Size      int    `json:"size,omitempty"`      // of a signature without a CMS, in bytes
	// Known is "keyring" where File names the key, "published" where everybody can
	// have the private half, as Published says, else "unknown".
	Known     string `json:"known"`
	File      string `json:"file,omitempty"`
	Published string `json:"published,omitempty"`
	// Verified is "yes" where the signature is one over the file by this key, "no"
	// where it is not, and "unknown" where key or text are not at hand.
	Verified string `json:"verified"`

	Key                    string `json:"key,omitempty"` // "ECDSA P-256"
	KeyFingerprint         string `json:"key_fingerprint,omitempty"`
	KeyHash                string `json:"key_hash,omitempty"` // what an image names its key by
	Subject                string `json:"subject,omitempty"`
	CertificateFingerprint string `json:"certificate_fingerprint,omitempty"`
	SigningTime            string `json:"signing_time,omitempty"` // RFC 3339
}

// The answers of Signer.Verified.
const (
	Yes     = "yes"
	No      = "no"
	Unknown = "unknown"
)

// The answers of Signer.Known; Unknown is the third.
const (
	KnownByKeyring = "keyring"
	KnownPublished = "published"
)

// name looks the signer up.
func (r Keyring) name(s *Signer) {
	s.Known = Unknown
	if s.KeyFingerprint != "" {
		s.Published = keygen.Published(s.KeyFingerprint)
		s.File = r.file(s.KeyFingerprint)
	}
	switch {
	case s.File != "":
		s.Known = KnownByKeyring
	case s.Published != "":
		s.Known = KnownPublished
	}
}

// fill takes over what is known of a public key.
func (s *Signer) fill(pub crypto.PublicKey) {
	s.Key = sign.Describe(pub)
	if fingerprint, err := sign.Fingerprint(pub); err == nil {
		s.KeyFingerprint = fingerprint
	}
}
