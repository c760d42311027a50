package lint

import (
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

const jsonImage = `"images": [ { "filename": "rootfs.ext4", "type": "raw", "device": "/dev/mmcblk0p2" } ]`

var jsonSingle = inJSON(`"images": { "filename": "rootfs.ext4", "type": "raw", "device": "/dev/mmcblk0p2" }`)

// jsonRules are about what is read in another way when the description is JSON.
var jsonRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD040", Name: "json-single-object", Severity: Error, Depends: "An error for a target before 2024.12, a warning where no target is named, and nothing for later targets.",
			Why:     "A section that is one object instead of an array makes clients before 2024.12 crash.",
			Hint:    "put the object into an array",
			Failing: these(jsonSingle, jsonSingle.on("debian-12")),
			Passing: these(inJSON(jsonImage), jsonSingle.on("2024.12")),
		}, eachSection(checkSingleObject)},
		{Rule{ID: "SWD041", Name: "json-text-offset", Severity: Error, Depends: "An error for the targets 2022.12 and 2023.05, a warning where no target is named, and nothing for other targets.",
			Why:     "SWUpdate 2022.12 and 2023.05 take the letters of an offset in JSON for the number, write somewhere else, and report success.",
			Hint:    "write the offset as a number of bytes, without quotes",
			Failing: these(inJSON(`"images": [ { "filename": "boot", "type": "raw", "device": "/dev/mmcblk0", "offset": "16K" } ]`), inJSON(`"images": [ { "filename": "boot", "type": "raw", "device": "/dev/mmcblk0", "offset": "16K" } ]`).on("debian-12")),
			Passing: these(inJSON(`"images": [ { "filename": "boot", "type": "raw", "device": "/dev/mmcblk0", "offset": 16384 } ]`)),
		}, eachEntry(checkJSONOffset)},
		{Rule{ID: "SWD042", Name: "json-integer-too-large", Severity: Error,
			Why:     "In JSON every client takes an integer above 2147483647 for 2147483647.",
			Hint:    "write the description in libconfig's syntax, and the number with an L",
			Failing: these(inJSON(`"partitions": [ { "type": "ubipartition", "name": "data", "device": "mtd1", "size": 4294967296 } ]`)),
			Passing: these(inJSON(`"partitions": [ { "type": "ubipartition", "name": "data", "device": "mtd1", "size": 1073741824 } ]`)),
		}, checkJSONIntegers},
	}
}

func checkSingleObject(c *checker, s *section) {
	if s.setting == nil || c.Doc.Format != swdesc.JSON {
		return
	}
	g, ok := s.setting.Value().(*swdesc.Group)
	if !ok || g.Link() != nil || looksLikeScope(g) {
		return
	}
	switch {
	case c.lacks(swupdate.FeatureJSONSingleObject):
		c.report(s.setting, "%s is one object, and must be an array before SWUpdate %s", s.setting.Name(), swupdate.FeatureJSONSingleObject.Since())
	case !c.named():
		c.reportAs(Warning, "", s.setting, "%s is one object, which needs SWUpdate %s", s.setting.Name(), swupdate.FeatureJSONSingleObject.Since())
	}
}

func checkJSONOffset(c *checker, e *entry) {
	setting := e.Get("offset")
	if c.Doc.Format != swdesc.JSON || setting == nil || setting.Value().Kind() != swdesc.KindString {
		return
	}
	switch {
	case !c.named():
		c.reportAs(Warning, "", setting, "offset is text, which SWUpdate 2022.12 and 2023.05 read wrongly in JSON")
	case c.target.Has(swupdate.FeatureNumericOffset) && !c.target.Has(swupdate.FeatureJSONStringOffset):
		c.report(setting, "offset is text, which SWUpdate %s reads wrongly in JSON", c.target.Release)
	}
}

func checkJSONIntegers(c *checker) {
	if c.Doc.Format != swdesc.JSON {
		return
	}
	c.eachTyped(func(setting *swdesc.Setting, types swupdate.Type) {
		if v, ok := setting.Value().(*swdesc.Int); ok && types.Has(swupdate.TypeInt) && v.Value() > swupdate.MaxJSONInt {
			c.report(setting, "%s is %d, which the client reads as %d", setting.Name(), v.Value(), swupdate.MaxJSONInt)
		}
	})
}
