package filemap

import (
	"iter"
	"slices"
	"sort"
)

// Map says what lies where in an image.
type Map struct {
	Kind    string   // "ext2", "ext3", "ext4" or "squashfs"
	Size    int64    // of the image in bytes, with what follows the file system
	Extents []Extent // sorted by Offset; they do not overlap, and between them is nothing
	Made    Made     // how the file system was made

	sharers map[int64][]string // files by the offset of an extent that has several
	files   []file             // sorted by path
}

// Extent is a range of an image.
type Extent struct {
	Offset, Length int64 // in bytes
	What           What

	// File is the path of the file that the bytes belong to, with a slash at
	// its begin. It is empty if there is none, and "<inode 12>" if it has no
	// name. If files share the bytes it is the first of Map.Files.
	File string
}

// End is the offset behind e.
func (e Extent) End() int64 { return e.Offset + e.Length }

// At goes through what lies in length bytes from offset, in order and cut to
// that range. Bytes that nothing lies in come as extents of What Free. What is
// outside the image is left out.
func (m *Map) At(offset, length int64) iter.Seq[Extent] {
	begin, end := max(offset, 0), m.Size
	if length < end-offset { // an offset plus a length might be too large
		end = offset + length
	}
	return func(yield func(Extent) bool) {
		at := begin
		for i := m.find(begin); i < len(m.Extents) && at < end; i++ {
			e := m.Extents[i]
			if gap := min(e.Offset, end) - at; gap > 0 && !yield(Extent{Offset: at, Length: gap}) {
				return
			}
			at = max(at, e.Offset)
			e.Length = min(e.End(), end) - at
			e.Offset = at
			if e.Length > 0 && !yield(e) {
				return
			}
			at = e.End()
		}
		if at < end {
			yield(Extent{Offset: at, Length: end - at})
		}
	}
}

// find returns the first extent that ends behind offset.
func (m *Map) find(offset int64) int {
	return sort.Search(len(m.Extents), func(i int) bool { return m.Extents[i].End() > offset })
}

// Files returns the paths of all files that e belongs to, in order. There are
// several for a block of fragments, for the data of files with the same content
// in squashfs and for extended attributes. The extent is one of m.Extents or a
// part of one.
func (m *Map) Files(e Extent) []string {
	if i := m.find(e.Offset); i < len(m.Extents) && m.Extents[i].Offset <= e.Offset {
		if all, shared := m.sharers[m.Extents[i].Offset]; shared {
			return slices.Clone(all)
		}
		e.File = m.Extents[i].File
	}
	if e.File == "" {
		return nil
	}
	return []string{e.File}
}
