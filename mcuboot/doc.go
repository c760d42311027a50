// Package mcuboot is the room of the MCUboot image format: header, TLVs,
// trailer and the bootloader's own rules. There is nothing in it yet.
package mcuboot
