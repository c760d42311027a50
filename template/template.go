// Package template expands sw-description templates and the strings of a project
// file, and remembers where every byte of the result came from.
//
// Call [Source.Expand], or [Expand] where there are variables only, for a file
// and [ExpandString] for a single string. The result for a file is a [Text]; its
// Pos maps an offset in the expanded bytes back to the line and column that the
// author sees. Its Calls are the places that only finished payloads can fill:
// until [Text.Fill] they hold stand-ins of the right form, so that the
// description can be parsed and its payloads found.
//
// # Placeholders
//
// The dialect is the one of meta-swupdate's sw-description templates, in any
// line of libconfig or JSON:
//
//	@@NAME@@        the value of NAME; letters, digits, "_", "-" and "."
//	@@NAME[flag]@@  a flag of NAME, the entry "NAME[flag]" of Vars; "+" as well
//	@@A_@@B@@@@     the innermost placeholder first: B is 1, so the value of A_1
//
// A value may hold placeholders, which are expanded in turn. A placeholder
// opens and closes on one line. Where several readings are possible the
// rightmost placeholder of the line is taken first. An "@@" that opens no name
// is ordinary text.
//
// # Functions
//
// Files, not single strings, may hold functions. An argument is what stands
// between the parentheses on one line, without the blanks around it; placeholders
// in there come first.
//
//	$swupdate_get_sha256(file)           Call: digest of the file as packed
//	$swupdate_get_size(file)             Call: its size as packed
//	$swupdate_get_IV(file)               Call: the IV that it is encrypted with
//	$swupdate_get_unique_IV(file)        Call: the same, an IV of its own
//	$swupdate_get_pkgvar(pkg)            PV of a package, from Source.Packages
//	$swupdate_get_pkgvar(pkg@VARIABLE)   another variable of it
//
// Other functions whose names begin with "swupdate_" are refused, and so is any
// $name(argument), which meta-swupdate would take for a function of a Yocto class.
// $(x), ${x}, $x and $name() are text.
//
// The old forms of meta-swupdate still count, as the whole value of a setting
// called version or sha256, with "=" or ":":
//
//	sha256 = "@file", version = "@file"    $swupdate_get_sha256(file)
//	version = "@SWU_AUTO_VERSION:pkg"      $swupdate_get_pkgvar(pkg)
//	version = "@SWU_AUTO_VERSION:pkg@VAR"  $swupdate_get_pkgvar(pkg@VAR)
//	version = "@SWU_AUTO_VERSION"          PV of the package of the group
//	version = "@SWU_AUTO_VERSION@VAR"      another variable of it
//
// The package of a group is the longest word of the variable SWUPDATE_IMAGES that
// its filename holds, or else the filename itself.
//
// # Comments
//
// In the comments of a libconfig file ("#", "//", and "/*" to "*/") functions and
// old forms are text, and so is a placeholder that cannot be expanded.
// Placeholders go by the comments of the file as it is written, functions by
// those of the expanded text. JSON, which is what begins with a brace, has no
// comments.
//
// # Differences
//
// BitBake ends in silent gaps where this package has errors: an undefined name, a
// placeholder that is opened but not closed, a package or a variable of it that
// is not there. It takes one function a line, and none that a line begins or ends
// with; here these limits are gone.
package template

import (
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

const (
	// MaxSize bounds the bytes that one call of Expand or ExpandString produces,
	// the expanded values included. A description of 5 MB is the largest that
	// was seen to work on a device.
	MaxSize = 64 << 20

	// MaxDepth bounds how many variables may refer to each other in a row.
	MaxDepth = 64
)

// Vars maps the name of a variable to its value. Values may hold placeholders. A
// flag is an entry of its own, whose name is written "NAME[flag]".
type Vars map[string]string

// Source is what a template is expanded with. The zero value is usable and knows
// nothing.
type Source struct {
	Vars Vars

	// Packages returns a variable of a package of the build: it is the method
	// Value of a folder of package pkgdata. Where it is nil,
	// $swupdate_get_pkgvar and "@SWU_AUTO_VERSION" are errors. An error that is a
	// diag.Diagnostic may carry a hint. It is asked once for each pair.
	Packages func(pkg, variable string) (string, error)
}

// Expand replaces every placeholder and every function of src. The name of the
// file is used in positions only. The error is a [diag.List] of all problems, in
// file order.
func (s Source) Expand(file string, src []byte) (*Text, error) {
	text := newText(file, string(src))
	x := newExpander(s.Vars)
	x.packages, x.answers = s.Packages, map[[2]string]packageAnswer{}
	x.expandText(text)
	text = x.callFunctions(text)
	if err := x.problems.Err(); err != nil {
		return nil, err
	}
	return text, nil
}

// Expand is Source.Expand with nothing but variables.
func Expand(file string, src []byte, vars Vars) (*Text, error) {
	return Source{Vars: vars}.Expand(file, src)
}

// ExpandString replaces every placeholder of s, by the same rules; functions, old
// forms and comments are text like any other. The problems carry no position: the
// caller knows where s stands and fills it in.
func ExpandString(s string, vars Vars) (string, diag.List) {
	x := newExpander(vars)
	out, _ := x.expandValue(place{}, s)
	if len(x.problems) > 0 {
		return "", x.problems
	}
	return out, nil
}

// expandText fills text from its source. Comments are expanded by an expander of
// their own, so that a variable that is only broken in there is not taken for
// reported elsewhere.
func (x *expander) expandText(text *Text) {
	if !strings.Contains(text.src, delimiter) {
		x.emit(text, piece{text: text.src})
		return
	}
	quiet := newExpander(x.vars)
	quiet.quiet = true
	done := 0
	for _, c := range comments(text.src) {
		x.expandRange(x, text, done, c.start)
		x.expandRange(quiet, text, c.start, c.end)
		done = c.end
	}
	x.expandRange(x, text, done, len(text.src))
}

// expandRange appends src[done:end], the placeholders in it replaced by way of
// by. Only lines that hold "@@" are looked at closely.
func (x *expander) expandRange(by *expander, text *Text, done, end int) {
	src := text.src[:end]
	for !x.exhausted {
		next := strings.Index(src[done:], delimiter)
		if next < 0 {
			break
		}
		start, stop := lineAround(src, done, done+next)
		x.emit(text, piece{text: src[done:start], off: done})
		for _, p := range by.line(place{text: text, base: start}, src[start:stop]) {
			x.emit(text, p)
		}
		done = stop
	}
	x.emit(text, piece{text: src[done:], off: done})
}

// lineAround returns the line that holds offset at, not looking before from.
func lineAround(src string, from, at int) (start, end int) {
	start = from + strings.LastIndexByte(src[from:at], '\n') + 1
	if n := strings.IndexByte(src[at:], '\n'); n >= 0 {
		return start, at + n
	}
	return start, len(src)
}

// emit appends p to text unless the expansion has outgrown its bound. A
// placeholder without a value stays as it is written.
func (x *expander) emit(text *Text, p piece) {
	if p.broken {
		p = piece{text: text.src[p.off:p.end], off: p.off}
	}
	if x.spend(func() diag.Pos { return text.posOf(p.off) }, len(p.text)) {
		text.add(p)
	}
}
