package pack

import (
	"slices"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// profile reads the table as a device, see swupdate.Profile for what the keys
// mean. What is left out is not known of the device.
func (t *table) profile() swupdate.Profile {
	p := swupdate.Profile{
		Handlers:                 t.choicesOf("handlers", swupdate.HandlerNames()),
		Custom:                   customHandlers(t.table("custom")),
		Compressions:             t.choicesOf("compressions", compressionNames()),
		SkipsUnknownSigners:      t.answer("skips-unknown-signers"),
		IgnoresExtraCertificates: t.answer("ignores-extra-certificates"),
		HardwareCheck:            t.answer("hardware-check"),
		Lua:                      t.answer("lua"),
		JSON:                     t.answer("json"),
		Encryption:               t.answer("encryption"),
		EncryptedDescription:     t.answer("encrypted-description"),
		DeltaDownload:            t.answer("delta-download"),
		FileSystems:              t.strings("file-systems"),
	}
	t.text("release", &p.Release)
	t.text("verifier", &p.Verifier)
	t.rest()
	return p
}

// answer reads true or false; Unknown where there is neither.
func (t *table) answer(key string) swupdate.Answer {
	value := t.bool(key)
	switch {
	case !t.has(key):
		return swupdate.Unknown
	case value:
		return swupdate.Yes
	}
	return swupdate.No
}

// choicesOf reads an array of strings that are all among known. It is nil, for
// all of them, only where the key is absent.
func (t *table) choicesOf(key string, known []string) []string {
	list := t.strings(key)
	for i, name := range list {
		if name != "" && !slices.Contains(known, name) {
			hint := diag.DidYouMean(name, known)
			if hint == "" {
				hint = "known here: " + joinNames(known)
			}
			t.doc.problems.AddHint(t.elementPos(key, i), hint, "%s: %q is not known", key, name)
		}
	}
	return list
}

func compressionNames() []string {
	var names []string
	for _, c := range swupdate.Compressions() {
		names = append(names, c.Name)
	}
	return names
}
