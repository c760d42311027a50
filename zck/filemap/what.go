package filemap

import "strconv"

// What says what bytes are for.
type What uint8

// The bytes of a file system. Those up to Preallocated belong to a file that
// has a name; the others serve the file system itself.
const (
	Free           What = iota // nothing
	Data                       // content of a regular file; in squashfs compressed, and without its tail
	Fragments                  // squashfs: the compressed tails of several small files
	Directory                  // ext: names of files
	Symlink                    // ext: a target too long for the inode
	Mapping                    // ext: where a file's blocks are, as far as the inode has no room for it
	Attributes                 // ext: extended attributes; squashfs: the table of them
	Preallocated               // ext: blocks of a file that nothing was written to
	Boot                       // ext: the first 1024 bytes, which the file system leaves alone
	Superblock                 // the superblock; in squashfs with the compressor's options
	Backup                     // ext: copies of the superblock and of the group descriptors
	Descriptors                // ext: group descriptors, and blocks reserved for more of them
	Bitmap                     // ext: which blocks and inodes are in use
	InodeTable                 // modes, owners, times and places of files
	Journal                    // ext: the journal
	System                     // ext: hidden files, such as quotas and the list of orphans
	DirectoryTable             // squashfs: names of files
	FragmentTable              // squashfs: where blocks of fragments are
	ExportTable                // squashfs: where inodes are, for NFS
	IDTable                    // squashfs: numbers of users and groups
)

var whats = [...]string{
	Free:           "free space",
	Data:           "data",
	Fragments:      "fragments",
	Directory:      "directory",
	Symlink:        "symbolic link",
	Mapping:        "block map",
	Attributes:     "extended attributes",
	Preallocated:   "preallocated space",
	Boot:           "boot sector",
	Superblock:     "superblock",
	Backup:         "backup of superblock and descriptors",
	Descriptors:    "group descriptors",
	Bitmap:         "bitmaps",
	InodeTable:     "inode table",
	Journal:        "journal",
	System:         "hidden file",
	DirectoryTable: "directory table",
	FragmentTable:  "fragment table",
	ExportTable:    "export table",
	IDTable:        "id table",
}

// String returns a few words, such as "inode table".
func (w What) String() string {
	if int(w) < len(whats) {
		return whats[w]
	}
	return "what " + strconv.Itoa(int(w))
}
