package rdiff

import (
	"fmt"
	"math"
	"math/bits"
)

const (
	// MaxBlockLength is the largest block length in bytes. librsync sets no
	// limit; this one bounds what a hostile signature makes a reader hold, and
	// is rdiff's own choice for no base below 2^52 bytes.
	MaxBlockLength = 1 << 26

	// MinStrongLength as a strong length means the shortest that librsync
	// recommends for the size of the base, as `rdiff -S -1` does.
	MinStrongLength = -1

	// UnknownSize is the size of a base that comes through a pipe.
	UnknownSize = -1
)

// What librsync 2.3.2 takes for a base of unknown size.
const (
	pipeBlockLength  = 2048
	pipeStrongLength = 12
)

// SignatureOptions says what a signature is made of. Its zero value stands for
// what rdiff 2.3.2 does without options.
type SignatureOptions struct {
	// Magic selects the sums, 0 means RabinKarpBLAKE2.
	Magic Magic
	// BlockLength is in bytes; 0 means 256 for a base of up to 64 KiB, for a
	// larger one the square root of its size rounded down to a multiple of 128,
	// and 2048 for one of unknown size.
	BlockLength int
	// StrongLength is how many bytes of each strong sum are kept: at most the
	// magic's MaxStrong, which 0 stands for, or MinStrongLength. A short one
	// raises the odds of a wrong match, which nothing would notice.
	StrongLength int
	// Jobs is how many goroutines compute sums at the same time; 0 means one
	// per processor. It does not change the signature.
	Jobs int
}

// resolve returns o with every 0 replaced, for a base of size bytes.
func (o SignatureOptions) resolve(size int64) (SignatureOptions, error) {
	if o.Magic == 0 {
		o.Magic = RabinKarpBLAKE2
	}
	if o.BlockLength == 0 {
		o.BlockLength = recommendedBlock(size)
	}
	limit := o.Magic.MaxStrong()
	switch {
	case limit == 0:
		return o, fmt.Errorf("rdiff: unknown signature magic %#08x", uint32(o.Magic))
	case o.BlockLength < 0 || o.BlockLength > MaxBlockLength:
		return o, fmt.Errorf("rdiff: block length %d; 1 to %d is allowed", o.BlockLength, MaxBlockLength)
	case o.StrongLength < MinStrongLength || o.StrongLength > limit:
		return o, fmt.Errorf("rdiff: strong length %d; 1 to %d is allowed for %s", o.StrongLength, limit, o.Magic)
	case o.StrongLength == 0:
		o.StrongLength = limit
	case o.StrongLength == MinStrongLength:
		o.StrongLength = recommendedStrong(size, o.BlockLength)
	}
	return o, nil
}

// recommendedBlock is librsync's block length for a base of size bytes.
func recommendedBlock(size int64) int {
	switch {
	case size < 0:
		return pipeBlockLength
	case size <= 256*256:
		return 256
	}
	return int(min(squareRoot(size)&^127, MaxBlockLength))
}

// squareRoot is the square root of n rounded down.
func squareRoot(n int64) int64 {
	root := int64(math.Sqrt(float64(n)))
	for root > 0 && root > n/root {
		root--
	}
	for root+1 <= n/(root+1) {
		root++
	}
	return root
}

// recommendedStrong is librsync's least strong length: two bytes, and room for
// the sizes of a new file of 16 MiB more and of the number of blocks.
func recommendedStrong(size int64, block int) int {
	if size < 0 {
		return pipeStrongLength
	}
	return 2 + (log2(size+1<<24)+log2(size/int64(block)+1)+7)/8
}

// log2 is the logarithm of n rounded down.
func log2(n int64) int {
	return bits.Len64(uint64(n)) - 1
}
