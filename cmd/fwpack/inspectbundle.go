package main

import (
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/pack/inspect"
)

// scope prints what devices take from a description, as a tree.
func (v *view) scope(sc *inspect.Scope) {
	hardware := ""
	if sc.HardwareCompatibility != nil {
		hardware = ", hardware " + listOr(sc.HardwareCompatibility, "none")
	}
	link := ""
	if sc.Link != "" {
		link = ", the same as " + sc.Link
	}
	v.line(cyan, "%s%s%s", scopeTitle(sc), hardware, link)
	v.in(func() {
		for i := range sc.Sections {
			v.section(&sc.Sections[i])
		}
		for _, below := range sc.Scopes {
			v.scope(below)
		}
	})
}

func scopeTitle(sc *inspect.Scope) string {
	var words []string
	if sc.Board != "" {
		words = append(words, "board "+sc.Board)
	}
	if sc.Set != "" {
		words = append(words, "selection "+sc.Set+","+sc.Mode)
	}
	switch {
	case len(words) > 0:
		return strings.Join(words, ", ")
	case sc.Name == "software":
		return "any device"
	}
	return sc.Name
}

func (v *view) section(s *inspect.Section) {
	for i := range s.Entries {
		v.row(plain, s.Name, "%s", entryWords(&s.Entries[i]))
	}
	v.flush()
}

func entryWords(e *inspect.Entry) string {
	if e.Filename == "" && e.Type == "" && e.Name != "" {
		if e.Value == "" {
			return e.Name + " is removed"
		}
		return e.Name + " = " + e.Value
	}
	component := ""
	if e.Name != "" {
		component = "[" + joined(" ", e.Name, e.Version) + "]"
	}
	return joined("  ", joined(" -> ", e.Filename, joined(" ", e.Type, target(e.Device, e.Volume, e.MTDName, e.Path))), component)
}

// target is where something is installed.
func target(device, volume, mtdname, path string) string {
	if volume != "" {
		volume = "volume " + volume
	}
	if mtdname != "" {
		mtdname = "mtd " + mtdname
	}
	return joined(" ", device, volume, mtdname, path)
}

// entries prints the files of a bundle: how large they are in it and on a device,
// how they are packed and where they go.
func (v *view) entries(b *inspect.Bundle) {
	v.line(plain, "")
	v.line(faint, "%10s  %10s  %-16s  %s", "STORED", "FINAL", "PACKED", "NAME")
	for i := range b.Entries {
		v.entry(&b.Entries[i])
	}
}

func (v *view) entry(e *inspect.BundleEntry) {
	final := "?"
	switch {
	case e.Unpacked != nil:
		final = fmt.Sprint(e.Unpacked.Size)
	case e.Compressed == "" && !e.Encrypted:
		final = ""
	}
	v.line(bold, "%10d  %10s  %-16s  %s", e.Size, final, packedAs(e), e.Name)
	v.line(faint, "%12s%s", "", e.SHA256)
	told := map[string]bool{}
	for i := range e.Installed {
		if words := installationWords(&e.Installed[i]); !told[words] { // boards may do the same
			told[words] = true
			v.line(plain, "%12s-> %s", "", words)
		}
	}
}

func installationWords(at *inspect.Installation) string {
	directly := ""
	if at.Directly {
		directly = "installed directly"
	}
	return joined(", ", joined(" ", at.Type, target(at.Device, at.Volume, at.MTDName, at.Path)), directly)
}

func packedAs(e *inspect.BundleEntry) string {
	encrypted := ""
	if e.Encrypted {
		encrypted = "encrypted"
	}
	return joined(", ", e.Compressed, encrypted)
}
