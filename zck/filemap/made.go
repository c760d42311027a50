package filemap

import (
	"cmp"
	"slices"
)

// Made is what two builds of the same files may differ in. Times are seconds
// since 1970, and 0 where the file system has none.
type Made struct {
	UUID     string // ext
	HashSeed string // ext: orders large directories, as a UUID
	Label    string // ext
	Options  string // everything else that the maker chose, in words: sizes, features, compressor

	Created int64 // when mke2fs or mksquashfs made the file system
	Written int64 // ext: by mke2fs, e2fsck or a kernel
	Mounted int64 // ext
	Checked int64 // ext
	Mounts  int   // ext: times that it was mounted since it was checked
	Dirty   bool  // ext: not unmounted; the journal may hold what the map has not

	// Times of files and directories that have names.
	Accessed, Modified, Changed, Born Spread // all but Modified: ext; Born: inodes of more than 128 bytes

	Files       int // how many files and directories with names there are
	Generations int // ext: how many of them have a generation number, which kernels choose by chance

	// SeedsChecksums is set if the UUID goes into the checksums of everything
	// (metadata_csum without metadata_csum_seed).
	SeedsChecksums bool
}

// Spread says of which times the files of an image are.
type Spread struct {
	First, Last int64 // seconds since 1970
}

// file is what an image says of a file beside its content.
type file struct {
	path       string
	inode      uint32
	generation uint32
	times      times
}

// times are those of an inode: seconds shifted by nanoBits, and nanoseconds.
type times struct {
	access, modify, change, birth int64
}

const nanoBits = 30

// describe takes over the files that have names and sums them up.
func (m *Map) describe(files []file, paths *paths) {
	for _, f := range files {
		if path, is := paths.named(f.inode); is {
			f.path = path
			m.files = append(m.files, f)
			m.Made.count(&f)
		}
	}
	slices.SortFunc(m.files, func(a, b file) int { return cmp.Compare(a.path, b.path) })
}

// count adds a file to the sums.
func (m *Made) count(f *file) {
	first := m.Files == 0
	m.Files++
	if f.generation != 0 {
		m.Generations++
	}
	m.Accessed.add(f.times.access, first)
	m.Modified.add(f.times.modify, first)
	m.Changed.add(f.times.change, first)
	m.Born.add(f.times.birth, first)
}

func (s *Spread) add(time int64, first bool) {
	time >>= nanoBits
	if first {
		*s = Spread{time, time}
	}
	s.First, s.Last = min(s.First, time), max(s.Last, time)
}
