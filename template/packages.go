package template

import (
	"errors"
	"strings"
)

const (
	// defaultPackageVariable is what meta-swupdate takes where no variable of the
	// package is named: its version.
	defaultPackageVariable = "PV"

	autoVersion = "SWU_AUTO_VERSION"
)

// packageAnswer is what Source.Packages said of a variable of a package.
type packageAnswer struct {
	value string
	err   error
}

// group is an open brace of the text.
type group struct {
	filename string
	waiting  []autoCall
}

// autoCall is an "@SWU_AUTO_VERSION" that takes its package from the filename of
// its group, which may come later.
type autoCall struct {
	edit
	variable string
}

// pkgvar deals with $swupdate_get_pkgvar(package[@VARIABLE]).
func (c *caller) pkgvar(arg string, e edit) {
	pkg, variable, named := strings.Cut(arg, "@")
	if !named {
		variable = defaultPackageVariable
	}
	pkg, variable = strings.TrimSpace(pkg), strings.TrimSpace(variable)
	if pkg == "" || variable == "" || strings.Contains(variable, "@") {
		c.errorf(e.start, "", "$%s(%s) is not of the form $%s(PACKAGE) or $%s(PACKAGE@VARIABLE)", pkgvarName, excerpt(arg), pkgvarName, pkgvarName)
		return
	}
	c.packageValue(pkg, variable, e)
}

// packageValue puts in the variable of a package.
func (c *caller) packageValue(pkg, variable string, e edit) {
	answer := c.ask(pkg, variable)
	if answer.err != nil {
		c.report(callProblem(c.text.Pos(e.start), excerpt(c.src[e.start:e.end]), answer.err))
		return
	}
	e.text = answer.value
	if e.call.Quoted {
		e.text = escape(answer.value)
	}
	c.edit(e)
}

// ask returns the variable of a package, and asks Source.Packages once for each.
func (x *expander) ask(pkg, variable string) packageAnswer {
	key := [2]string{pkg, variable}
	answer, known := x.answers[key]
	switch {
	case known:
		return answer
	case x.packages == nil:
		answer.err = errors.New("there is no pkgdata folder to look into")
	default:
		answer.value, answer.err = x.packages(pkg, variable)
	}
	x.answers[key] = answer
	return answer
}

// escape writes what may not stand in a string as it is; libconfig and JSON
// agree on these.
func escape(s string) string {
	if !strings.ContainsAny(s, "\\\"\n\r\t") {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s)
}

// oldForm deals with a sha256 or version whose value, from start to end, begins
// with "@".
func (c *caller) oldForm(setting string, start, end int) {
	e := edit{start: start, end: end, call: Call{Quoted: true}}
	file := c.src[start+1 : end]
	rest, auto := strings.CutPrefix(file, autoVersion)
	switch {
	case c.broken && strings.Contains(c.src[start:end], delimiter):
		// The placeholder in there has been reported.
	case setting == "version" && auto && (rest == "" || rest[0] == ':' || rest[0] == '@'):
		c.auto(rest, e)
	case strings.TrimSpace(file) == "":
		c.errorf(start, "", "%s = \"@\" names no file", setting)
	default:
		c.leave(SHA256, strings.TrimSpace(file), e)
	}
}

// auto deals with "@SWU_AUTO_VERSION[:package][@VARIABLE]".
func (c *caller) auto(rest string, e edit) {
	pkg, variable, named := strings.Cut(rest, "@")
	if !named {
		variable = defaultPackageVariable
	}
	pkg, packageNamed := strings.CutPrefix(pkg, ":")
	pkg, variable = strings.TrimSpace(pkg), strings.TrimSpace(variable)
	switch {
	case variable == "" || packageNamed && pkg == "":
		c.errorf(e.start, "", "\"@%s%s\" is not of the form @%s:PACKAGE@VARIABLE", autoVersion, excerpt(rest), autoVersion)
	case packageNamed:
		c.packageValue(pkg, variable, e)
	default:
		g := c.groups[len(c.groups)-1]
		g.waiting = append(g.waiting, autoCall{edit: e, variable: variable})
	}
}

// closeGroup gives the versions of a group their package.
func (c *caller) closeGroup() {
	g := c.groups[len(c.groups)-1]
	c.groups = c.groups[:len(c.groups)-1]
	for _, call := range g.waiting {
		if g.filename == "" {
			hint := "name it: @" + autoVersion + ":PACKAGE"
			c.errorf(call.start, hint, "@%s takes its package from the filename beside it, and there is none", autoVersion)
			continue
		}
		c.packageValue(c.packageOf(g.filename), call.variable, call.edit)
	}
}

// packageOf is the package that "@SWU_AUTO_VERSION" means beside a filename:
// meta-swupdate of May 2021 to April 2022 took the image of SWUPDATE_IMAGES that
// the group names; its manual says the filename. The longest such image counts,
// as one may be named like the beginning of another.
func (c *caller) packageOf(filename string) string {
	if c.images == nil {
		value, _ := ExpandString(c.vars["SWUPDATE_IMAGES"], c.vars)
		c.images = append([]string{""}, strings.Fields(value)...)
	}
	longest := ""
	for _, image := range c.images {
		if len(image) > len(longest) && strings.Contains(filename, image) {
			longest = image
		}
	}
	if longest == "" {
		return filename
	}
	return longest
}
