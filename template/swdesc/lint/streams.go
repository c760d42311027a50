package lint

import (
	"slices"

	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

const streamed = `installed-directly = true`

// streamRules are about artifacts that are installed while they are read.
var streamRules = func() []rule {
	return []rule{
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
			Why:     "The artifact is written while it is received, so that a broken connection leaves half of it on a device that has no other copy to run from.",
			Hint:    "put the entry into two selections, one for each copy, or do not stream what the device has once",
			Failing: these(draft(images(rootfs(streamed))), draft(software("stable = "+group("copy1 = "+group(list("images", rootfs(streamed))), "copy2 = "+group(list("images", rootfs(streamed))))))),
			Passing: these(draft(software("stable = " + group("copy1 = "+group(list("images", rootfs(streamed))), "copy2 = "+group(list("images", kernel(streamed))))))),
		}, checkInPlace},
		{Rule{ID: "SWD424", Name: "streamed-script", Severity: Error,
			Why:     "The client hands a streamed script to its handler as if it were an image, and the update fails.",
			Hint:    "remove installed-directly",
			Failing: these(draft(software(list("scripts", script("a.lua", "lua", streamed))))),
			Passing: these(draft(software(list("scripts", script("a.lua", "lua"))))),
		}, eachEntry(checkStreamedScript)},
	}
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

// target is what an entry writes to, within one selection.
type target struct {
	selection            *scope
	device, volume, path string
}

// checkInPlace tells of artifacts that are streamed to the same place by all
// modes of a selection, or outside of selections; of each list one.
func checkInPlace(c *checker) {
	if !slices.ContainsFunc(c.entries, (*entry).streamed) {
		return
	}
	modes := map[target]*scope{}
	for _, s := range c.sections {
		for _, e := range s.entries {
			if t, ok := c.targetOf(e); ok && modes[t] == nil {
				modes[t] = s.scope
			}
		}
	}
	for _, s := range c.sections {
		i := slices.IndexFunc(s.entries, func(e *entry) bool {
			t, ok := c.targetOf(e)
			return ok && e.streamed() && (t.selection == nil || modes[t] != s.scope)
		})
		if i >= 0 {
			c.report(s.entries[i].Get("installed-directly"), "the artifact is streamed to a place that all modes share")
		}
	}
}

// targetOf is false for what a hook can send somewhere else, for handlers that
// write nowhere in particular, and for lists that links lead to.
func (c *checker) targetOf(e *entry) (target, bool) {
	s := e.section.scope
	if s == nil || e.Get("hook") != nil || !swupdate.Payloads.Has(e.section.kind) {
		return target{}, false
	}
	var t target
	if s.depth >= modeDepth {
		t.selection = s.parent
	}
	for name, at := range map[string]*string{"device": &t.device, "volume": &t.volume, "path": &t.path} {
		text, ok := c.text(e.Group, name)
		if given(e.Group, name) && !ok {
			return target{}, false
		}
		*at = text
	}
	return t, t.device != "" || t.volume != "" || t.path != ""
}

func checkStreamedScript(c *checker, e *entry) {
	if e.section.kind == swupdate.Scripts && isTrue(e.Group, "installed-directly") {
		c.report(e.Get("installed-directly"), "a script cannot be streamed")
	}
}
