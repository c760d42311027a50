package lint

import (
	"slices"
	"strings"
	"sync"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

func disk(label string, partitions ...string) string {
	return software(list("partitions", typed("diskpart", `device = "/dev/mmcblk0"`, properties(append([]string{`labeltype = "` + label + `"`}, partitions...)...))))
}

// diskpartRules are about the properties partition-N of diskpart.
var diskpartRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD230", Name: "bad-partition-setting", Severity: Error,
			Why:     "The handler reads \"key=value\" without blanks around the sign, and passes over anything else.",
			Hint:    "write \"size=512M\"",
			Failing: these(draft(disk("gpt", `partition-1 = [ "size = 512M" ]`)), draft(disk("gpt", `partition-1 = [ "size" ]`))),
			Passing: these(draft(disk("gpt", `partition-1 = [ "size=512M" ]`))),
		}, eachDisk(checkSettingText)},
		{Rule{ID: "SWD231", Name: "unknown-partition-setting", Severity: Warning,
			Why:     "The handler passes over keys that it does not know.",
			Hint:    "remove it",
			Failing: these(draft(disk("gpt", `partition-1 = [ "size=512M", "lable=root" ]`))),
			Passing: these(draft(disk("gpt", `partition-1 = [ "size=512M", "name=root" ]`))),
		}, eachDisk(checkSettingKey)},
		{Rule{ID: "SWD232", Name: "setting-of-other-label", Severity: Error,
			Why:     "The handler fails for dostype in a DOS table and for flag in a GPT; a partuuid in a DOS table is not written.",
			Hint:    "remove the setting, or change labeltype",
			Failing: these(draft(disk("dos", `partition-1 = [ "size=512M", "dostype=0x83" ]`)), draft(disk("gpt", `partition-1 = [ "size=512M", "flag=boot" ]`))),
			Passing: these(draft(disk("gpt", `partition-1 = [ "size=512M", "dostype=0x83" ]`)), draft(disk("dos", `partition-1 = [ "size=512M", "flag=boot" ]`))),
		}, eachDisk(checkSettingLabel)},
		{Rule{ID: "SWD233", Name: "too-many-dostypes", Severity: Error,
			Why:     "A hybrid MBR has room for three partitions of the GPT, and the handler fails for a fourth.",
			Hint:    "leave dostype out of the others",
			Failing: these(draft(disk("gpt", `partition-1 = [ "size=1M", "dostype=0x83" ]`, `partition-2 = [ "size=1M", "dostype=0x83" ]`, `partition-3 = [ "size=1M", "dostype=0x83" ]`, `partition-4 = [ "size=1M", "dostype=0x83" ]`))),
			Passing: these(draft(disk("gpt", `partition-1 = [ "size=1M", "dostype=0x83" ]`, `partition-2 = [ "size=1M", "dostype=0x83" ]`, `partition-3 = [ "size=1M", "dostype=0x83" ]`, `partition-4 = [ "size=1M" ]`))),
		}, eachDisk(checkDOSTypes)},
		{Rule{ID: "SWD234", Name: "two-boot-flags", Severity: Error,
			Why:     "One partition of a DOS table can be the active one.",
			Hint:    "leave flag out of the others",
			Failing: these(draft(disk("dos", `partition-1 = [ "size=1M", "flag=boot" ]`, `partition-2 = [ "size=1M", "flag=boot" ]`))),
			Passing: these(draft(disk("dos", `partition-1 = [ "size=1M", "flag=boot" ]`, `partition-2 = [ "size=1M" ]`))),
		}, eachDisk(checkFlags)},
		{Rule{ID: "SWD235", Name: "bad-partition-value", Severity: Error,
			Why:     "The handler refuses the value, or cannot read it.",
			Hint:    "sizes are numbers of bytes, or end in K, M or G",
			Failing: these(draft(disk("gpt", `partition-1 = [ "size=big" ]`)), draft(disk("gpt", `partition-1 = [ "size=1M", "fstype=ntfs" ]`))),
			Passing: these(draft(disk("gpt", `partition-1 = [ "size=1M", "fstype=ext4" ]`))),
		}, eachDisk(checkSettingValue)},
	}
}

