package dfuzip

import (
	"encoding/binary"
	"time"
)

// The parts of a zip file, by the sections of PKWARE's APPNOTE.TXT 6.3.10. All
// numbers are little-endian, and the fields have its names.

// The signatures, "PK" and two bytes.
const (
	localSignature     = 0x04034b50
	directorySignature = 0x02014b50
	endSignature       = 0x06054b50
)

// The sizes of the fixed parts in bytes.
const (
	localSize     = 30
	directorySize = 46
	endSize       = 22
)

// entry is what local header and directory both tell of a file (4.4.2 to 4.4.11).
type entry struct {
	VersionNeeded    uint16
	Flags            uint16
	Method           uint16
	Time, Date       uint16
	CRC32            uint32
	CompressedSize   uint32
	UncompressedSize uint32
	NameLength       uint16
	ExtraLength      uint16
}

// Flags (4.4.4) and methods (4.4.5).
const (
	flagDescriptor = 1 << 3  // CRC and sizes stand behind the data
	flagUTF8       = 1 << 11 // the name is UTF-8

	methodStore   = 0
	methodDeflate = 8
)

// versionStore is the version that is needed to extract a stored file (4.4.3.2).
const versionStore = 10

// localHeader stands in front of a file (4.3.7); the name follows.
type localHeader struct {
	Signature uint32
	Entry     entry
}

// directoryHeader is the same in the directory (4.3.12).
type directoryHeader struct {
	Signature     uint32
	VersionMadeBy uint16
	Entry         entry
	CommentLength uint16
	Disk          uint16
	Internal      uint16
	External      uint32
	Offset        uint32 // of the local header
}

// madeByUnix says that External has a mode of Unix in its upper half (4.4.2.2).
const madeByUnix = 3 << 8

// Modes of Unix, of <sys/stat.h>.
const (
	modeType    = 0o170000
	modeRegular = 0o100000
)

// endRecord is the end of the file (4.3.16).
type endRecord struct {
	Signature       uint32
	Disk            uint16
	DirectoryDisk   uint16
	EntriesHere     uint16
	Entries         uint16
	DirectorySize   uint32
	DirectoryOffset uint32
	CommentLength   uint16
}

// appendPart appends a part, whose size is fixed.
func appendPart(b []byte, part any) []byte {
	b, err := binary.Append(b, binary.LittleEndian, part)
	if err != nil {
		panic("dfuzip: internal error: " + err.Error())
	}
	return b
}

// parsePart reads a part from the begin of b, which is long enough.
func parsePart(b []byte, part any) {
	if _, err := binary.Decode(b, binary.LittleEndian, part); err != nil {
		panic("dfuzip: internal error: " + err.Error())
	}
}

// firstYear and lastYear are those that a zip can tell (4.4.6).
const (
	firstYear = 1980
	lastYear  = firstYear + 127
)

// dosTime returns the time of t, which is before lastYear's end, in steps of two
// seconds, UTC. What is before 1980 becomes its first second.
func dosTime(t time.Time) (clock, date uint16) {
	t = t.UTC()
	if t.Year() < firstYear {
		t = time.Date(firstYear, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	clock = uint16(t.Hour()<<11 | t.Minute()<<5 | t.Second()/2)
	date = uint16((t.Year()-firstYear)<<9 | int(t.Month())<<5 | t.Day())
	return clock, date
}
