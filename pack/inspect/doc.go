// Package inspect says what a file is and holds, told by its content and not by
// its name: bundles, descriptions, signatures, MCUboot images, zchunk files,
// deltas, keys and certificates, packages for phones, compressed files; and what
// is inside of these, down to a depth.
//
// Call Read. The Inspection is plain data, ready for JSON; docs/json.md describes
// it. Nothing is proven but what it says to be, and nothing in it is to be
// trusted: files may be hostile. They are read once, in a stream; what must be
// held in memory is bounded.
package inspect
