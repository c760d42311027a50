package imagefile

// Region is a part of a slot.
type Region struct {
	Name   string `json:"name"`
	Offset int    `json:"offset"` // from the begin of the slot, in bytes
	Size   int    `json:"size"`
	Used   bool   `json:"used"` // it is not just erased
}

// layout lists what the slot holds, from its begin to its end, without gaps and
// without what is empty.
func (f *File) layout() []Region {
	h := f.Image.Header
	l := layout{}
	l.add("erased sector", f.Offset, false)
	l.add("header", int(h.Size), true)
	l.add("body", len(f.Image.Body), true)
	l.add("protected TLVs", int(h.ProtectedSize), true)
	l.add("unprotected TLVs", f.Image.Size()-int(h.Size)-len(f.Image.Body)-int(h.ProtectedSize), true)
	fields := 0
	if f.Trailer != nil {
		fields = f.fieldsSize()
	}
	behind := f.Rest[:len(f.Rest)-fields]
	free := erasedRun(behind)
	l.add("free", free, false)
	name := "other data"
	if f.Trailer != nil {
		name = "swap status" // with keys: how far it reaches down, no file tells
	}
	l.add(name, len(behind)-free, true)
	l.add("trailer", fields, true)
	return l.regions
}

// layout is what File.layout collects.
type layout struct {
	regions []Region
	end     int
}

func (l *layout) add(name string, size int, used bool) {
	if size > 0 {
		l.regions = append(l.regions, Region{name, l.end, size, used})
	}
	l.end += size
}
