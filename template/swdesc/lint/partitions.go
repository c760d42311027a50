package lint

import (
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

func ubiPartition(more ...string) string {
	return group(append([]string{`type = "ubipartition"`, `name = "data"`, `device = "mtd1"`}, more...)...)
}

// partitionRules are about entries of partitions.
var partitionRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD150", Name: "incomplete-partition", Severity: Error,
			Why:     "The client drops a partition without device, and of ubipartition one without name, together with all entries before it, and reports success.",
			Hint:    "add device, whatever the handler does with it, and name for ubipartition",
			Failing: these(draft(software(list("partitions", typed("uniqueuuid", properties(`fs-uuid = [ "21f16cae-612f-4bc6-8ef5-e68cc9dc4380" ]`))))), draft(software(list("partitions", group(`type = "ubipartition"`, `device = "mtd1"`, `size = 1048576`))))),
			Passing: these(draft(software(list("partitions", typed("uniqueuuid", `device = "any"`, properties(`fs-uuid = [ "21f16cae-612f-4bc6-8ef5-e68cc9dc4380" ]`)))))),
		}, eachEntry(checkPartition)},
		{Rule{ID: "SWD151", Name: "partition-size-text", Severity: Error,
			Why:     "A size in quotes counts as 0, and size 0 deletes the UBI volume.",
			Hint:    "write the number of bytes without quotes",
			Failing: these(draft(software(list("partitions", ubiPartition(`size = "1M"`))))),
			Passing: these(draft(software(list("partitions", ubiPartition(`size = 1048576`))))),
		}, eachEntry(checkSizeText)},
		{Rule{ID: "SWD152", Name: "partition-size-zero", Severity: Warning,
			Why:     "A UBI volume whose size is 0 or missing is deleted.",
			Hint:    "add size = ...; in bytes",
			Failing: these(draft(software(list("partitions", ubiPartition(`size = 0`)))), draft(software(list("partitions", ubiPartition())))),
			Passing: these(draft(software(list("partitions", ubiPartition(`size = 1048576`))))),
		}, eachEntry(checkSizeZero)},
	}
}

func checkPartition(c *checker, e *entry) {
	if e.section.kind != swupdate.Partitions {
		return
	}
	if !given(e.Group, "device") {
		c.report(e, "partition has no device")
	}
	if e.typ == "ubipartition" && !given(e.Group, "name") {
		c.report(e, "partition has no name")
	}
}

func (e *entry) volume() bool {
	return e.section.kind == swupdate.Partitions && e.typ == "ubipartition"
}

func checkSizeText(c *checker, e *entry) {
	if setting := e.Get("size"); setting != nil && e.volume() && setting.Value().Kind() == swdesc.KindString {
		c.report(setting, "size is %s, and counts as 0", describe(setting.Value()))
	}
}

func checkSizeZero(c *checker, e *entry) {
	if !e.volume() {
		return
	}
	setting := e.Get("size")
	if setting == nil {
		c.report(e, "volume has no size and is deleted")
	} else if v, ok := setting.Value().(*swdesc.Int); ok && v.Value() == 0 {
		c.report(setting, "size is 0, which deletes the volume")
	}
}
