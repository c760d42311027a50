package lint

import (
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// What the examples of the rules are put together from.

// digest is a sha256 for examples.
const digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

const withDigest = `sha256 = "` + digest + `"`

// software is a description with the settings below software.
func software(settings ...string) string {
	return bare(append([]string{`version = "1.0"`, `hardware-compatibility = [ "1.0" ]`}, settings...)...)
}

// bare is software without the settings that every description has.
func bare(settings ...string) string {
	return "software = " + group(settings...) + ";\n"
}

// group is the settings in braces, one a line.
func group(settings ...string) string {
	if len(settings) == 0 {
		return "{ }"
	}
	return "{\n" + indent(strings.Join(settings, ";\n")+";") + "\n}"
}

// list is a section with the entries.
func list(name string, entries ...string) string {
	return name + " = (\n" + indent(strings.Join(entries, ",\n")) + "\n)"
}

func indent(text string) string {
	return "\t" + strings.ReplaceAll(text, "\n", "\n\t")
}

// rootfs is an image without fault, with more settings.
func rootfs(more ...string) string {
	return group(append([]string{`filename = "rootfs.ext4"`, `type = "raw"`, `device = "/dev/mmcblk0p2"`}, more...)...)
}

// kernel is another one.
func kernel(more ...string) string {
	return group(append([]string{`filename = "zImage"`, `type = "raw"`, `device = "/dev/mmcblk0p3"`}, more...)...)
}

// images is a description with images alone.
func images(entries ...string) string { return software(list("images", entries...)) }

// script, file and partition are entries with a type.
func script(filename, typ string, more ...string) string {
	return group(append([]string{`filename = "` + filename + `"`, `type = "` + typ + `"`}, more...)...)
}

func file(filename, path string, more ...string) string {
	return group(append([]string{`filename = "` + filename + `"`, `type = "rawfile"`, `path = "` + path + `"`}, more...)...)
}

// typed is an entry of one type.
func typed(typ string, more ...string) string {
	return group(append([]string{`type = "` + typ + `"`}, more...)...)
}

// properties is an entry's group of that name.
func properties(settings ...string) string { return "properties = " + group(settings...) }

// draft is an example that is a template, whose digests are filled in later.
func draft(description string, also ...string) Example {
	return Example{Description: description, Draft: true, Also: also}
}

// finished is an example that is no template.
func finished(description string, also ...string) Example {
	return Example{Description: description, Also: also}
}

// inJSON is an example in JSON. The text lies inside the braces of software,
// behind what every description has.
func inJSON(text string, also ...string) Example {
	return Example{Format: swdesc.JSON, Draft: true, Also: also, Description: "{\n  \"software\": {\n" +
		"    \"version\": \"1.0\",\n    \"hardware-compatibility\": [ \"1.0\" ],\n    " + text + "\n  }\n}\n"}
}

// on is the example for a target.
func (e Example) on(target string) Example {
	e.Target = target
	return e
}

// by is the example for a device.
func (e Example) by(device swupdate.Profile) Example {
	e.Device = &device
	return e
}

// in is the example in an archive.
func (e Example) in(entries ...swupdate.Entry) Example {
	e.Archive = &swupdate.Archive{Entries: entries}
	return e
}

// signed is the example with a signature.
func (e Example) signed(s swupdate.Signature) Example {
	e.Archive = &swupdate.Archive{Signature: &s, Entries: []swupdate.Entry{packed("rootfs.ext4")}}
	return e
}

// packed is an entry of an archive of which nothing but the name is known.
func packed(name string) swupdate.Entry { return swupdate.Entry{Name: name, Size: -1} }

// these are the examples of one side.
func these(examples ...Example) []Example { return examples }
