package predict

import (
	"fmt"
	"slices"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// read reads the description. The client stops at the first section with an
// error, but always reads partitions, whose errors it passes over.
func (c *client) read() *Refusal {
	if refusal := c.readable(); refusal != nil {
		return refusal
	}
	if refusal := c.readCommon(); refusal != nil {
		return refusal
	}
	for _, section := range []func() *Refusal{
		c.readHardware, c.readFiles, c.readImages, c.readScripts, c.readBootenv, c.readVars, c.readPartitions, c.checkEmpty,
	} {
		if refusal := section(); refusal != nil {
			return refusal
		}
	}
	return nil
}

func (c *client) readable() *Refusal {
	if c.json() && c.device.Profile.JSON == swupdate.No {
		return &Refusal{Stage: StageRead, Message: "no parser available to parse sw-description!",
			Why: "the client was built without the parser of JSON"}
	}
	return nil
}

// readCommon reads the keys that are about the whole update.
func (c *client) readCommon() *Refusal {
	version, found := c.findText("version")
	if !found {
		return &Refusal{Stage: StageRead, Message: "Missing version in configuration file",
			Why: "no version is found in software, nor in a group of the board or the selection"}
	}
	c.version = version
	c.findText("description")
	if script, _ := c.findText("embedded-script"); script != "" && c.device.Profile.Lua.Maybe() {
		c.scripted = true
		source := c.out.Found[len(c.out.Found)-1]
		c.note(source.Offset, source.Path, "the embedded script is run while the description is read: an error in it refuses the update")
	}
	c.readReboot()
	c.readUpdateType()
	return nil
}

func (c *client) readReboot() {
	if !c.has(2023, 12) {
		return
	}
	c.out.Reboot = swupdate.Yes
	switch v := c.find("reboot").(type) {
	case *swdesc.Bool:
		if !v.Value() {
			c.out.Reboot = swupdate.No
		}
	case *swdesc.String:
		if v.Value() == "disabled" && c.has(2025, 12) {
			c.out.Reboot = swupdate.No
		}
	}
}

func (c *client) readUpdateType() {
	if !c.has(2025, 12) {
		return
	}
	if name, _ := c.findText("update-type"); name != "" {
		source := c.out.Found[len(c.out.Found)-1]
		c.note(source.Offset, source.Path, fmt.Sprintf("the update is refused unless swupdate.cfg lists the update type %q", name))
	}
}

func (c *client) readHardware() *Refusal {
	c.hardware = c.find("hardware-compatibility")
	if c.hardware == nil && c.device.Profile.HardwareCheck == swupdate.Yes {
		return &Refusal{Stage: StageRead, Message: "HW compatibility not found",
			Why: "the client checks the hardware, and no hardware-compatibility is found"}
	}
	if v := c.hardware; v != nil && c.json() && !c.has(2024, 12) {
		switch v.(type) {
		case *swdesc.List, *swdesc.Array:
		default:
			return crash("hardware-compatibility", v.Offset(), "hardware-compatibility in JSON must be an array; clients before 2024.12 crash where it is none")
		}
	}
	return nil
}

// readSection reads the entries of a section. The client begins with the last
// one, and so its error is the first.
func (c *client) readSection(section swupdate.Section, v swdesc.Value, key string) ([]*entry, *Refusal) {
	if v == nil {
		return nil, nil
	}
	elements, refusal := c.elements(key, v)
	if refusal != nil {
		return nil, refusal
	}
	var entries []*entry
	for i := len(elements) - 1; i >= 0; i-- {
		e, refusal := c.readEntry(section, elements[i].group)
		if refusal != nil {
			return nil, refusal
		}
		if e != nil {
			entries = append(entries, e)
		}
	}
	slices.Reverse(entries)
	return entries, nil
}

func (c *client) readFiles() (refusal *Refusal) {
	c.files, refusal = c.readSection(swupdate.Files, c.find("files"), "files")
	return refusal
}

func (c *client) readImages() (refusal *Refusal) {
	c.images, refusal = c.readSection(swupdate.Images, c.find("images"), "images")
	return refusal
}

func (c *client) readScripts() (refusal *Refusal) {
	c.scripts, refusal = c.readSection(swupdate.Scripts, c.find("scripts"), "scripts")
	return refusal
}

// checkEmpty: variables of other environments than the bootloader's and the
// bootloader scripts of old do not count.
func (c *client) checkEmpty() *Refusal {
	if len(c.partitions)+len(c.images)+len(c.files)+len(c.scripts)+len(c.variables) > 0 {
		return nil
	}
	why := "no images, files, scripts, partitions or bootenv are found for this device"
	if len(c.out.Skipped) > 0 {
		why = "all entries are passed over, and an update with nothing to do is refused"
	}
	return &Refusal{Stage: StageRead, Message: "Found nothing to install", Why: why}
}
