package pack

import (
	"fmt"
	"os"
	"strings"

	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/template/swdesc"
)

const (
	// embeddedScript is the setting that holds Lua source for the device.
	embeddedScript = "embedded-script"

	// maxScript bounds an embedded script: the largest description that was seen
	// to work on a device (SWUpdate 2026.05) has 5 MB.
	maxScript = 4 << 20
)

// script reads the embedded script of the bundle; "" where there is none, or
// none that can be used.
func (bp *bundlePlanner) script() string {
	if bp.bundle.Script == "" {
		return ""
	}
	bp.project.look(bp.bundle.Script)
	script, err := readScript(bp.bundle.Script)
	if err != nil {
		bp.problems.Addf(bp.bundle.ScriptPos, "%s: %v", embeddedScript, err)
	}
	return script
}

func readScript(file string) (string, error) {
	info, err := statRegular(file)
	if err != nil {
		return "", err
	}
	if info.Size() > maxScript {
		return "", fmt.Errorf("%s has %d bytes, and %d are allowed", file, info.Size(), maxScript)
	}
	script, err := os.ReadFile(file)
	switch {
	case err != nil:
		return "", err
	case len(script) == 0:
		return "", fmt.Errorf("%s is empty", file)
	case strings.IndexByte(string(script), 0) >= 0:
		return "", fmt.Errorf("%s has a NUL byte at offset %d, where a device takes it to end", file, strings.IndexByte(string(script), 0))
	}
	return string(script), nil
}

// checkScript refuses a second embedded script.
func (bp *bundlePlanner) checkScript(doc *swdesc.Document) {
	if bp.bundle.Script == "" {
		return
	}
	for group := range doc.Groups() {
		own := group.Get(embeddedScript)
		if own != nil && !swufile.IsProperties(group) {
			bp.errorf(own.Offset(), "%s stands in the description, and the bundle names a file for it as well: one is allowed", embeddedScript)
			return
		}
	}
}

// embed puts a script into a description that an author wrote.
func embed(doc *swdesc.Document, script string) error {
	if script == "" {
		return nil
	}
	software, err := doc.Root.GetGroup("software")
	if err != nil || software == nil {
		return err
	}
	return software.SetString(embeddedScript, script)
}
