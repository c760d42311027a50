package pack

import (
	"iter"
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
)

// scriptsFirst goes over the groups of scripts before the others.
func scriptsFirst(groups iter.Seq2[*swdesc.Group, *swdesc.Setting]) iter.Seq2[*swdesc.Group, *swdesc.Setting] {
	return func(yield func(*swdesc.Group, *swdesc.Setting) bool) {
		for _, wanted := range []bool{true, false} {
			for group, filename := range groups {
				if strings.Contains(group.Path(), ".scripts[") == wanted && !yield(group, filename) {
					return
				}
			}
		}
	}
}

// versionOf is software.version, "" where there is none.
func versionOf(doc *swdesc.Document) string {
	if setting := doc.Find("software", "version"); setting != nil {
		if s, ok := setting.Value().(*swdesc.String); ok {
			return s.Value()
		}
	}
	return ""
}

// hardwareOf is every entry of every list hardware-compatibility: boards may
// have their own.
func hardwareOf(doc *swdesc.Document) []string {
	revisions := []string{}
	for group := range doc.Groups() {
		setting := group.Get("hardware-compatibility")
		if setting == nil {
			continue
		}
		if sequence, ok := setting.Value().(interface{ Values() []swdesc.Value }); ok {
			revisions = append(revisions, stringsIn(sequence.Values())...)
		}
	}
	return revisions
}

func stringsIn(values []swdesc.Value) []string {
	var all []string
	for _, value := range values {
		if s, ok := value.(*swdesc.String); ok {
			all = append(all, s.Value())
		}
	}
	return all
}
