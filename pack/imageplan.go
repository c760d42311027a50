package pack

import (
	"crypto"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/profile"
	"github.com/fwpack/fwpack/pack/imagebuild"
	"github.com/fwpack/fwpack/template/swdesc/lint"
)

// PlannedImage is an MCUboot image and the files that are made of it.
type PlannedImage struct {
	Name       string              `json:"name"`
	Input      string              `json:"input"`
	Version    string              `json:"version"`
	Sign       string              `json:"sign,omitempty"`    // name of the key
	Encrypt    string              `json:"encrypt,omitempty"` // name of the key
	Outputs    []imagebuild.Output `json:"outputs"`
	Request    string              `json:"request,omitempty"` // file that says what is to be signed elsewhere
	Settings   []profile.Setting   `json:"settings"`          // that the image is made with
	Bootloader []profile.Setting   `json:"bootloader"`        // that it is made for
	Fit        *ReportedFit        `json:"fit,omitempty"`     // where it can be told without the keys

	image     *Image
	spec      *imagebuild.Spec
	firmware  *imagebuild.Firmware
	signature []byte            // that was made elsewhere
	draft     *imagebuild.Draft // for stand-ins of keys that are not known
}

// plannedImage is a PlannedImage before it is known whether it counts.
type plannedImage struct {
	plan     PlannedImage
	problems diag.List
}

// planImages looks at all images, in the order of the project.
func (pl *planner) planImages(attached map[string][]byte) {
	for _, name := range slices.Sorted(maps.Keys(attached)) {
		if pl.project.image(name) == nil {
			pl.strays.AddHint(diag.Pos{File: pl.project.File}, diag.DidYouMean(name, pl.project.imageNames()), "a signature is to be attached to image %q, which is not declared", name)
		}
	}
	for _, image := range pl.project.Images {
		pl.problems = nil
		plan := pl.image(image, attached[image.Name])
		pl.images = append(pl.images, plannedImage{plan, pl.problems})
	}
}

func (pl *planner) image(i *Image, signature []byte) PlannedImage {
	plan := PlannedImage{
		Name: i.Name, Input: i.Input, Version: i.version().String(), Sign: i.Sign, Encrypt: i.Encrypt,
		Outputs: i.Outputs, Settings: i.Settings, Bootloader: i.Spec.Profile.Settings(), image: i, spec: pl.imageSpec(i), signature: signature,
	}
	pl.checkAttached(i, signature)
	if pl.project.imageSignedLater(i) && signature == nil {
		plan.Outputs, plan.Request = unsignedOutputs(i)
	}
	if len(i.absent) > 0 {
		if !pl.withoutFiles {
			pl.problems = append(pl.problems, i.absent...)
		}
		return plan
	}
	complete := pl.readTLVs(i, &plan.spec.Options)
	complete = pl.findParts(i) && complete
	if i.broken || i.Input == "" {
		return plan // somebody has said why
	}
	if _, err := pl.project.statRegular(i.Input); err != nil {
		pl.missingFile(i.Pos, "image %q: input: %v", i.Name, err)
		return plan
	}
	firmware, err := i.Spec.Read(i.Input)
	if err != nil {
		pl.problems.Addf(i.Pos, "image %q: %v", i.Name, err)
		return plan
	}
	plan.firmware = firmware
	if complete {
		pl.draftImage(&plan)
	}
	return plan
}

// checkAttached refuses a signature that would not be used.
func (pl *planner) checkAttached(i *Image, signature []byte) {
	switch {
	case signature == nil || pl.project.imageSignedLater(i):
	case i.Sign == "":
		pl.problems.Addf(i.here, "image %q: a signature is to be attached, and the image is not signed", i.Name)
	default:
		pl.problems.Addf(i.here, "image %q: a signature is to be attached, and key %q signs here", i.Name, i.Sign)
	}
}

// findParts tells whether all is there that surrounds the image in an empty device.
func (pl *planner) findParts(i *Image) bool {
	complete := true
	for n, part := range i.Spec.Factory {
		if part.Path == "" {
			return false
		}
		if _, err := pl.project.statRegular(part.Path); err != nil {
			complete = false
			pl.missingFile(i.partPos[n], "image %q: factory: %v", i.Name, err)
		}
	}
	return complete
}

