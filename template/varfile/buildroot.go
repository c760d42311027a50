package varfile

import (
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template"
)

// parseBuildroot reads what Kconfig writes: SYMBOL=value lines and comments.
func parseBuildroot(file, text string) (template.Vars, error) {
	vars := template.Vars{}
	var problems diag.List
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if ok && template.IsName(name) {
			value, ok = symbolValue(value)
		}
		if !ok || !template.IsName(name) {
			problems.Addf(diag.Pos{File: file, Line: number, Col: 1}, "the line is not of the form SYMBOL=VALUE of a Buildroot .config")
			continue
		}
		vars[name] = value
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return vars, nil
}

// symbolValue takes the quotes and escapes off a string: Kconfig puts a backslash
// before quotation marks and backslashes.
func symbolValue(value string) (string, bool) {
	body, quoted := strings.CutPrefix(value, `"`)
	if !quoted {
		return value, true
	}
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		switch {
		case body[i] == '"':
			return b.String(), i == len(body)-1
		case body[i] == '\\' && i+1 < len(body):
			i++
		}
		b.WriteByte(body[i])
	}
	return "", false
}
