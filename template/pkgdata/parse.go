package pkgdata

import (
	"maps"
	"slices"
	"strings"
)

// parse reads the lines of a package's file: a key, a colon with a blank behind
// it, a value. Lines of another form are passed over, as OpenEmbedded does.
func parse(data []byte) map[string]string {
	values := map[string]string{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\r\n") + " "
		n := strings.IndexAny(line, " \t")
		key, isKey := strings.CutSuffix(line[:n], ":")
		if isKey && key != "" {
			values[key] = unescape(strings.TrimLeft(strings.TrimSuffix(line[n:], " "), " \t"))
		}
	}
	return values
}

// lookup finds a variable of a package: the one set for the package alone comes
// first, as in OpenEmbedded.
func lookup(values map[string]string, pkg, variable string) (string, bool) {
	for _, name := range append(recipeNames(values), pkg) {
		for _, key := range []string{variable + ":" + name, variable + "_" + name} {
			if value, ok := values[key]; ok {
				return value, true
			}
		}
	}
	value, ok := values[variable]
	return value, ok
}

// recipeNames is what the recipe calls the package, from "PKG:name: renamed".
func recipeNames(values map[string]string) []string {
	var found []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if strings.HasPrefix(key, "PKG:") || strings.HasPrefix(key, "PKG_") {
			found = append(found, key[len("PKG:"):])
		}
	}
	return found
}

// plainKeys lists the variables that are not for one package alone.
func plainKeys(values map[string]string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(values)), func(key string) bool {
		return strings.Contains(key, ":")
	})
}