// imageSignedLater tells whether the key of an image is elsewhere.
func (p *Project) imageSignedLater(i *Image) bool {
	key := p.Keys[i.Sign]
	return key != nil && key.Elsewhere
}

// unsignedOutputs are the files of an image whose key is elsewhere: the image
// without its signature, and what is to be signed.
func unsignedOutputs(i *Image) (outputs []imagebuild.Output, request string) {
	output := i.output(imagebuild.OTA)
	if output.Hex() { // nobody programs it, so that it needs no address
		output.Name = strings.TrimSuffix(output.Name, filepath.Ext(output.Name)) + ".bin"
	}
	unsigned, request := unsignedNames(output.Name)
	return []imagebuild.Output{{Purpose: imagebuild.OTA, Name: unsigned}}, request
}

// draftImage makes the image as far as it can be without a key, and reports what
// the bootloader would refuse.
func (pl *planner) draftImage(plan *PlannedImage) {
	i := plan.image
	spec, complete := withStandIns(plan.spec, i.Sign != "")
	draft, err := imagebuild.NewDraft(spec, plan.firmware, imagebuild.Keys{
		Recipient: standInRecipient(spec), Rand: rand.NewChaCha8([32]byte{}), // nothing of it is kept
	})
	if err != nil {
		pl.problems.Addf(i.Pos, "image %q: %v", i.Name, withoutPackage(err))
		return
	}
	plan.draft = draft
	if complete {
		plan.Bootloader, plan.Fit = draft.Settings, reportedFit(draft.Fit)
	}
	for _, problem := range append(draft.Problems, draft.Rehearse(i.Outputs)...) {
		pl.problems.Addf(i.here, "image %q: %s", i.Name, problem)
	}
}

// withStandIns is what an image is made with where keys are not known: a key of
// the type that the bootloader wants. Complete tells whether all is known that
// takes room.
func withStandIns(of *imagebuild.Spec, signed bool) (spec *imagebuild.Spec, complete bool) {
	s := *of
	complete = true
	switch {
	case !signed:
		s.Signature = 0
	case s.Signature == 0 && s.Options.Signing.Pure:
		s.Signature = mcuboot.Ed25519 // there is no other
	case s.Signature == 0:
		s.Options.Signing = mcuboot.Signing{Hash: s.Options.Signing.Hash} // what else there is depends on the key
		complete = false
	}
	if s.Options.Encryption != nil && standInRecipient(&s) == nil {
		s.Options.Encryption = nil
		complete = false
	}
	return &s, complete
}

// imageSpec is that of the project, and of its other images, which dependencies
// are held against.
func (pl *planner) imageSpec(i *Image) *imagebuild.Spec {
	spec := i.Spec
	if len(spec.Options.Dependencies) == 0 || spec.Profile.Has("image-versions") {
		return &spec
	}
	text := pl.project.versionsOf(i)
	if text == "" {
		return &spec
	}
	spec.Profile = spec.Profile.Clone()
	if err := spec.Profile.Set(profile.Setting{Key: "image-versions", Value: text, From: "the other images of the project"}); err != nil {
		pl.problems.Addf(i.here, "image %q: %v", i.Name, err)
	}
	return &spec
}

// standInRecipient is a key of the type that the bootloader decrypts with; nil
// where that is not known.
func standInRecipient(s *imagebuild.Spec) crypto.PublicKey {
	if s.Options.Encryption == nil {
		return nil
	}
	switch s.Profile.Bootloader().EncryptionTLV {
	case mcuboot.TLVEncRSA2048:
		return mcuboot.StandIn(mcuboot.RSA2048)
	case mcuboot.TLVEncEC256:
		return mcuboot.StandIn(mcuboot.ECDSAP256)
	case mcuboot.TLVEncX25519, mcuboot.TLVEncX25519SHA512:
		return mcuboot.StandIn(mcuboot.X25519)
	case mcuboot.TLVEncKW:
		return mcuboot.KEK(make([]byte, s.Options.Encryption.KeySize/8))
	}
	return nil
}

