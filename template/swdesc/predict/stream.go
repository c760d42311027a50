package predict

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// index is who wants what, and what there is.
type index struct {
	payloads, scripts map[string][]*entry
	files             map[string]swupdate.Entry // the last of each name
}

func (c *client) newIndex() *index {
	x := &index{byFilename(c.payloads()), byFilename(c.scripts), map[string]swupdate.Entry{}}
	if c.archive != nil {
		for _, f := range c.archive.Entries {
			x.files[f.Name] = f
		}
	}
	return x
}

func byFilename(list []*entry) map[string][]*entry {
	m := make(map[string][]*entry, len(list))
	for _, e := range list {
		m[e.filename] = append(m[e.filename], e)
	}
	return m
}

// wants returns the entries that ask for a file of the archive. The client looks
// among scripts only where nothing else wants it.
func (x *index) wants(name string) (payloads, scripts []*entry) {
	if payloads = x.payloads[name]; len(payloads) == 0 {
		scripts = x.scripts[name]
	}
	return payloads, scripts
}

// artifact finds the file of an entry in the archive; its size is -1 where it is
// not known.
func (x *index) artifact(e *entry) swupdate.Entry {
	if f, ok := x.files[e.filename]; ok {
		return f
	}
	return swupdate.Entry{Name: e.filename, Size: -1}
}

// stream reads the archive. Where it is not known, it is taken to hold what the
// description asks for, in its order.
func (c *client) stream() *Refusal {
	c.index = c.newIndex()
	for _, f := range c.archiveFiles() {
		if refusal := c.receive(f); refusal != nil {
			return refusal
		}
	}
	return c.checkComplete()
}

// receive does what the client does when it meets a file in the archive.
func (c *client) receive(f swupdate.Entry) *Refusal {
	if refusal := c.checkName(f.Name); refusal != nil {
		return refusal
	}
	payloads, scripts := c.index.wants(f.Name)
	takers := payloads
	if len(takers) == 0 {
		takers = scripts
	}
	e, refusal := c.choose(takers, f)
	switch {
	case refusal != nil || e == nil:
		return refusal
	case !e.streamed:
		return c.copy(e, f, len(scripts) > 0)
	case len(scripts) > 0:
		return c.refuse(e, StageStream, "Error streaming "+e.filename, "installed-directly does not work for scripts")
	}
	return c.work(e, PhaseStream)
}

// choose returns the entry by which a file is received: the last one that wants
// it. A file that is to be streamed can have one taker only; the client notices
// where there is one behind.
func (c *client) choose(takers []*entry, f swupdate.Entry) (*entry, *Refusal) {
	var chosen *entry
	for _, e := range takers {
		if chosen != nil && chosen.streamed {
			return nil, c.refuse(e, StageStream, "sw-description: stream to several handlers unsupported",
				fmt.Sprintf("%s has installed-directly in one entry and is wanted by another", clip(f.Name)))
		}
		if refusal := c.checkSize(e, f); refusal != nil {
			return nil, refusal
		}
		e.provided = true
		chosen = e
	}
	return chosen, nil
}

// checkSize: the words of the releases that compare it are not known here.
func (c *client) checkSize(e *entry, f swupdate.Entry) *Refusal {
	if !c.device.Profile.Has(swupdate.FeatureSizeCheck) || e.section == swupdate.Partitions || e.size == 0 || f.Size < 0 || e.size == f.Size {
		return nil
	}
	return c.refuse(e, StageStream, "", fmt.Sprintf("size is %d, and the archive has %d bytes", e.size, f.Size))
}

// checkName looks at a name as clients do since 2026.05, wanted or not.
func (c *client) checkName(name string) *Refusal {
	if c.device.Profile.Has(swupdate.FeatureFilenameCheck) && (strings.HasPrefix(name, "/") || strings.Contains(name, "../")) {
		return &Refusal{Stage: StageStream, Why: fmt.Sprintf("the archive has a file called %q, which the client takes for an attack", clip(name))}
	}
	return nil
}

// copy puts a file into TMPDIR.
func (c *client) copy(e *entry, f swupdate.Entry, script bool) *Refusal {
	limit, key := swupdate.MaxFilename, f.Name
	if script {
		limit, key = swupdate.MaxScriptName, "/"+f.Name
	}
	switch {
	case len(f.Name) > limit:
		return c.refuse(e, StageStream, "Path too long: ", fmt.Sprintf("the name has %d bytes, and with /tmp for TMPDIR %d are left", len(f.Name), limit))
	case strings.Contains(path.Clean(f.Name), "/"):
		return c.refuse(e, StageStream, "I cannot open ", "the name has a folder, which TMPDIR does not have")
	case differs(e.sha256, f.SHA256):
		return c.refuse(e, StageStream, mismatch(e.sha256, f.SHA256), "the artifact is another one than sha256 says")
	}
	if c.copied[key] {
		return nil
	}
	c.copied[key] = true
	if f.Size < 0 {
		c.out.Space.Unknown = append(c.out.Space.Unknown, f.Name)
		return nil
	}
	c.out.Space.TMPDIR += f.Size
	return nil
}

// differs tells whether both digests are known and not the same.
func differs(want, got string) bool { return want != "" && got != "" && want != got }

func mismatch(want, got string) string {
	return fmt.Sprintf("HASH mismatch : %s <--> %s", want, got)
}

// archiveFiles returns the files of the archive, or those that the description
// asks for.
func (c *client) archiveFiles() []swupdate.Entry {
	if c.archive != nil {
		return c.archive.Entries
	}
	var files []swupdate.Entry
	seen := map[string]bool{"": true}
	for _, e := range slices.Concat(c.scripts, c.payloads()) {
		if !seen[e.filename] {
			seen[e.filename] = true
			files = append(files, swupdate.Entry{Name: e.filename, Size: -1})
		}
	}
	return files
}

// checkComplete looks for artifacts that the archive did not have. Partitions
// need none, and scripts are looked for when they are unpacked.
func (c *client) checkComplete() *Refusal {
	for _, e := range c.payloads() {
		if !e.provided && e.filename != "" && e.section != swupdate.Partitions {
			return c.refuse(e, StageStream, fmt.Sprintf("Required image file %s missing...aborting !", e.filename),
				"the archive does not have the artifact")
		}
	}
	return nil
}
