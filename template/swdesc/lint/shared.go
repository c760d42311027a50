package lint

import (
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// shareRules are about several entries with one artifact.
var shareRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD140", Name: "streamed-twice", Severity: Error,
			Why:     "A streamed artifact can be read once, so that a second entry for it fails, sometimes after the first was written.",
			Hint:    "remove installed-directly from all entries of the artifact",
			Failing: these(draft(images(rootfs(`installed-directly = true`), group(`filename = "rootfs.ext4"`, `type = "raw"`, `device = "/dev/mmcblk0p3"`)), "SWD423")),
			Passing: these(draft(images(rootfs(), group(`filename = "rootfs.ext4"`, `type = "raw"`, `device = "/dev/mmcblk0p3"`)))),
		}, eachShared(checkStreamedTwice)},
		{Rule{ID: "SWD141", Name: "script-and-image", Severity: Error,
			Why:     "The client stores an artifact for the first section that names it, and does not find the script then.",
			Hint:    "pack a copy under another name",
			Failing: these(draft(software(list("images", script("a.lua", "raw", `device = "/dev/mmcblk0p5"`)), list("scripts", script("a.lua", "lua"))))),
			Passing: these(draft(software(list("images", rootfs()), list("scripts", script("a.lua", "lua"))))),
		}, eachShared(checkScriptAndImage)},
	}
}

// eachShared visits the entries that name the same artifact and that one device
// can meet together: those in the lists of one group of keys, or of a list that
// links lead to.
func eachShared(check func(*checker, []*entry)) func(*checker) {
	return func(c *checker) {
		for _, s := range c.scopes {
			c.visitShared(s.sections, check)
		}
		for _, s := range c.sections {
			if s.scope == nil {
				c.visitShared([]*section{s}, check)
			}
		}
	}
}

func (c *checker) visitShared(sections []*section, check func(*checker, []*entry)) {
	first, more, names := map[string]*entry{}, map[string][]*entry{}, []string(nil)
	for _, s := range sections {
		for _, e := range s.entries {
			name, ok := e.filename()
			switch {
			case !ok:
			case first[name] == nil:
				first[name] = e
			case more[name] == nil:
				names = append(names, name)
				more[name] = []*entry{first[name], e}
			default:
				more[name] = append(more[name], e)
			}
		}
	}
	for _, name := range names {
		check(c, more[name])
	}
}

// filename is the text of filename, placeholders and all: two equal ones name
// the same artifact whatever they stand for.
func (e *entry) filename() (string, bool) {
	setting := e.Get("filename")
	if setting == nil {
		return "", false
	}
	s, ok := setting.Value().(*swdesc.String)
	if !ok || s.Value() == "" {
		return "", false
	}
	return s.Value(), true
}

func checkStreamedTwice(c *checker, entries []*entry) {
	streamed := false
	for _, e := range entries {
		streamed = streamed || e.streamed()
	}
	for _, e := range entries[1:] {
		if streamed && e.section.kind != swupdate.Scripts && entries[0].section.kind != swupdate.Scripts {
			c.report(e.Get("filename"), "%s names the same artifact, which is streamed", entries[0].Path())
		}
	}
}

func checkScriptAndImage(c *checker, entries []*entry) {
	var scripts, others *entry
	for _, e := range entries {
		switch e.section.kind {
		case swupdate.Scripts:
			scripts = e
		case swupdate.Images, swupdate.Files:
			others = e
		}
	}
	if scripts != nil && others != nil {
		name, _ := scripts.filename()
		c.report(scripts.Get("filename"), "%s is an artifact of %s, too", quote(name), others.section.kind)
	}
}
