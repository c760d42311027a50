// Package diff says what is different between two releases: bundles, descriptions,
// MCUboot images, zchunk files, or any two files by their blocks.
//
// Compare takes two files, finds out by their content what they are, and returns a
// Difference: data to be printed, or written as JSON, whose form docs/diff.md
// describes. Descriptions compares two descriptions alone.
//
// What is compared is what a device ends up with. A payload that is compressed or
// encrypted is opened first, so that another IV or another compression level makes
// no other content. What each build makes anew, and what follows from something else
// that is told, is marked as a detail.
//
// Files of any size are read as streams. For each block of 4 KiB 16 bytes are kept,
// up to 8 GiB of content in a file, and about 120 bytes for each chunk that a zchunk
// file of it would have.
package diff
