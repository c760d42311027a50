package lint

import (
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

const streamed = `installed-directly = true`

// streamRules are about artifacts that are installed while they are read.
var streamRules = []rule{
	{Rule{ID: "SWD421", Name: "streamed-before-script", Severity: Warning,
		Why:     "Streamed artifacts are written before the scripts that should run before the installation.",
		Hint:    "use a hook of embedded-script, which runs before anything is written, or do not stream",
		Failing: these(draft(software(list("images", rootfs(streamed)), list("scripts", script("stop.sh", "preinstall"))), "SWD423", "SWD802")),
		Passing: these(draft(software(list("images", rootfs()), list("scripts", script("stop.sh", "preinstall"))), "SWD802")),
	}, eachScope(checkPreinstall)},
	{Rule{ID: "SWD422", Name: "streamed-before-preinst", Severity: Note,
		Why:     "Streamed artifacts are written before a script of type lua or shellscript is called with preinst.",
		Hint:    "make nothing depend on preinst, or use type postinstall",
		Failing: these(draft(software(list("images", rootfs(streamed)), list("scripts", script("a.lua", "lua"))), "SWD423")),
		Passing: these(draft(software(list("images", rootfs()), list("scripts", script("a.lua", "lua"))))),
	}, eachScope(checkPreinst)},
	{Rule{ID: "SWD423", Name: "streamed-in-place", Severity: Note,
		Why:     "The artifact is written while it is checked, so that an interrupted update leaves the device with half of it unless it runs from another copy; what stands outside of a selection is written on every device.",
		Hint:    "put the entry into two selections, one for each copy, or do not stream",
		Failing: these(draft(images(rootfs(streamed)))),
		Passing: these(draft(software("stable = " + group("copy1 = "+group(list("images", rootfs(streamed))))))),
	}, eachEntry(checkInPlace)},
}

func checkPreinstall(c *checker, s *scope) {
	reportEarly(c, s, func(e *entry) bool { return e.typ == "preinstall" })
}

func checkPreinst(c *checker, s *scope) {
	reportEarly(c, s, func(e *entry) bool { return e.typ == "lua" || e.typ == "shellscript" })
}

// reportEarly tells of the first streamed entry of s where a script is one of
// those that come too late for it.
func reportEarly(c *checker, s *scope, late func(*entry) bool) {
	var first, early *entry
	for _, sec := range s.sections {
		for _, e := range sec.entries {
			switch {
			case early == nil && e.streamed():
				early = e
			case first == nil && sec.kind == swupdate.Scripts && e.typeKnown && late(e):
				first = e
			}
		}
	}
	if first != nil && early != nil {
		c.report(early.Get("installed-directly"), "the artifact is written before %s runs", first.Path())
	}
}

// modeDepth is how deep below software the keys of a mode stand at least.
const modeDepth = 2

func checkInPlace(c *checker, e *entry) {
	s := e.section.scope
	if e.streamed() && s != nil && s.depth < modeDepth && !hooked(e.Group) {
		c.report(e.Get("installed-directly"), "the artifact is streamed to the same place on every device")
	}
}

// hooked tells whether a hook can send the artifact somewhere else.
func hooked(g *swdesc.Group) bool { return g.Get("hook") != nil }
