package varfile

import (
	"maps"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/template"
)

// flags follows the histories that BitBake (VariableHistory.emit of its
// data_smart.py) writes before each variable:
//
//	#
//	# $NAME [2 operations]
//	#   set /path/of.conf:12
//	#     [flag] "value"
//	#   append /path/of.bbclass:3 [function]
//	#     [flag] " more"
//	# pre-expansion value:
//	#   "..."
//
// A value is not escaped; its further lines begin like the first.
type flags struct {
	values   map[string]*flag // by NAME[flag]
	variable string           // whose history it is
}

// flag is a value that is not expanded, in pieces: time stays linear however
// often something is joined to it.
type flag struct {
	front []string // the last one comes first
	back  []string
}

func (f *flag) String() string {
	var b strings.Builder
	for _, s := range slices.Backward(f.front) {
		b.WriteString(s)
	}
	for _, s := range f.back {
		b.WriteString(s)
	}
	return b.String()
}

const (
	operationMark    = "#   "
	detailMark       = "#     "
	preExpansionMark = "# pre-expansion value:"
)

// historyOf is the variable whose history a line begins, or "".
func historyOf(line string) string {
	rest, ok := strings.CutPrefix(line, "# $")
	if !ok {
		return ""
	}
	name, count, counted := strings.Cut(rest, " ")
	if counted && !strings.HasPrefix(count, "[") {
		return ""
	}
	return name
}

// comment reads a comment line, and those that belong to it.
func (d *dump) comment(line string) {
	if name := historyOf(line); name != "" {
		d.flags.variable = name
		return
	}
	if line == preExpansionMark {
		d.flags.variable = "" // what follows may look like anything
		return
	}
	operation, ok := strings.CutPrefix(line, operationMark)
	if !ok || strings.HasPrefix(operation, " ") {
		return
	}
	detail, ok := strings.CutPrefix(d.detail(), "[")
	if !ok {
		return
	}
	name, value, ok := strings.Cut(detail, `] "`)
	full := d.flags.variable + "[" + name + "]"
	if ok && template.IsName(full) && !strings.HasPrefix(name, "_") {
		d.flags.apply(full, operation, strings.TrimSuffix(value, `"`))
	}
}

// detail reads the lines that say what an operation was about.
func (d *dump) detail() string {
	var lines []string
	for strings.HasPrefix(d.rest, detailMark) {
		lines = append(lines, d.line()[len(detailMark):])
	}
	return strings.Join(lines, "\n")
}

// apply does to a flag what an operation of BitBake does.
func (f *flags) apply(name, operation, value string) {
	verb, _, _ := strings.Cut(operation, " ")
	old, defined := f.values[name]
	switch {
	case strings.HasPrefix(verb, "override["):
	case verb == "delFlag":
		delete(f.values, name)
	case !defined:
		f.values[name] = &flag{back: []string{value}}
	case verb != "set?":
		old.apply(verb, value, strings.HasSuffix(operation, "]"))
	}
}

// apply changes a flag that has a value. What a function joins stands right
// beside the old value; there is a blank where a file does it with "+=" or "=+".
func (f *flag) apply(verb, value string, byFunction bool) {
	blank := " "
	if byFunction {
		blank = ""
	}
	switch verb {
	case "append":
		f.back = append(f.back, blank, value)
	case "prepend":
		f.front = append(f.front, blank, value)
	case "postdot":
		f.back = append(f.back, value)
	case "predot":
		f.front = append(f.front, value)
	default:
		*f = flag{back: []string{value}}
	}
}

// maxFlags bounds the bytes of all flags together, as a few of them could name a
// long variable over and over.
const maxFlags = 16 << 20

// expanded returns the flags that can be expanded by replacing ${NAME} by the
// value of the variable, which BitBake has expanded.
func (f *flags) expanded(vars template.Vars) template.Vars {
	found := template.Vars{}
	left := maxFlags
	for _, name := range slices.Sorted(maps.Keys(f.values)) {
		if value, ok := expand(f.values[name].String(), vars, &left); ok {
			found[name] = value
		}
	}
	return found
}

// expand replaces each ${NAME} in s; ok is false where one has no value, or no
// more bytes are left.
func expand(s string, vars template.Vars, left *int) (expanded string, ok bool) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "${")
		b.WriteString(before)
		if !found {
			return b.String(), true
		}
		name, after, closed := strings.Cut(rest, "}")
		value, defined := vars[name]
		*left -= len(before) + len(value)
		if !closed || !defined || *left < 0 {
			return "", false
		}
		b.WriteString(value)
		s = after
	}
}
