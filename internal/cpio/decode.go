package cpio

import "bytes"

const (
	magicSize = 6
	fieldSize = 8
)

// The fields of a header that mean something to SWUpdate, and the mode, by their
// place in fieldNames.
const (
	fieldMode     = 1
	fieldFileSize = 6
	fieldNameSize = 11
	fieldCheck    = 12
	fieldCount    = 13
)

// fieldNames names the fields in their order, in the words of cpio(5).
var fieldNames = [fieldCount]string{
	"ino", "mode", "uid", "gid", "nlink", "mtime", "filesize",
	"devmajor", "devminor", "rdevmajor", "rdevminor", "namesize", "check",
}

// readHeader reads a header, its name and their padding.
func (r *Reader) readHeader() (Entry, error) {
	start := r.offset
	var head [HeaderSize]byte
	if err := r.readFull(head[:], "header"); err != nil {
		return Entry{}, err
	}
	magic := string(head[:magicSize])
	if magic != MagicNewc && magic != MagicCRC {
		return Entry{}, errorAt(start, "magic", "%q, it must be %s or %s", magic, MagicNewc, MagicCRC)
	}
	fields, err := parseFields(head[magicSize:], start+magicSize)
	if err != nil {
		return Entry{}, err
	}
	name, err := r.readName(int64(fields[fieldNameSize]), start)
	if err != nil {
		return Entry{}, err
	}
	if err := r.wantPlain(fields[fieldMode], start); err != nil {
		return Entry{}, err
	}
	return Entry{
		Magic:  magic,
		Name:   name,
		Size:   int64(fields[fieldFileSize]),
		Sum:    fields[fieldCheck],
		Offset: start,
		Data:   r.offset,
	}, nil
}

// readName reads a name of size bytes with its NUL, and the padding behind it.
// The header began at start.
func (r *Reader) readName(size, start int64) (string, error) {
	if size < 1 || size > MaxName+1 {
		at := start + magicSize + fieldNameSize*fieldSize
		return "", errorAt(at, "namesize", "%d, allowed are 1 to %d", size, MaxName+1)
	}
	nameStart := r.offset
	padded := make([]byte, HeadSize(int(size-1))-HeaderSize)
	if err := r.readFull(padded, "name"); err != nil {
		return "", err
	}
	if i := int64(bytes.IndexByte(padded, 0)); i != size-1 {
		return "", errorAt(nameStart, "name", "%q must have its only NUL at the end", padded[:size])
	}
	return string(padded[:size-1]), r.wantZeros(padded[size:], nameStart+size, "padding")
}

// The type of a file in a mode, as in stat(2).
const (
	modeType    = 0o170000
	typeRegular = 0o100000
	typeUnknown = 0 // what GNU cpio writes for the trailer
)

// wantPlain reports a mode that is not of a plain file. SWUpdate does not look at
// it: of a folder it makes an empty file, of a link one with the target in it.
func (r *Reader) wantPlain(mode uint32, start int64) error {
	if t := mode & modeType; t != typeRegular && t != typeUnknown {
		at := start + magicSize + fieldMode*fieldSize
		return r.flaw(errorAt(at, "mode", "%#o, it must be that of a plain file", mode))
	}
	return nil
}

// parseFields decodes the hex fields of a header, the first one at offset.
func parseFields(p []byte, offset int64) ([fieldCount]uint32, error) {
	var fields [fieldCount]uint32
	for i := range fields {
		digits := p[i*fieldSize : (i+1)*fieldSize]
		value, ok := parseHex(digits)
		if !ok {
			at := offset + int64(i*fieldSize)
			return fields, errorAt(at, fieldNames[i], "%q, it must be %d hex digits", digits, fieldSize)
		}
		fields[i] = value
	}
	return fields, nil
}

// parseHex decodes hex digits and nothing else: no sign, blank or underscore.
func parseHex(digits []byte) (uint32, bool) {
	var value uint32
	for _, c := range digits {
		var digit byte
		switch {
		case '0' <= c && c <= '9':
			digit = c - '0'
		case 'a' <= c && c <= 'f':
			digit = c - 'a' + 10
		case 'A' <= c && c <= 'F':
			digit = c - 'A' + 10
		default:
			return 0, false
		}
		value = value<<4 | uint32(digit)
	}
	return value, true
}
