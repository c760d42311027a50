package lint

import (
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// releaseRules are about what the target is too old or too small for.
var releaseRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD701", Name: "key-too-new", Severity: Error, Depends: ofTarget,
			Why:     "An older client passes over the key.",
			Hint:    "update the client first, or do without the key",
			Failing: these(draft(software(`update-type = "app"`, list("images", rootfs()))).on("2024.12"), draft(software(`update-type = "app"`, list("images", rootfs())))),
			Passing: these(draft(software(`update-type = "app"`, list("images", rootfs()))).on("2025.12")),
		}, checkKeyReleases},
		{Rule{ID: "SWD702", Name: "attribute-too-new", Severity: Error, Depends: ofTarget,
			Why:     "An older client passes over the attribute.",
			Hint:    "update the client first, or do without the attribute",
			Failing: these(draft(software(luaScript, list("images", rootfs(`preinstall = "check"`)))).on("2025.12"), draft(software(list("partitions", typed("diskformat", `device = "/dev/sda1"`, `name = "data"`, `version = "1"`, `install-if-different = true`, properties(`fstype = "ext4"`))), list("scripts", script("a.lua", "lua")))).on("2022.12")),
			Passing: these(draft(software(luaScript, list("images", rootfs(`preinstall = "check"`)))).on("2026.05")),
		}, checkAttributeReleases},
		{Rule{ID: "SWD703", Name: "type-too-new", Severity: Error, Depends: ofTarget,
			Why:     "An older client passes over a value of this type, or takes it for 0.",
			Hint:    "write the value as older clients want it",
			Failing: these(draft(images(rootfs(`offset = 16384`))).on("2021.11")),
			Passing: these(draft(images(rootfs(`offset = "16K"`))).on("2021.11"), draft(images(rootfs(`offset = 16384`))).on("2022.12")),
		}, checkTypeReleases},
		{Rule{ID: "SWD704", Name: "property-too-new", Severity: Error, Depends: ofTarget,
			Why:     "The handler of an older client does not look at the property.",
			Hint:    "update the client first, or do without the property",
			Failing: these(draft(software(list("files", file("a", "/a", properties(`atomic-install = "true"`))))).on("2021.11"), draft(images(typed("flash", `filename = "a"`, `device = "mtd0"`, properties(`noecc = "true"`))))),
			Passing: these(draft(software(list("files", file("a", "/a", properties(`atomic-install = "true"`))))).on("2022.12")),
		}, eachProperty(checkPropertyRelease)},
		{Rule{ID: "SWD705", Name: "no-lua", Severity: Error,
			Why:     "The client of the target has no Lua, and refuses embedded scripts, hooks and scripts of type lua.",
			Hint:    "use a shell script",
			Failing: these(draft(software(luaScript, list("images", rootfs(`hook = "check"`)))).by(swupdate.Profile{Lua: swupdate.No}), draft(software(list("scripts", script("a.lua", "lua")))).by(swupdate.Profile{Lua: swupdate.No})),
			Passing: these(draft(software(list("scripts", script("a.sh", "postinstall")))).by(swupdate.Profile{Lua: swupdate.No})),
		}, checkLua},
		{Rule{ID: "SWD706", Name: "no-json", Severity: Error,
			Why:     "The client of the target reads no descriptions in JSON.",
			Hint:    "write the description in libconfig's syntax",
			Failing: these(inJSON(jsonImage).by(swupdate.Profile{JSON: swupdate.No})),
			Passing: these(inJSON(jsonImage).on("debian-12")),
		}, checkJSON},
		{Rule{ID: "SWD707", Name: "copy-from-mtd", Severity: Error, Depends: ofTarget,
			Why:     "Older clients take \"mtd:NAME\" for the name of a file.",
			Hint:    "write the device of the MTD partition",
			Failing: these(draft(copyFrom("mtd:boot")).on("2024.12"), draft(copyFrom("mtd:boot"))),
			Passing: these(draft(copyFrom("/dev/mtdblock2")).on("2024.12"), draft(copyFrom("mtd:boot")).on("2025.12")),
		}, eachEntry(checkCopyFrom)},
	}
}

