package payload

import (
	"crypto/sha256"
	"io"
)

// Section is a piece of the source that was compressed by itself.
type Section struct {
	Source [sha256.Size]byte // SHA-256 of the piece
	Size   int64             // bytes that it became
}

// SectionSize returns how many bytes of the source are compressed by themselves, so
// that what they become depends on nothing else. It is 0 where there is no such
// thing: that is so but for zstd without libzstd, and for all that is encrypted.
func (s Spec) SectionSize() int64 {
	codec, ok := s.Compress.Method.codec()
	if !ok || !codec.alone || s.Encrypt != nil {
		return 0
	}
	return codec.section(s.Compress.level(codec))
}

// Earlier is what a run with the same [Compress] and the same [Compress.Encoder]
// wrote before.
type Earlier struct {
	data   io.ReaderAt
	places map[[sha256.Size]byte]place
}

// place is where a section is in the data.
type place struct{ offset, size int64 }

// NewEarlier returns an Earlier of data, which has size bytes and consists of the
// sections that Options.Section was told of; nil, which knows nothing, where it
// cannot.
func NewEarlier(data io.ReaderAt, size int64, sections []Section) *Earlier {
	e := &Earlier{data: data, places: map[[sha256.Size]byte]place{}}
	offset := int64(0)
	for _, s := range sections {
		if s.Size < 0 || s.Size > size-offset {
			return nil
		}
		e.places[s.Source] = place{offset, s.Size}
		offset += s.Size
	}
	return e
}

// recall returns what a piece of source became, in dst if there is room, unless that
// is not known or cannot be read.
func (e *Earlier) recall(dst []byte, source [sha256.Size]byte) (out []byte, ok bool) {
	if e == nil {
		return dst, false
	}
	at, ok := e.places[source]
	if !ok {
		return dst, false
	}
	if int64(cap(dst)) < at.size {
		dst = make([]byte, at.size)
	}
	n, _ := e.data.ReadAt(dst[:at.size], at.offset)
	return dst[:n], int64(n) == at.size
}
