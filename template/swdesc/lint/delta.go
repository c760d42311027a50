package lint

import (
	"strings"

	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

func delta(more ...string) string {
	return deltaWith(nil, more...)
}

// deltaWith is a delta with more attributes, and properties beside source.
func deltaWith(attributes []string, props ...string) string {
	return images(typed("delta", append([]string{`filename = "rootfs.zck.header"`, `device = "/dev/mmcblk0p3"`,
		properties(append([]string{`source = "/dev/mmcblk0p2"`, sized}, props...)...)}, attributes...)...))
}

// unsized is a delta whose source is read to its end.
func unsized() string {
	return images(typed("delta", `filename = "rootfs.zck.header"`, `device = "/dev/mmcblk0p3"`, properties(`source = "/dev/mmcblk0p2"`, zckURL, quiet, chainRaw)))
}

const (
	chainRaw = `chain = "raw"`
	quiet    = `zckloglevel = "error"`
	sized    = `source-size = "64M"`
	zckURL   = `url = "https://example.com/rootfs.zck"`
)

// deltaRules are about the handler delta.
var deltaRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD240", Name: "bad-chain", Severity: Error,
			Why:     "The handler that chain names gets the new image, and must be one that stores images or files, and not delta itself.",
			Hint:    "write chain = \"raw\"; or the name of another such handler",
			Failing: these(draft(delta(zckURL, quiet, `chain = "delta"`)), draft(delta(zckURL, quiet, `chain = "rwa"`)), draft(delta(zckURL, quiet, `chain = "shellscript"`))),
			Passing: these(draft(delta(zckURL, quiet, chainRaw))),
		}, eachEntry(checkChain)},
		{Rule{ID: "SWD241", Name: "transformed-delta-header", Severity: Error, Depends: ofTarget,
			Why:     "SWUpdate before 2023.05 reads the header as it lies in the archive, and fails where it is compressed or encrypted.",
			Hint:    "pack the header as it is",
			Failing: these(draft(deltaWith([]string{`compressed = "zstd"`}, zckURL, quiet, chainRaw)).on("debian-12"), draft(deltaWith([]string{`encrypted = true`}, zckURL, quiet, chainRaw))),
			Passing: these(draft(deltaWith([]string{`encrypted = true`}, zckURL, quiet, chainRaw)).on("2023.05")),
		}, eachDelta(checkHeader)},
		{Rule{ID: "SWD242", Name: "plain-http", Severity: Warning,
			Why:     "Everybody on the way can see what is downloaded and make the update fail after it has begun to write.",
			Hint:    "use https",
			Failing: these(draft(delta(`url = "http://example.com/rootfs.zck"`, quiet, chainRaw))),
			Passing: these(draft(delta(zckURL, quiet, chainRaw))),
		}, eachDelta(checkPlain)},
		{Rule{ID: "SWD243", Name: "bad-url", Severity: Error,
			Why:     "The handler downloads byte ranges by HTTP, and fails for any other address.",
			Hint:    "write url = \"https://...\";",
			Failing: these(draft(delta(`url = "ftp://example.com/rootfs.zck"`, quiet, chainRaw))),
			Passing: these(draft(delta(zckURL, quiet, chainRaw))),
		}, eachDelta(checkURL)},
		{Rule{ID: "SWD244", Name: "verbose-delta", Severity: Warning,
			Why:     "Without zckloglevel the client logs every step of zchunk, which floods the log of the device.",
			Hint:    "add zckloglevel = \"error\"; to properties",
			Failing: these(draft(delta(zckURL, chainRaw))),
			Passing: these(draft(delta(zckURL, quiet, chainRaw))),
		}, eachDelta(checkLogLevel)},
		{Rule{ID: "SWD245", Name: "dynamic-url", Severity: Error, Depends: ofTarget,
			Why:     "With url = \"dynamic\" the server of the update says where the file zckfile is, which clients before 2026.05 take for an address.",
			Hint:    "write the whole address into url",
			Failing: these(draft(delta(`url = "dynamic"`, quiet, chainRaw)), draft(delta(`url = "dynamic"`, `zckfile = "rootfs.zck"`, quiet, chainRaw), "SWD704").on("2024.05")),
			Passing: these(draft(delta(`url = "dynamic"`, `zckfile = "rootfs.zck"`, quiet, chainRaw)).on("2026.05")),
		}, eachDelta(checkDynamic)},
		{Rule{ID: "SWD246", Name: "no-downloads", Severity: Error,
			Why:     "The client of the target cannot download deltas.",
			Hint:    "ship the whole image to this device",
			Failing: these(draft(delta(zckURL, quiet, chainRaw)).by(swupdate.Profile{DeltaDownload: swupdate.No})),
			Passing: these(draft(delta(zckURL, quiet, chainRaw)).on("debian-12")),
		}, eachDelta(checkDownload)},
		{Rule{ID: "SWD247", Name: "no-source-size", Severity: Note, Depends: ofTarget,
			Why:     "The client reads source to its end, so that the last chunk of an image in a larger partition is never found, and reading the rest costs time.",
			Hint:    "add source-size with the size of the images that are installed; SWUpdate 2024.05 looks at it",
			Failing: these(draft(unsized()).on("2024.05")),
			Passing: these(draft(delta(zckURL, quiet, chainRaw)).on("2024.05"), draft(unsized()).on("debian-12")),
		}, eachDelta(checkSourceSize)},
	}
}

