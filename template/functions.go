package template

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

const (
	// theirPrefix begins the name of every function of meta-swupdate's library,
	// ourPrefix that of those beside it.
	theirPrefix = "swupdate_"
	ourPrefix   = "fwpack_"

	pkgvarName = "swupdate_get_pkgvar"
	signName   = "swupdate_sign_file"

	// maxArgument bounds what is taken for an argument, so that parentheses that
	// never close cost no more than this much reading each. Names in an archive
	// have 254 bytes at most.
	maxArgument = 512
)

// caller finds the functions and old forms in an expanded text and says what to
// put in their place.
type caller struct {
	*expander
	text     *Text
	src      string // what text holds
	broken   bool   // placeholders in there could not be replaced
	setting  string // the name that was read last, and may be getting a value
	assigned bool   // its value comes next
	groups   []*group
	images   []string // the words of SWUPDATE_IMAGES, once they were asked for
	edits    []edit
}

// callFunctions returns the text with every function replaced: by its value, or
// by the stand-in of a Call.
func (x *expander) callFunctions(text *Text) *Text {
	if x.exhausted {
		return text
	}
	c := &caller{expander: x, text: text, src: string(text.out), broken: x.found > 0, groups: []*group{{}}}
	c.scan()
	slices.SortFunc(c.edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	return text.replace(c.edits)
}

func (c *caller) scan() {
	lex := newLexer(c.src)
	for t, ok := lex.next(); ok; t, ok = lex.next() {
		switch t.kind {
		case tokenComment:
		case tokenWord:
			c.setting, c.assigned = c.src[t.start:t.end], false
		case tokenString:
			c.quoted(lex.content(t))
		case tokenSign:
			lex.off = c.sign(t)
		}
	}
	for len(c.groups) > 0 {
		c.closeGroup()
	}
}

// sign deals with a single byte and returns where to read on.
func (c *caller) sign(t token) int {
	switch c.src[t.start] {
	case '=', ':':
		c.assigned = c.setting != ""
		return t.end
	case '{':
		c.groups = append(c.groups, &group{})
	case '}':
		if len(c.groups) > 1 { // a brace too many is for the parser to report
			c.closeGroup()
		}
	case '$':
		t.end = c.function(t.start, len(c.src), false)
	}
	c.setting, c.assigned = "", false
	return t.end
}

// quoted deals with the string whose content stands at start.
func (c *caller) quoted(start, end int, closed bool) {
	content := c.src[start:end]
	if !c.assigned {
		c.setting = content // in JSON, the name of what follows
		c.functions(start, end)
		return
	}
	setting := c.setting
	c.setting, c.assigned = "", false
	switch {
	case setting == "filename":
		c.groups[len(c.groups)-1].filename = content
	case (setting == "sha256" || setting == "version") && strings.HasPrefix(content, "@") && closed:
		c.oldForm(setting, start, end)
		return
	}
	c.functions(start, end)
}

// functions deals with all functions in a string.
func (c *caller) functions(start, end int) {
	for start < end {
		next := strings.IndexByte(c.src[start:end], '$')
		if next < 0 {
			return
		}
		start = c.function(start+next, end, true)
	}
}

// function deals with what the "$" at start begins, and returns where to read
// on. As in meta-swupdate, "$name(argument)" on one line is a function; "$(x)",
// "${x}" and "$x" are text.
func (c *caller) function(start, limit int, quoted bool) int {
	name, arg, length, closed := cutCall(c.src[start:limit])
	end := start + length
	switch {
	case isOurs(name) && !closed:
		c.errorf(start, "", "\"$%s(\" is not closed on its line", excerpt(name))
	case isOurs(name):
		c.ours(name, strings.TrimSpace(arg), edit{start: start, end: end, call: Call{Quoted: quoted}})
	case closed && arg != "":
		c.errorf(start, foreignHint, "$%s(...) is a function of a Yocto class, which cannot run here", excerpt(name))
	}
	return end
}

// isOurs tells whether a function of that name can run here, if there is one.
func isOurs(name string) bool {
	return strings.HasPrefix(name, theirPrefix) || strings.HasPrefix(name, ourPrefix)
}

const foreignHint = `put its result into a variable and write @@NAME@@; if it is no function, write the "$" as \x24, in JSON as \u0024`

// cutCall takes "$name(argument)" from the front of s. The name is "" where
// there is no call; length is how much of s was understood, at least 1. An
// argument may hold parentheses in pairs.
func cutCall(s string) (name, arg string, length int, closed bool) {
	n := 1
	for n < len(s) && isWordByte(s[n]) {
		n++
	}
	if n == 1 || n == len(s) || s[n] != '(' {
		return "", "", n, false
	}
	name, depth := s[1:n], 0
	for i := n; i < min(len(s), n+maxArgument); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '\n', '"':
			return name, "", n, false
		}
		if depth == 0 {
			return name, s[n+1 : i], i + 1, true
		}
	}
	return name, "", n, false
}

// ours deals with a function of meta-swupdate, or one of ours.
func (c *caller) ours(name, arg string, e edit) {
	f := funcNamed(name)
	switch {
	case name == signName:
		c.errorf(e.start, "", "$%s is not available: it signs with a key of its own, which SWUpdate never sees", name)
	case f == 0 && name != pkgvarName:
		c.unknown(e.start, name)
	case c.broken && strings.Contains(arg, delimiter):
		// The placeholder in there has been reported.
	case name == pkgvarName:
		c.pkgvar(arg, e)
	case arg == "":
		c.errorf(e.start, "", "$%s() names no file", name)
	default:
		c.leave(f, arg, e)
	}
}

// leave puts a stand-in in the place of a call and notes it.
func (c *caller) leave(f Func, arg string, e edit) {
	e.call.Func, e.call.Arg, e.call.Pos = f, arg, c.text.Pos(e.start)
	e.text = f.standIn()
	c.edit(e)
}

// edit notes what is to be put in.
func (c *caller) edit(e edit) {
	if c.spend(func() diag.Pos { return c.text.Pos(e.start) }, len(e.text)) {
		c.edits = append(c.edits, e)
	}
}

func funcNamed(name string) Func {
	for f := SHA256; f <= ImageDigest; f++ {
		if f.String() == name {
			return f
		}
	}
	return 0
}

func (c *caller) unknown(start int, name string) {
	names := []string{SHA256.String(), Size.String(), IV.String(), UniqueIV.String(), ImageDigest.String(), pkgvarName}
	c.errorf(start, diag.DidYouMean(name, names), "unknown function $%s: $%s are allowed", excerpt(name), strings.Join(names, ", $"))
}

func (c *caller) errorf(off int, hint, format string, args ...any) {
	c.report(diag.Diagnostic{Pos: c.text.Pos(off), Msg: fmt.Sprintf(format, args...), Hint: hint})
}
