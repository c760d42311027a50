package swufile

import (
	"fmt"
	"io"
	"slices"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/pack/imagefile"
)

// maxImage bounds an image in a bundle in bytes. It is held in memory, as it is and
// as the bootloader's rules want it.
const maxImage = 16 << 20

// nestedImage is what is left of an image in a bundle.
type nestedImage struct {
	payload      *Payload
	version      mcuboot.Version
	dependencies []mcuboot.Dependency
}

// isImage tells whether a payload may be an image: nothing but erased flash at its
// begin makes none.
func isImage(head []byte) bool {
	blank := !slices.ContainsFunc(head, func(b byte) bool { return b != head[0] })
	return !blank && imagefile.Recognise(head)
}

// image verifies an MCUboot image by its bootloader's rules. Text that only looks
// like Intel HEX with an image in it is none.
func (v *verifier) image(p *Payload, in io.Reader) []Step {
	limited := &io.LimitedReader{R: in, N: maxImage}
	f, err := imagefile.Read(p.Name, limited)
	switch {
	case limited.N <= 0:
		return []Step{{Step: StepImage, Outcome: NotProven, Detail: fmt.Sprintf("has more than %d bytes, and is not looked into", maxImage)}}
	case err != nil:
		return nil
	}
	if f.Image != nil {
		dependencies, _ := f.Image.Dependencies() // what is wrong with them the bootloader's rules say
		v.images = append(v.images, nestedImage{p, f.Image.Header.Version, dependencies})
	}
	trusted := v.imageTrust(f)
	judged, err := f.Verify(imagefile.VerifyOptions{
		Bootloader: f.Bootloader(), Profile: v.Bootloader, Primary: v.Primary,
		Trust: trusted, DecryptionKey: v.Keys.ImageKey(f.Image),
	})
	if err != nil {
		return []Step{{Step: StepImage, Outcome: Failed, Detail: bare(p.Name, err)}}
	}
	step := Step{Step: StepImage, Outcome: outcomeOf(judged.Verdict), Image: judged, Detail: imageReason(judged)}
	if step.Outcome == NotProven && onlySignature(judged) && len(trusted) == 0 {
		step.Outcome = NotAsked
		step.Detail = fmt.Sprintf("version %s, its hash is right; of its signature nothing is proven, as no key of its type is trusted", judged.Version)
	}
	return []Step{step}
}

// imageTrust are the trusted keys that an image is held against: those of the type
// that it is signed with, all where it is not signed.
func (v *verifier) imageTrust(f *imagefile.File) []imagefile.TrustedKey {
	if v.Trust == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(v.Trust.Images), func(key imagefile.TrustedKey) bool {
		return f.Signed() && !f.SignedWith(key.Type)
	})
}

// onlySignature tells whether nothing but the signature is not proven.
func onlySignature(judged *imagefile.Verification) bool {
	return !slices.ContainsFunc(judged.Rules, func(r imagefile.RuleResult) bool {
		return r.Asked && r.Outcome == mcuboot.Unchecked.String() && r.Rule != string(mcuboot.RuleSignature)
	})
}

// imageReason is why an image is not accepted, or by whom it is signed.
func imageReason(judged *imagefile.Verification) string {
	for _, r := range judged.Rules {
		bad := r.Outcome == mcuboot.Failed.String()
		if judged.Verdict == imagefile.NotProven {
			bad = r.Asked && r.Outcome == mcuboot.Unchecked.String()
		}
		if bad {
			return r.Rule + ": " + r.Detail
		}
	}
	if judged.SignedBy != nil {
		return fmt.Sprintf("version %s, signed by %s", judged.Version, judged.SignedBy.File)
	}
	return "version " + judged.Version
}

// dependencies looks for the images that another one needs among those of the
// bundle. Which number an image has on the device is written nowhere in it, so any
// other one does; one that is not here may be on the device.
func (v *verifier) dependencies(result *Verification, p *Payload) {
	for _, image := range v.images {
		if image.payload != p {
			continue
		}
		for _, d := range image.dependencies {
			i := slices.IndexFunc(v.images, func(other nestedImage) bool {
				return other.payload != p && other.version.CompareRelease(d.Version) >= 0
			})
			if i < 0 {
				result.add(StepDependencies, p.Name, NotAsked, "needs image %d in version %s or later, which is not in the bundle: the device must have it", d.Image, d.Version)
				continue
			}
			result.add(StepDependencies, p.Name, Proven, "needs image %d in version %s or later: %s has %s", d.Image, d.Version, v.images[i].payload.Name, v.images[i].version)
		}
	}
}
