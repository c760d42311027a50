package imagefile

import (
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
)

// The parts that Extract knows.
const (
	PartBody    = "body"    // the firmware, decrypted and decompressed
	PartImage   = "image"   // the image as it is stored, without padding
	PartClear   = "clear"   // the image with its body decrypted, flagged as before
	PartTrailer = "trailer" // the trailer's fields and magic
	PartTLVs    = "tlvs"    // each value in a file
)

// Parts returns the names of all parts.
func Parts() []string {
	return []string{PartBody, PartImage, PartClear, PartTrailer, PartTLVs}
}

// ExtractOptions say what is taken out of an image.
type ExtractOptions struct {
	// Parts are some of Parts. None stands for all that the image has.
	Parts []string
	// Raw takes the body as it is stored, encrypted and compressed, and looks at no
	// digest.
	Raw bool
	// DecryptionKey opens an encrypted body.
	DecryptionKey crypto.PrivateKey
	// Force replaces files that are there.
	Force bool
}

// Extracted is a part that was taken out.
type Extracted struct {
	Part string `json:"part"`
	File string `json:"file"` // below the output folder, with "/"
	Size int    `json:"size"`

	data []byte
}

// Extract takes parts out of the image and writes them to files in the folder dir,
// which is made if it is not there; nothing is ever written anywhere else. A
// file that is there is an error, unless forced, and then nothing is written.
// Unless raw, an image that is not the one of its digest is a *DamageError.
func (f *File) Extract(dir string, o ExtractOptions) ([]Extracted, error) {
	img, err := f.readable()
	if err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	x := &extraction{file: f, opt: o, img: img}
	if !o.Raw {
		if x.img, err = f.inClear(o.DecryptionKey); err != nil {
			return nil, err
		}
	}
	if err := x.collect(); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	return x.parts, writeAll(dir, x.parts, o.Force)
}

// check refuses names that no part has.
func (o ExtractOptions) check() error {
	for _, name := range o.Parts {
		if !slices.Contains(Parts(), name) {
			return diag.Diagnostic{
				Msg:  fmt.Sprintf("there is no part %q: %s are allowed", name, strings.Join(Parts(), ", ")),
				Hint: diag.DidYouMean(name, Parts()),
			}
		}
	}
	return nil
}

// extraction is one run of Extract.
type extraction struct {
	file  *File
	opt   ExtractOptions
	img   *mcuboot.Image // its body in the clear, unless raw
	parts []Extracted
}

func (x *extraction) add(part, file string, data []byte) {
	x.parts = append(x.parts, Extracted{part, file, len(data), data})
}

// errNoPart is the error of a part that the image has not.
type errNoPart string

func (e errNoPart) Error() string { return string(e) }

// collect makes the parts that are wanted.
func (x *extraction) collect() error {
	makers := map[string]func() error{
		PartBody: x.body, PartImage: x.image, PartClear: x.clear, PartTrailer: x.trailer, PartTLVs: x.tlvs,
	}
	for _, name := range Parts() {
		named := slices.Contains(x.opt.Parts, name)
		if !named && len(x.opt.Parts) > 0 {
			continue
		}
		err := makers[name]()
		if _, absent := errors.AsType[errNoPart](err); absent && !named {
			continue
		}
		if err != nil {
			return fmt.Errorf("part %s: %w", name, err)
		}
	}
	return nil
}

func (x *extraction) body() error {
	body := x.img.Body
	if !x.opt.Raw && compression(x.img.Header.Flags) != "" {
		original, err := decompressed(x.img)
		if err != nil {
			return err
		}
		body = original
	}
	x.add(PartBody, "body.bin", body)
	return nil
}

// decompressed returns the body that a compressed one was made of. It is the one
// of the digest that the image holds of it.
func decompressed(img *mcuboot.Image) ([]byte, error) {
	size, err := wantNumber(img, mcuboot.TLVDecompSize)
	if err != nil {
		return nil, err
	}
	stored, err := compressedBody(img)
	if err != nil {
		return nil, err
	}
	if img.Header.Flags&mcuboot.FlagLZMA2 == 0 {
		return nil, fmt.Errorf("compressed by %s: want lzma2", compression(img.Header.Flags))
	}
	body, err := firmware.Decompress(stored, img.Header.Flags&mcuboot.FlagARMThumb != 0, min(int64(size), MaxSize))
	if err != nil {
		return nil, err
	}
	if len(body) != int(size) {
		return nil, fmt.Errorf("decompressed, %d bytes: %s says %d", len(body), mcuboot.TLVDecompSize, size)
	}
	return body, checkOriginal(img, body)
}

// compressedBody returns the body without what encryption has added to its end.
func compressedBody(img *mcuboot.Image) ([]byte, error) {
	if !img.Encrypted() {
		return img.Body, nil
	}
	size, err := wantNumber(img, mcuboot.TLVCompDecSize)
	if err != nil {
		return nil, err
	}
	if int64(size) > int64(len(img.Body)) {
		return nil, fmt.Errorf("%s %d: the body has %d bytes", mcuboot.TLVCompDecSize, size, len(img.Body))
	}
	return img.Body[:size], nil
}

// checkOriginal holds a decompressed body against the digest of the image that it
// came from.
func checkOriginal(img *mcuboot.Image, body []byte) error {
	original, err := img.Decompressed(body)
	if err != nil {
		return bare(err)
	}
	hash, _ := img.StoredDigest()
	if hash == 0 {
		return errors.New("no digest")
	}
	digest, err := original.Digest(hash)
	if err != nil {
		return bare(err)
	}
	if tlv, _ := mcuboot.Find(img.Protected, mcuboot.TLVDecompSHA); string(tlv.Value) != string(digest) {
		return fmt.Errorf("decompressed: %s is not that of what comes out", mcuboot.TLVDecompSHA)
	}
	return nil
}

// wantNumber returns the u32 in a protected entry.
func wantNumber(img *mcuboot.Image, t mcuboot.TLVType) (uint32, error) {
	tlv, ok := mcuboot.Find(img.Protected, t)
	if !ok {
		return 0, fmt.Errorf("no %s", t)
	}
	n, ok := number(img, tlv)
	if !ok {
		return 0, fmt.Errorf("%s of %d bytes: want 4", t, len(tlv.Value))
	}
	return n, nil
}

func (x *extraction) image() error {
	x.add(PartImage, "image.bin", x.file.stored())
	return nil
}

func (x *extraction) clear() error {
	switch {
	case !x.img.Encrypted():
		return errNoPart("the image is not encrypted")
	case x.opt.Raw:
		return errNoPart("raw is as it is stored")
	}
	data, err := x.img.MarshalBinary()
	if err != nil {
		return bare(err)
	}
	x.add(PartClear, "clear.bin", data)
	return nil
}

func (x *extraction) trailer() error {
	if x.file.Trailer == nil {
		return errNoPart("the file has none")
	}
	x.add(PartTrailer, "trailer.bin", x.file.Slot[len(x.file.Slot)-x.file.fieldsSize():])
	return nil
}

// tlvs takes the values in the order of the file.
func (x *extraction) tlvs() error {
	for _, area := range []struct {
		name string
		tlvs []mcuboot.TLV
	}{{"protected", x.img.Protected}, {"unprotected", x.img.Unprotected}} {
		for i, tlv := range area.tlvs {
			x.add(PartTLVs, fmt.Sprintf("tlvs/%s-%03d-%s.bin", area.name, i, tlv.Type), tlv.Value)
		}
	}
	return nil
}
