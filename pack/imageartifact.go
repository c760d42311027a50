package pack

import (
	"slices"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/pack/imagebuild"
)

// artifact is the image in a bundle. A description may call it by its name or by
// that of its file.
func (i *Image) artifact(purpose imagebuild.Purpose) *Artifact {
	return &Artifact{Name: i.Name, File: i.output(purpose).Name, Image: i.Name, Purpose: purpose, Pos: i.here}
}

// imageArtifact reads an artifact that is an image of the project.
func (d *decoder) imageArtifact(t *table) *Artifact {
	name, purpose := t.string("image"), imagebuild.OTA
	if t.has("purpose") {
		purpose = imagebuild.Purpose(t.string("purpose"))
		if !slices.Contains(imagebuild.Purposes(), purpose) {
			t.errorf("purpose", "purpose %q is unknown: ota, test, confirmed and factory are allowed", purpose)
		}
	}
	t.idle("stands beside image: one of the two is allowed", "file")
	t.idle("is for a file, not for an image", "delta")
	t.knows("file", "delta")
	image := d.project.image(name)
	if image == nil {
		if name != "" {
			d.problems.AddHint(t.pos("image"), diag.DidYouMean(name, d.project.imageNames()), "image %q is not declared", name)
		}
		return &Artifact{Pos: t.pos("image")}
	}
	a := image.artifact(purpose)
	a.Pos = t.pos("image")
	if output := image.output(purpose); !image.makes(output) && !image.unread {
		d.checkOutput(image, output, "purpose "+string(purpose), t.pos("image"))
	}
	return a
}
