package mcuboot

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// Build makes an image of a firmware. Where the image is compressed and that
// saves nothing, the uncompressed image is returned, as imgtool does: its flags
// tell.
//
// All of it repeats with the same arguments, except what takes randomness:
// encryption and RSA signatures, as well as whatever a token makes.
func Build(input []byte, o Options) (*Image, error) {
	if o.Signing.PublicKey != nil {
		return nil, errors.New("mcuboot: a public key without its signature: an image for a key that is elsewhere begins with ToBeSigned")
	}
	b, img, err := assemble(input, o)
	if err != nil {
		return nil, err
	}
	if o.Compression != nil {
		if img, err = b.compress(img); err != nil {
			return nil, err
		}
	}
	if o.Encryption != nil {
		if err := b.padBody(img); err != nil {
			return nil, err
		}
	}
	return b.finish(img)
}

// builder is what the steps of building an image have in common.
type builder struct {
	o  Options
	by signedBy
}

// assemble makes the header, the body and the protected area. The image is in
// the clear, and not padded for encryption.
func assemble(input []byte, o Options) (*builder, *Image, error) {
	if err := o.check(); err != nil {
		return nil, nil, err
	}
	by, err := o.Signing.resolve()
	if err != nil {
		return nil, nil, err
	}
	if o.Encryption != nil {
		if err := o.Encryption.check(); err != nil {
			return nil, nil, err
		}
	}
	b := &builder{o, by}
	img := &Image{ByteOrder: o.ByteOrder}
	img.HeaderPad, img.Body, err = b.split(input)
	if err != nil {
		return nil, nil, err
	}
	img.Header.Version = o.Version
	img.Header.LoadAddr = o.LoadAddr | o.ROMFixed // one of them is 0
	img.Header.Flags = b.flags()
	if img.Protected, err = b.protected(); err != nil {
		return nil, nil, err
	}
	return b, img, img.setSizes()
}

// split returns the filler of the header area and the body.
func (b *builder) split(input []byte) (pad, body []byte, err error) {
	size := b.o.headerSize()
	if !b.o.PadHeader {
		if len(input) < size {
			return nil, nil, fmt.Errorf("mcuboot: firmware of %d bytes: want at least the %d of the header, or a header put in front", len(input), size)
		}
		if i := slices.IndexFunc(input[:size], func(c byte) bool { return c != 0 }); i >= 0 {
			return nil, nil, b.noRoom(input, i)
		}
		return input[MinHeaderSize:size:size], input[size:], nil
	}
	if isImage(input) {
		return nil, nil, errors.New("mcuboot: the firmware is an image already: its header would stand behind a second one")
	}
	return bytes.Repeat([]byte{erased(b.o.ErasedZero)}, size-MinHeaderSize), input, nil
}

func (b *builder) noRoom(input []byte, at int) error {
	if isImage(input) {
		return errors.New("mcuboot: the firmware is an image already")
	}
	return fmt.Errorf("mcuboot: firmware: byte %#x is %#02x: want %d bytes 0 for the header, or a header put in front", at, input[at], b.o.headerSize())
}

// isImage tells whether data begins with the magic, in either byte order.
func isImage(data []byte) bool {
	return len(data) >= 4 && (LittleEndian.reader().Uint32(data) == magic || BigEndian.reader().Uint32(data) == magic)
}

// erased is what erased flash reads.
func erased(zero bool) byte {
	if zero {
		return 0x00
	}
	return 0xff
}

func (b *builder) flags() Flags {
	var f Flags
	if b.o.Encryption != nil {
		f |= b.o.Encryption.flag()
	}
	for _, set := range []struct {
		flag Flags
		want bool
	}{
		{FlagRAMLoad, b.o.LoadAddr != 0}, {FlagROMFixed, b.o.ROMFixed != 0}, {FlagNonBootable, b.o.NonBootable},
	} {
		if set.want {
			f |= set.flag
		}
	}
	return f
}

// protected returns the protected TLVs of an image that is not compressed, in
// imgtool's order.
func (b *builder) protected() ([]TLV, error) {
	var tlvs []TLV
	if b.o.SecurityCounter != nil {
		tlvs = append(tlvs, b.number(TLVSecurityCounter, *b.o.SecurityCounter))
	}
	if b.o.BootRecord != nil {
		record, err := b.bootRecord()
		if err != nil {
			return nil, fmt.Errorf("mcuboot: boot record: %v", err)
		}
		tlvs = append(tlvs, record)
	}
	for _, d := range b.o.Dependencies {
		tlvs = append(tlvs, d.tlv(b.o.ByteOrder))
	}
	if b.o.VendorID != nil {
		tlvs = append(tlvs, TLV{TLVVendorID, b.o.VendorID[:]})
	}
	if b.o.ClassID != nil {
		tlvs = append(tlvs, TLV{TLVClassID, b.o.ClassID[:]})
	}
	return append(tlvs, b.o.Custom...), nil
}

