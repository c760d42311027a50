package main

import (
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/pack/imagefile"
)

// blocks are the characters of a picture: of what is used, and what is not.
type blocks struct{ used, free string }

// layout draws what is where in a slot, to scale: each region has its place in a
// bar that stands for the whole.
func (v *view) layout(ins *imagefile.Inspection) {
	if len(ins.Layout) == 0 {
		return
	}
	last := ins.Layout[len(ins.Layout)-1]
	total, base := int64(last.Offset)+int64(last.Size), int64(0)
	if ins.Address != nil {
		base = int64(*ins.Address)
	}
	v.line(plain, "")
	v.line(bold, "layout, %d bytes", total)
	for _, r := range ins.Layout {
		s := cyan
		if !r.Used {
			s = faint
		}
		v.line(s, "%10s %9d  %-16s %s", fmt.Sprintf("%#x", base+int64(r.Offset)), r.Size, r.Name, v.place(r, total))
	}
}

// place draws a region in a bar for total bytes, as long as 80 columns allow; even
// the smallest has one character.
func (v *view) place(r imagefile.Region, total int64) string {
	width := int64(39 - v.margin)
	offset, size := int64(r.Offset), int64(r.Size)
	begin := min(offset*width/total, width-1)
	end := max(begin+1, (offset+size)*width/total)
	block := v.blocks.free
	if r.Used {
		block = v.blocks.used
	}
	return strings.Repeat(" ", int(begin)) + strings.Repeat(block, int(end-begin))
}
