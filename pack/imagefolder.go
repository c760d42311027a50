package pack

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/profile"
	"github.com/fwpack/fwpack/mcuboot/zephyr"
)

// buildFolder is what a build folder of Zephyr says. The zero one says nothing.
type buildFolder struct {
	image, bootloader []profile.Setting
	tlvs              []mcuboot.TLV // custom ones of its arguments for imgtool
	from              string        // where those arguments stand
	mode              error         // says that they are for another mode than the bootloader has
}

// readFolder reads the build folder that the image is made in. One that is not there
// is a problem for a build alone, as is firmware.
func (d *decoder) readFolder(image *Image, t *table) *buildFolder {
	dir := d.path(t.string("zephyr"))
	if dir == "" {
		return &buildFolder{}
	}
	if _, err := d.project.log.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		image.absent.Addf(t.pos("zephyr"), "image %q: zephyr: %v", image.Name, err)
		image.unread = true
		return &buildFolder{}
	}
	build, err := zephyr.Read(dir, d.project.look)
	if err != nil {
		d.problems = append(d.problems, placed(t.pos("zephyr"), "zephyr", err)...)
		image.unread = true
		return &buildFolder{}
	}
	folder := &buildFolder{image: build.Image, bootloader: build.Bootloader}
	for i := range folder.image {
		if s := &folder.image[i]; s.Key == "compression" {
			s.Key, s.Value = "compress", compressions[s.Value]
		}
	}
	d.takeArguments(folder, t)
	return folder
}

// compressions are imgtool's, in the words of [[image]].
var compressions = map[string]string{"disabled": "none", "lzma2": "lzma2", "lzma2armthumb": "lzma2-arm-thumb"}

// takeArguments translates the folder's arguments for imgtool. They count over the
// other settings of the folder, as they stand behind them on a command line.
func (d *decoder) takeArguments(folder *buildFolder, t *table) {
	extra, ok := find(folder.image, "extra-args")
	if !ok {
		return
	}
	folder.from = extra.From
	a, problems := parseArguments(extra.Value, extra.From)
	for _, err := range problems {
		d.problems.AddHint(t.pos("zephyr"), hintOf(err), "%s: %v", extra.From, err)
	}
	was, _ := find(folder.bootloader, "mode")
	if now, ok := find(a.bootloader, "mode"); ok && was.Value != now.Value {
		folder.mode = fmt.Errorf("mode %q (%s) contradicts %q (%s)", now.Value, now.From, was.Value, was.From)
	}
	if _, ok := find(a.bootloader, "write-size"); ok { // which max-align follows in imgtool, too
		folder.bootloader = slices.DeleteFunc(folder.bootloader, func(s profile.Setting) bool { return s.Key == "max-align" })
	}
	folder.image = overlay(folder.image, a.image)
	folder.bootloader = overlay(folder.bootloader, a.bootloader)
	folder.tlvs = a.tlvs
}

// value is a setting of the image; "" where the folder does not say.
func (f *buildFolder) value(key string) string {
	s, _ := find(f.image, key)
	return s.Value
}

func find(list []profile.Setting, key string) (profile.Setting, bool) {
	i := slices.IndexFunc(list, func(s profile.Setting) bool { return s.Key == key })
	if i < 0 {
		return profile.Setting{}, false
	}
	return list[i], true
}

// overlay puts settings in the place of those of the same keys.
func overlay(list, over []profile.Setting) []profile.Setting {
	kept := slices.DeleteFunc(slices.Clone(list), func(s profile.Setting) bool {
		_, replaced := find(over, s.Key)
		return replaced
	})
	return append(kept, over...)
}
