// Package zck reads and writes zchunk files (.zck): images cut into chunks by
// their content, so that a device downloads only those it does not have.
//
// [Create] makes a file of an image. The file begins with what SWUpdate's delta
// handler wants inside a bundle, its header: a [Summary] tells how long that is,
// [ReadHeader] reads it into a [Header], and [Header.Marshal] writes one. [Unpack]
// turns a file into the image again, and [Verify] only checks it. A [Reader]
// gives single chunks. [Index] cuts an image that is installed somewhere, as
// the device will, and [Missing] tells what that device is going to download. A
// [Chunker] finds the cuts, without any input or output.
//
// # Layout
//
// A file is a header and a body. Integers are compints: seven bits in a byte,
// the least significant first, the top bit set on the last byte.
//
//	lead       id               5 bytes, 00 "ZCK1"; 00 "ZHR1" in a detached header
//	           checksum type    compint, of the header and the body
//	           header size      compint, bytes behind the header digest
//	           header digest    of all other bytes of the header, id 00 "ZCK1"
//	preface    data digest      of the body; zero bytes with uncompressed digests
//	           flags            compint: 2 optional elements, 4 uncompressed digests
//	           compression type compint: 0 none, 2 zstd
//	           [count, and for each optional element id, length, bytes]
//	           index size       compint, bytes of the index
//	index      chunk checksum type, chunk count
//	           for each chunk   digest of the stored bytes,
//	                            [uncompressed digest],
//	                            stored size, uncompressed size
//	signatures count            0; none is defined
//	body       the stored chunks, one behind the other
//
// Chunk 0 is the dictionary of zstd and empty in most files. Each chunk is a
// zstd frame of its own. Index and Writer cut at the same places as the program
// zck up to release 1.5 and as SWUpdate; how well zstd compresses in between is
// free. The layout is that of zchunk_format.txt of zchunk 1.5, checked against
// the program.
//
// # Files of others
//
// What is read is held against the layout to the letter: lengths and counts
// must be exact, integers as short as can be, all digests right, and nothing may
// follow. What is wrong is told by a [*FormatError] with the place and the
// field. Up to there a file costs no more memory than the entries of the index
// that were really read, about 120 bytes each, and the chunks in work, of at most
// [ChunkLimit] bytes, whatever it announces.
package zck
