package pack

import (
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/swufile"
)

// FileKind is what a finished file is. The zero FileKind is neither of those that
// there are.
type FileKind string

// The kinds of finished files.
const (
	KindBundle FileKind = "swu"
	KindImage  FileKind = "mcuboot" // see package imagefile
)

// HeadSize is how many bytes of a file Recognise needs.
const HeadSize = imagefile.HeadSize

// Recognise tells what a file is that begins with head. Its name does not matter.
func Recognise(head []byte) FileKind {
	switch {
	case swufile.Recognise(head):
		return KindBundle
	case imagefile.Recognise(head):
		return KindImage
	}
	return ""
}
