package zephyr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// partition is a partition of a flash.
type partition struct {
	node   *node
	flash  *node  // the memory it is in
	offset uint64 // from the begin of the flash, in bytes
	size   uint64 // in bytes
	addr   uint64 // the processor's, where mapped
	mapped bool
}

// from says where the partition is described.
func (p *partition) from() string { return fmt.Sprintf("%s: %s", linePos(p.node.pos), p.name()) }

func (p *partition) name() string {
	if len(p.node.labels) > 0 {
		return p.node.labels[0]
	}
	return p.node.name
}

// linePos leaves out the column.
func linePos(pos diag.Pos) diag.Pos { return diag.Pos{File: pos.File, Line: pos.Line} }

// holds tells whether inner lies in p.
func (p *partition) holds(inner *partition) bool {
	return p.flash == inner.flash && inner.offset >= p.offset && inner.offset-p.offset <= p.size && inner.size <= p.size-(inner.offset-p.offset)
}

// slot finds the partition of slot n: the node with the label slotN_partition,
// which the build demands, or else the one partition whose property "label" is
// image-N. It is nil where there is none.
func (t *tree) slot(n int) (*partition, error) {
	found := t.labels[fmt.Sprintf("slot%d_partition", n)]
	if found == nil {
		var err error
		if found, err = t.titled(fmt.Sprintf("image-%d", n)); found == nil {
			return nil, err
		}
	}
	return t.partition(found)
}

// titled finds the one partition with that property "label".
func (t *tree) titled(label string) (*node, error) {
	var found []*node
	t.root.each(func(n *node) {
		if text, ok := n.text("label"); ok && text == label && n.parent != nil && isPartition(n) {
			found = append(found, n)
		}
	})
	if len(found) > 1 {
		return nil, diag.Diagnostic{Pos: found[1].pos, Msg: fmt.Sprintf("%s: two partitions have the label %s", found[1].name, label)}
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found[0], nil
}

// isContainer tells whether n holds partitions and is none.
func isContainer(n *node) bool {
	return n.name == "partitions" || n.compatible("fixed-partitions")
}

// isPartition tells whether n is a partition: by its own compatible, or its
// parent's (dts/bindings/mtd of Zephyr: fixed-partitions, fixed-subpartitions,
// zephyr,mapped-partition).
func isPartition(n *node) bool {
	return n.compatible("zephyr,mapped-partition") || n.compatible("fixed-subpartitions") ||
		n.parent != nil && (isContainer(n.parent) || n.parent.compatible("fixed-subpartitions"))
}

// partition works out where the partition n is.
func (t *tree) partition(n *node) (*partition, error) {
	if !isPartition(n) {
		return nil, diag.Diagnostic{Pos: n.pos, Msg: fmt.Sprintf("%s: is not a partition", n.name)}
	}
	reg, err := n.reg()
	if err != nil {
		return nil, err
	}
	p := &partition{node: n, offset: reg.start, size: reg.size}
	at := n.parent
	for ; at.parent != nil && (isContainer(at) || isPartition(at)); at = at.parent {
		if p.offset, err = within(at, p.offset); err != nil {
			return nil, err
		}
	}
	p.flash = at
	if err := p.place(); err != nil {
		return nil, err
	}
	return p, nil
}

// within turns an offset in a container or an outer partition into one in what
// holds that.
func within(n *node, offset uint64) (uint64, error) {
	if mapped, ok := n.outer(offset); ok {
		return mapped, nil
	}
	if isContainer(n) {
		return offset, nil
	}
	reg, err := n.reg()
	return reg.start + offset, err
}

// place works out the processor's address. Memory of the chip has it in its reg;
// other flash, such as behind SPI, is mapped only where its ranges say so. A
// mapped partition is addressed through the ranges alone, which may leave an
// offset as it is or make it an address.
func (p *partition) place() error {
	if p.node.compatible("zephyr,mapped-partition") && p.flash.props["ranges"] != nil {
		addr, ok := p.flash.outer(p.offset)
		if !ok {
			return diag.Diagnostic{Pos: p.node.pos, Msg: fmt.Sprintf("%s: lies outside the ranges of %s", p.node.name, p.flash.name)}
		}
		p.addr, p.mapped = p.flash.parent.absolute(addr), true
		if base, ok := p.base(); ok && len(p.flash.props["ranges"].values) == 0 {
			p.offset = addr - min(addr, base)
		}
		return nil
	}
	if base, ok := p.base(); ok {
		p.addr, p.mapped = base+p.offset, true
	}
	return nil
}

// base returns where the flash begins for the processor, where its reg says so.
func (p *partition) base() (uint64, bool) {
	if !p.flash.compatible("soc-nv-flash") {
		return 0, false
	}
	reg, err := p.flash.reg()
	if err != nil {
		return 0, false
	}
	return p.flash.parent.absolute(reg.start), true
}

// slotNumbers lists the numbers of slots that the tree has labels for.
func (t *tree) slotNumbers() []int {
	var numbers []int
	for label := range t.labels {
		var n int
		if _, err := fmt.Sscanf(label, "slot%d_partition", &n); err == nil && label == fmt.Sprintf("slot%d_partition", n) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// own returns the number of the slot that the application is linked for: 0 where
// the tree does not say.
func (t *tree) own() (int, error) {
	code, property, err := t.chosen("zephyr,code-partition")
	if code == nil {
		return 0, err
	}
	app, err := t.partition(code)
	if err != nil {
		return 0, err
	}
	var names []string
	for _, n := range t.slotNumbers() {
		slot, err := t.slot(n)
		if err != nil {
			return 0, err
		}
		if slot.holds(app) {
			return n, nil
		}
		names = append(names, slot.name())
	}
	return 0, diag.Diagnostic{Pos: property.pos, Msg: fmt.Sprintf("zephyr,code-partition: %s lies in none of the slots (%s)", app.name(), strings.Join(names, ", "))}
}
