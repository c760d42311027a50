package inspect

import (
	"io"

	"github.com/fwpack/fwpack/pack/deltafile"
	"github.com/fwpack/fwpack/zck"
)

// Zchunk is a zchunk file, or its header.
type Zchunk struct {
	deltafile.HeaderSummary
	Body bool `json:"body"` // the chunks are there
}

// maxHeader bounds a header, in bytes; an image of 1 GiB has one of some 2 MiB.
const maxHeader = 16 << 20

func (in *inspector) zchunk(ins *Inspection, r io.Reader, depth int) {
	limit := int64(maxHeader)
	if depth > 0 {
		limit = min(limit, in.left)
	}
	h, err := zck.ReadHeader(io.LimitReader(r, limit))
	if err != nil {
		ins.problemf("%v", err)
		return
	}
	if depth > 0 {
		in.left -= h.Len()
	}
	ins.Zchunk = &Zchunk{HeaderSummary: deltafile.SummarizeHeader(h)}
	rest, _ := io.Copy(io.Discard, r) // an error of reading the file comes again
	switch want := h.BodySize(); {
	case h.Detached && rest == h.Dictionary.Stored, !h.Detached && rest == 0 && want > 0:
	case !h.Detached && rest == want:
		ins.Zchunk.Body = true
	default:
		ins.problemf("%d bytes behind the header: want %d, or none", rest, want)
	}
}

func (in *inspector) delta(ins *Inspection, r io.Reader) {
	sum, err := deltafile.Summarize(r)
	if err != nil {
		ins.problemf("%v", err)
		return
	}
	ins.Delta = sum
}
