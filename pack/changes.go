package pack

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/template/swdesc"
)

// changes says what is different in a bundle since the one before: payloads,
// then what the description says apart from them. Nothing else is different.
func changes(before, after *swufile.File) []string {
	list := payloadChanges(before, after)
	list = append(list, settingChanges(settingsOf(before), settingsOf(after))...)
	if len(list) == 0 {
		return []string{"nothing"}
	}
	return list
}

func payloadChanges(before, after *swufile.File) []string {
	old := map[string]*swufile.Payload{}
	for _, entry := range before.Payloads {
		old[entry.Name] = entry
	}
	var list []string
	for _, entry := range after.Payloads {
		was, there := old[entry.Name]
		delete(old, entry.Name)
		switch {
		case !there:
			list = append(list, fmt.Sprintf("payload %s: new, %d bytes", entry.Name, entry.Size))
		case was.Stored != entry.Stored:
			list = append(list, fmt.Sprintf("payload %s: other content, %d bytes after %d", entry.Name, entry.Size, was.Size))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(old)) {
		list = append(list, fmt.Sprintf("payload %s: gone", name))
	}
	return list
}

// settingChanges compares settings by their path.
func settingChanges(before, after map[string]string) []string {
	var list []string
	paths := maps.Clone(before)
	maps.Copy(paths, after)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		was, had := before[path]
		is, has := after[path]
		switch {
		case !had:
			list = append(list, fmt.Sprintf("%s: new, %s", path, is))
		case !has:
			list = append(list, fmt.Sprintf("%s: gone, was %s", path, was))
		case was != is:
			list = append(list, fmt.Sprintf("%s: %s after %s", path, is, was))
		}
	}
	return list
}

// ofPayload are settings that change with the payload, or with each build of it.
var ofPayload = []string{"sha256", "ivt", "aes-key", "size", "decompressed-size", "decrypted-size"}

// settingsOf are the values of a description by their paths, written in one way,
// less what belongs to the payloads.
func settingsOf(b *swufile.File) map[string]string {
	settings := map[string]string{}
	for group := range b.Doc.Groups() {
		for _, setting := range group.Settings() {
			if swufile.IsProperties(group) || !slices.Contains(ofPayload, setting.Name()) {
				for path, value := range scalars(setting.Path(), setting.Value()) {
					settings[path] = value
				}
			}
		}
	}
	return settings
}

// scalars goes over the values below one that stand in no group.
func scalars(path string, value swdesc.Value) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		switch value := value.(type) {
		case *swdesc.String:
			yield(path, fmt.Sprintf("%q", value.Value()))
		case swdesc.Scalar:
			yield(path, value.Raw())
		case interface{ Values() []swdesc.Value }:
			var parts []string
			for _, element := range value.Values() {
				for _, text := range scalars("", element) {
					parts = append(parts, text)
				}
			}
			if parts != nil {
				yield(path, strings.Join(parts, ", "))
			}
		}
	}
}
