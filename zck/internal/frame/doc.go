// Package frame compresses the chunks of a zchunk file, each into a zstd frame
// (RFC 8878) of its own.
//
// Encoders for streams keep tables for windows of megabytes. A chunk has at most
// 128 KiB: with tables that stay in a processor's cache, with matches of four
// bytes and with a look at the byte behind a match, its frame is a few percent
// smaller in the same time. An [Encoder] writes each chunk as one block:
//
//	frame      magic, descriptor of a single segment, content size; no checksum
//	block      header, and one of: the bytes, one byte that is repeated, or
//	literals   Huffman-coded in one stream or in four, or as they are
//	sequences  lengths of literals and of matches, and offsets, each coded
//	           with the predefined table, a table of its own, or one code
//
// The Huffman coder is that of github.com/klauspost/compress.
package frame
