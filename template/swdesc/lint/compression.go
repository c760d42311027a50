package lint

import (
	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// compressionRules are about the attribute compressed.
var compressionRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD401", Name: "unknown-compression", Severity: Error,
			Why:     "The client refuses the whole description for a compression that it does not know, \"gzip\" and \"\" included.",
			Hint:    "write \"zlib\" for gzip files, or \"zstd\", \"xz\" or \"lz4\"",
			Failing: these(draft(images(rootfs(`compressed = "gzip"`)))),
			Passing: these(draft(images(rootfs(`compressed = "zlib"`)))),
		}, eachCompression(checkCompression)},
		{Rule{ID: "SWD402", Name: "compression-not-in-target", Severity: Error, Depends: ofTarget,
			Why:     "The client refuses the whole description for a compression that came with a later release or is not compiled in.",
			Hint:    "compress with zlib or zstd, which all releases know",
			Failing: these(draft(images(rootfs(`compressed = "xz"`))).on("debian-12"), draft(images(rootfs(`compressed = "lz4"`)))),
			Passing: these(draft(images(rootfs(`compressed = "zstd"`))).on("debian-12")),
		}, eachCompression(checkCompressionOfTarget)},
		{Rule{ID: "SWD403", Name: "compressed-boolean", Severity: Warning,
			Why:     "A boolean is deprecated: clients warn of it, and take true for \"zlib\".",
			Hint:    "write compressed = \"zlib\";",
			Failing: these(draft(images(rootfs(`compressed = true`)))),
			Passing: these(draft(images(rootfs(`compressed = "zlib"`)))),
		}, eachEntry(checkCompressedBool)},
	}
}

func eachCompression(check func(*checker, *swdesc.Setting, string)) func(*checker) {
	return eachEntry(func(c *checker, e *entry) {
		if method, ok := c.text(e.Group, "compressed"); ok {
			check(c, e.Get("compressed"), method)
		}
	})
}

func checkCompression(c *checker, setting *swdesc.Setting, method string) {
	if _, state := c.target.Compression(method); state == swupdate.HandlerUnknown {
		var names []string
		for _, known := range swupdate.Compressions() {
			names = append(names, known.Name)
		}
		hint := diag.DidYouMean(method, names)
		if method == "gzip" || method == "gz" {
			hint = "gzip is called zlib here"
		}
		c.reportAs(Error, hint, setting, "compressed is %s", quote(method))
	}
}

func checkCompressionOfTarget(c *checker, setting *swdesc.Setting, method string) {
	known, state := c.target.Compression(method)
	severity, late := c.newer(known.Since)
	switch {
	case state == swupdate.HandlerUnknown:
	case state == swupdate.HandlerNotCompiled:
		c.report(setting, "the target cannot decompress %s", method)
	case late:
		c.reportAs(severity, "", setting, "%s needs SWUpdate %s", method, known.Since)
	}
}

func checkCompressedBool(c *checker, e *entry) {
	if setting := e.Get("compressed"); setting != nil && setting.Value().Kind() == swdesc.KindBool {
		c.report(setting, "compressed is a boolean")
	}
}
