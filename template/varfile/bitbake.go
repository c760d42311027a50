package varfile

import (
	"maps"
	"strings"

	"github.com/fwpack/fwpack/template"
)

// dump reads the output of bitbake -e line by line.
type dump struct {
	rest  string // what has not been read
	vars  template.Vars
	flags flags
}

func parseBitBake(text string) template.Vars {
	d := &dump{rest: text, vars: template.Vars{}, flags: flags{values: map[string]*flag{}}}
	for d.rest != "" {
		d.item(d.line())
	}
	maps.Copy(d.vars, d.flags.expanded(d.vars))
	return d.vars
}

// line takes the next line, without its end.
func (d *dump) line() string {
	line, rest, _ := strings.Cut(d.rest, "\n")
	d.rest = rest
	return strings.TrimSuffix(line, "\r")
}

// item reads what begins with line. What is none of it (functions aside,
// messages of BitBake) has no meaning here.
func (d *dump) item(line string) {
	switch {
	case strings.HasPrefix(line, "#"):
		d.comment(line)
	case isFunction(line):
		d.skipFunction()
	default:
		d.variable(strings.TrimPrefix(line, "export "))
	}
}

// variable reads NAME="value". Its lines but the last end in " \", where the
// value has a line end; the last ends in a quotation mark, whatever is before it,
// as BitBake does not escape backslashes.
func (d *dump) variable(line string) {
	name, value, ok := strings.Cut(line, `="`)
	if !ok || strings.ContainsAny(name, " \t") {
		return
	}
	var b strings.Builder
	for {
		body, more := strings.CutSuffix(value, ` \`)
		if !more {
			break
		}
		b.WriteString(body + "\n")
		if d.rest == "" {
			return
		}
		value = d.line()
	}
	last, closed := strings.CutSuffix(value, `"`)
	if closed && template.IsName(name) {
		b.WriteString(last)
		d.vars[name] = shellEscapes.Replace(b.String())
	}
}

// shellEscapes is what BitBake writes for a quotation mark and a dollar.
var shellEscapes = strings.NewReplacer(`\"`, `"`, `\$`, `$`)

// isFunction reports whether line begins a shell or Python function, which
// BitBake writes as "name() {" and "python name () {".
func isFunction(line string) bool {
	head, ok := strings.CutSuffix(line, "{")
	return ok && strings.HasSuffix(strings.TrimRight(head, " "), "()") && !strings.Contains(head, "=")
}

// skipFunction reads to the end of a function: a brace alone on a line that is
// the last of its paragraph, or stands before a comment or an export of the
// function. A here document may hold such a brace, too.
func (d *dump) skipFunction() {
	for d.rest != "" {
		if d.line() == "}" && d.atBoundary() {
			return
		}
	}
}

func (d *dump) atBoundary() bool {
	next, _, _ := strings.Cut(d.rest, "\n")
	next = strings.TrimSuffix(next, "\r")
	return next == "" || strings.HasPrefix(next, "#") || strings.HasPrefix(next, "export -f ")
}
