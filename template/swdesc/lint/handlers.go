package lint

import (
	"slices"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

const ofTarget = "An error for a named target that lacks it; where no target is named, a note if it needs a release after 2022.12."

// handlerRules are about the type of an entry.
var handlerRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD201", Name: "unknown-handler", Severity: Error,
			Why:     "The client refuses the whole description for a type that it has no handler for.",
			Hint:    "correct the type; if the device has a handler of its own, declare it",
			Failing: these(draft(images(rootfs(), typed("rawfil", `filename = "a"`, `path = "/a"`)))),
			Passing: these(draft(images(rootfs(), typed("fpga", `filename = "a"`))).by(swupdate.Profile{Custom: []swupdate.CustomHandler{{Name: "fpga"}}})),
		}, eachEntry(checkHandler)},
		{Rule{ID: "SWD202", Name: "handler-not-in-target", Severity: Error, Depends: ofTarget,
			Why:     "The client refuses the whole description for a type whose handler came with a later release or is not compiled in.",
			Hint:    "choose another handler, or update the client first",
			Failing: these(draft(software(list("scripts", typed("copy", `device = "/dev/mmcblk0p3"`, properties(`copyfrom = "/dev/mmcblk0p2"`, `type = "preinstall"`))))).on("debian-12"), draft(software(list("scripts", typed("emmc_boot_toggle", `device = "/dev/mmcblk0"`))))),
			Passing: these(draft(images(rootfs())).on("debian-12")),
		}, eachEntry(checkHandlerOfTarget)},
		{Rule{ID: "SWD203", Name: "wrong-section", Severity: Error,
			Why:     "The client refuses a description with a handler in a section that it does not work in; images and files count as one.",
			Hint:    "move the entry to a section of its handler",
			Failing: these(draft(software(list("images", script("a.lua", "lua")))), draft(software(list("scripts", rootfs())))),
			Passing: these(draft(software(list("scripts", script("a.lua", "lua")))), draft(software(list("files", rootfs())))),
		}, eachEntry(checkSection)},
		{Rule{ID: "SWD204", Name: "missing-attribute", Severity: Error,
			Why:     "The handler fails without the attribute, after the update has begun.",
			Hint:    "add the attribute",
			Failing: these(draft(images(typed("raw", `filename = "rootfs.ext4"`))), draft(software(list("files", typed("rawfile", `filename = "a.conf"`))))),
			Passing: these(draft(images(rootfs())), draft(images(typed("flash", `filename = "boot"`, `mtdname = "boot"`)))),
		}, eachEntry(checkNeeds)},
		{Rule{ID: "SWD205", Name: "unusable-handler", Severity: Error,
			Why:     "SWUpdate's manual describes the handler, but no release registers it.",
			Hint:    "stop the container in a script",
			Failing: these(draft(software(list("scripts", typed("docker_containerstop", properties(`name = "web"`)))))),
			Passing: these(draft(software(list("scripts", typed("docker_containerstart", properties(`name = "web"`)))), "SWD202")),
		}, eachEntry(checkUsable)},
	}
}

func checkHandler(c *checker, e *entry) {
	if e.typeKnown && e.handler.state == swupdate.HandlerUnknown {
		c.reportAs(Error, diag.DidYouMean(e.typ, c.handlerNames()), e.place("type"), "no release of SWUpdate has a handler %s", quote(e.typ))
	}
}

// handlerNames are the types that the target knows.
func (c *checker) handlerNames() []string {
	if c.names == nil {
		c.names = c.target.HandlerNames()
	}
	return c.names
}

func checkHandlerOfTarget(c *checker, e *entry) {
	if !e.described() {
		return
	}
	c.checkAvailable(e, e.typ, e.handler)
	if chained, ok := c.chained(e); ok && chained.Name != "" {
		c.checkAvailable(e, chained.Name, chained)
	}
}

func (c *checker) checkAvailable(e *entry, typ string, h handler) {
	since := h.SinceAs(typ)
	severity, late := c.newer(since)
	switch {
	case h.state == swupdate.HandlerUnusable || h.state == swupdate.HandlerCustom:
	case h.state == swupdate.HandlerNotCompiled:
		c.report(e.place("type"), "the target has no handler %s", typ)
	case late:
		c.reportAs(severity, "", e.place("type"), "handler %s needs SWUpdate %s", typ, since)
	}
}

func checkSection(c *checker, e *entry) {
	if e.typeKnown && e.handler.state != swupdate.HandlerUnknown && !e.handler.Sections.Has(e.section.kind) {
		c.report(e.place("type"), "%s stands in %s, and works in %s", e.typ, e.section.kind, e.handler.Sections)
	}
}

func checkNeeds(c *checker, e *entry) {
	if !e.described() || !e.handler.Sections.Has(e.section.kind) {
		return
	}
	needs := e.handler.Needs
	if chained, ok := c.chained(e); ok && chained.Name != e.handler.Name {
		needs = slices.Concat(needs, chained.Needs)
	}
	for _, need := range needs {
		if c.holds(need, e) && !c.met(need, e) {
			c.report(e, "%s needs %s", e.typ, need)
		}
	}
}

// holds tells whether a need is one of e. What partitions lack has rules of
// its own, because its consequences are others.
func (c *checker) holds(need swupdate.Need, e *entry) bool {
	if e.section.kind == swupdate.Partitions && need.Property == "" {
		return false
	}
	if need.Property == "" {
		return true
	}
	text, ok := c.text(e.properties, need.Property)
	p, _ := e.handler.Property(need.Property)
	return ok && (p.Form != swupdate.FormSwitch || swupdate.TrueProperty(text))
}

func (c *checker) met(need swupdate.Need, e *entry) bool {
	return slices.ContainsFunc(need.AnyOf, func(name string) bool {
		text, ok := c.text(e.Group, name)
		return given(e.Group, name) && (need.Value == "" || !ok || text == need.Value)
	})
}

func checkUsable(c *checker, e *entry) {
	if e.typeKnown && e.handler.state == swupdate.HandlerUnusable {
		c.report(e.place("type"), "%s cannot be used: %s", e.typ, e.handler.Unusable)
	}
}
