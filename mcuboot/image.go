package mcuboot

import (
	"crypto"
	"fmt"
	"io"
	"slices"
)

// Image is an image in its parts.
type Image struct {
	Header    Header
	HeaderPad []byte // what fills the header area behind the header's 32 bytes
	Body      []byte
	// Protected are the TLVs that are hashed with the image. The area exists
	// where Header.ProtectedSize is not 0.
	Protected   []TLV
	Unprotected []TLV
	ByteOrder   ByteOrder
}

// Parse reads the image that data begins with. The rest is what follows its
// last TLV: nothing, or the filler and the trailer of a padded image. The parts
// of the image and the rest share data's memory.
//
// Parse demands that sizes, areas and entries agree with each other, which is
// what makes MarshalBinary give the same bytes again. It judges nothing else:
// see Verify. All its errors are of type *FormatError.
func Parse(data []byte) (img *Image, rest []byte, err error) {
	h, o, err := parseHeader(data)
	if err != nil {
		return nil, nil, err
	}
	img = &Image{Header: h, ByteOrder: o}
	at := int(h.Size)
	if at > len(data) {
		return nil, nil, malformed(8, "header size", "%d: the image ends at %d", at, len(data))
	}
	img.HeaderPad = data[MinHeaderSize:at:at]
	if uint64(h.ImageSize) > uint64(len(data)-at) {
		return nil, nil, malformed(12, "image size", "%d: %d bytes follow the header", h.ImageSize, len(data)-at)
	}
	end := at + int(h.ImageSize)
	img.Body = data[at:end:end]
	end, err = img.parseAreas(data, end)
	if err != nil {
		return nil, nil, err
	}
	return img, data[end:], nil
}

// parseAreas reads both areas, which begin at offset at, and returns where they
// end.
func (img *Image) parseAreas(data []byte, at int) (end int, err error) {
	if img.Header.ProtectedSize != 0 {
		begin := at
		img.Protected, at, err = parseArea(data, begin, protectedArea, img.ByteOrder)
		if err != nil {
			return 0, err
		}
		if at-begin != int(img.Header.ProtectedSize) {
			return 0, malformed(begin+2, fieldProtected, "length %d: the header says %d", at-begin, img.Header.ProtectedSize)
		}
	}
	img.Unprotected, end, err = parseArea(data, at, unprotectArea, img.ByteOrder)
	return end, err
}

// MarshalBinary returns the bytes of the image. It is an error where the sizes
// in the header are not those of the parts, or an area exceeds 65535 bytes.
func (img *Image) MarshalBinary() ([]byte, error) {
	parts, err := img.parts()
	return slices.Concat(parts...), err
}

// WriteTo writes the bytes of the image, without a copy of the body. Its errors
// are MarshalBinary's, and w's.
func (img *Image) WriteTo(w io.Writer) (n int64, err error) {
	parts, err := img.parts()
	if err != nil {
		return 0, err
	}
	for _, part := range parts {
		m, err := w.Write(part)
		n += int64(m)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// parts returns the bytes of the image in pieces, which share memory with it.
func (img *Image) parts() ([][]byte, error) {
	c, err := img.content()
	if err != nil {
		return nil, err
	}
	area, err := appendArea(nil, unprotectArea, img.Unprotected, img.ByteOrder)
	if err != nil {
		return nil, err
	}
	return append(c.parts, area), nil
}

// HashInput returns the bytes that are hashed: header area, body and protected
// area. The body has to be in the clear for that: see Decrypt.
func (img *Image) HashInput() ([]byte, error) {
	c, err := img.content()
	if err != nil {
		return nil, err
	}
	return c.bytes(), nil
}

// Digest returns the hash of HashInput.
func (img *Image) Digest(hash crypto.Hash) ([]byte, error) {
	c, err := img.content()
	if err != nil {
		return nil, err
	}
	return c.sum(hash), nil
}

// StoredDigest returns the digest that the image holds, which is what tools on the
// device show. Whether it is right is another question: see Digest and Verify.
// There is none where hash is 0.
func (img *Image) StoredDigest() (hash crypto.Hash, digest []byte) {
	for _, tlv := range img.Unprotected {
		if hash := hashOf(tlv.Type); hash != 0 {
			return hash, tlv.Value
		}
	}
	return 0, nil
}

// Size returns how many bytes MarshalBinary gives.
func (img *Image) Size() int {
	return int(img.Header.Size) + len(img.Body) + int(img.Header.ProtectedSize) + areaSize(img.Unprotected)
}

func (img *Image) checkSizes() error {
	h := img.Header
	protected := 0
	if h.ProtectedSize != 0 || len(img.Protected) > 0 {
		protected = areaSize(img.Protected)
	}
	for _, field := range []struct {
		name      string
		says, got uint64
	}{
		{"header size", uint64(h.Size), MinHeaderSize + uint64(len(img.HeaderPad))},
		{"image size", uint64(h.ImageSize), uint64(len(img.Body))},
		{"protected size", uint64(h.ProtectedSize), uint64(protected)},
	} {
		if field.says != field.got {
			return fmt.Errorf("mcuboot: header: %s %d: it is %d", field.name, field.says, field.got)
		}
	}
	return nil
}

// setSizes makes the header say what the parts are.
func (img *Image) setSizes() error {
	header, protected := MinHeaderSize+len(img.HeaderPad), 0
	if len(img.Protected) > 0 {
		protected = areaSize(img.Protected)
	}
	switch {
	case header > MaxHeaderSize:
		return fmt.Errorf("mcuboot: header of %d bytes: want at most %d", header, MaxHeaderSize)
	case protected > maxAreaSize:
		return fmt.Errorf("mcuboot: %s of %d bytes: want at most %d", protectedArea, protected, maxAreaSize)
	case uint64(len(img.Body)) > 1<<32-1:
		return fmt.Errorf("mcuboot: body of %d bytes: want at most 4294967295", len(img.Body))
	}
	img.Header.Size = uint16(header)
	img.Header.ProtectedSize = uint16(protected)
	img.Header.ImageSize = uint32(len(img.Body))
	return nil
}

// clone returns a copy of img that can be changed without changing img; only the
// bytes of the body and of the values are shared.
func (img *Image) clone() *Image {
	c := *img
	c.Protected = slices.Clone(img.Protected)
	c.Unprotected = slices.Clone(img.Unprotected)
	return &c
}
