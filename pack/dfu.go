package pack

import (
	"bytes"
	"fmt"
	"slices"
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
		dfu := &DFU{Name: t.required("name"), Output: t.required("output"), Images: t.strings("images"), Pos: t.here()}
		if dfu.Output != "" && !isOutputName(dfu.Output) {
			t.errorf("output", "output %q must be a plain file name other than %s: it is put into the output folder", dfu.Output, reportName)
		}
		if len(dfu.Images) == 0 {
			d.problems.Addf(dfu.Pos, "dfu %q: images is missing: want the names of one or more", dfu.Name)
		}
		for i, name := range dfu.Images {
			d.dfuImage(t.elementPos("images", i), name)
		}
		t.rest()
		d.project.DFUs = append(d.project.DFUs, dfu)
	}
}

// dfuImage wants of an image what the manifest says of it.
func (d *decoder) dfuImage(pos diag.Pos, name string) {
	image := d.project.image(name)
	switch {
	case name == "":
	case image == nil:
		d.problems.AddHint(pos, diag.DidYouMean(name, d.project.imageNames()), "image %q is not declared", name)
	case image.Board == "" || image.SoC == "":
		d.problems.Addf(pos, "image %q: board or soc is missing: phones want both", name)
	case !image.Spec.Profile.Has("slot-address"):
		d.problems.Addf(pos, "image %q: slot-address is missing: the manifest says where the image runs", name)
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
		file, err := b.imageJobOf(name).dfuFile()
		if err != nil {
			return Output{}, fmt.Errorf("image %q: %w", name, err)
		}
		p.Files = append(p.Files, file)
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

// dfuFile is the image in a zip.
func (j *imageJob) dfuFile() (dfuzip.File, error) {
	image := j.plan.image
	data, err := j.made.Bytes(imagebuild.Output{Purpose: imagebuild.OTA, Name: ".bin"})
	slot, _ := image.Spec.Profile.SlotAddress()
	return dfuzip.File{
		Name: image.Name + ".bin", Data: data, Board: image.Board, SoC: image.SoC, ImageIndex: int(image.Number), Version: j.plan.Version,
		LoadAddress: slot + uint32(image.Spec.Options.HeaderSize), Slot: image.fixedSlot(),
	}, err
}

// fixedSlot is the slot that an image runs in which is executed in place; nil for
// one that is moved to where it runs.
func (i *Image) fixedSlot() *int {
	b := i.Spec.Profile.Bootloader()
	if b.Mode != mcuboot.DirectXIP {
		return nil
	}
	slot := 0
	if second, known := i.Spec.Profile.SecondaryAddress(); known && i.Spec.Options.ROMFixed == second {
		slot = 1
	}
	return &slot
}