// imagePayload plans the payload that an image is in a bundle.
func (pl *planner) imagePayload(a *Artifact, pos diag.Pos) (int, bool) {
	image := pl.plannedImage(a.Image)
	if image.Request != "" {
		pl.problems.AddHint(pos, attachHint(a.Image), "artifact %q: image %q is signed elsewhere, and its signature is not there yet", a.Name, a.Image)
		return 0, false
	}
	if output := image.image.output(a.Purpose); image.draft != nil && !image.image.makes(output) {
		for _, problem := range image.draft.Rehearse([]imagebuild.Output{output}) {
			pl.problems.Addf(pos, "artifact %q: image %q: %s", a.Name, a.Image, problem)
		}
	}
	pl.plan.Payloads = append(pl.plan.Payloads, PlannedPayload{
		Artifact: a.Name, File: a.File, Image: a.Image, Purpose: a.Purpose, Size: image.sizeOf(a.Purpose),
		Compress: a.Compress, Encrypt: a.Encrypt, Fresh: pl.isFresh(a.Encrypt), Pos: pos,
	})
	pl.byFile[a.identity()] = len(pl.plan.Payloads) - 1
	return len(pl.plan.Payloads) - 1, true
}

// plannedImage finds what is planned of an image, nil where there is no such image.
func (pl *planner) plannedImage(name string) *PlannedImage {
	for i := range pl.images {
		if pl.images[i].plan.Name == name {
			return &pl.images[i].plan
		}
	}
	return nil
}

// sizeOf is that of a file of the image, at most; unknownSize where its input need
// not be there.
func (p *PlannedImage) sizeOf(purpose imagebuild.Purpose) int64 {
	if p.draft == nil {
		return unknownSize
	}
	if size, known := p.draft.Size(p.image.output(purpose)); known {
		return size
	}
	return int64(p.draft.Image.Size())
}

func (pl *planner) isFresh(key string) bool {
	k := pl.project.Keys[key]
	return k != nil && k.Fresh
}

// takeImages takes over the selected images, those in selected bundles among them,
// and the keys that they need.
func (pl *planner) takeImages(only []string) diag.List {
	var problems diag.List
	for _, image := range pl.images {
		if !pl.wantsImage(only, image.plan.Name) {
			continue
		}
		pl.plan.Images = append(pl.plan.Images, image.plan)
		pl.plan.Findings = append(pl.plan.Findings, image.plan.findings()...)
		problems = append(problems, image.problems...)
		problems = append(problems, pl.imageKeys(image.plan.image)...)
		if len(image.plan.Outputs) == 0 && !pl.usesImage(image.plan.Name) && len(image.problems)+len(pl.project.problems) == 0 {
			problems.Addf(image.plan.image.here, "image %q: output is missing, and nothing else that is built holds the image", image.plan.Name)
		}
	}
	return problems
}

// findings are what speaks against the image without being refused.
func (p *PlannedImage) findings() []Finding {
	if p.draft == nil {
		return nil
	}
	var findings []Finding
	for _, warning := range p.draft.Warnings {
		pos := p.image.here
		findings = append(findings, Finding{
			Severity: lint.Warning, File: pos.File, Line: pos.Line, Column: pos.Col, Message: fmt.Sprintf("image %q: %s", p.Name, warning),
		})
	}
	return findings
}

// imageKeys notes the keys that an image needs.
func (pl *planner) imageKeys(i *Image) diag.List {
	problems := pl.useKeyNames(i.Sign)
	for _, name := range append(slices.Clone(i.Trust), i.Encrypt) {
		if key := pl.project.Keys[name]; key != nil {
			pl.plan.publicKeys[name] = key
			problems = append(problems, key.missing(pl.project)...)
		}
	}
	if pl.withoutFiles {
		return nil
	}
	return problems
}

func (pl *planner) wantsImage(only []string, name string) bool {
	return len(only) == 0 || slices.Contains(only, name) || pl.usesImage(name)
}

// usesImage tells whether something that is selected holds an image, or its digest.
func (pl *planner) usesImage(name string) bool {
	return slices.ContainsFunc(pl.plan.Payloads, func(p PlannedPayload) bool { return p.Image == name }) ||
		slices.ContainsFunc(pl.plan.DFUs, func(d PlannedDFU) bool { return slices.Contains(d.Images, name) }) ||
		slices.ContainsFunc(pl.plan.Bundles, func(b PlannedBundle) bool { return slices.Contains(b.images, name) })
}
