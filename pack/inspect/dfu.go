package inspect

import (
	"bytes"
	"io"
	"time"

	"github.com/fwpack/fwpack/mcuboot/dfuzip"
)

// DFU is what the manifest of a package for phones says.
type DFU struct {
	Name  string    `json:"name"`
	Time  string    `json:"time"` // RFC 3339
	Files []DFUFile `json:"files"`
}

// DFUFile is a file of a package. Its image is among the contents.
type DFUFile struct {
	Name          string `json:"name"`
	Type          string `json:"type"`
	Board         string `json:"board"`
	SoC           string `json:"soc"`
	LoadAddress   uint32 `json:"load_address"`
	ImageIndex    int    `json:"image_index"`
	SlotPrimary   int    `json:"slot_index_primary,omitempty"`
	SlotSecondary int    `json:"slot_index_secondary,omitempty"`
	Slot          *int   `json:"slot,omitempty"` // of an image that is linked for one
	Version       string `json:"version,omitempty"`
}

// maxPackage bounds a package: its files, and as much again as its directory and
// manifest can have.
const maxPackage = dfuzip.MaxSize + 1<<20

func (in *inspector) dfu(ins *Inspection, r io.Reader, depth int) {
	data := in.hold(ins, r, maxPackage, depth)
	if data == nil {
		if depth > 0 {
			ins.Kind, ins.Notes = KindData, nil
		}
		return
	}
	p, err := dfuzip.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		if depth > 0 { // another zip: handlers of a device's own take anything
			ins.Kind = KindData
			return
		}
		ins.problemf("%v", err)
		return
	}
	if err := p.Check(); err != nil {
		ins.problemLines("", err)
	}
	ins.DFU = &DFU{Name: p.Name, Time: p.Time.UTC().Format(time.RFC3339), Files: []DFUFile{}}
	for i := range p.Files {
		f := &p.Files[i]
		ins.DFU.Files = append(ins.DFU.Files, DFUFile{
			f.Name, f.Type, f.Board, f.SoC, f.LoadAddress, f.ImageIndex, f.SlotIndexPrimary, f.SlotIndexSecondary, f.Slot, f.Version,
		})
		inner := in.look(f.Name, bytes.NewReader(f.Data), depth+1)
		inner.Size, inner.SHA256 = int64(len(f.Data)), digestOf(f.Data)
		ins.Contents = append(ins.Contents, inner)
	}
}
