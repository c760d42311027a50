package lint

import (
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// archiveName is what the archive has under one name.
type archiveName struct {
	entry swupdate.Entry
	count int
}

// index finds entries of an archive by their names, which it also lists in the
// order of the archive; nil where there is none.
func index(a *swupdate.Archive) (map[string]*archiveName, []*archiveName) {
	if a == nil {
		return nil, nil
	}
	byName, inOrder := make(map[string]*archiveName, len(a.Entries)), []*archiveName(nil)
	for _, e := range a.Entries {
		known := byName[e.Name]
		if known == nil {
			known = &archiveName{entry: e}
			byName[e.Name], inOrder = known, append(inOrder, known)
		}
		known.count++
	}
	return byName, inOrder
}

// archiveRules are about what lies around the description.
var archiveRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD300", Name: "damaged-archive", Severity: Error,
			Why:     "The client reads the archive in order, and gives up where a header, a checksum or the end is not as it must be.",
			Hint:    "build the bundle again, or transfer it again",
			Failing: these(Example{Description: images(rootfs()), Draft: true, Archive: &swupdate.Archive{Entries: []swupdate.Entry{packed("rootfs.ext4")}, Problems: []string{"offset 0x2c8: the checksum of rootfs.ext4 is wrong"}}}),
			Passing: these(draft(images(rootfs())).in(packed("rootfs.ext4"))),
		}, checkContainer},
		{Rule{ID: "SWD301", Name: "duplicate-artifact", Severity: Error,
			Why:     "The client extracts both to the same file, checks both against the digest of the entry, and keeps the last.",
			Hint:    "pack each artifact once",
			Failing: these(draft(images(rootfs())).in(packed("rootfs.ext4"), packed("rootfs.ext4"))),
			Passing: these(draft(images(rootfs())).in(packed("rootfs.ext4"))),
		}, eachArchived(checkDuplicate)},
		{Rule{ID: "SWD302", Name: "bad-artifact-name", Severity: Error,
			Why:     "The client extracts to its folder for temporary files: a / in the name needs a folder that is not there, since 2026.05 a leading / or any ../ ends the update, and 250 bytes fit.",
			Hint:    "pack the artifact under its bare name",
			Failing: these(draft(images(rootfs()), "SWD304").in(packed("rootfs.ext4"), packed("../rootfs.ext4")), draft(images(rootfs()), "SWD304").in(packed("rootfs.ext4"), packed(strings.Repeat("n", 251)))),
			Passing: these(draft(images(rootfs())).in(packed("rootfs.ext4"))),
		}, eachArchived(checkArchiveName)},
		{Rule{ID: "SWD303", Name: "artifact-too-large", Severity: Error,
			Why:     "The archive has eight hex digits for a size, so that 4 GiB are not possible.",
			Hint:    "compress the artifact, or split it",
			Failing: these(draft(images(rootfs())).in(swupdate.Entry{Name: "rootfs.ext4", Size: 1 << 32})),
			Passing: these(draft(images(rootfs())).in(swupdate.Entry{Name: "rootfs.ext4", Size: 1<<32 - 1})),
		}, eachArchived(checkLarge)},
		{Rule{ID: "SWD304", Name: "unused-artifact", Severity: Note,
			Why:     "No entry names the artifact, so that every device skips it.",
			Hint:    "remove it from the archive, unless a script of the device looks for it",
			Failing: these(draft(images(rootfs())).in(packed("rootfs.ext4"), packed("notes.txt"))),
			Passing: these(
				draft(images(rootfs(), kernel())).in(packed("rootfs.ext4"), packed("zImage")),
				draft(images(rootfs())).in(packed("rootfs.ext4"), swupdate.Entry{Name: "notes.txt", Size: -1, Extra: true})),
		}, eachArchived(checkUnused)},
		{Rule{ID: "SWD305", Name: "missing-artifact", Severity: Error,
			Why:     "The client refuses the update when it has read the archive to its end without finding the artifact.",
			Hint:    "add the artifact to the archive, under exactly the name that filename has",
			Failing: these(draft(images(rootfs(), kernel())).in(packed("rootfs.ext4"))),
			Passing: these(draft(images(rootfs(), kernel())).in(packed("rootfs.ext4"), packed("zImage"))),
		}, eachEntry(checkMissing)},
		{Rule{ID: "SWD306", Name: "sha256-mismatch", Severity: Error,
			Why:     "The client refuses an artifact whose bytes have another digest; a streamed one is written by then.",
			Hint:    "write the digest of the artifact as it lies in the archive, after compression and encryption",
			Failing: these(finished(images(rootfs(withDigest))).in(swupdate.Entry{Name: "rootfs.ext4", Size: 4, SHA256: strings.Repeat("0", 64)})),
			Passing: these(finished(images(rootfs(withDigest))).in(swupdate.Entry{Name: "rootfs.ext4", Size: 4, SHA256: digest})),
		}, eachArtifact(checkMismatch)},
		{Rule{ID: "SWD307", Name: "size-mismatch", Severity: Error, Depends: "A warning for targets before 2024.12, which do not compare sizes.",
			Why:     "The client refuses an artifact whose size in the archive is not that of the attribute.",
			Hint:    "write the size of the artifact as it lies in the archive, or leave size out",
			Failing: these(draft(images(rootfs(`size = 5`))).in(swupdate.Entry{Name: "rootfs.ext4", Size: 4})),
			Passing: these(draft(images(rootfs(`size = 4`))).in(swupdate.Entry{Name: "rootfs.ext4", Size: 4})),
		}, eachArtifact(checkSize)},
	}
}

