package pack

import (
	"strconv"

	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/template/swdesc"
)

// DeltaEntry is an entry whose image a device makes of what it has and of what it
// downloads.
type DeltaEntry struct {
	Entry string // name in the archive
	New   string // the new image: a file, or FILE.swu#ENTRY where the header is in a bundle

	MaxRanges    int // the property max-ranges; 0 where it is not set
	URLLen       int // bytes of the property url
	NoSourceSize bool
}

// Deltas returns the entries that the handler delta installs and whose new image
// is known, each once.
func (s *Subject) Deltas() []DeltaEntry {
	var list []DeltaEntry
	seen := map[string]bool{}
	for group := range swufile.Groups(s.Doc) {
		name := textOf(group, "filename", "")
		source := s.images[name]
		if source == "" && !s.Draft && s.Archive != nil {
			source = s.File + "#" + name
		}
		if textOf(group, "type", "") != "delta" || seen[name] || source == "" {
			continue
		}
		seen[name] = true
		list = append(list, deltaEntry(group, name, source))
	}
	return list
}

func deltaEntry(group *swdesc.Group, name, source string) DeltaEntry {
	e := DeltaEntry{Entry: name, New: source, NoSourceSize: true}
	properties, err := group.GetGroup("properties")
	if properties == nil || err != nil {
		return e
	}
	e.MaxRanges, _ = strconv.Atoi(textOf(properties, "max-ranges", "0")) // lint says what is wrong with it
	e.URLLen = len(textOf(properties, "url", ""))
	e.NoSourceSize = properties.Get("source-size") == nil
	return e
}

// deltaImages are the new images of the deltas of a planned bundle, by the names of
// their entries.
func (bp *bundlePlanner) deltaImages() map[string]string {
	images := map[string]string{}
	for _, entry := range bp.plan.Entries {
		p := &bp.planner.plan.Payloads[entry.Payload]
		if p.Delta != nil && p.Delta.Kind == deltaZchunk && p.Size != unknownSize {
			images[entry.Name] = p.File
		}
	}
	return images
}
