package predict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// failed is how a handler fails, as far as the description tells.
type failed struct {
	message, why string
	outcome      Outcome
}

// failure tells why the handler of an entry fails; nil where nothing speaks
// against it.
func (c *client) failure(e *entry, f swupdate.Entry, phase Phase) *failed {
	f1 := c.setupFailure(e, e.kind)
	if f1 == nil {
		f1 = c.dataFailure(e, f, phase)
	}
	if f1 != nil && f1.message == "" {
		f1.message = plainMessage(e, phase)
	}
	return f1
}

// plainMessage is what the client says where the handler said nothing.
func plainMessage(e *entry, phase Phase) string {
	switch phase {
	case PhasePreinst:
		return "execute preinstall scripts failed"
	case PhasePostinst:
		return "execute postinstall scripts failed"
	case PhaseStream:
		return "Error streaming " + e.filename
	}
	return "Installation failed !"
}

// setupFailure looks for what a handler needs and does not have.
func (c *client) setupFailure(e *entry, h swupdate.Handler) *failed {
	for _, refused := range h.Refuses {
		if e.has(refused) {
			return &failed{refusedWords(h.Name, refused), fmt.Sprintf("%s does not work with %s", h.Name, refused), Failed}
		}
	}
	if thing, why := c.lacks(e, h); why != "" {
		return &failed{lackWords(e, h.Name, thing), why, Failed}
	}
	if why := lacksSize(e, h); why != "" {
		return &failed{"", why, Failed}
	}
	if h.Chain == "" || e.property(h.Chain) == "" {
		return nil
	}
	return c.chainFailure(e, h)
}

// chainFailure looks at the handler that does the work for another one.
func (c *client) chainFailure(e *entry, h swupdate.Handler) *failed {
	name := e.property(h.Chain)
	chained, state := c.device.Profile.Handler(name)
	switch {
	case !state.OK():
		return &failed{"", fmt.Sprintf("%s hands on to %s, which is %s", h.Name, clip(name), state), Failed}
	case chained.Chain != "":
		return &failed{lackWords(e, h.Name, h.Chain), fmt.Sprintf("%s cannot hand on to %s", h.Name, name), Failed}
	case h.Name == "delta" && (e.compressed != "" || e.encrypted) && !c.device.Profile.Has(swupdate.FeatureTransformedDeltaHeader):
		return &failed{"", "this client cannot decompress or decrypt the header of a delta", Failed}
	}
	chained.Refuses = slices.DeleteFunc(slices.Clone(chained.Refuses), func(name string) bool { return name == "encrypted" })
	chained.NeedsSize = false
	return c.setupFailure(e, chained)
}

// lacks tells what an entry lacks that the handler needs: an attribute or a
// property, and a sentence about it.
func (c *client) lacks(e *entry, h swupdate.Handler) (thing, why string) {
	for _, n := range h.Needs {
		if n.Property != "" && !swupdate.TrueProperty(e.property(n.Property)) {
			continue
		}
		if !slices.ContainsFunc(n.AnyOf, e.has) {
			return n.AnyOf[0], fmt.Sprintf("%s needs %s", h.Name, n)
		}
	}
	for _, p := range h.Properties {
		if !p.Required || content(h.Name, p) {
			continue
		}
		if why := c.lacksProperty(e, h, p); why != "" {
			return p.Name, why
		}
	}
	return "", ""
}

// content tells whether a handler does without a property that it makes no sense
// without: diskpart then writes an empty table, and gptswap swaps nothing.
func content(handler string, p swupdate.Property) bool {
	return p.Numbered && (handler == "diskpart" || handler == "gptswap")
}

func (c *client) lacksProperty(e *entry, h swupdate.Handler, p swupdate.Property) string {
	name := p.Name
	if p.Numbered {
		name = fmt.Sprint(p.Name, p.First)
	}
	texts := e.properties[name]
	allowed := p.Values
	if name == "fstype" && c.device.Profile.FileSystems != nil {
		allowed = c.device.Profile.FileSystems
	}
	switch {
	case len(texts) == 0:
		return fmt.Sprintf("%s needs the property %s, which must be a string or hold strings", h.Name, name)
	case len(texts) < p.Count:
		return fmt.Sprintf("the property %s of %s needs %d strings", name, h.Name, p.Count)
	case allowed != nil && !slices.Contains(allowed, e.property(name)):
		return fmt.Sprintf("the property %s of %s must be one of %s", name, h.Name, strings.Join(allowed, ", "))
	}
	return ""
}

// lacksSize: some handlers must know how much will come out.
func lacksSize(e *entry, h swupdate.Handler) string {
	switch {
	case !h.NeedsSize:
	case e.compressed != "" && e.property("decompressed-size") == "":
		return h.Name + " needs the property decompressed-size of a compressed artifact"
	case e.compressed == "" && e.encrypted && e.property("decrypted-size") == "":
		return h.Name + " needs the property decrypted-size of an encrypted artifact"
	}
	return ""
}

// has tells whether an attribute is set, that is not empty. A size may be 0: it
// deletes a volume.
func (e *entry) has(attribute string) bool {
	switch attribute {
	case "device":
		return e.device != ""
	case "path":
		return e.file != ""
	case "mtdname":
		return e.mtdname != ""
	case "volume":
		return e.volume != ""
	case "name":
		return e.name != ""
	case "data":
		return e.data != ""
	case "offset":
		return e.seek != 0
	case "encrypted":
		return e.encrypted
	case "installed-directly":
		return e.streamed
	}
	return attribute == "size"
}

// dataFailure looks at the artifact.
func (c *client) dataFailure(e *entry, f swupdate.Entry, phase Phase) *failed {
	switch {
	case e.section == swupdate.Partitions && e.filename != "" && !e.provided && c.archive != nil:
		return &failed{"", "the partition has a filename, and the archive does not have the file", Failed}
	case e.kind.Data != swupdate.NeedsData || e.section == swupdate.Partitions:
		return nil
	case e.filename == "" && e.section != swupdate.Scripts:
		return &failed{"", "the filename is empty, and the client reads its folder for temporary files instead", Spoiled}
	case phase != PhaseStream && e.section != swupdate.Scripts && !c.copied[e.filename]:
		return &failed{"", "the artifact was streamed for another entry, and no copy is left for this one", Failed}
	case c.breaksShell(e):
		return &failed{"", "the name of the script has a blank, at which the shell splits the command", Failed}
	case differs(e.sha256, f.SHA256):
		return &failed{mismatch(e.sha256, f.SHA256), "the artifact is another one than sha256 says, which shows when it is written", Spoiled}
	case len(e.file) > swupdate.MaxPath:
		return &failed{"Path too long: ", fmt.Sprintf("path has %d bytes, and %d are allowed", len(e.file), swupdate.MaxPath), Failed}
	case e.encrypted && c.device.Profile.Encryption == swupdate.No:
		return &failed{"", "the artifact is encrypted, and the client was built without decryption", Failed}
	}
	if e.compressed != "" && f.Unpacked != nil && f.Unpacked.Problem != "" {
		c.note(e.offset, e.path, "the artifact does not decompress: the client fails, or installs what came until then: "+f.Unpacked.Problem)
	}
	return nil
}

// breaksShell: scripts are run by a shell that is given one line.
func (c *client) breaksShell(e *entry) bool {
	switch e.handler {
	case "shellscript", "preinstall", "postinstall":
		return strings.ContainsAny(e.filename, " \t\n")
	}
	return false
}