func copyFrom(source string) string {
	return software(list("scripts", typed("copy", `device = "/dev/mmcblk0p3"`, properties(`copyfrom = "`+source+`"`, `type = "preinstall"`))))
}

func checkKeyReleases(c *checker) {
	for _, s := range c.scopes {
		for _, setting := range s.group.Settings() {
			k, ok := keyTable()[setting.Name()]
			if severity, late := c.newer(k.Since); ok && late {
				c.reportAs(severity, "", setting, "%s needs SWUpdate %s", setting.Name(), k.Since)
			}
		}
	}
}

// checkAttributeReleases leaves out size, which does no harm on older clients.
func checkAttributeReleases(c *checker) {
	c.eachAttribute(func(_ *swdesc.Group, setting *swdesc.Setting, a *swupdate.Attribute) {
		if severity, late := c.newer(a.Since); late && a.Name != "size" {
			c.reportAs(severity, "", setting, "%s needs SWUpdate %s here", a.Name, a.Since)
		}
	})
}

func checkTypeReleases(c *checker) {
	for _, s := range c.scopes {
		for _, setting := range s.group.Settings() {
			if k, ok := keyTable()[setting.Name()]; ok {
				c.checkLater(setting, k.Later)
			}
		}
	}
	c.eachAttribute(func(_ *swdesc.Group, setting *swdesc.Setting, a *swupdate.Attribute) {
		if a.Name != "encrypted" { // which has a rule of its own
			c.checkLater(setting, a.Later)
		}
	})
}

func (c *checker) checkLater(setting *swdesc.Setting, later []swupdate.TypeSince) {
	for _, l := range later {
		if severity, late := c.newer(l.Since); late && typeOf(setting.Value()) == l.Type {
			c.reportAs(severity, "", setting, "%s is %s, which needs SWUpdate %s", setting.Name(), l.Type, l.Since)
		}
	}
}

// checkPropertyRelease leaves out properties that are as new as their handler,
// and those that every handler shares: they do no harm.
func checkPropertyRelease(c *checker, e *entry, setting *swdesc.Setting, p swupdate.Property, known bool) {
	owner := e.handler
	if _, own := owner.Property(setting.Name()); !own {
		owner, _ = c.chained(e)
	}
	if !known || p.Form == swupdate.FormSize || !owner.Since.Before(p.Since) {
		return
	}
	if severity, late := c.newer(p.Since); late {
		c.reportAs(severity, "", setting, "property %s needs SWUpdate %s", setting.Name(), p.Since)
	}
}

func checkLua(c *checker) {
	if c.target.Lua != swupdate.No {
		return
	}
	for _, s := range c.scopes {
		if setting := s.group.Get("embedded-script"); setting != nil {
			c.report(setting, "the target has no Lua for embedded-script")
		}
	}
	for _, e := range c.entries {
		if e.typeKnown && e.handler.Name == "lua" {
			c.report(e.place("type"), "the target has no Lua for this script")
		}
	}
}

func checkJSON(c *checker) {
	if c.Doc.Format == swdesc.JSON && c.target.JSON == swupdate.No {
		c.report(c.whole(), "the target reads no JSON")
	}
}

func checkCopyFrom(c *checker, e *entry) {
	source, ok := c.text(e.properties, "copyfrom")
	since := swupdate.FeatureCopyFromMTD.Since()
	if severity, late := c.newer(since); ok && late && strings.HasPrefix(source, "mtd:") && e.described() && e.handler.Name == "copy" {
		c.reportAs(severity, "", e.properties.Get("copyfrom"), "%s needs SWUpdate %s", quote(source), since)
	}
}
