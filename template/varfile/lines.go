package varfile

import (
	"bytes"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template"
)

// parseLines reads NAME=VALUE lines.
func parseLines(file string, data []byte) (template.Vars, error) {
	vars := template.Vars{}
	var problems diag.List
	for i, line := range bytes.Split(data, []byte("\n")) {
		text := strings.TrimSpace(string(line))
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		name, value, ok := strings.Cut(text, "=")
		if !ok || !template.IsName(name) {
			problems.Addf(diag.Pos{File: file, Line: i + 1, Col: 1}, "the line is not of the form NAME=VALUE")
			continue
		}
		vars[name] = unquote(value)
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return vars, nil
}

func unquote(value string) string {
	for _, quote := range []string{`"`, `'`} {
		if len(value) >= 2 && strings.HasPrefix(value, quote) && strings.HasSuffix(value, quote) {
			return value[1 : len(value)-1]
		}
	}
	return value
}