// eachArchived visits every name of the archive once, in its order.
func eachArchived(check func(*checker, *archiveName)) func(*checker) {
	return func(c *checker) {
		for _, a := range c.packed {
			check(c, a)
		}
	}
}

// eachArtifact visits every entry with the artifact that it names; nil where
// the archive does not have it.
func eachArtifact(check func(*checker, *entry, *archiveName)) func(*checker) {
	return eachEntry(func(c *checker, e *entry) {
		name, ok := c.text(e.Group, "filename")
		if c.Archive != nil && ok && name != "" && e.section.kind != swupdate.Partitions {
			check(c, e, c.archived[name])
		}
	})
}

func checkContainer(c *checker) {
	if c.Archive == nil {
		return
	}
	for _, problem := range c.Archive.Problems {
		c.report(c.whole(), "%s", problem)
	}
}

func checkDuplicate(c *checker, a *archiveName) {
	if a.count > 1 {
		c.report(c.whole(), "the archive holds %s %d times", quote(a.entry.Name), a.count)
	}
}

func checkArchiveName(c *checker, a *archiveName) {
	switch name := a.entry.Name; {
	case !plainName(name):
		c.report(c.whole(), "the archive holds %s, with a folder in its name", quote(name))
	case len(name) > swupdate.MaxFilename:
		c.report(c.whole(), "the archive holds %s, whose name has %d bytes, and %d fit", quote(name), len(name), swupdate.MaxFilename)
	}
}

func checkLarge(c *checker, a *archiveName) {
	if a.entry.Size > swupdate.MaxArtifact {
		c.report(c.whole(), "%s has %d bytes, and %d fit", quote(a.entry.Name), a.entry.Size, int64(swupdate.MaxArtifact))
	}
}

func checkUnused(c *checker, a *archiveName) {
	if a.entry.Extra || c.usedNames()[a.entry.Name] {
		return
	}
	c.report(c.whole(), "no entry names %s", quote(a.entry.Name))
}

// usedNames are the artifacts that entries name. An entry whose filename is not
// known yet may name any.
func (c *checker) usedNames() map[string]bool {
	if c.used != nil {
		return c.used
	}
	c.used = map[string]bool{}
	for _, e := range c.entries {
		if name, ok := e.filename(); ok && c.known(name) {
			c.used[name] = true
		} else if ok {
			for name := range c.archived {
				c.used[name] = true
			}
			return c.used
		}
	}
	return c.used
}

func checkMissing(c *checker, e *entry) {
	name, ok := c.text(e.Group, "filename")
	if c.Archive != nil && ok && name != "" && c.archived[name] == nil {
		c.report(e.Get("filename"), "the archive does not hold %s", quote(name))
	}
}

func checkMismatch(c *checker, e *entry, a *archiveName) {
	sum, ok := c.text(e.Group, "sha256")
	if a != nil && ok && a.entry.SHA256 != "" && isHex(sum, 64) && !strings.EqualFold(sum, a.entry.SHA256) {
		c.report(e.Get("sha256"), "the artifact has the digest %s", a.entry.SHA256)
	}
}

func checkSize(c *checker, e *entry, a *archiveName) {
	setting := e.Get("size")
	if a == nil || a.entry.Size < 0 || setting == nil {
		return
	}
	size, ok := setting.Value().(*swdesc.Int)
	if !ok || size.Value() == a.entry.Size {
		return
	}
	severity := Error
	if c.lacks(swupdate.FeatureSizeCheck) {
		severity = Warning
	}
	c.reportAs(severity, "", setting, "size is %d, and the artifact has %d bytes in the archive", size.Value(), a.entry.Size)
}
