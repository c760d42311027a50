package lint

import (
	"slices"

	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

func ubivol(more ...string) string {
	return images(typed("ubivol", append([]string{`filename = "rootfs.ubifs"`, `volume = "rootfs"`}, more...)...))
}

// sizeRules are about properties with the size of what comes out in the end.
var sizeRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD250", Name: "missing-size", Severity: Error,
			Why:     "The handler must know the size before it writes, and fails for a compressed or encrypted artifact without it.",
			Hint:    "add decompressed-size, or decrypted-size where the artifact is encrypted only, to properties",
			Failing: these(finished(ubivol(`compressed = "zstd"`, withDigest)), finished(ubivol(`encrypted = true`, `ivt = "000102030405060708090a0b0c0d0e0f"`, withDigest))),
			Passing: these(finished(ubivol(`compressed = "zstd"`, withDigest, properties(`decompressed-size = "1048576"`))), draft(ubivol(`compressed = "zstd"`))),
		}, eachEntry(checkOutputSize)},
	}
}

func checkOutputSize(c *checker, e *entry) {
	if c.Draft || !e.described() || !e.handler.NeedsSize {
		return
	}
	property := "decompressed-size"
	if !e.transformed("compressed") {
		property = "decrypted-size"
	}
	if (e.transformed("compressed") || e.transformed("encrypted")) && !given(e.properties, property) {
		c.report(e, "%s needs the property %s here", e.typ, property)
	}
}

// restrictionRules are about what single handlers do not want.
var restrictionRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD260", Name: "refused-attribute", Severity: Error,
			Why:  "The handler fails where the attribute is set.",
			Hint: "remove the attribute",
			Failing: these(
				draft(deltaWith([]string{`installed-directly = true`}, zckURL, quiet, chainRaw), "SWD423"),
				draft(images(typed("rdiff_image", `filename = "a.delta"`, `device = "/dev/mmcblk0p3"`, `offset = 512`, properties(`rdiffbase = "/dev/mmcblk0p2"`)))),
				draft(images(typed("swuforward", `filename = "b.swu"`, `encrypted = true`, properties(`url = [ "http://10.0.0.2:8080" ]`))))),
			Passing: these(draft(delta(zckURL, quiet, chainRaw))),
		}, eachEntry(checkRefused)},
		{Rule{ID: "SWD261", Name: "ignored-attribute", Severity: Error, Depends: "A warning for installed-directly.",
			Why:     "The handler writes the bytes of the archive as they are, compressed or encrypted.",
			Hint:    "pack the artifact as it is, or choose the handler flash",
			Failing: these(draft(images(typed("flash-hamming1", `filename = "MLO"`, `device = "mtd0"`, `compressed = "zlib"`)))),
			Passing: these(draft(images(typed("flash-hamming1", `filename = "MLO"`, `device = "mtd0"`)))),
		}, eachEntry(checkIgnored)},
		{Rule{ID: "SWD262", Name: "copied-twice", Severity: Warning,
			Why:     "Without the property type the copy is made before the installation and after it.",
			Hint:    "add type = \"preinstall\"; or type = \"postinstall\"; to properties",
			Failing: these(draft(software(list("scripts", typed("copy", `device = "/dev/mmcblk0p3"`, properties(`copyfrom = "/dev/mmcblk0p2"`)))))),
			Passing: these(draft(software(list("scripts", typed("copy", `device = "/dev/mmcblk0p3"`, properties(`copyfrom = "/dev/mmcblk0p2"`, `type = "preinstall"`)))))),
		}, eachEntry(checkCopy)},
		{Rule{ID: "SWD263", Name: "folder-must-exist", Severity: Warning,
			Why:     "Without create-destination the update fails where the folder that path names is missing on the device.",
			Hint:    "add create-destination = \"true\"; to properties",
			Failing: these(draft(images(typed("archive", `filename = "app.tar"`, `path = "/opt/app"`)))),
			Passing: these(draft(images(typed("archive", `filename = "app.tar"`, `path = "/opt/app"`, properties(`create-destination = "true"`)))), draft(images(typed("archive", `filename = "app.tar"`, `path = "/"`)))),
		}, eachEntry(checkFolder)},
	}
}

// on tells whether an attribute is set to something else than false.
func (e *entry) on(name string) bool {
	setting := e.Get(name)
	if setting == nil {
		return false
	}
	if off, ok, _ := e.GetBool(name); ok && !off {
		return false
	}
	return true
}

func checkRefused(c *checker, e *entry) {
	if !e.described() {
		return
	}
	for _, name := range e.handler.Refuses {
		if e.on(name) {
			c.report(e.Get(name), "%s does not work with %s", e.typ, name)
		}
	}
}

func checkIgnored(c *checker, e *entry) {
	if !e.described() {
		return
	}
	for _, name := range e.handler.Ignores {
		switch {
		case name == "sha256" || !e.on(name):
			// Clients that verify signatures ask for the digest all the same.
		case name == "installed-directly":
			c.reportAs(Warning, "remove it", e.Get(name), "%s does not stream", e.typ)
		default:
			c.report(e.Get(name), "%s does not look at %s", e.typ, name)
		}
	}
}

func checkCopy(c *checker, e *entry) {
	if e.described() && e.handler.Name == "copy" && !given(e.properties, "type") {
		c.report(e, "%s has no property type, and runs twice", e.typ)
	}
}

func checkFolder(c *checker, e *entry) {
	path, ok := c.text(e.Group, "path")
	if !ok || path == "/" || path == "" || !e.described() || e.handler.Name != "archive" {
		return
	}
	create, written := c.text(e.properties, "create-destination")
	known := given(e.properties, "create-destination") == written
	if known && !swupdate.TrueProperty(create) && !slices.Contains(mountPoints, path) {
		c.report(e.Get("path"), "the folder %s must exist", quote(path))
	}
}

// mountPoints are folders that every device has.
var mountPoints = []string{"/", "/boot", "/etc", "/home", "/media", "/mnt", "/opt", "/root", "/tmp", "/usr", "/var"}
