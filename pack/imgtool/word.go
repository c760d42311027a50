package imgtool

import (
	"crypto"
	"fmt"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
)

// choose returns text if it is one of the words.
func choose[T ~string](text string, words ...T) (T, error) {
	if i := slices.Index(words, T(text)); i >= 0 {
		return words[i], nil
	}
	return "", fmt.Errorf("%q: want one of %s", text, joined(words))
}

func joined[T ~string](words []T) string {
	names := make([]string, len(words))
	for i, word := range words {
		names[i] = string(word)
	}
	return strings.Join(names, ", ")
}

// ParseChoice reads an integer that is one of a few, in the very digits that
// imgtool lists.
func ParseChoice(text string, allowed ...int) (int, error) {
	for _, n := range allowed {
		if text == fmt.Sprint(n) {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%q: want one of %s", text, strings.Trim(strings.Join(strings.Fields(fmt.Sprint(allowed)), ", "), "[]"))
}

// ParseErased reads the value of erased flash, "0" or "0xff", and tells whether
// it is 0.
func ParseErased(text string) (zero bool, err error) {
	word, err := choose(text, "0", "0xff")
	return word == "0", err
}

// ParseByteOrder reads "little" or "big".
func ParseByteOrder(text string) (mcuboot.ByteOrder, error) {
	word, err := choose(text, "little", "big")
	if word == "big" {
		return mcuboot.BigEndian, nil
	}
	return mcuboot.LittleEndian, err
}

// ParseHash reads "auto", which gives 0, or "256", "384", "512".
func ParseHash(text string) (crypto.Hash, error) {
	word, err := choose(text, "auto", "256", "384", "512")
	return map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}[word], err
}

// ParseHMAC reads "auto", which gives 0, or "256", "512".
func ParseHMAC(text string) (crypto.Hash, error) {
	if _, err := choose(text, "auto", "256", "512"); err != nil {
		return 0, err
	}
	return ParseHash(text)
}

// ParseKeyFormat reads how an image names its key, "hash" or "full", and tells
// whether it is in full.
func ParseKeyFormat(text string) (full bool, err error) {
	word, err := choose(text, "hash", "full")
	return word == "full", err
}

// Compression is how the body of an image is compressed. The zero Compression
// means not at all.
type Compression string

// The compressions.
const (
	CompressionNone  Compression = "disabled"
	CompressionLZMA2 Compression = "lzma2"
	CompressionThumb Compression = "lzma2armthumb" // behind a filter for ARM Thumb code
)

// ParseCompression reads one of the compressions.
func ParseCompression(text string) (Compression, error) {
	return choose(text, CompressionNone, CompressionLZMA2, CompressionThumb)
}

// Vector is what is written to be signed elsewhere, instead of an image. The
// zero Vector means that an image is written.
type Vector string

// The vectors.
const (
	VectorPayload Vector = "payload" // what is hashed of the image
	VectorDigest  Vector = "digest"  // its hash
)

// ParseVector reads one of the vectors.
func ParseVector(text string) (Vector, error) {
	return choose(text, VectorPayload, VectorDigest)
}
