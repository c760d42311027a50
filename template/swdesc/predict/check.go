package predict

import (
	"fmt"

	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// checkSignature compares what kind of signature there is with the client's
// verifier; whether it is right is a question of keys.
func (c *client) checkSignature() *Refusal {
	if c.archive == nil || c.device.Profile.Signed() != swupdate.Yes {
		return nil
	}
	s := c.archive.Signature
	if s == nil {
		return &Refusal{Stage: StageSignature, Message: "Image invalid or corrupted. Not installing ...",
			Why: "the client verifies signatures, and there is no sw-description.sig"}
	}
	verifier := c.device.Profile.Verifier
	if fits(verifier, s.Scheme) {
		return nil
	}
	refusal := &Refusal{Stage: StageSignature, Why: fmt.Sprintf("the signature is %s, and the client's verifier is %s", s.Scheme, verifier)}
	if verifier == swupdate.VerifierCMS {
		refusal.Message = "sw-description.sig cannot be parsed as DER-encoded CMS signature blob"
	}
	return refusal
}

// fits tells whether a verifier takes signatures of a scheme. The padding of a
// "raw" one is not known.
func fits(verifier swupdate.Verifier, scheme string) bool {
	switch verifier {
	case swupdate.VerifierCMS:
		return scheme == string(swupdate.VerifierCMS)
	case swupdate.VerifierRSAPKCS1v15, swupdate.VerifierRSAPSS:
		return scheme == "raw" || scheme == string(verifier)
	}
	return true
}

// payloads are the client's list of things to install, in its order.
func (c *client) payloads() []*entry {
	all := make([]*entry, 0, len(c.partitions)+len(c.images)+len(c.files))
	all = append(all, c.partitions...)
	all = append(all, c.images...)
	return append(all, c.files...)
}

// checkHandlers looks for the handlers of all entries: those of scripts first.
func (c *client) checkHandlers() *Refusal {
	for _, list := range [][]*entry{c.scripts, c.images, c.files, c.partitions} {
		for _, e := range list {
			if refusal := c.checkHandler(e); refusal != nil {
				return refusal
			}
		}
	}
	if len(c.bootScripts) > 0 {
		return &Refusal{Stage: StageCheck, Path: "bootenv",
			Message: fmt.Sprintf("feature '' required for '%s' in sw-description is absent!", c.bootScripts[0]),
			Why:     "an entry of bootenv has a filename, which makes it a script that no handler takes"}
	}
	return nil
}

func (c *client) checkHandler(e *entry) *Refusal {
	h, state := c.device.Profile.Handler(e.handler)
	if !state.OK() && c.scriptedHandler(e, state) {
		h, state = swupdate.Handler{Name: e.handler, Sections: swupdate.Entries, Data: swupdate.NeedsData, Calls: swupdate.CallPreinst | swupdate.CallPostinst}, swupdate.HandlerCustom
	}
	section := handlerClass(e.section)
	if !state.OK() {
		return c.refuse(e, StageCheck,
			fmt.Sprintf("feature '%s' required for '%s' in sw-description is absent!", e.handler, e.filename), unknownHandler(e, state))
	}
	if h.Sections&section == 0 {
		return c.refuse(e, StageCheck,
			fmt.Sprintf("feature '%s' is not allowed for '%s' in sw-description is absent!", e.handler, className(section)),
			fmt.Sprintf("the handler %s is for %s only", e.handler, h.Sections))
	}
	e.kind = h
	return nil
}

// scriptedHandler tells whether the embedded script may bring the handler along.
func (c *client) scriptedHandler(e *entry, state swupdate.HandlerState) bool {
	if !c.scripted || state != swupdate.HandlerUnknown || e.handler == "" || !c.device.Profile.Has(swupdate.FeatureScriptedHandlers) {
		return false
	}
	c.note(e.offset, e.path, fmt.Sprintf("the update is refused unless the embedded script registers the handler %s", clip(e.handler)))
	return true
}

func unknownHandler(e *entry, state swupdate.HandlerState) string {
	if e.handler == "" {
		return "the entry has no type, and neither device nor volume from which the client could tell one"
	}
	return fmt.Sprintf("the handler %s is %s", clip(e.handler), state)
}

// handlerClass is what a section must share with a handler: images and files
// are one to the client.
func handlerClass(section swupdate.Section) swupdate.Section {
	if section&swupdate.Payloads != 0 {
		return swupdate.Payloads
	}
	return section
}

func className(section swupdate.Section) string {
	if section == swupdate.Payloads {
		return "images / files"
	}
	return section.String()
}

// checkDigests: a client that verifies signatures demands a digest of all that
// a handler takes.
func (c *client) checkDigests() *Refusal {
	signed := c.device.Profile.Signed()
	for _, list := range [][]*entry{c.payloads(), c.scripts} {
		for _, e := range list {
			if e.kind.Data != swupdate.NeedsData || e.sha256 != "" {
				continue
			}
			switch signed {
			case swupdate.Yes:
				return c.refuse(e, StageCheck, fmt.Sprintf("Hash not set for %s Type %s", e.filename, e.handler),
					"the client verifies signatures, and the entry has no sha256 of 64 hex digits")
			case swupdate.Unknown:
				c.note(e.offset, e.path, "the entry has no sha256: clients that verify signatures refuse it, others do not check the artifact")
			}
		}
	}
	return nil
}

// checkVersion applies the limits that the client was started with.
func (c *client) checkVersion() *Refusal {
	d := c.device
	limit := func(message, why string, args ...any) *Refusal {
		return &Refusal{Stage: StageCheck, Message: fmt.Sprintf(message, args...), Why: why, Path: "software.version", Offset: c.offsetOf("version")}
	}
	switch {
	case d.NoDowngrade != "" && swupdate.CompareVersions(c.version, d.NoDowngrade) < 0:
		return limit("No downgrading allowed: new version %s <= installed %s", "the client takes no lower version", c.version, d.NoDowngrade)
	case d.MaxVersion != "" && swupdate.CompareVersions(c.version, d.MaxVersion) > 0:
		return limit("Max version set: new version %s >= max allowed %s", "the client takes no higher version", c.version, d.MaxVersion)
	case d.NoReinstall != "" && c.version == d.NoReinstall:
		return limit("No reinstalling allowed: new version %s == installed %s", "the client does not take the same version again", c.version, d.NoReinstall)
	}
	return nil
}

// offsetOf is where the value of a key that was found stands.
func (c *client) offsetOf(key string) int {
	for _, s := range c.out.Found {
		if s.Key == key {
			return s.Offset
		}
	}
	return 0
}

// checkHardware looks for the revision among those that the description names.
func (c *client) checkHardware() *Refusal {
	if c.hardware == nil || c.device.Profile.HardwareCheck == swupdate.No {
		return nil
	}
	if c.device.Hardware == nil {
		c.note(c.hardware.Offset(), "hardware-compatibility", "whether the update is for this hardware: neither board nor revision are known")
		return nil
	}
	revision := c.device.Hardware.Revision
	for _, entry := range c.strings(c.hardware) {
		if ok, err := swupdate.MatchHardware(entry, revision); ok && err == nil {
			return nil
		}
	}
	return &Refusal{Stage: StageCheck, Message: "SW not compatible with hardware", Offset: c.hardware.Offset(), Path: "hardware-compatibility",
		Why: fmt.Sprintf("no entry of hardware-compatibility matches the revision %q", clip(revision))}
}
