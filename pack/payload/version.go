package payload

import (
	"runtime/debug"
	"strings"
	"sync"
)

// builtWith holds the versions of the modules in this program. They are fixed
// when it is linked.
var builtWith = sync.OnceValue(func() map[string]string {
	versions := map[string]string{}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return versions
	}
	for _, dep := range info.Deps {
		if dep.Replace != nil {
			dep.Version = dep.Replace.Version
		}
		versions[dep.Path] = dep.Version
	}
	return versions
})

// modules names Go modules together with their versions.
func modules(paths ...string) string {
	var words []string
	for _, path := range paths {
		words = append(words, path, moduleVersion(path))
	}
	return strings.Join(words, " ")
}

// moduleVersion is the version of a module in this program.
func moduleVersion(path string) string {
	if v := builtWith()[path]; v != "" {
		return v
	}
	return "(unknown version)" // built without module information, or from a local copy
}
