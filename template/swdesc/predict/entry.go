package predict

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// entry is an entry of images, files, scripts or partitions as the client has
// it in memory.
type entry struct {
	section swupdate.Section
	offset  int
	path    string // where it stands in the description
	group   *swdesc.Group

	filename, handler, name, version                string
	device, file, mtdname, volume, filesystem, data string
	sha256                                          string // lower-case hex; "" where there is none that counts
	compressed                                      string
	encrypted, streamed                             bool
	seek, size                                      int64
	properties                                      map[string][]string
	notes                                           []string

	kind     swupdate.Handler
	provided bool // the archive has its artifact
}

// readEntry reads one entry; it is nil where the client passes over it.
func (c *client) readEntry(section swupdate.Section, g *swdesc.Group) (*entry, *Refusal) {
	e := &entry{section: section, offset: g.Offset(), path: g.Path(), group: g}
	filename, named := c.text(g, "filename")
	if !named && section&swupdate.Payloads != 0 {
		c.skip(e, "it has no filename")
		return nil, nil
	}
	e.filename = filename
	c.readTexts(e)
	if refusal := c.readValues(e); refusal != nil {
		return nil, refusal
	}
	c.noteHooks(e)
	if why := c.notNeeded(e); why != "" {
		c.skip(e, why)
		return nil, nil
	}
	return e, nil
}

// readTexts reads the attributes that are copied as they are.
func (c *client) readTexts(e *entry) {
	for name, field := range map[string]*string{
		"type": &e.handler, "name": &e.name, "version": &e.version, "device": &e.device, "path": &e.file,
		"mtdname": &e.mtdname, "volume": &e.volume, "filesystem": &e.filesystem, "data": &e.data,
	} {
		*field, _ = c.text(e.group, name)
	}
	if e.handler == "" {
		e.handler = swupdate.DefaultHandler(e.section, e.volume != "", e.device != "")
	}
	e.sha256 = c.digest(e.group)
	e.properties = c.readProperties(e.group)
}

// digest returns the sha256 where it is one: 64 hex digits, not all of them 0,
// by which the client tells that there is none.
func (c *client) digest(g *swdesc.Group) string {
	text, _ := c.text(g, "sha256")
	sum, err := hex.DecodeString(text)
	if err != nil || len(sum) != 32 || !slices.ContainsFunc(sum, func(b byte) bool { return b != 0 }) {
		return ""
	}
	return strings.ToLower(text)
}

// readValues reads the attributes that are more than text.
func (c *client) readValues(e *entry) *Refusal {
	if refusal := c.readOffset(e); refusal != nil {
		return refusal
	}
	if refusal := c.readCompressed(e); refusal != nil {
		return refusal
	}
	c.readEncrypted(e)
	e.streamed = c.truth(e.group, "installed-directly")
	e.size = c.integer(e.group, "size")
	return nil
}

func (c *client) readCompressed(e *entry) *Refusal {
	s, ok := value(e.group, "compressed").(*swdesc.String)
	if !ok {
		if c.truth(e.group, "compressed") {
			e.compressed = "zlib"
		}
		return nil
	}
	e.compressed = s.Value()
	if _, state := c.device.Profile.Compression(e.compressed); !state.OK() {
		return c.refuse(e, StageRead, fmt.Sprintf("compressed argument: '%s' unknown", e.compressed),
			fmt.Sprintf("the compression %q is %s, and one such entry refuses the whole description", clip(e.compressed), state))
	}
	return nil
}

// readEncrypted: before 2025.12 the name of a cipher does not count in
// libconfig, and the artifact is installed as it is.
func (c *client) readEncrypted(e *entry) {
	s, ok := value(e.group, "encrypted").(*swdesc.String)
	switch {
	case !ok:
		e.encrypted = c.truth(e.group, "encrypted")
	case c.has(2025, 12):
		e.encrypted = slices.Contains(swupdate.Ciphers(), s.Value())
	case c.json() && !c.has(2024, 12):
		e.encrypted = s.Value() != ""
	default:
		e.notes = append(e.notes, "encrypted is a string, which this client passes over: it installs the ciphertext")
	}
	if e.encrypted {
		e.notes = append(e.notes, "decrypted with the device's key")
	}
}

// readProperties reads strings, arrays of strings, and the strings of groups
// inside under the name of the group.
func (c *client) readProperties(g *swdesc.Group) map[string][]string {
	group, ok := value(g, "properties").(*swdesc.Group)
	if !ok {
		return nil
	}
	properties := map[string][]string{}
	for _, s := range group.Settings() {
		switch v := s.Value().(type) {
		case *swdesc.String:
			properties[s.Name()] = []string{v.Value()}
		case *swdesc.List, *swdesc.Array, *swdesc.Group:
			if texts := c.strings(v); len(texts) > 0 {
				properties[s.Name()] = texts
			}
		}
	}
	return properties
}

// property returns a property that is to be one string; of several the client
// takes the last.
func (e *entry) property(name string) string {
	texts := e.properties[name]
	if len(texts) == 0 {
		return ""
	}
	return texts[len(texts)-1]
}

// noteHooks notes the Lua functions that are run for the entry.
func (c *client) noteHooks(e *entry) {
	if !c.device.Profile.Lua.Maybe() {
		return
	}
	if hook, _ := c.text(e.group, "hook"); hook != "" && c.scripted {
		c.note(e.offset, e.path, fmt.Sprintf("the hook %s can change the entry, skip it, or refuse the update", clip(hook)))
	}
	for _, when := range []string{"preinstall", "postinstall"} {
		if f, _ := c.text(e.group, when); f != "" && c.scripted && c.has(2026, 5) {
			c.note(e.offset, e.path, fmt.Sprintf("the %s function %s can refuse the update", when, clip(f)))
		}
	}
}

// skip records an entry that the client passes over.
func (c *client) skip(e *entry, why string) {
	c.out.Skipped = append(c.out.Skipped, Skip{
		Section: e.section.String(), Filename: e.filename, Why: why, Offset: e.offset, Path: e.path,
	})
}

func (c *client) refuse(e *entry, stage Stage, message, why string) *Refusal {
	return &Refusal{Stage: stage, Message: message, Why: why, Offset: e.offset, Path: e.path}
}

// clip shortens text of the description for a sentence.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}
