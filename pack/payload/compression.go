package payload

import (
	"bytes"
	"fmt"
)

// Compression is a compression method, in the words of sw-description's
// "compressed" attribute. The zero value is no compression, spelled "none".
type Compression string

// The methods. SWUpdate knows zlib and zstd since 2019.11, xz since 2025.12 and
// lz4 since 2026.05.
const (
	None Compression = ""
	Zlib Compression = "zlib" // a gzip file, in spite of its name
	Zstd Compression = "zstd"
	XZ   Compression = "xz"
	LZ4  Compression = "lz4"
)

const methods = "none, zlib, zstd, xz and lz4"

// String is the name of the method, "none" for the zero value.
func (c Compression) String() string {
	if c == None {
		return "none"
	}
	return string(c)
}

// MarshalText is String.
func (c Compression) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads the name of a method.
func (c *Compression) UnmarshalText(text []byte) error {
	switch m := Compression(text); m {
	case "none":
		*c = None
		return nil
	case Zlib, Zstd, XZ, LZ4:
		*c = m
		return nil
	}
	return fmt.Errorf("unknown compression %q; %s are allowed", text, methods)
}

// Magic recognises a file that is compressed already by its first bytes; six are
// enough. It returns None for anything else.
func Magic(prefix []byte) Compression {
	for _, m := range []struct {
		magic  string
		method Compression
	}{
		{"\x1f\x8b\x08", Zlib},     // RFC 1952 §2.3.1: ID1, ID2 and deflate
		{"\x28\xb5\x2f\xfd", Zstd}, // RFC 8878 §3.1.1
		{"\xfd7zXZ\x00", XZ},       // .xz file format 1.2.1 §2.1.1.1
		{"\x04\x22\x4d\x18", LZ4},  // LZ4 frame format 1.6.4; not the legacy frame, which SWUpdate does not read
	} {
		if bytes.HasPrefix(prefix, []byte(m.magic)) {
			return m.method
		}
	}
	return None
}
