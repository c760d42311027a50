// Package cpio reads and writes the one kind of cpio archive that SWUpdate
// uses: the ASCII "new" format, magic 070701, and its twin with sums, 070702.
// Writing starts with AppendHeader, reading with NewReader.
//
// An archive is a row of entries, the last one called TRAILER!!!:
//
//	6 bytes     magic, "070701" or "070702"
//	13 x 8      hex digits: ino mode uid gid nlink mtime filesize devmajor
//	            devminor rdevmajor rdevminor namesize check
//	namesize    the name and a NUL
//	0 to 3      NUL up to a multiple of 4, counted from the magic
//	filesize    the data
//	0 to 3      NUL up to a multiple of 4
//
// In a 070702 entry check is the sum of the data bytes modulo 2^32. The format
// is described in GNU cpio 2.13 under "-H newc" and "-H crc".
package cpio

const (
	// HeaderSize is the length in bytes of a header without the name.
	HeaderSize = 110
	// MaxName is the longest name in bytes that is written or read: namesize
	// counts the NUL, and GNU cpio and the kernel stop at 4096.
	MaxName = 4095
	// MaxSize is the largest size of an entry in bytes: eight hex digits.
	MaxSize = 1<<32 - 1
	// TrailerName is the name of the entry that ends an archive.
	TrailerName = "TRAILER!!!"

	// MagicNewc marks an entry without a sum, MagicCRC one with a sum.
	MagicNewc = "070701"
	MagicCRC  = "070702"

	alignment = 4
)

// HeadSize returns the length in bytes of a header with a name of n bytes, the
// NUL and the padding: the distance from the magic to the data.
func HeadSize(n int) int64 {
	size := int64(HeaderSize) + int64(n) + 1
	return size + Padding(size)
}

// Padding returns how many NUL bytes follow n bytes of data.
func Padding(n int64) int64 {
	return -n & (alignment - 1)
}
