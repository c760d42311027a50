package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// colorOption is the flag of verbs that print in colour.
type colorOption struct{ when string }

func (o *colorOption) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.when, "color", "auto", "colours: auto, on a terminal and unless NO_COLOR is set; always; never")
}

// on tells whether what is written to w has colours. See https://no-color.org for
// the variable.
func (o colorOption) on(w io.Writer, s surroundings) (bool, error) {
	switch o.when {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		none, _ := s.env("NO_COLOR")
		terminal, _ := s.env("TERM")
		return isTerminal(w) && none == "" && terminal != "dumb", nil
	}
	return false, usageError{fmt.Sprintf("--color %q: auto, always and never are allowed", o.when)}
}

// style is how text looks on a terminal: parameters of SGR (ECMA-48, section
// 8.3.117).
type style string

// The styles.
const (
	plain  style = ""
	bold   style = "1"
	faint  style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	cyan   style = "36"
)

// speaksUTF8 tells whether a terminal shows more than ASCII, by the variables of
// the locale in their order (POSIX, section 8.2).
func speaksUTF8(s surroundings) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale, _ := s.env(name); locale != "" {
			locale = strings.ToUpper(locale)
			return strings.Contains(locale, "UTF-8") || strings.Contains(locale, "UTF8")
		}
	}
	return false
}
