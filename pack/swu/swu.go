// Package swu writes and reads SWUpdate bundles, the .swu container. Writing
// starts with NewWriter, reading with NewReader; both have the manners of
// archive/tar. The package knows neither keys nor what a description says.
//
// A bundle is a cpio archive of plain files in this order:
//
//	sw-description       what is in the bundle and where it goes
//	sw-description.sig   the signature over it; absent in an unsigned bundle
//	artifacts            in any order, each name once
//	TRAILER!!!           the end of the archive
//	NUL                  up to a multiple of 512 bytes
//
// SWUpdate 2014.07 and later read both cpio variants, 070701 and 070702; only
// 070702 carries a sum of each entry's data, so that is what a Writer writes.
// Of a header SWUpdate reads the magic, the sizes and the sum. The other fields
// are constants here: inodes counted from 1, mode 0100644, one link, owner,
// time and device numbers 0. The same entries therefore give the same bytes.
package swu

import "github.com/fwpack/fwpack/internal/cpio"

const (
	// Description is the name of the first entry of every bundle.
	Description = "sw-description"
	// Signature is the name of the entry that signs the description. Where
	// there is one it is the second: SWUpdate with signature support looks
	// nowhere else.
	Signature = "sw-description.sig"

	// MaxName is the longest name of an entry in bytes. SWUpdate 2022.12 joins
	// the name to its folder for temporary files in a buffer of 256 bytes,
	// which leaves 250 where that folder is /tmp.
	MaxName = 250
	// MaxSize is the largest size of an entry in bytes. The format has eight
	// hex digits for it, and no extension for larger files.
	MaxSize = 1<<32 - 1
	// MaxEntries is the largest number of entries in a bundle. It bounds what a
	// hostile file makes a reader remember; real bundles hold a few dozen.
	MaxEntries = 1 << 14

	// blockSize is the multiple that an archive is padded to. SWUpdate does
	// not ask for it; GNU cpio does it by default.
	blockSize = 512
)

// Header describes one entry of a bundle.
type Header struct {
	Name string // as the description's filename spells it
	Size int64  // bytes of data, at most MaxSize
	Sum  uint32 // sum of the data bytes, as Sum computes it
}

// HeadSize returns the length in bytes of what stands before the data of an
// entry called name: its data begins that far behind the entry's begin.
func HeadSize(name string) int64 {
	return cpio.HeadSize(len(name))
}

// EntrySize returns the length in bytes that the entry h takes in a bundle,
// header and padding included. Entries follow each other without a gap, so
// that a file can be laid out ahead of writing it.
func EntrySize(h Header) int64 {
	return HeadSize(h.Name) + h.Size + cpio.Padding(h.Size)
}
