package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/fwpack/fwpack/pack/imagefile"
)

// blocks are the characters of a picture: of what is used, and what is not.
type blocks struct{ used, free string }

// blocksFor returns ASCII, unless a person looks at a terminal.
func blocksFor(w io.Writer) blocks {
	if isTerminal(w) {
		return blocks{"█", "░"}
	}
	return blocks{"#", "."}
}

// printLayout draws what is where in a slot, to scale: each region has its place
// in a bar that stands for the whole.
func printLayout(w io.Writer, ins *imagefile.Inspection, b blocks) {
	if len(ins.Layout) == 0 {
		return
	}
	last := ins.Layout[len(ins.Layout)-1]
	total, base := int64(last.Offset)+int64(last.Size), int64(0)
	if ins.Address != nil {
		base = int64(*ins.Address)
	}
	fmt.Fprintf(w, "\nlayout, %d bytes\n", total)
	for _, r := range ins.Layout {
		fmt.Fprintf(w, "%10s %9d  %-16s %s\n", fmt.Sprintf("%#x", base+int64(r.Offset)), r.Size, r.Name, place(r, total, b))
	}
}

// place draws a region in a bar of 39 characters for total bytes; even the
// smallest has one.
func place(r imagefile.Region, total int64, b blocks) string {
	const width = 39 // of 80 columns
	offset, size := int64(r.Offset), int64(r.Size)
	begin := min(offset*width/total, width-1)
	end := max(begin+1, (offset+size)*width/total)
	block := b.free
	if r.Used {
		block = b.used
	}
	return strings.Repeat(" ", int(begin)) + strings.Repeat(block, int(end-begin))
}
