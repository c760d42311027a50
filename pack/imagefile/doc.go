// Package imagefile looks at finished MCUboot images in files, and signs them
// anew. The image format itself is in package mcuboot.
//
// Open finds the image in a file: alone, in a whole slot, or in Intel HEX. Then
// File.Inspect says what it holds, File.Verify what a bootloader makes of it,
// File.Extract takes it apart, and File.Resign puts another signature on it.
//
// Files are read whole, up to a bound, and written completely or not at all.
package imagefile
