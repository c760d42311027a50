package inspect

import (
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/pack/deltafile"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/sign/keygen"
)

// Schema is the version of the form of an Inspection. It grows when a field
// changes its meaning or goes; new fields alone do not change it.
const Schema = 1

// Inspection is what a file is and holds. Beside what all files have, one of the
// pointers is set, by Kind.
type Inspection struct {
	Schema int    `json:"schema,omitempty"` // of the outermost
	Kind   Kind   `json:"kind"`
	Name   string `json:"name"`   // of the file or, of what is inside, of the entry
	Size   int64  `json:"size"`   // in bytes
	SHA256 string `json:"sha256"` // in hex

	Bundle      *Bundle               `json:"bundle,omitempty"`
	Description *Description          `json:"description,omitempty"` // of a bundle as well, where it can be read
	Envelope    *swufile.Envelope     `json:"encrypted_description,omitempty"`
	Signature   *Signature            `json:"signature,omitempty"`
	Image       *imagefile.Inspection `json:"image,omitempty"`
	Zchunk      *Zchunk               `json:"zck,omitempty"`
	Delta       *deltafile.Summary    `json:"rdiff,omitempty"`
	Items       []keygen.Item         `json:"items,omitempty"` // keys and certificates
	AESKey      *AESKey               `json:"aes_key,omitempty"`
	DFU         *DFU                  `json:"dfu,omitempty"`
	Compressed  *Compressed           `json:"compressed,omitempty"`
	Firmware    *Firmware             `json:"firmware,omitempty"`

	// Signers are those of a bundle, an image, or a signature by itself.
	Signers []Signer `json:"signers,omitempty"`
	// Contents are the files inside, unpacked, in their order: those of a bundle,
	// a package or a compressed file. What is data all through is left out.
	Contents []*Inspection `json:"contents,omitempty"`
	// Notes are what has not been looked at, and why.
	Notes []string `json:"notes,omitempty"`
	// Problems are what is wrong with this file, without what is inside; empty, not
	// null, where nothing is.
	Problems []string `json:"problems"`
}

func (ins *Inspection) problemf(format string, args ...any) {
	ins.Problems = append(ins.Problems, fmt.Sprintf(format, args...))
}

// problemLines notes an error of several lines, each of which is a problem.
func (ins *Inspection) problemLines(prefix string, err error) {
	for line := range strings.Lines(err.Error()) {
		ins.problemf("%s%s", prefix, strings.TrimSpace(line))
	}
}

func (ins *Inspection) notef(format string, args ...any) {
	ins.Notes = append(ins.Notes, fmt.Sprintf(format, args...))
}

// Count returns how many problems there are, inside and out.
func (ins *Inspection) Count() int {
	n := len(ins.Problems)
	for _, inner := range ins.Contents {
		n += inner.Count()
	}
	return n
}

// Firmware is a file that an image is made of.
type Firmware struct {
	Format string `json:"format"` // "ELF" or "S-record"
}

// Compressed is how a file is compressed.
type Compressed struct {
	Method   string `json:"method"`             // zlib, zstd, xz, lz4
	Members  int    `json:"members,omitempty"`  // of gzip: a device installs the first
	Trailing int64  `json:"trailing,omitempty"` // bytes behind the last one
	// Size and SHA256 are of what is inside; the first is -1 where that could not
	// be read to its end.
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256,omitempty"`
}
