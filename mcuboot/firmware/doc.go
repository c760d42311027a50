// Package firmware reads and writes the files that carry the memory of a
// microcontroller, and packs firmware the way MCUboot unpacks it.
//
// A [Memory] is what such a file holds: bytes at addresses, with holes between
// them. Start with [ParseHex], [ParseSREC] or [ParseELF], or with [Parse] and a
// [Format] from [DetectFormat] or [FormatOfName]; or with an empty Memory and
// [Memory.Add]. [Memory.Merge] joins images, such as a bootloader and the signed
// application behind it; [Memory.Bytes] flattens one into a binary image;
// [Memory.WriteHex] and [Memory.WriteSREC] write it down again.
//
// # Intel HEX
//
// One record a line: a colon, then bytes in hexadecimal: count of data bytes,
// 16-bit address (big-endian), type, data, and a checksum that brings the sum of
// all bytes to 0 modulo 256 (Intel, Hexadecimal Object File Format
// Specification, Revision A, 1988).
//
//	00  data
//	01  end of file
//	02  extended segment address: the following addresses count from 16 times the value
//	03  start segment address: CS and IP
//	04  extended linear address: the upper 16 bits of the following addresses
//	05  start linear address: EIP
//
// # S-records
//
// One record a line: the letter S, a type digit, then bytes in hexadecimal:
// count of the bytes behind it, address, data, and the complement of the sum of
// all these bytes (Motorola M68000 Family Programmer's Reference Manual,
// appendix C).
//
//	S0          header, a text
//	S1, S2, S3  data at an address of 2, 3, 4 bytes
//	S5, S6      number of data records so far, in 2, 3 bytes
//	S7, S8, S9  end of file and start address of 4, 3, 2 bytes
//
// # Compressed bodies
//
// [Compress] and [Decompress] know the body of an MCUboot image with the
// COMPRESSED_LZMA2 flag, as imgtool 2.4 writes it:
//
//	1 byte   size of the dictionary, as in the LZMA2 filter flags of .xz: 0x0a is 128 KiB
//	1 byte   (pb*5+lp)*9+lc, as in the chunks: 0x66 is lc 3, lp 1, pb 2
//	n bytes  LZMA2 chunks, the last of them the end marker 0x00
//
// With the COMPRESSED_ARM_THUMB flag the firmware went through the ARM-Thumb
// branch filter of .xz before it was compressed.
package firmware