// number returns a TLV with a u32.
func (b *builder) number(t TLVType, n uint32) TLV {
	return TLV{t, b.o.ByteOrder.order().AppendUint32(nil, n)}
}

func (b *builder) bootRecord() (TLV, error) {
	id, err := b.by.signerID()
	if err != nil {
		return TLV{}, err
	}
	value, err := BootRecord{*b.o.BootRecord, b.o.Version.release(), id, b.by.hash}.MarshalBinary()
	return TLV{TLVBootRecord, value}, err
}

// unsignedID is the length of the zeros that stand for the signer of an unsigned
// image, whatever its hash.
const unsignedID = 32

func (s signedBy) signerID() ([]byte, error) {
	if s.pub == nil {
		return make([]byte, unsignedID), nil
	}
	return KeyHash(s.pub, s.hash)
}

// keyTLV returns the TLV that says which key signed.
func (s signedBy) keyTLV(full bool) (TLV, error) {
	t, encode := TLVKeyHash, s.signerID
	if full {
		t, encode = TLVPubKey, func() ([]byte, error) { return PublicKeyBytes(s.pub) }
	}
	value, err := encode()
	return TLV{t, value}, err
}

// padBody adds zeros so that header area and body together fill AES blocks, as
// imgtool does.
func (b *builder) padBody(img *Image) error {
	const block = 16
	if n := (int(img.Header.Size) + len(img.Body)) % block; n != 0 {
		img.Body = slices.Concat(img.Body, make([]byte, block-n))
	}
	return img.setSizes()
}

// finish signs the image and encrypts it, as far as either is wanted.
func (b *builder) finish(img *Image) (*Image, error) {
	r, err := newRequest(img, b.o.Signing, b.by, b.o.Encryption)
	if err != nil {
		return nil, err
	}
	if b.by.pub == nil {
		return r.image(nil)
	}
	signature, err := r.sign()
	if err != nil {
		return nil, err
	}
	return r.image(signature)
}

// compress returns the compressed form of img, or img where that is no shorter.
func (b *builder) compress(img *Image) (*Image, error) {
	body, err := b.o.Compression.Compress(img.Body, b.o.Compression.ARMThumb)
	if err != nil {
		return nil, fmt.Errorf("mcuboot: compressing: %w", err)
	}
	about, err := b.decompressed(img)
	if err != nil {
		return nil, err
	}
	// imgtool counts the values only, and of the body the stream only.
	const parameters = 2
	size := len(body) - parameters
	for _, tlv := range about {
		size += len(tlv.Value)
	}
	if size >= len(img.Body) {
		return img, nil
	}
	if b.o.Encryption != nil {
		about = append(about, b.number(TLVCompDecSize, uint32(len(body))))
	}
	c := img.clone()
	c.Body = body
	c.Header.Flags |= b.o.Compression.flags()
	c.Protected = insertDecomp(img.Protected, about)
	return c, c.setSizes()
}

func (c *Compression) flags() Flags {
	if c.ARMThumb {
		return FlagLZMA2 | FlagARMThumb
	}
	return FlagLZMA2
}

// decompressed returns the TLVs that say what comes out of the decompressor.
func (b *builder) decompressed(img *Image) ([]TLV, error) {
	c, err := img.content()
	if err != nil {
		return nil, err
	}
	tlvs := []TLV{b.number(TLVDecompSize, img.Header.ImageSize), {TLVDecompSHA, c.sum(b.by.hash)}}
	if b.by.pub == nil {
		return tlvs, nil
	}
	signature, err := b.by.sign(b.o.Signing.Signer, b.o.Signing.Rand, c)
	return append(tlvs, TLV{TLVDecompSignature, signature}), err
}

// insertDecomp puts the TLVs about decompression where imgtool has them: in
// front of the identifiers and the custom ones.
func insertDecomp(tlvs, about []TLV) []TLV {
	at := slices.IndexFunc(tlvs, func(t TLV) bool { return t.Type > TLVBootRecord })
	if at < 0 {
		at = len(tlvs)
	}
	return slices.Insert(slices.Clone(tlvs), at, about...)
}

// Decompressed returns the image that a compressed one was made of, given its
// decompressed body. It has no unprotected TLVs. Its digest and signature are
// those in TLVDecompSHA and TLVDecompSignature.
func (img *Image) Decompressed(body []byte) (*Image, error) {
	if img.Header.Flags&flagsCompressed == 0 {
		return nil, errors.New("mcuboot: the image is not compressed")
	}
	c := img.clone()
	c.Body, c.Unprotected = body, nil
	c.Header.Flags &^= flagsCompressed
	c.Protected = slices.DeleteFunc(c.Protected, func(t TLV) bool {
		return t.Type >= TLVDecompSize && t.Type <= TLVCompDecSize
	})
	return c, c.setSizes()
}
