package request

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/fwpack/fwpack/sign"
)

// MaxWhole bounds an image that is signed whole, in bytes. It is more than such
// images have, which a bootloader reads in place, and in base64 has room in a
// request.
const MaxWhole = 16 << 20

// Image is what an MCUboot image has its key sign.
type Image struct {
	Hash   crypto.Hash // of the image: SHA-256, SHA-384 or SHA-512
	Digest []byte      // of the image, by Hash
	// Whole is what the digest is of, where an Ed25519 key signs that instead of
	// the digest, which imgtool calls pure; else nil. It goes into the request.
	Whole []byte
}

// NewImage asks key to sign an image. RSA keys sign its digest by PSS, the mask
// by the same hash and the salt as long as the digest; ECDSA keys sign it as a
// digest and Ed25519 keys as their message, as MCUboot verifies it
// (boot/bootutil/src/image_rsa.c, image_ecdsa.c and image_ed25519.c of MCUboot
// 2.4). The firmware is not in the request, unless it is signed whole.
//
// The kind in about is set to KindImage. The commands look for the request in
// the base name of file.
func NewImage(key sign.Key, image Image, about About, file string) (*Request, error) {
	s, err := whoSigns(key)
	if err != nil {
		return nil, err
	}
	if err := image.askOf(key, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	s.Commands = imageCommands(filepath.Base(file), s)
	about.Kind = KindImage
	return &Request{Format: Format, About: about, Required: 1, Signers: []Signer{s}}, nil
}

// askOf fills in what the key is to sign, and how.
func (i Image) askOf(key sign.Key, s *Signer) error {
	hash, err := i.check()
	if err != nil {
		return err
	}
	s.Hash, s.Digest = string(hash), hex.EncodeToString(i.Digest)
	s.Bytes, s.Prehashed = i.Digest, true
	switch key.Signer.Public().(type) {
	case *rsa.PublicKey:
		s.Algorithm, s.SaltLength = string(sign.SchemeRSAPSS), i.Hash.Size()
	case *ecdsa.PublicKey:
		s.Algorithm = algorithmECDSA
	case ed25519.PublicKey:
		s.Algorithm = algorithmEd25519
	default:
		return fmt.Errorf("%s does not sign images: want RSA, ECDSA or Ed25519", s.Key)
	}
	if i.Whole == nil {
		return nil
	}
	if s.Algorithm != algorithmEd25519 {
		return fmt.Errorf("%s does not sign an image whole: want Ed25519", s.Key)
	}
	s.Bytes, s.Prehashed = i.Whole, false
	return nil
}

// The algorithms that a bundle's scheme does not name.
const (
	algorithmECDSA   = "ecdsa"
	algorithmEd25519 = "ed25519"
)

// check wants the parts of the image to agree, and returns the name of its hash.
func (i Image) check() (sign.Digest, error) {
	at := slices.IndexFunc(sign.Digests(), func(d sign.Digest) bool { return d.Hash() == i.Hash })
	switch {
	case at < 0:
		return "", fmt.Errorf("image with hash %v: want SHA-256, SHA-384 or SHA-512", i.Hash)
	case len(i.Digest) != i.Hash.Size():
		return "", fmt.Errorf("digest of %d bytes: want %d of %v", len(i.Digest), i.Hash.Size(), i.Hash)
	case len(i.Whole) > MaxWhole:
		return "", fmt.Errorf("image of %d bytes: at most %d can be signed whole elsewhere", len(i.Whole), MaxWhole)
	case i.Whole != nil && !bytes.Equal(i.sum(), i.Digest):
		return "", fmt.Errorf("image of %d bytes: the digest is of another one", len(i.Whole))
	}
	return sign.Digests()[at], nil
}

func (i Image) sum() []byte {
	hash := i.Hash.New()
	hash.Write(i.Whole)
	return hash.Sum(nil)
}

// imageCommands sign with openssl 3, in the folder of the file. The second
// command prints the digest, to compare with the one of the request: openssl
// would hash a digest once more, so that od has to show it.
func imageCommands(file string, s Signer) []string {
	show := `od -An -v -tx1 to-be-signed | tr -d ' \n'; echo`
	if !s.Prehashed {
		show = fmt.Sprintf("openssl dgst -%s to-be-signed", s.Hash)
	}
	return []string{
		member("bytes", file, 1) + " > to-be-signed",
		show,
		fmt.Sprintf("openssl pkeyutl -sign -inkey PRIVATE.pem%s -in to-be-signed -out signature", keyUtility(s)),
	}
}

// keyUtility is what "openssl pkeyutl" is told of the algorithm. It takes its
// input for a digest, but with Ed25519 for a message.
func keyUtility(s Signer) string {
	switch s.Algorithm {
	case algorithmEd25519:
		return " -rawin"
	case algorithmECDSA:
		return " -pkeyopt digest:" + s.Hash
	}
	return fmt.Sprintf(" -pkeyopt digest:%s -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:%d -pkeyopt rsa_mgf1_md:%s", s.Hash, s.SaltLength, s.Hash)
}
