package imagebuild

import (
	"encoding/binary"
	"fmt"
)

// warn says what may not work on the device, and no bootloader checks.
func (d *Draft) warn() {
	if !d.spec.Profile.Has("mode") {
		d.Warnings = append(d.Warnings, "its bootloader is not described: mode is missing, and the room that it leaves in a slot is that of swap-scratch")
	}
	d.warnOfVectors()
}

// leastVectors is what the address of a Cortex-M's vector table is a multiple of,
// at least: the table has 16 system exceptions, and 4 bytes for each of the 32
// entries that this is rounded up to (Armv7-M Architecture Reference Manual,
// section B3.2.5; Armv6-M and Armv8-M want the same or more).
const leastVectors = 128

// warnOfVectors looks at the place of the vector table, if the firmware begins with
// one: a stack in RAM, and a reset handler in Thumb code.
func (d *Draft) warnOfVectors() {
	body := d.Image.Body
	if len(body) < 8 || d.options.Compression != nil {
		return
	}
	stack, reset := binary.LittleEndian.Uint32(body), binary.LittleEndian.Uint32(body[4:])
	if stack>>29 != 1 || stack%4 != 0 || reset&1 == 0 || reset>>29 != 0 {
		return
	}
	header := uint32(d.Image.Header.Size)
	_, slot, known := d.spec.Slot()
	if at := slot + header; at%leastVectors != 0 && (known || header%leastVectors != 0) {
		d.Warnings = append(d.Warnings, fmt.Sprintf("the vector table lies at %#x, behind a header of %d bytes: a Cortex-M wants a multiple of %d at least", at, header, leastVectors))
	}
}
