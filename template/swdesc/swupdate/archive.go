package swupdate

// Archive is what is known of the .swu around a sw-description: of a finished
// file all of it, of one yet to be built as much as its plan says.
type Archive struct {
	Entries   []Entry    // in the order of the file, the description and its signature left out
	Signature *Signature // nil where there is none
	Problems  []string   // what is wrong with the container itself, each with its place
}

// Entry is a file of the archive.
type Entry struct {
	Name     string
	Size     int64     // bytes in the archive, -1 where it is not known yet
	SHA256   string    // of these bytes, in lower-case hex; "" where it is not known
	Extra    bool      // packed on purpose although no entry names it
	Unpacked *Unpacked // what decompressing it to the end gave; nil where nobody has
}

// Unpacked is what a complete decompression of an entry found.
type Unpacked struct {
	Size     int64  // bytes after decompression
	Members  int    // gzip members, xz or lz4 streams, zstd frames
	Trailing int64  // bytes behind the last of them
	Problem  string // why it failed, "" where it did not
}

// Signature is what is known of sw-description.sig.
type Signature struct {
	Scheme        string // "cms", "rsa-pkcs1v15" or "rsa-pss"; "raw" where padding cannot be told
	Signers       int    // of a CMS signature
	Intermediates int    // certificates in it that are no signer's
}
