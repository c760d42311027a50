package zephyr

import (
	"fmt"
	"strconv"
)

// defaultMaxSectors is MCUBOOT_MAX_IMG_SECTORS where nothing else says how many
// sectors a slot may have (boot/zephyr/include/mcuboot_config/mcuboot_config.h of
// MCUboot).
const defaultMaxSectors = 128

// minMaxAlign is the least alignment of a trailer's fields in bytes, whatever the
// flash can write (BOOT_MAX_ALIGN of MCUboot's bootutil).
const minMaxAlign = 8

// geometry says where the slots are and how their flash is made.
func (r *reader) geometry() {
	primary, secondary := r.slots.primary, r.slots.secondary
	if primary == nil {
		return
	}
	r.add("slot-size", fmt.Sprintf("%#x", primary.size), primary.fromSize)
	if secondary != nil {
		r.add("secondary-slot-size", fmt.Sprintf("%#x", secondary.size), secondary.fromSize)
	}
	if primary.mapped {
		r.add("slot-address", fmt.Sprintf("%#x", primary.addr), primary.fromAddr)
	}
	if secondary != nil && secondary.mapped {
		r.add("secondary-slot-address", fmt.Sprintf("%#x", secondary.addr), secondary.fromAddr)
	}
	r.sectorSize()
	r.writeSize()
	r.maxSectors()
}

// eraseSize returns the size of a flash's sectors in bytes. Where sectors differ,
// trees leave it out.
func eraseSize(flash *node) (uint64, bool) {
	if flash == nil {
		return 0, false
	}
	size, ok := flash.number("erase-block-size")
	return size, ok && size > 0
}

// sectorSize is that of both slots. Where the second one is in a flash with other
// sectors there is no one size.
func (r *reader) sectorSize() {
	size, ok := eraseSize(r.slots.flash)
	if !ok {
		return
	}
	if second := r.slots.secondary; second != nil && second.flash != nil {
		if other, known := eraseSize(second.flash); known && other != size {
			return
		}
	}
	r.add("sector-size", fmt.Sprint(size), r.slots.flash.props["erase-block-size"].from())
}

// writeSize is that of the flash, which decides the alignment, too
// (MCUBOOT_BOOT_MAX_ALIGN in mcuboot_config.h).
func (r *reader) writeSize() {
	if r.slots.flash == nil {
		return
	}
	size, ok := r.slots.flash.number("write-block-size")
	if !ok {
		return
	}
	from := r.slots.flash.props["write-block-size"].from()
	r.add("write-size", fmt.Sprint(size), from)
	r.add("max-align", fmt.Sprint(max(size, minMaxAlign)), from)
}

// from says where a property is.
func (p *property) from() string { return fmt.Sprintf("%s: %s", linePos(p.pos), p.name) }

// maxSectors is configured or, where that is left to the build, what the larger
// slot has; without the sectors' size the build falls back to 128 (CMakeLists.txt
// of boot/zephyr).
func (r *reader) maxSectors() {
	c := r.app
	if r.boot != nil {
		c = r.boot
	}
	if s, ok := c.get("CONFIG_BOOT_MAX_IMG_SECTORS"); ok {
		r.add("max-sectors", s.value, s.from())
		return
	}
	s, ok := c.first("CONFIG_BOOT_MAX_IMG_SECTORS_AUTO")
	if !ok {
		return
	}
	var most uint64
	for _, slot := range []*extent{r.slots.primary, r.slots.secondary} {
		if slot == nil {
			continue
		}
		if size, known := eraseSize(slot.flash); known {
			most = max(most, slot.size/size)
		}
	}
	if most == 0 {
		most = defaultMaxSectors
	}
	r.add("max-sectors", strconv.FormatUint(most, 10), s.from())
}
