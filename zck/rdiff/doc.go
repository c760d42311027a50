// Package rdiff reads and writes librsync's files: signatures, deltas, and the
// result of a delta. Encode makes a delta of two images that are both at hand,
// Patch applies one. WriteSignature, ReadSignature and DeltaFromSignature do
// what the commands `rdiff signature` and `rdiff delta` do. Inspect sums up a
// delta, a Reader lists its commands.
//
// Every integer of both formats is big-endian. A delta is
//
//	72 73 02 36    magic
//	commands
//	00             end
//
// and its commands are
//
//	01 .. 40       literal of 1 .. 64 bytes, which follow
//	41 42 43 44    literal; its length in 1, 2, 4 or 8 bytes, then its bytes
//	45 .. 54       copy from the base: 45 + 4*i + j is followed by the offset
//	               in 1<<i bytes and the length in 1<<j bytes
//	55 .. ff       reserved
//
// Offsets and lengths count bytes; they are not tied to a signature's blocks.
// A delta carries no size and no checksum, neither of the base nor of the
// result: applied to another base it gives another result without a complaint.
// Whoever ships one has to check both ends by other means.
//
// A signature is
//
//	72 73 01 xx    magic, see Magic
//	uint32         block length
//	uint32         strong length
//	per block      weak sum, uint32; the first bytes of the strong sum
//
// where the blocks are the base cut at multiples of the block length, the last
// one possibly short. See librsync 2.3.2, doc/format.md.
package rdiff
