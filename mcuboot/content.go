package mcuboot

import (
	"crypto"
	"slices"
)

// content is what is hashed and signed of an image: see Image.HashInput. It is
// neither copied nor hashed twice, as with a large firmware that is most of the
// work.
type content struct {
	parts [][]byte // one behind the other

	hash   crypto.Hash // that was asked for last, and its digest
	digest []byte
}

// content returns what is hashed of img. Its parts share memory with img.
func (img *Image) content() (*content, error) {
	if err := img.checkSizes(); err != nil {
		return nil, err
	}
	c := &content{parts: [][]byte{img.Header.append(nil, img.ByteOrder), img.HeaderPad, img.Body}}
	if img.Header.ProtectedSize == 0 {
		return c, nil
	}
	area, err := appendArea(nil, protectedArea, img.Protected, img.ByteOrder)
	c.parts = append(c.parts, area)
	return c, err
}

// bytes returns a copy in one piece.
func (c *content) bytes() []byte { return slices.Concat(c.parts...) }

func (c *content) sum(hash crypto.Hash) []byte {
	if c.hash != hash {
		h := hash.New()
		for _, part := range c.parts {
			h.Write(part)
		}
		c.hash, c.digest = hash, h.Sum(nil)
	}
	return c.digest
}
