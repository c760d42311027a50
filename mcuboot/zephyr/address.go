package zephyr

import (
	"fmt"

	"github.com/fwpack/fwpack/internal/diag"
)

// region is the first range of a "reg" property, in its parent's addresses.
type region struct {
	start, size uint64
}

// cellCounts returns how many cells an address and a size have below n; 2 and 1
// where nothing says so (Devicetree Specification 0.4, section 2.3.5).
func (n *node) cellCounts() (address, size int) {
	address, size = 2, 1
	if v, ok := n.number("#address-cells"); ok {
		address = int(min(v, 3))
	}
	if v, ok := n.number("#size-cells"); ok {
		size = int(min(v, 3))
	}
	return address, size
}

// reg returns the first range of n's registers.
func (n *node) reg() (region, error) {
	p := n.props["reg"]
	if p == nil || n.parent == nil {
		return region{}, diag.Diagnostic{Pos: n.pos, Msg: fmt.Sprintf("%s: has no reg", n.name)}
	}
	address, size := n.parent.cellCounts()
	all, ok := p.numbers()
	if !ok || address == 0 || len(all) < address+size {
		return region{}, diag.Diagnostic{Pos: p.pos, Msg: fmt.Sprintf("reg of %s: want %d numbers for an address and %d for a size", n.name, address, size)}
	}
	start, fits := join(all[:address])
	length, fitsToo := join(all[address : address+size])
	if !fits || !fitsToo {
		return region{}, diag.Diagnostic{Pos: p.pos, Msg: fmt.Sprintf("reg of %s: want numbers of at most 64 bits", n.name)}
	}
	return region{start, length}, nil
}

// join makes one number of cells of 32 bits.
func join(cells []uint64) (number uint64, fits bool) {
	for _, c := range cells {
		if number>>32 != 0 {
			return 0, false
		}
		number = number<<32 | c
	}
	return number, true
}

// outer turns an address below n into one of n's parent, by n's ranges: without
// the property there is no way out, an empty one changes nothing.
func (n *node) outer(addr uint64) (mapped uint64, ok bool) {
	p := n.props["ranges"]
	if p == nil || n.parent == nil {
		return 0, false
	}
	if len(p.values) == 0 {
		return addr, true
	}
	inner, size := n.cellCounts()
	outer, _ := n.parent.cellCounts()
	all, numbers := p.numbers()
	for step := inner + outer + size; numbers && step > 0 && len(all) >= step; all = all[step:] {
		child, _ := join(all[:inner])
		parent, _ := join(all[inner : inner+outer])
		length, _ := join(all[inner+outer : step])
		if addr >= child && addr-child < length {
			return parent + (addr - child), true
		}
	}
	return 0, false
}

// absolute turns an address below n into the processor's. Where a node on the way
// has no ranges, it ends there, as in Zephyr's edtlib: its buses leave the
// property out where nothing is translated.
func (n *node) absolute(addr uint64) uint64 {
	for ; n.parent != nil; n = n.parent {
		mapped, ok := n.outer(addr)
		if !ok {
			break
		}
		addr = mapped
	}
	return addr
}
