// Package board knows how the flash of common boards is divided for MCUboot: the
// slots and blocks that Zephyr's devicetrees give them.
//
// Every figure is read from Zephyr's files, which the table names together with
// the commit. They are what a build has that changes nothing: an overlay of the
// application, Partition Manager of the nRF Connect SDK and other releases of
// Zephyr lay the flash out differently, and what a build folder says (package
// [github.com/fwpack/fwpack/mcuboot/zephyr]) is always better. What erased flash
// reads is not among the figures, as no devicetree says it.
package board

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/mcuboot/profile"
)

// Board is what is known of one board.
type Board struct {
	Name string // with its qualifiers, such as nrf5340dk/nrf5340/cpuapp
	SoC  string

	// Settings has slot-size, slot-address, secondary-slot-size where it is another,
	// secondary-slot-address, sector-size where all sectors of the slots' flash have
	// one size, and write-size.
	Settings []profile.Setting
}

// Find returns the board of this name, which may go without its qualifier where
// that is a chip alone: "nrf52840dk" is "nrf52840dk/nrf52840". What names a core
// or a variant as well, such as "nrf5340dk/nrf5340/cpuapp", is not guessed from
// less. A revision is no part of the name.
func Find(name string) (Board, bool) {
	for _, l := range layouts {
		short, qualifier, _ := strings.Cut(l.name, "/")
		if l.name == name || short == name && !strings.Contains(qualifier, "/") {
			return l.board(), true
		}
	}
	return Board{}, false
}

// Names returns the names of all boards with their qualifiers, in order.
func Names() []string {
	var names []string
	for _, l := range layouts {
		names = append(names, l.name)
	}
	slices.Sort(names)
	return names
}

// layout is the flash of one board.
type layout struct {
	name      string
	soc       string
	primary   slot
	secondary slot
	write     uint32
	sector    uint32 // 0 where they differ
}

// slot lies at an address of the processor, not at an offset in the flash.
type slot struct {
	address, size uint32
}

func (l layout) board() Board {
	b := Board{Name: l.name, SoC: l.soc}
	add := func(key, format string, value uint32) {
		b.Settings = append(b.Settings, profile.Setting{Key: key, Value: fmt.Sprintf(format, value), From: "board " + l.name})
	}
	add("slot-size", "%#x", l.primary.size)
	if l.secondary.size != l.primary.size {
		add("secondary-slot-size", "%#x", l.secondary.size)
	}
	add("slot-address", "%#x", l.primary.address)
	add("secondary-slot-address", "%#x", l.secondary.address)
	if l.sector != 0 {
		add("sector-size", "%d", l.sector)
	}
	add("write-size", "%d", l.write)
	return b
}
