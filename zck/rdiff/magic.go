package rdiff

import (
	"fmt"

	"golang.org/x/crypto/blake2b"
	//lint:ignore SA1019 two of the four kinds of signatures are made with it
	"golang.org/x/crypto/md4"
)

// Magic is the first field of a signature, which says how its sums are made.
// All four are understood by librsync 2.2.0 and later; older ones know the
// rollsum kinds only.
type Magic uint32

// The magics of librsync.h. The names are those of rdiff's options -R and -H.
const (
	RollsumMD4      Magic = 0x72730136
	RollsumBLAKE2   Magic = 0x72730137
	RabinKarpMD4    Magic = 0x72730146
	RabinKarpBLAKE2 Magic = 0x72730147 // rdiff's default
)

// String returns the words of rdiff's options -R and -H, as in
// "rabinkarp-blake2".
func (m Magic) String() string {
	switch m {
	case RollsumMD4:
		return "rollsum-md4"
	case RollsumBLAKE2:
		return "rollsum-blake2"
	case RabinKarpMD4:
		return "rabinkarp-md4"
	case RabinKarpBLAKE2:
		return "rabinkarp-blake2"
	}
	return fmt.Sprintf("Magic(%#08x)", uint32(m))
}

// MaxStrong is the length of m's strong sum in bytes, 0 for an unknown magic.
func (m Magic) MaxStrong() int {
	switch m {
	case RollsumMD4, RabinKarpMD4:
		return md4.Size
	case RollsumBLAKE2, RabinKarpBLAKE2:
		return blake2b.Size256
	}
	return 0
}

// rabinKarp reports which of the two weak sums m means.
func (m Magic) rabinKarp() bool {
	return m == RabinKarpMD4 || m == RabinKarpBLAKE2
}

// appendStrong appends m's whole strong sum of p. BLAKE2b is the variant whose
// parameters say 32 bytes, not the longer one cut.
func (m Magic) appendStrong(dst, p []byte) []byte {
	if m.MaxStrong() == md4.Size {
		h := md4.New()
		h.Write(p)
		return h.Sum(dst)
	}
	sum := blake2b.Sum256(p)
	return append(dst, sum[:]...)
}
