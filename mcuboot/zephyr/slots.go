package zephyr

import (
	"fmt"
	"strconv"

	"github.com/fwpack/fwpack/internal/diag"
)

// slots are the two slots of the image, and the flash of the first.
type slots struct {
	own                int // number of the slot that the application is linked for
	primary, secondary *extent
	flash              *node
}

// extent is where a slot is, whoever says so.
type extent struct {
	flash  *node  // nil where that is not known
	offset uint64 // in its flash, in bytes
	size   uint64 // in bytes
	addr   uint64 // the processor's, where mapped
	mapped bool
	pos    diag.Pos // of the size
	// fromAddr and fromSize say where address and size come from.
	fromAddr, fromSize string
}

// findSlots fills r.slots.
func (r *reader) findSlots() {
	if r.pm != nil {
		r.managedSlots()
		return
	}
	if r.app != nil {
		own, err := r.appTree.own()
		r.problem(err)
		r.slots.own = own
	}
	first := r.slots.own &^ 1
	r.slots.primary = r.slotOfTree(first, true)
	r.slots.secondary = r.slotOfTree(first+1, r.mode.value != "single-slot")
	if r.slots.primary != nil {
		r.slots.flash = r.slots.primary.flash
	}
}

// slotOfTree finds slot n in the devicetree. Where application and bootloader were
// built together, both have to agree.
func (r *reader) slotOfTree(n int, needed bool) *extent {
	p, err := r.tree().slot(n)
	r.problem(err)
	if p == nil {
		if needed && err == nil {
			r.problems.Addf(diag.Pos{File: r.tree().root.pos.File}, "no slot%d_partition: mode %s needs it", n, r.mode.value)
		}
		return nil
	}
	if r.app != nil && r.boot != nil {
		r.compare(n, p)
	}
	return &extent{flash: p.flash, offset: p.offset, size: p.size, addr: p.addr, mapped: p.mapped,
		pos: p.node.pos, fromAddr: p.from(), fromSize: p.from()}
}

// compare holds the bootloader's slot n against the application's.
func (r *reader) compare(n int, boot *partition) {
	app, err := r.appTree.slot(n)
	r.problem(err)
	if app == nil {
		return
	}
	if app.offset != boot.offset || app.size != boot.size || app.addr != boot.addr {
		r.problems.Addf(linePos(app.node.pos), "%s: %s, but %s for the bootloader (%s)", app.name(), app, boot, linePos(boot.node.pos))
	}
}

// String formats p as "0x76000 bytes at 0xc000", by its address or else its offset.
func (p *partition) String() string {
	at := p.offset
	if p.mapped {
		at = p.addr
	}
	return fmt.Sprintf("%#x bytes at %#x", p.size, at)
}

// managedSlots takes the slots from Partition Manager, which counts addresses from
// the begin of each device. The chip's own flash begins at 0 in all that it knows.
func (r *reader) managedSlots() {
	r.slots.primary = r.managed("PM_MCUBOOT_PRIMARY", true)
	r.slots.secondary = r.managed("PM_MCUBOOT_SECONDARY", r.mode.value != "single-slot")
	if r.app.on("CONFIG_NCS_IS_VARIANT_IMAGE") {
		r.slots.own = 1
	}
	var err error
	r.slots.flash, _, err = r.tree().chosen("zephyr,flash")
	r.problem(err)
	if r.slots.primary != nil {
		r.slots.primary.flash, r.slots.primary.mapped = r.slots.flash, true
	}
	// Only the header names devices.
	first, _ := r.pm.get("PM_MCUBOOT_PRIMARY_DEV")
	second, known := r.pm.get("PM_MCUBOOT_SECONDARY_DEV")
	if known && first.value == second.value && r.slots.secondary != nil {
		r.slots.secondary.flash, r.slots.secondary.mapped = r.slots.flash, true
	}
}

// managed returns the partition whose macros begin with name.
func (r *reader) managed(name string, needed bool) *extent {
	addr, addrKnown := r.pm.get(name + "_ADDRESS")
	size, sizeKnown := r.pm.get(name + "_SIZE")
	if !addrKnown || !sizeKnown {
		if needed {
			r.problems.Addf(diag.Pos{File: r.pm.file}, "no %s_ADDRESS and %s_SIZE: mode %s needs them", name, name, r.mode.value)
		}
		return nil
	}
	e := &extent{addr: r.number(addr), size: r.number(size), pos: size.pos, fromAddr: addr.from(), fromSize: size.from()}
	e.offset = e.addr
	return e
}

// number reads the value of a symbol that is a number.
func (r *reader) number(s symbol) uint64 {
	n, err := strconv.ParseUint(s.value, 0, 64)
	if err != nil {
		r.problems.Addf(s.pos, "%s %.40q: want a number", s.name, s.value)
	}
	return n
}
