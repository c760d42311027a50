package zck

import (
	"errors"
	"fmt"
	"io"
	"runtime"
)

// Level is how much work compression may cost. Files are compared with those of
// zck, which knows one level only: level 9 of libzstd with the strategy btopt.
type Level uint8

// The levels, by what they cost. The bytes they make are the same for the same
// release of this package and of github.com/klauspost/compress.
const (
	LevelBetter  Level = iota // the usual one: 4 to 5 % larger than zck's, fourteen times as fast on two processors
	LevelFastest              // 13 to 17 % larger, seventeen times as fast
	LevelFast                 // 6 to 8 % larger, fifteen times as fast
	LevelBest                 // 2 % larger, twice as fast as zck; 40 MiB of memory for each job
	levels
)

var levelNames = [levels]string{LevelBetter: "better", LevelFastest: "fastest", LevelFast: "fast", LevelBest: "best"}

// String returns "fastest", "fast", "better" or "best".
func (l Level) String() string {
	if l >= levels {
		return fmt.Sprintf("level %d", uint8(l))
	}
	return levelNames[l]
}

// UnmarshalText takes the names that String returns.
func (l *Level) UnmarshalText(text []byte) error {
	for i, name := range levelNames {
		if name == string(text) {
			*l = Level(i)
			return nil
		}
	}
	return fmt.Errorf("level %q: fastest, fast, better and best are known", text)
}

// Options say what file a Writer makes. The zero Options make what SWUpdate's
// delta handler needs: zstd, SHA-256 chunks with uncompressed digests, no
// dictionary.
type Options struct {
	Compression Compression
	Level       Level // of zstd
	Hash        Hash  // of the header and of the body; zck has SHA-256 always
	ChunkHash   Hash  // of the chunks; zck without -u has SHA-512/128 unless told otherwise

	// StoredOnly leaves the digests of the raw chunks out, as zck does without
	// -u. A device finds nothing to reuse then and downloads all.
	StoredOnly bool

	// Dictionary helps zstd with small chunks. It is what zck_gen_zdict makes,
	// or any bytes that chunks often contain. SWUpdate cannot install a file
	// with one.
	Dictionary []byte

	// Bases are the headers of older releases, with uncompressed digests or
	// from Index. Chunks that one of them has stay as they are. Others that
	// follow each other are joined, which makes the file and the number of
	// downloaded ranges smaller. Devices find all that they have, since they
	// cut what is installed by themselves. They are held in memory, with some
	// 150 bytes for each chunk.
	Bases []*Header

	// Jobs is how many blocks of chunks are compressed at a time; 0 means one
	// for each processor that Go uses. Each needs 8 MiB of memory, 40 MiB at
	// LevelBest. The bytes that are written do not depend on it.
	Jobs int

	// Spool keeps the body and the index until the header, which comes first,
	// is known. It is an empty file that the caller disposes of, best in the
	// folder of the output; where both are files (*os.File) the system copies
	// the body by itself. Where Spool is nil all is kept in memory.
	Spool io.ReadWriteSeeker
}

// jobs returns the number of workers.
func jobs(n int) int {
	if n <= 0 {
		return runtime.GOMAXPROCS(0)
	}
	return n
}

// dictionaryMin is the size below which libzstd takes no notice of a
// dictionary.
const dictionaryMin = 8

// check refuses what zchunk does not allow, and options without effect.
func (o *Options) check() error {
	switch {
	case o.Compression >= compressions || o.Level >= levels || o.Hash >= hashes || o.ChunkHash >= hashes:
		return fmt.Errorf("zck: options: %s, %s, %s or %s is not known", o.Compression, o.Level, o.Hash, o.ChunkHash)
	case o.Compression == None && o.Level != 0:
		return errors.New("zck: options: a level without compression")
	case !o.StoredOnly && (o.ChunkHash == SHA1 || o.ChunkHash == SHA512128):
		return fmt.Errorf("zck: options: %s of chunks; uncompressed digests are %s or %s", o.ChunkHash, SHA256, SHA512)
	case o.Jobs < 0:
		return fmt.Errorf("zck: options: %d jobs", o.Jobs)
	}
	if err := o.checkDictionary(); err != nil {
		return err
	}
	return o.checkBases()
}

func (o *Options) checkDictionary() error {
	switch size := len(o.Dictionary); {
	case size == 0:
		return nil
	case o.Compression == None:
		return errors.New("zck: options: a dictionary without compression")
	case size < dictionaryMin || size > ChunkLimit:
		return fmt.Errorf("zck: options: a dictionary of %d bytes; %d to %d are allowed", size, dictionaryMin, ChunkLimit)
	}
	return nil
}

func (o *Options) checkBases() error {
	if len(o.Bases) > 0 && o.StoredOnly {
		return errors.New("zck: options: bases, but no uncompressed digests to find their chunks by")
	}
	for i, base := range o.Bases {
		if err := checkComparable(base, o.ChunkHash); err != nil {
			return fmt.Errorf("zck: options: base %d: %w", i, err)
		}
	}
	return nil
}

// header returns the header that o asks for, without chunks.
func (o *Options) header() *Header {
	return &Header{Hash: o.Hash, ChunkHash: o.ChunkHash, Compression: o.Compression, Uncompressed: !o.StoredOnly}
}
