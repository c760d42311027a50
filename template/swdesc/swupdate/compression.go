package swupdate

import "slices"

// Compression is a value of the attribute compressed.
type Compression struct {
	Name  string
	Since Release
	Doc   string // one line: what format is meant
}

// Compressions returns the compressions that clients can undo. A client
// refuses the whole description where an entry names another one.
func Compressions() []Compression { return slices.Clone(compressions) }

var compressions = []Compression{
	{"zlib", Oldest(), "gzip, of which the first member alone is decompressed"},
	{"zstd", Oldest(), "zstd frames with windows of at most 128 MiB"},
	{"xz", Release{2025, 12}, ".xz, of which the first stream alone is decompressed"},
	{"lz4", Release{2026, 5}, "LZ4 frames"},
}

// Ciphers returns the names that the attribute encrypted knows since 2025.12.
// None of them chooses a cipher: every client takes AES-CBC with the key's
// length. With a key file all but aes-cbc make the update fail.
func Ciphers() []string {
	return []string{
		"aes-cbc", "aes-cbc-128", "aes-cbc-192", "aes-cbc-256", "aes-ctr-128", "aes-ctr-192", "aes-ctr-256",
	}
}