func eachDelta(check func(*checker, *entry)) func(*checker) {
	return eachEntry(func(c *checker, e *entry) {
		if e.described() && e.handler.Name == "delta" {
			check(c, e)
		}
	})
}

// checkChain covers copy, too, which has a chain of its own.
func checkChain(c *checker, e *entry) {
	if !e.described() || e.handler.Chain == "" {
		return
	}
	name, ok := c.text(e.properties, e.handler.Chain)
	if !ok || name == "" {
		return
	}
	setting := e.properties.Get(e.handler.Chain)
	switch chained := c.lookup(name); {
	case name == e.typ:
		c.report(setting, "%s is the handler of the entry itself", name)
	case chained.state == swupdate.HandlerUnknown:
		c.report(setting, "no release of SWUpdate has a handler %s", quote(name))
	case chained.Sections&swupdate.Payloads == 0:
		c.report(setting, "%s stores neither images nor files", name)
	}
}

func checkHeader(c *checker, e *entry) {
	severity, late := c.newer(swupdate.FeatureTransformedDeltaHeader.Since())
	for _, name := range []string{"compressed", "encrypted"} {
		if late && e.transformed(name) {
			c.reportAs(severity, "", e.Get(name), "a header that is %s needs SWUpdate %s", name, swupdate.FeatureTransformedDeltaHeader.Since())
		}
	}
}

const dynamic = "dynamic"

func checkPlain(c *checker, e *entry) {
	if url, ok := c.text(e.properties, "url"); ok && hasScheme(url, "http") {
		c.report(e.properties.Get("url"), "the delta comes by http")
	}
}

func hasScheme(url, scheme string) bool {
	found, _, ok := strings.Cut(url, "://")
	return ok && strings.EqualFold(found, scheme)
}

func checkURL(c *checker, e *entry) {
	url, ok := c.text(e.properties, "url")
	if ok && url != "" && url != dynamic && !hasScheme(url, "http") && !hasScheme(url, "https") {
		c.report(e.properties.Get("url"), "url is %s, and must begin with https://", quote(url))
	}
}

func checkLogLevel(c *checker, e *entry) {
	if !given(e.properties, "zckloglevel") {
		c.report(e, "there is no zckloglevel")
	}
}

func checkDynamic(c *checker, e *entry) {
	if url, ok := c.text(e.properties, "url"); !ok || url != dynamic {
		return
	}
	setting := e.properties.Get("url")
	if !given(e.properties, "zckfile") {
		c.reportAs(Error, "add zckfile with the name of the file", setting, "url is dynamic, and there is no zckfile")
	}
	since := swupdate.FeatureDynamicURL.Since()
	if severity, late := c.newer(since); late {
		c.reportAs(severity, "", setting, "a dynamic url needs SWUpdate %s", since)
	}
}

func checkDownload(c *checker, e *entry) {
	if c.target.DeltaDownload == swupdate.No {
		c.report(e.place("type"), "the target cannot download deltas")
	}
}

func checkSourceSize(c *checker, e *entry) {
	if c.lacks(swupdate.FeatureLastDeltaChunk) || given(e.properties, "source-size") {
		return
	}
	c.report(e, "there is no source-size")
}
