package inspect

import (
	"io"
	"strings"

	"github.com/fwpack/fwpack/pack/imagefile"
)

// maxImage bounds the file of an image: Intel HEX takes three bytes for each one of
// a slot.
const maxImage = 3 * imagefile.MaxSize

func (in *inspector) image(ins *Inspection, r io.Reader, depth int) {
	data := in.hold(ins, r, maxImage, depth)
	if data == nil {
		return
	}
	f, err := imagefile.Parse(ins.Name, data)
	if err != nil {
		ins.problemf("%s", strings.TrimPrefix(err.Error(), ins.Name+": "))
		return
	}
	key := in.opt.Keys.ImageKey(f.Image)
	found, err := f.Inspect(key)
	if err != nil {
		ins.problemf("%s", strings.TrimPrefix(err.Error(), ins.Name+": "))
		return
	}
	ins.Image, ins.Problems = found, append(ins.Problems, found.Problems...)
	signer := f.SignedBy(in.opt.Keyring.trusted(), key)
	for i := range found.Signatures {
		ins.Signers = append(ins.Signers, in.imageSigner(f, found, i, signer))
	}
}

// imageSigner is who made signature i of an image. by is the key of the ring that
// made one, nil where there is none.
func (in *inspector) imageSigner(f *imagefile.File, found *imagefile.Inspection, i int, by *imagefile.Key) Signer {
	signature := &found.Signatures[i]
	s := Signer{Scheme: "mcuboot", Algorithm: signature.Type, Size: signature.Size, Known: Unknown, Verified: Unknown}
	if i >= len(found.Keys) {
		return s
	}
	key := &found.Keys[i]
	s.KeyHash, s.Published = key.Value, key.Published
	if s.Published != "" {
		s.Known = KnownPublished
	}
	named := f.NamedKey(i, in.opt.Keyring.trusted())
	switch {
	case named == nil:
		return s
	case by != nil && by.Fingerprint == named.Fingerprint:
		s.Verified = Yes
	case by == nil && (found.Encryption == nil || found.Encryption.Opened):
		s.Verified = No
	}
	s.Known, s.File, s.Key, s.KeyFingerprint = KnownByKeyring, named.File, named.Type, named.Fingerprint
	return s
}
