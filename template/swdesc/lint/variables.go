package lint

import (
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// variableRules are about bootenv and vars.
var variableRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD601", Name: "missing-variable-name", Severity: Error,
			Why:     "The client refuses the update for a variable without name.",
			Hint:    "add name = \"...\";",
			Failing: these(draft(software(list("bootenv", `{ value = "1"; }`)))),
			Passing: these(draft(software(list("bootenv", `{ name = "slot"; value = "1"; }`)))),
		}, eachVariable(checkVariable)},
		{Rule{ID: "SWD602", Name: "variable-twice", Severity: Warning,
			Why:     "Of several entries for a variable the first one counts.",
			Hint:    "remove all but one",
			Failing: these(draft(software(list("bootenv", `{ name = "slot"; value = "1"; }`, `{ name = "slot"; value = "2"; }`)))),
			Passing: these(draft(software(list("bootenv", `{ name = "slot"; value = "1"; }`, `{ name = "mode"; value = "2"; }`)))),
		}, checkTwice},
		{Rule{ID: "SWD603", Name: "deprecated-uboot", Severity: Note,
			Why:     "uboot is the old name of bootenv, and deprecated.",
			Hint:    "call it bootenv",
			Failing: these(draft(software(list("uboot", `{ name = "slot"; value = "1"; }`)))),
			Passing: these(draft(software(list("bootenv", `{ name = "slot"; value = "1"; }`)))),
		}, eachScope(checkUboot)},
		{Rule{ID: "SWD604", Name: "uboot-ignored", Severity: Error,
			Why:     "The client looks for uboot only where it finds no bootenv at all.",
			Hint:    "move the variables of uboot to bootenv",
			Failing: these(draft(software(list("bootenv", `{ name = "slot"; value = "1"; }`), list("uboot", `{ name = "mode"; value = "1"; }`)), "SWD603")),
			Passing: these(draft(software(list("bootenv", `{ name = "slot"; value = "1"; }`, `{ name = "mode"; value = "1"; }`)))),
		}, eachScope(checkUbootHidden)},
	}
}

func checkVariable(c *checker, v *variable) {
	if !given(v.Group, "name") {
		c.report(v, "variable of %s has no name", v.section.kind)
	}
}

func checkTwice(c *checker) {
	type name struct {
		section *section
		text    string
	}
	seen := map[name]bool{}
	for _, v := range c.variables {
		text, ok := c.text(v.Group, "name")
		key := name{v.section, text}
		if ok && text != "" && seen[key] {
			c.report(v.Get("name"), "%s is set above already", quote(text))
		}
		seen[key] = true
	}
}

func checkUboot(c *checker, s *scope) {
	if setting := s.group.Get("uboot"); setting != nil && isList(setting) {
		c.report(setting, "uboot is deprecated")
	}
}

func checkUbootHidden(c *checker, s *scope) {
	for at := s; at != nil; at = at.parent {
		if setting := at.group.Get("bootenv"); setting != nil && s.group.Get("uboot") != nil {
			c.report(s.group.Get("uboot"), "uboot is not read, because there is %s", setting.Path())
			return
		}
	}
}

func isList(setting *swdesc.Setting) bool {
	return typeOf(setting.Value())&(swupdate.TypeGroups|swupdate.TypeGroup) != 0
}
