package pack

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// Names that every project has, from its [project] table.
const (
	varProjectName = "PROJECT_NAME"
	varVersion     = "VERSION"
)

// varName is what template.Expand takes for the name of a variable.
var varName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

func isBuiltIn(name string) bool {
	return name == varProjectName || name == varVersion
}

// Inputs is what comes to a project from outside. The zero value is nothing.
type Inputs struct {
	Vars     []string                    // NAME=VALUE, as given with --var; the last one counts
	VarFiles []string                    // files of NAME=VALUE lines; later files count over earlier ones
	Env      func(string) (string, bool) // the environment; nil is an empty one
}

// overrides collects the variables from outside: files first, then single ones.
func (in Inputs) overrides() (map[string]string, error) {
	vars := map[string]string{}
	var problems diag.List
	for _, file := range in.VarFiles {
		data, err := os.ReadFile(file)
		if err != nil {
			problems.Addf(diag.Pos{}, "%v", err)
			continue
		}
		problems = append(problems, parseVarFile(file, data, vars)...)
	}
	for _, setting := range in.Vars {
		name, value, ok := strings.Cut(setting, "=")
		switch {
		case !ok || !varName.MatchString(name):
			problems.Addf(diag.Pos{}, "variable %q is not of the form NAME=VALUE", setting)
		case isBuiltIn(name):
			problems.Addf(diag.Pos{}, "variable %s comes from the [project] table and cannot be set", name)
		default:
			vars[name] = value
		}
	}
	return vars, problems.Err()
}

// parseVarFile reads NAME=VALUE lines into vars. Empty lines and lines that
// start with # do not count; a value may stand in one pair of quotes. The
// built-in names are passed over: such a file often comes from a build system
// and holds whatever there is, VERSION among it.
func parseVarFile(file string, data []byte, vars map[string]string) diag.List {
	var problems diag.List
	for i, line := range bytes.Split(data, []byte("\n")) {
		text := strings.TrimSpace(string(line))
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		name, value, ok := strings.Cut(text, "=")
		if !ok || !varName.MatchString(name) {
			problems.Addf(diag.Pos{File: file, Line: i + 1, Col: 1}, "the line is not of the form NAME=VALUE")
			continue
		}
		if !isBuiltIn(name) {
			vars[name] = unquoteValue(value)
		}
	}
	return problems
}

func unquoteValue(value string) string {
	for _, quote := range []string{`"`, `'`} {
		if len(value) >= 2 && strings.HasPrefix(value, quote) && strings.HasSuffix(value, quote) {
			return value[1 : len(value)-1]
		}
	}
	return value
}

// env reads an environment variable, none where there is no environment.
func (in Inputs) env(name string) (string, bool) {
	if in.Env == nil {
		return "", false
	}
	return in.Env(name)
}

// decodeVars reads [vars] below the overrides. It returns the values as
// written: placeholders in them are expanded where they are used.
func decodeVars(t *table, in Inputs, overrides map[string]string) map[string]string {
	vars := map[string]string{}
	if t != nil {
		for _, name := range t.keys() {
			decodeVar(t, name, in, overrides, vars)
		}
	}
	maps.Copy(vars, overrides)
	return vars
}

func decodeVar(t *table, name string, in Inputs, overrides, vars map[string]string) {
	switch {
	case isBuiltIn(name):
		t.errorf(name, "%s comes from the [project] table and cannot be a variable of its own", name)
		return
	case !varName.MatchString(name):
		t.errorf(name, "%q cannot be a variable: letters, digits, '_', '-' and '.' are allowed", name)
		return
	}
	switch value := t.values[name].(type) {
	case string:
		vars[name] = value
	case map[string]any:
		_, overridden := overrides[name]
		decodeEnvVar(t.table(name), name, in, overridden, vars)
	default:
		t.wrongType(name, value, "a string or { env = ..., default = ... }")
	}
}

// decodeEnvVar reads NAME = { env = "...", default = "..." }.
func decodeEnvVar(t *table, name string, in Inputs, overridden bool, vars map[string]string) {
	variable, fallback := t.raw("env"), t.raw("default")
	t.rest()
	if !t.has("env") {
		t.doc.problems.Addf(t.here(), "variable %s: env is missing", name)
		return
	}
	value, ok := in.env(variable)
	switch {
	case ok:
		vars[name] = value
	case t.has("default"):
		vars[name] = fallback
	case !overridden:
		hint := fmt.Sprintf("set it, give a default, or build with --var %s=...", name)
		t.doc.problems.AddHint(t.here(), hint, "variable %s: environment variable %s is not set", name, variable)
	}
}

// joinNames lists names for a message, each once.
func joinNames(names []string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(names))), ", ")
}
