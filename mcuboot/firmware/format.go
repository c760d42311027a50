package firmware

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
)

// Format is a kind of file that carries firmware.
type Format uint8

// The formats. Binary is anything that is none of the others.
const (
	Binary   Format = iota // bytes without addresses
	IntelHex               // text, see ParseHex
	SREC                   // text, see ParseSREC
	ELF                    // see ParseELF
)

// String is the name of the format in messages.
func (f Format) String() string {
	names := [...]string{"binary", "Intel HEX", "S-record", "ELF"}
	if int(f) < len(names) {
		return names[f]
	}
	return fmt.Sprintf("format %d", uint8(f))
}

// FormatOfName tells the format of a file from its name in the way of imgtool:
// the extension .hex, in either case, is IntelHex, everything else is Binary.
func FormatOfName(name string) Format {
	if strings.EqualFold(filepath.Ext(name), ".hex") {
		return IntelHex
	}
	return Binary
}

// DetectFormat tells the format of a file from its first bytes: the magic number
// of ELF, or a first line that looks like a record, whether it is correct or
// not. All else is Binary, and so is an empty file.
func DetectFormat(content []byte) Format {
	line := firstLine(content)
	switch {
	case bytes.HasPrefix(content, []byte("\x7fELF")):
		return ELF
	case len(line) >= 1+2*hexOverhead && line[0] == ':' && allDigits(line[1:]):
		return IntelHex
	case len(line) >= 10 && line[0] == 'S' && allDigits(line[1:]) && line[1] <= '9':
		return SREC
	}
	return Binary
}

// firstLine returns the first line that is not empty, up to the length of the
// longest record.
func firstLine(content []byte) []byte {
	content = bytes.TrimLeft(content[:min(len(content), 1024)], "\r\n")
	if end := bytes.IndexAny(content, "\r\n"); end >= 0 {
		return content[:end]
	}
	return content
}

func allDigits(text []byte) bool {
	for _, c := range text {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

// Parse reads a file of the given format, which errors call name. base is where
// the content of a Binary goes; other formats have their own addresses and do
// not look at it.
func Parse(f Format, name string, content []byte, base uint32) (*Memory, error) {
	switch f {
	case Binary:
		m := &Memory{}
		if err := m.Add(base, content, name); err != nil {
			return nil, err
		}
		return m, nil
	case IntelHex:
		return ParseHex(name, content)
	case SREC:
		return ParseSREC(name, content)
	case ELF:
		return ParseELF(name, content)
	}
	return nil, fmt.Errorf("%s: %v is unknown", name, f)
}
