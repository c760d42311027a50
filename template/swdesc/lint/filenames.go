package lint

import (
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// filenameRules are about the artifact of an entry.
var filenameRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD101", Name: "missing-filename", Severity: Error,
			Why:     "An image or a file without filename is passed over in silence, and a script without one fails.",
			Hint:    "add filename = \"...\"; with the name of the artifact in the archive",
			Failing: these(draft(images(group(`type = "raw"`, `device = "/dev/mmcblk0p2"`))), draft(software(list("scripts", typed("postinstall"))), "SWD802")),
			Passing: these(draft(images(rootfs())), draft(software(list("scripts", typed("readback", `device = "/dev/mmcblk0p2"`, properties(`sha256 = "`+digest+`"`)))))),
		}, eachEntry(checkFilename)},
		{Rule{ID: "SWD102", Name: "bad-filename", Severity: Error,
			Why:     "The client extracts to its folder for temporary files: a / in the name needs a folder that is not there, and since 2026.05 a leading / or any ../ ends the update.",
			Hint:    "use the bare name of the file, in the archive, too",
			Failing: these(draft(images(group(`filename = "deploy/rootfs.ext4"`, `type = "raw"`, `device = "/dev/mmcblk0p2"`))), draft(images(group(`filename = "./rootfs.ext4"`, `type = "raw"`, `device = "/dev/mmcblk0p2"`)))),
			Passing: these(draft(images(rootfs()))),
		}, eachEntry(checkFilenameText)},
		{Rule{ID: "SWD103", Name: "filename-too-long", Severity: Error,
			Why:     "With the client's folder before it a name must fit into 255 bytes, which leaves 250 below /tmp, and 242 for scripts.",
			Hint:    "shorten the name",
			Failing: these(draft(software(list("scripts", script(strings.Repeat("s", 243)+"", "lua"))))),
			Passing: these(draft(software(list("scripts", script(strings.Repeat("s", 242), "lua"))))),
		}, eachEntry(checkFilenameLength)},
		{Rule{ID: "SWD104", Name: "missing-type", Severity: Error,
			Why:     "An image without type is written by ubivol if it has volume and by raw if it has device; without both the description is refused.",
			Hint:    "add type = \"...\"; with the handler",
			Failing: these(draft(images(group(`filename = "rootfs.ext4"`)))),
			Passing: these(draft(images(rootfs()))),
		}, eachEntry(checkType)},
	}
}

func checkFilename(c *checker, e *entry) {
	if given(e.Group, "filename") {
		return
	}
	switch {
	case swupdate.Payloads.Has(e.section.kind):
		c.report(e, "entry of %s has no filename", e.section.kind)
	case e.section.kind == swupdate.Scripts && e.typeKnown && e.handler.Data == swupdate.NeedsData && e.typ != "dummy":
		c.report(e, "script of type %s has no filename", e.typ)
	}
}

func checkFilenameText(c *checker, e *entry) {
	if name, ok := c.text(e.Group, "filename"); ok && !plainName(name) {
		c.report(e.Get("filename"), "filename %s has a folder in it", quote(name))
	}
}

func plainName(name string) bool { return !strings.Contains(name, "/") && name != "." && name != ".." }

func checkFilenameLength(c *checker, e *entry) {
	limit := swupdate.MaxFilename
	if e.section.kind == swupdate.Scripts {
		limit = swupdate.MaxScriptName
	}
	if name, ok := c.text(e.Group, "filename"); ok && len(name) > limit {
		c.report(e.Get("filename"), "filename has %d bytes, and %d fit", len(name), limit)
	}
}

func checkType(c *checker, e *entry) {
	if e.Get("type") == nil && e.typ == "" {
		c.report(e, "entry has no type, and no volume or device to choose one by")
	}
}

const ofVerifier = "An error for a target that verifies signatures, a warning for others."

// digestRules are about sha256.
var digestRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD110", Name: "missing-sha256", Severity: Error, Depends: ofVerifier,
			Why:     "A client that verifies signatures refuses an entry without sha256; others install an artifact that nothing protects.",
			Hint:    "add sha256 = \"...\"; of the artifact as it lies in the archive",
			Failing: these(finished(images(rootfs())), finished(images(rootfs())).on("debian-12")),
			Passing: these(finished(images(rootfs(withDigest))), draft(images(rootfs())).on("debian-12")),
		}, eachEntry(checkDigest)},
		{Rule{ID: "SWD111", Name: "bad-sha256", Severity: Error,
			Why:     "A client that verifies signatures refuses a malformed sha256; others take it for none and check nothing.",
			Hint:    "write the 64 hex digits that sha256sum prints",
			Failing: these(finished(images(rootfs(`sha256 = "9f86d081"`)))),
			Passing: these(finished(images(rootfs(withDigest)))),
		}, eachEntry(checkDigestText)},
		{Rule{ID: "SWD112", Name: "digests-differ", Severity: Error,
			Why:     "An artifact is in the archive once, so that one of the two digests is wrong and its entry refused.",
			Hint:    "give both entries the digest of the artifact",
			Failing: these(finished(images(rootfs(withDigest), group(`filename = "rootfs.ext4"`, `type = "raw"`, `device = "/dev/mmcblk0p3"`, `sha256 = "`+strings.Repeat("00", 32)+`"`)))),
			Passing: these(finished(images(rootfs(withDigest), group(`filename = "rootfs.ext4"`, `type = "raw"`, `device = "/dev/mmcblk0p3"`, withDigest)))),
		}, checkDigestsAgree},
	}
}

func checkDigest(c *checker, e *entry) {
	if !c.Draft && c.wantsDigest(e) && !given(e.Group, "sha256") {
		severity := Warning
		if c.target.Signed() == swupdate.Yes {
			severity = Error
		}
		c.reportAs(severity, "", e, "entry has no sha256")
	}
}

// wantsDigest tells whether a client that verifies signatures asks for the
// digest of e: of what has an artifact, and of partitions whose handler takes one.
func (c *checker) wantsDigest(e *entry) bool {
	if e.section.kind == swupdate.Partitions {
		return e.described() && e.handler.Data == swupdate.NeedsData
	}
	return given(e.Group, "filename")
}

func checkDigestText(c *checker, e *entry) {
	if sum, ok := c.text(e.Group, "sha256"); ok && sum != "" && !c.Draft && !isHex(sum, 64) {
		c.report(e.Get("sha256"), "sha256 is %s, and must be 64 hex digits", quote(sum))
	}
}

// isHex tells whether s is so many hex digits, of either case.
func isHex(s string, digits int) bool {
	return len(s) == digits && strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

func checkDigestsAgree(c *checker) {
	if c.Draft {
		return
	}
	first := map[string]*swdesc.Setting{}
	for _, e := range c.entries {
		name, ok := c.text(e.Group, "filename")
		sum, has := c.text(e.Group, "sha256")
		if !ok || !has || !isHex(sum, 64) {
			continue
		}
		other := first[name]
		if other == nil {
			first[name] = e.Get("sha256")
			continue
		}
		if !strings.EqualFold(other.Value().(*swdesc.String).Value(), sum) {
			c.report(e.Get("sha256"), "sha256 of %s is another one in %s", quote(name), other.Path())
		}
	}
}
