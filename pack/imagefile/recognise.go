package imagefile

import (
	"bytes"

	"github.com/fwpack/fwpack/mcuboot/firmware"
)

// HeadSize is how many bytes of a file Recognise needs.
const HeadSize = 4096

// smallestSector is less than the sectors of any flash have, in bytes.
const smallestSector = 128

// The bytes that flash reads when it is erased.
const (
	erasedOne  = 0xff
	erasedZero = 0x00
)

// Recognise tells whether a file that begins with head is to be read by Open: an
// image, erased flash with an image behind it perhaps, or Intel HEX. The name
// of a file does not matter.
func Recognise(head []byte) bool {
	if firmware.DetectFormat(head) == firmware.IntelHex {
		return true
	}
	_, ok := locate(head)
	return ok || len(head) > 0 && erasedRun(head) == len(head)
}

// locate finds the image in a slot: at its begin or, where a bootloader with
// MCUBOOT_SWAP_USING_OFFSET takes it from, in its second sector behind an erased
// one.
func locate(slot []byte) (offset int, ok bool) {
	if begins(slot) {
		return 0, true
	}
	sector := erasedRun(slot)
	if sector < smallestSector || sector&(sector-1) != 0 || !begins(slot[sector:]) {
		return 0, false
	}
	return sector, true
}

// begins tells whether data begins with the magic of an image (IMAGE_MAGIC), in
// either byte order.
func begins(data []byte) bool {
	return bytes.HasPrefix(data, []byte{0x3d, 0xb8, 0xf3, 0x96}) || bytes.HasPrefix(data, []byte{0x96, 0xf3, 0xb8, 0x3d})
}

// erasedRun counts the bytes of erased flash that data begins with.
func erasedRun(data []byte) int {
	if len(data) == 0 || data[0] != erasedOne && data[0] != erasedZero {
		return 0
	}
	run := 0
	for block := bytes.Repeat(data[:1], 4096); bytes.HasPrefix(data[run:], block); {
		run += len(block)
	}
	for run < len(data) && data[run] == data[0] {
		run++
	}
	return run
}
