package lint

import (
	"strings"
	"unicode/utf8"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// textRules are about texts that do not fit.
var textRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD030", Name: "text-too-long", Severity: Error,
			Why:     "The client copies the text into a buffer without an error, and glues the next field to what does not fit.",
			Hint:    "shorten the text",
			Failing: these(draft(software(list("bootenv", `{ name = "a"; value = "`+strings.Repeat("x", 256)+`"; }`)))),
			Passing: these(draft(software(list("bootenv", `{ name = "a"; value = "`+strings.Repeat("x", 255)+`"; }`)))),
		}, checkLengths},
		{Rule{ID: "SWD031", Name: "path-too-long", Severity: Error,
			Why:     "The handler copies path into a buffer of 255 bytes, in which atomic-install also puts \".tmp\" behind it.",
			Hint:    "shorten the path",
			Failing: these(draft(software(list("files", file("a", "/"+strings.Repeat("p", 250), properties(`atomic-install = "true"`)))))),
			Passing: these(draft(software(list("files", file("a", "/"+strings.Repeat("p", 250)))))),
		}, eachEntry(checkPathLength)},
	}
}

// contentRules are about what texts are made of.
var contentRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD032", Name: "not-utf8", Severity: Warning,
			Why:     "The client passes description and version on to servers in JSON, which must be UTF-8.",
			Hint:    "save the file as UTF-8",
			Failing: these(draft(software("description = \"caf\xe9\"", list("images", rootfs())))),
			Passing: these(draft(software("description = \"café\"", list("images", rootfs())))),
		}, eachScope(checkUTF8)},
	}
}

// eachLimited visits every text of a key or an attribute with the number of
// bytes that fit, where there is a limit.
func (c *checker) eachLimited(visit func(at place, name, text string, limit int)) {
	for _, s := range c.scopes {
		for _, setting := range s.group.Settings() {
			if k, ok := keyTable()[setting.Name()]; ok && k.Max > 0 {
				c.visitTexts(setting, k.Max, visit)
			}
		}
	}
	c.eachAttribute(func(_ *swdesc.Group, setting *swdesc.Setting, a *swupdate.Attribute) {
		if a.Max > 0 && a.Hex == 0 && a.Name != "filename" {
			c.visitTexts(setting, a.Max, visit)
		}
	})
}

func (c *checker) visitTexts(setting *swdesc.Setting, limit int, visit func(at place, name, text string, limit int)) {
	for _, s := range stringsOf(setting.Value()) {
		if c.known(s.Value()) {
			visit(setting, setting.Name(), s.Value(), limit)
		}
	}
}

func checkLengths(c *checker) {
	c.eachLimited(func(at place, name, text string, limit int) {
		if len(text) > limit {
			c.report(at, "%s has %d bytes, and %d fit", name, len(text), limit)
		}
	})
}

func checkPathLength(c *checker, e *entry) {
	path, ok := c.text(e.Group, "path")
	atomic, _ := c.text(e.properties, "atomic-install")
	if ok && swupdate.TrueProperty(atomic) && len(path) > swupdate.MaxAtomicPath && len(path) <= swupdate.MaxPath {
		c.report(e.Get("path"), "path has %d bytes, and %d fit with atomic-install", len(path), swupdate.MaxAtomicPath)
	}
}

func checkUTF8(c *checker, s *scope) {
	for _, name := range []string{"description", "version"} {
		if text, ok := c.text(s.group, name); ok && !utf8.ValidString(text) {
			c.report(s.group.Get(name), "%s is not UTF-8", name)
		}
	}
}