// diskSetting is one "key=value" of a partition.
type diskSetting struct {
	at         place
	text       string
	key, value string
	ok         bool // there is a sign, and no blank around it
}

// eachDisk visits the settings of all partitions of each diskpart together.
func eachDisk(check func(c *checker, label string, settings []diskSetting)) func(*checker) {
	return eachEntry(func(c *checker, e *entry) {
		if e.described() && e.handler.Name == "diskpart" && e.properties != nil {
			label, _ := c.text(e.properties, "labeltype")
			check(c, label, c.diskSettings(e))
		}
	})
}

func (c *checker) diskSettings(e *entry) []diskSetting {
	var all []diskSetting
	for _, setting := range e.properties.Settings() {
		if p, ok := e.handler.Property(setting.Name()); !ok || !p.Numbered {
			continue
		}
		for _, s := range stringsOf(setting.Value()) {
			if c.known(s.Value()) {
				all = append(all, newDiskSetting(setting, s))
			}
		}
	}
	return all
}

func newDiskSetting(partition *swdesc.Setting, s *swdesc.String) diskSetting {
	key, value, ok := strings.Cut(s.Value(), "=")
	return diskSetting{
		at: spot{s.Offset(), partition.Path()}, text: s.Value(), key: key, value: value,
		ok: ok && key != "" && strings.TrimSpace(key) == key && strings.TrimSpace(value) == value,
	}
}

func checkSettingText(c *checker, _ string, settings []diskSetting) {
	for _, s := range settings {
		if !s.ok {
			c.report(s.at, "%s is no \"key=value\"", quote(s.text))
		}
	}
}

func checkSettingKey(c *checker, _ string, settings []diskSetting) {
	table, names := partitionSettings()
	for _, s := range settings {
		if _, known := table[s.key]; s.ok && !known {
			c.reportAs(Warning, diag.DidYouMean(s.key, names), s.at, "diskpart has no setting %s", quote(s.key))
		}
	}
}

// partitionSettings is the table of settings, and their names in its order.
var partitionSettings = sync.OnceValues(func() (map[string]swupdate.PartitionSetting, []string) {
	table, names := map[string]swupdate.PartitionSetting{}, []string(nil)
	for _, s := range swupdate.PartitionSettings() {
		table[s.Key] = s
		names = append(names, s.Key)
	}
	return table, names
})

func checkSettingLabel(c *checker, label string, settings []diskSetting) {
	table, _ := partitionSettings()
	for _, s := range settings {
		if want := table[s.key].Label; s.ok && label != "" && want != "" && want != label {
			c.report(s.at, "%s is for labeltype %s alone", s.key, want)
		}
	}
}

func checkDOSTypes(c *checker, _ string, settings []diskSetting) {
	n := 0
	for _, s := range settings {
		if s.key == "dostype" && s.ok {
			if n++; n == swupdate.MaxHybridPartitions+1 {
				c.report(s.at, "this is the fourth dostype, and %d are allowed", swupdate.MaxHybridPartitions)
			}
		}
	}
}

func checkFlags(c *checker, _ string, settings []diskSetting) {
	n := 0
	for _, s := range settings {
		if s.text == "flag=boot" {
			if n++; n == 2 {
				c.report(s.at, "another partition has flag=boot already")
			}
		}
	}
}

func checkSettingValue(c *checker, _ string, settings []diskSetting) {
	systems := c.target.FileSystems
	if systems == nil {
		systems = swupdate.FileSystems()
	}
	for _, s := range settings {
		_, isSize := swupdate.ParseSize(s.value)
		switch {
		case !s.ok:
		case s.key == "fstype" && !slices.Contains(systems, s.value):
			c.reportAs(Error, diag.DidYouMean(s.value, systems), s.at, "fstype is %s: %s", quote(s.value), strings.Join(systems, ", "))
		case (s.key == "size" || s.key == "start") && !isSize:
			c.report(s.at, "%s is %s, and must be a number, or one that ends in K, M or G", s.key, quote(s.value))
		case s.key == "partuuid" && len(s.value) != 36:
			c.reportAs(Error, "write 8-4-4-4-12 hex digits", s.at, "partuuid has %d bytes, and must have 36", len(s.value))
		}
	}
}
