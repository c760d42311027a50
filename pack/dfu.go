package pack

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/dfuzip"
	"github.com/fwpack/fwpack/pack/imagebuild"
)

// DFU is a [[dfu]] table: a dfu_application.zip with images of the project, as
// phones and nRF Util upload it.
type DFU struct {
	Name   string
	Output string
	Images []string
	Pos    diag.Pos

	broken bool // something is wrong with it
}

// PlannedDFU is one zip.
type PlannedDFU struct {
	Name   string   `json:"name"`
	Output string   `json:"output"`
	Images []string `json:"images"`
}

// dfus reads the [[dfu]] tables.
func (d *decoder) dfus() {
	for _, t := range d.root.tables("dfu") {
		before := len(d.problems)
		dfu := &DFU{Name: t.required("name"), Output: t.required("output"), Images: t.strings("images"), Pos: t.here()}
		if dfu.Output != "" && !isOutputName(dfu.Output) {
			t.errorf("output", "output %q must be a plain file name other than %s: it is put into the output folder", dfu.Output, reportName)
		}
		if slices.ContainsFunc(d.project.DFUs, func(other *DFU) bool { return other.Name == dfu.Name }) {
			t.errorf("name", "dfu name %q is taken: names are unique", dfu.Name)
		}
		if len(dfu.Images) == 0 {
			d.problems.Addf(dfu.Pos, "dfu %q: images is missing: want the names of one or more", dfu.Name)
		}
		for i, name := range dfu.Images {
			d.dfuImage(t.elementPos("images", i), name)
			d.dfuConflicts(t.elementPos("images", i), name, dfu.Images[:i])
		}
		dfu.broken = len(d.problems) > before
		t.rest()
		d.project.DFUs = append(d.project.DFUs, dfu)
	}
}

// dfuImage wants of an image what the manifest says of it.
func (d *decoder) dfuImage(pos diag.Pos, name string) {
	image := d.project.image(name)
	switch {
	case name == "":
	case image != nil && image.unread: // which has the rest, perhaps
	case image == nil:
		d.problems.AddHint(pos, diag.DidYouMean(name, d.project.imageNames()), "image %q is not declared", name)
	case image.Board == "" || image.SoC == "":
		d.problems.Addf(pos, "image %q: board or soc is missing: phones want both", name)
	case !image.Spec.Profile.Has("slot-address"):
		d.problems.Addf(pos, "image %q: slot-address is missing: the manifest says where the image runs", name)
	}
}

// dfuConflicts refuses what goes to the same slot as one of the images before it.
func (d *decoder) dfuConflicts(pos diag.Pos, name string, before []string) {
	image := d.project.image(name)
	if image == nil {
		return
	}
	slot, _, _ := image.Spec.Slot()
	for _, other := range before {
		if other == name {
			d.problems.Addf(pos, "image %q stands there twice", name)
			return
		}
		o := d.project.image(other)
		if o == nil || o.Number != image.Number {
			continue
		}
		if otherSlot, _, _ := o.Spec.Slot(); otherSlot == slot {
			d.problems.AddHint(pos, "give each image of the device its number", "image %q has number %d, as image %q has: want one for each slot", name, image.Number, other)
		}
	}
}

// takeDFUs takes over the selected zips.
func (pl *planner) takeDFUs(only []string) (problems diag.List) {
	for _, dfu := range pl.project.DFUs {
		if len(only) > 0 && !slices.Contains(only, dfu.Name) {
			continue
		}
		pl.plan.DFUs = append(pl.plan.DFUs, PlannedDFU{dfu.Name, dfu.Output, dfu.Images})
		for _, image := range pl.images {
			if slices.Contains(dfu.Images, image.plan.Name) && image.plan.Request != "" {
				problems.AddHint(dfu.Pos, attachHint(image.plan.Name), "dfu %q: image %q is signed elsewhere, and its signature is not there yet", dfu.Name, image.plan.Name)
			}
		}
		problems = append(problems, pl.rehearseDFU(dfu)...)
	}
	return problems
}

// rehearseDFU makes the zip of drafts, where all of them are there, to find what a
// phone would refuse.
func (pl *planner) rehearseDFU(dfu *DFU) (problems diag.List) {
	if dfu.broken {
		return nil // somebody has said why
	}
	p := dfuzip.Package{Name: pl.project.Name, Time: noTime}
	for _, name := range dfu.Images {
		image := pl.plannedImage(name)
		if image == nil || image.draft == nil {
			return nil
		}
		data, err := image.draft.Image.MarshalBinary()
		if err != nil {
			return nil // the image itself has been refused for it
		}
		p.Files = append(p.Files, image.image.dfuFile(data))
	}
	if err := p.Check(); err != nil {
		for line := range strings.Lines(err.Error()) {
			problems.Addf(dfu.Pos, "dfu %q: %s", dfu.Name, strings.TrimPrefix(strings.TrimSpace(line), "dfuzip: "))
		}
	}
	return problems
}

func attachHint(image string) string {
	return "build the image alone (--only " + image + "), have it signed, and build with --attach " + image + "=FILE"
}

// writeDFUs makes the zips of signed images.
func (b *builder) writeDFUs() ([]Output, error) {
	var outputs []Output
	for _, dfu := range b.plan.DFUs {
		output, err := b.writeDFU(dfu)
		if err != nil {
			return nil, fmt.Errorf("dfu %q: %w", dfu.Name, err)
		}
		outputs = append(outputs, output)
	}
	return outputs, nil
}

// noTime is the first one that a zip can hold.
var noTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func (b *builder) writeDFU(dfu PlannedDFU) (Output, error) {
	p := dfuzip.Package{Name: b.plan.Project, Time: b.opt.SigningTime}
	if p.Time.Before(noTime) {
		p.Time = noTime
	}
	for _, name := range dfu.Images {
		job := b.imageJobOf(name)
		data, err := job.made.Bytes(imagebuild.Output{Purpose: imagebuild.OTA, Name: ".bin"})
		if err != nil {
			return Output{}, fmt.Errorf("image %q: %w", name, err)
		}
		p.Files = append(p.Files, job.plan.image.dfuFile(data))
	}
	var content bytes.Buffer
	if err := dfuzip.Write(&content, p); err != nil {
		return Output{}, err
	}
	if err := b.writeOutput(dfu.Output, content.Bytes()); err != nil {
		return Output{}, err
	}
	return Output{
		Name: dfu.Name, Kind: "dfu", File: dfu.Output, Size: int64(content.Len()), SHA256: hexDigest(content.Bytes()), Version: b.plan.Version,
	}, nil
}

// dfuFile is the image in a zip, with data for its bytes.
func (i *Image) dfuFile(data []byte) dfuzip.File {
	slot, addr, _ := i.Spec.Slot()
	file := dfuzip.File{
		Name: i.Name + ".bin", Data: data, Board: i.Board, SoC: i.SoC, ImageIndex: int(i.Number), Version: i.version().String(),
		LoadAddress: addr + uint32(i.Spec.Options.HeaderSize),
	}
	if i.Spec.Profile.Bootloader().Mode == mcuboot.DirectXIP { // others are moved to where they run
		file.Slot = &slot
	}
	return file
}
