// Package varfile reads the variables of a template from the files that build
// systems have at hand.
//
// Call [Parse] with the content of a file. Which of four formats it has shows in
// the content:
//
//	bitbake -e       its histories of variables, or "# INCLUDE HISTORY:"; the
//	                 output of bitbake-getvar is of this format, too
//	Buildroot        a line "BR2_HAVE_DOT_CONFIG=y", which every .config has
//	swugenerator     a libconfig group called "variables"
//	NAME=VALUE       everything else
//
// # NAME=VALUE
//
// One variable a line. Blanks at its ends do not count, nor do empty lines and
// lines that begin with "#". A value may stand in one pair of quotes, which are
// taken off; nothing else in it has a meaning. The last one of a name counts.
//
// # bitbake -e
//
// Variables are written as a shell would read them, with "\" before quotation
// marks and dollars and at the ends of lines; functions and variables that are
// unset are passed over. Flags are not written as such: they come out of the
// history in the comments before a variable, operation by operation, as
// "NAME[flag]". There they are not expanded; ${NAME} in them is replaced here, and
// a flag that holds Python code, or a variable that is not in the file, is left
// out. Names that no placeholder can hold, such as those with overrides, are
// passed over.
//
// # Buildroot
//
// Symbols are named in full. A string loses its quotes and escapes, "y" and
// numbers are taken as they are, and what "is not set" is not defined.
//
// # swugenerator
//
// Each setting of the group "variables" is a string. Everything else in the file
// is for swugenerator alone.
package varfile

import (
	"regexp"
	"sync"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template"
)

// MaxSize bounds a file in bytes; the output of bitbake -e has up to 10 MB.
const MaxSize = 64 << 20

// Parse reads a file of variables, called file in positions. The error is a
// [diag.List] of all problems, in the order of the file.
func Parse(file string, data []byte) (template.Vars, error) {
	if len(data) > MaxSize {
		return nil, diag.List{{Pos: diag.Pos{File: file}, Msg: "the file is larger than 64 MiB"}}
	}
	switch {
	case bitBakeMark().Match(data):
		return parseBitBake(string(data)), nil
	case buildrootMark().Match(data):
		return parseBuildroot(file, string(data))
	case generatorMark().Match(data):
		return parseGenerator(file, data)
	}
	return parseLines(file, data)
}

// What shows the format of a file.
var (
	// The heading of a history with an operation below it, so that no comment of
	// a person is taken for one.
	bitBakeMark = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^#\r?\n# (\$\S+( \[\d+ operations\])?\r?\n#   \S|INCLUDE HISTORY:\r?$)`)
	})

	buildrootMark = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^BR2_HAVE_DOT_CONFIG=y\r?$`)
	})
	generatorMark = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^[ \t]*variables[ \t\r\n]*[=:][ \t\r\n]*\{`)
	})
)
