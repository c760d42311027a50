package predict

import (
	"fmt"

	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// notNeeded tells why the device does without an entry: it has this version of
// it. "" where it does not.
func (c *client) notNeeded(e *entry) string {
	if e.section == swupdate.Partitions && !c.device.Profile.Has(swupdate.FeatureConditionalPartitions) {
		return ""
	}
	different, higher := c.truth(e.group, "install-if-different"), c.truth(e.group, "install-if-higher")
	if !different && !higher || e.name == "" || e.version == "" {
		return ""
	}
	for _, has := range c.device.Installed {
		if has.Name != e.name {
			continue
		}
		switch order := swupdate.CompareVersions(e.version, has.Version); {
		case different && order == 0:
			return fmt.Sprintf("%s %s is installed, and install-if-different is set", has.Name, has.Version)
		case higher && order <= 0:
			return fmt.Sprintf("version %s is not higher than %s %s, which is installed", clip(e.version), has.Name, has.Version)
		}
	}
	return ""
}
