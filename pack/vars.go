package pack

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/internal/inputs"
	"github.com/fwpack/fwpack/template"
	"github.com/fwpack/fwpack/template/varfile"
)

// Names that every project has, from its [project] table.
const (
	varProjectName = "PROJECT_NAME"
	varVersion     = "VERSION"
)

func isBuiltIn(name string) bool {
	return name == varProjectName || name == varVersion
}

// Inputs is what comes to a project from outside. The zero value is nothing.
type Inputs struct {
	Vars     []string                    // NAME=VALUE, as given with --var; the last one counts
	VarFiles []string                    // files that package varfile reads; later files count over earlier ones
	Env      func(string) (string, bool) // the environment; nil is an empty one
	Log      *inputs.Log                 // remembers what the project is made from; may be nil
}

// overrides collects the variables from outside for a project, which has names
// of its own. In a file they are passed over: it often comes from a build system
// and holds whatever there is, VERSION among it.
func (in Inputs) overrides() (map[string]string, error) {
	var problems diag.List
	for _, setting := range in.Vars {
		if name, _, _ := strings.Cut(setting, "="); isBuiltIn(name) {
			problems.Addf(diag.Pos{}, "variable %s comes from the [project] table and cannot be set", name)
		}
	}
	vars, err := in.variables()
	if err != nil {
		problems = append(problems, listOf(err)...)
	}
	maps.DeleteFunc(vars, func(name, _ string) bool { return isBuiltIn(name) })
	return vars, problems.Err()
}

// variables collects the variables from outside: files first, then single ones.
func (in Inputs) variables() (map[string]string, error) {
	vars := map[string]string{}
	var problems diag.List
	for _, file := range in.VarFiles {
		read, err := in.readVarFile(file)
		if err != nil {
			problems = append(problems, listOf(err)...)
		}
		maps.Copy(vars, read)
	}
	for _, setting := range in.Vars {
		name, value, ok := strings.Cut(setting, "=")
		if !ok || !template.IsName(name) {
			problems.Addf(diag.Pos{}, "variable %q is not of the form NAME=VALUE", setting)
			continue
		}
		vars[name] = value
	}
	return vars, problems.Err()
}

func (in Inputs) readVarFile(file string) (template.Vars, error) {
	data, err := in.Log.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return varfile.Parse(file, data)
}

// listOf is err as a list of problems.
func listOf(err error) diag.List {
	var list diag.List
	if !errors.As(err, &list) {
		list.Addf(diag.Pos{}, "%v", err)
	}
	return list
}

// env reads an environment variable, none where there is no environment.
func (in Inputs) env(name string) (string, bool) {
	if in.Env == nil {
		return "", false
	}
	return in.Log.Env(in.Env)(name)
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
	case !template.IsName(name):
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
