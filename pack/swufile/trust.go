package swufile

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
)

// Trust is what signatures are held against: that of a bundle, and those of MCUboot
// images in it. The nil Trust is none.
type Trust struct {
	Roots  []*x509.Certificate    // of bundles signed by CMS
	Keys   []crypto.PublicKey     // of bundles with a raw signature
	Images []imagefile.TrustedKey // of images
}

// ReadTrust reads PEM files with certificates, or with a public key each. A public
// key is for images, too, where it is of a type that MCUboot knows. The Trust in no
// files is nil.
func ReadTrust(files []string) (*Trust, error) {
	if len(files) == 0 {
		return nil, nil
	}
	t := &Trust{}
	for _, file := range files {
		if err := t.read(file); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// maxTrust bounds a file of certificates, in bytes; a system's has 200 KB.
const maxTrust = 4 << 20

func (t *Trust) read(file string) error {
	pem, err := readBounded(file, maxTrust)
	if err != nil {
		return err
	}
	if roots, err := sign.ParseCertificates(pem); err == nil {
		t.Roots = append(t.Roots, roots...)
		return nil
	}
	pub, err := keygen.PublicKey(pem, nil)
	if err != nil {
		return fmt.Errorf("%s: want certificates or a public key: %w", file, err)
	}
	kind, err := mcuboot.KeyTypeOf(pub)
	if err == nil && kind != mcuboot.X25519 {
		t.Images = append(t.Images, imagefile.TrustedKey{File: file, Public: pub, Type: kind})
	}
	if _, err := sign.ParsePublicKey(pem); err == nil {
		t.Keys = append(t.Keys, pub)
		return nil
	}
	if err != nil || kind == mcuboot.X25519 {
		return fmt.Errorf("%s: %s signs neither bundles nor images", file, sign.Describe(pub))
	}
	return nil
}

// raw are the keys of raw signatures of bundles.
func (t *Trust) raw() []crypto.PublicKey {
	return slices.DeleteFunc(slices.Clone(t.Keys), func(key crypto.PublicKey) bool {
		_, isRSA := key.(*rsa.PublicKey)
		return !isRSA
	})
}

// bundles tells whether something in t could have signed a bundle.
func (t *Trust) bundles() bool { return t != nil && len(t.Roots)+len(t.raw()) > 0 }
