package lint

import (
	"slices"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// attributeRules are about offset and what the handler makes of attributes.
var attributeRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD120", Name: "bad-offset", Severity: Error, Depends: "A warning where the client reads a number from the beginning of the text and passes over the rest.",
			Why:     "The client refuses an offset that is no number, or writes to another place than is meant: for -5 close to 4 GiB, and reports success.",
			Hint:    "write a number of bytes, or a text that ends in K, M or G for powers of 1024",
			Failing: these(draft(images(rootfs(`offset = "start"`))), draft(images(rootfs(`offset = "16kb"`))), draft(images(rootfs(`offset = "1.5K"`))).on("debian-12"), draft(images(rootfs(`offset = -512`)))),
			Passing: these(draft(images(rootfs(`offset = "16K"`))), draft(images(rootfs(`offset = 16384`)))),
		}, eachEntry(checkOffset)},
		{Rule{ID: "SWD121", Name: "attribute-without-effect", Severity: Note,
			Why:     "The handler of the entry does not look at the attribute.",
			Hint:    "remove it, or choose another handler",
			Failing: these(draft(software(list("files", file("a.conf", "/etc/a.conf", `offset = 512`)))), draft(images(rootfs(`preserve-attributes = true`)))),
			Passing: these(draft(images(rootfs(`offset = 512`))), draft(images(group(`filename = "a.tar"`, `type = "archive"`, `path = "/"`, `preserve-attributes = true`)))),
		}, eachEntry(checkEffect)},
	}
}

func checkOffset(c *checker, e *entry) {
	setting := e.Get("offset")
	if setting == nil {
		return
	}
	if v, ok := setting.Value().(*swdesc.Int); ok && v.Value() < 0 {
		c.report(setting, "offset is negative")
	}
	text, ok := c.text(e.Group, "offset")
	if !ok {
		return
	}
	n, ok, exact := swupdate.ParseOffset(text, c.target.Release.OrNewest())
	switch {
	case !ok:
		c.report(setting, "offset %s is no number of bytes", quote(text))
	case !exact:
		c.reportAs(Warning, "", setting, "offset %s is read as %d", quote(text), n)
	}
}

func checkEffect(c *checker, e *entry) {
	if !e.described() {
		return
	}
	last, ok := c.chained(e)
	if !ok {
		last = e.handler
	}
	if last.state == swupdate.HandlerUnknown || last.state == swupdate.HandlerCustom {
		return
	}
	if setting := e.Get("offset"); setting != nil && !last.OffsetAllowed && !e.handler.OffsetAllowed && !slices.Contains(e.handler.Refuses, "offset") {
		c.report(setting, "%s passes over offset", e.typ)
	}
	if setting := e.Get("preserve-attributes"); setting != nil && last.Name != "archive" && attributeTable()[e.section.kind]["preserve-attributes"] != nil {
		c.report(setting, "%s passes over preserve-attributes", e.typ)
	}
}

// versionRules are about install-if-different and install-if-higher.
var versionRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD125", Name: "condition-without-version", Severity: Warning,
			Why:     "install-if-different and install-if-higher do nothing unless the entry has both a name and a version.",
			Hint:    "add name and version, or remove the condition",
			Failing: these(draft(images(rootfs(`install-if-different = true`, `version = "1.0"`)))),
			Passing: these(draft(images(rootfs(`install-if-different = true`, `name = "rootfs"`, `version = "1.0"`), kernel()))),
		}, eachEntry(checkIdentity)},
		{Rule{ID: "SWD126", Name: "version-not-comparable", Severity: Warning,
			Why:     "What is neither up to four numbers below 65536 nor a semantic version is compared letter by letter, so that \"r10\" is lower than \"r9\".",
			Hint:    "use numbers with dots between them",
			Failing: these(draft(images(rootfs(`name = "rootfs"`, `version = "release_10"`, `install-if-higher = true`), kernel()))),
			Passing: these(draft(images(rootfs(`name = "rootfs"`, `version = "1.10.0-rc1"`, `install-if-higher = true`), kernel()))),
		}, eachEntry(checkComparable)},
		{Rule{ID: "SWD127", Name: "blank-in-version", Severity: Warning,
			Why:     "The file sw-versions of the device has names and versions with blanks between them, so that one with a blank in it is never found there.",
			Hint:    "use no blanks in name and version",
			Failing: these(draft(images(rootfs(`name = "root fs"`, `version = "1.0"`, `install-if-different = true`), kernel()))),
			Passing: these(draft(images(rootfs(`name = "rootfs"`, `version = "1.0"`, `install-if-different = true`), kernel()))),
		}, eachEntry(checkBlanks)},
	}
}

// condition returns the attribute that makes e conditional, or nil.
func (e *entry) condition() *swdesc.Setting {
	for _, name := range []string{"install-if-different", "install-if-higher"} {
		if isTrue(e.Group, name) {
			return e.Get(name)
		}
	}
	return nil
}

func checkIdentity(c *checker, e *entry) {
	if setting := e.condition(); setting != nil && !(given(e.Group, "name") && given(e.Group, "version")) {
		c.report(setting, "%s needs name and version", setting.Name())
	}
}

func checkComparable(c *checker, e *entry) {
	version, ok := c.text(e.Group, "version")
	if ok && isTrue(e.Group, "install-if-higher") && swupdate.VersionKind(version) == swupdate.Text {
		c.report(e.Get("version"), "version %s is compared letter by letter", quote(version))
	}
}

func checkBlanks(c *checker, e *entry) {
	if e.condition() == nil {
		return
	}
	for _, name := range []string{"name", "version"} {
		if text, ok := c.text(e.Group, name); ok && slices.ContainsFunc([]rune(text), isBlank) {
			c.report(e.Get(name), "%s %s has a blank in it", name, quote(text))
		}
	}
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }
