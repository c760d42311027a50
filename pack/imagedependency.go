package pack

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/profile"
)

// dependencies reads [image.dependencies]: the least version of other images, by
// their names or numbers.
func (d *decoder) dependencies(image *Image, t *table) {
	sub := t.table("dependencies")
	if sub == nil {
		return
	}
	o := &image.Spec.Options
	o.Dependencies = nil // those of the build folder do not count
	for _, key := range sub.keys() {
		dependency, on, ok := d.dependency(image, sub, key)
		if !ok {
			continue
		}
		if slices.ContainsFunc(o.Dependencies, func(other mcuboot.Dependency) bool { return other.Image == dependency.Image }) {
			sub.errorf(key, "dependency %q: image %d is there already", key, dependency.Image)
		}
		d.checkDependency(image, sub, key, dependency, on)
		o.Dependencies = append(o.Dependencies, dependency)
	}
	sub.rest()
	image.noteDependencies(sub.here().String())
}

// noteDependencies shows the dependencies among the settings of the image.
func (i *Image) noteDependencies(from string) {
	var all []string
	for _, dependency := range i.Spec.Options.Dependencies {
		all = append(all, dependency.String())
	}
	i.Settings = append(slices.DeleteFunc(i.Settings, func(s profile.Setting) bool { return s.Key == "dependencies" }),
		profile.Setting{Key: "dependencies", Value: strings.Join(all, ","), From: from})
}

// dependency reads one, and finds the image of the project that it is about; nil
// where there is none, or more than one of its number.
func (d *decoder) dependency(image *Image, t *table, key string) (dependency mcuboot.Dependency, on *Image, ok bool) {
	if on = d.project.image(key); on != nil {
		dependency.Image = on.Number
	} else if n, err := parseImageNumber(key); err == nil {
		dependency.Image, on = n, d.project.imageByNumber(n)
	} else {
		t.knows(key)
		t.errorf(key, "dependency %q is neither an image of the project nor the number of one", key)
		return dependency, nil, false
	}
	before := len(d.problems)
	t.text(key, &dependency.Version)
	if dependency.Image == image.Number {
		t.errorf(key, "dependency %q has the number of the image itself, %d: number tells images apart", key, image.Number)
	}
	return dependency, on, len(d.problems) == before
}

// checkDependency wants the other image of the project to be new enough. Where the
// project says itself what the device has, that is held against it instead.
func (d *decoder) checkDependency(image *Image, t *table, key string, want mcuboot.Dependency, on *Image) {
	if on == nil || image.Spec.Profile.Has("image-versions") {
		return
	}
	compare := mcuboot.Version.CompareRelease
	if image.Spec.Profile.Bootloader().BuildNumbers {
		compare = mcuboot.Version.Compare
	}
	if compare(on.version(), want.Version) < 0 {
		t.errorf(key, "image %q: wants at least version %s of image %q, which is %s", image.Name, want.Version, on.Name, on.version())
	}
}

// imageByNumber finds the only image with the number.
func (p *Project) imageByNumber(n uint8) *Image {
	var found *Image
	for _, image := range p.Images {
		if image.Number != n {
			continue
		}
		if found != nil {
			return nil
		}
		found = image
	}
	return found
}

// versionsOf are the versions of the images that i depends on, as the setting
// image-versions has them; "" where the project does not know all of them.
func (p *Project) versionsOf(i *Image) string {
	var all []string
	for _, dependency := range i.Spec.Options.Dependencies {
		on := p.imageByNumber(dependency.Image)
		if on == nil {
			return ""
		}
		all = append(all, fmt.Sprintf("%d=%s", on.Number, on.version()))
	}
	return strings.Join(all, ", ")
}
