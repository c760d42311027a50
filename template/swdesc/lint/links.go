package lint

import (
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// linkRules are about groups with ref.
var linkRules = []rule{
	{Rule{ID: "SWD050", Name: "dangling-link", Severity: Error,
		Why:     "The client takes a link that leads nowhere for a missing setting: an element of a list vanishes, and the rest is installed.",
		Hint:    "name the target from the file, as in \"#/software/stable/copy1/images\", or from the link, as in \"#./../copy1/images\"",
		Failing: these(draft(images(rootfs(), `{ ref = "#/software/kernel"; }`))),
		Passing: these(draft(software("kernel = "+kernel(), list("images", rootfs(), `{ ref = "#/software/kernel"; }`)))),
	}, eachLink(checkTarget)},
	{Rule{ID: "SWD051", Name: "link-loop", Severity: Error,
		Why:     "After 10 links in a row the client takes the setting for missing.",
		Hint:    "let each link name its last target",
		Failing: these(draft(software(list("images", rootfs(), `{ ref = "#/software/a"; }`), `a = { ref = "#/software/b"; }`, `b = { ref = "#/software/a"; }`))),
		Passing: these(draft(software("a = "+kernel(), "b = "+group(`ref = "#/software/a"`), list("images", rootfs(), `{ ref = "#/software/b"; }`)))),
	}, eachLink(checkLoop)},
	{Rule{ID: "SWD052", Name: "bad-link", Severity: Error,
		Why:     "The client takes a link for missing that does not begin with # and a path, or whose path has more than 20 names.",
		Hint:    "write \"#\", then names with / between them",
		Failing: these(draft(software("kernel = "+kernel(), list("images", rootfs(), `{ ref = "/software/kernel"; }`)), "SWD016")),
		Passing: these(draft(software("kernel = "+kernel(), list("images", rootfs(), `{ ref = "#/software/kernel"; }`)))),
	}, eachLink(checkLinkPath)},
	{Rule{ID: "SWD053", Name: "link-to-wrong-kind", Severity: Error,
		Why:     "A section must be a list of groups, and an element of it a group or a list of groups, whatever links lead there.",
		Hint:    "let the link lead to a list, or put it into a list",
		Failing: these(draft(software("kernel = "+kernel(), `images = { ref = "#./kernel"; }`, list("scripts", script("a.lua", "lua"))))),
		Passing: these(draft(software("kernel = "+kernel(), `images = ( { ref = "#./kernel"; } )`))),
	}, checkLinkKinds},
	{Rule{ID: "SWD054", Name: "link-in-vars", Severity: Error,
		Why:     "The client reads what a link in vars leads to as bootenv, so that the variables end up in the bootloader's environment.",
		Hint:    "write the variables of vars out",
		Failing: these(draft(software(list("images", rootfs()), "mode = "+group(`name = "mode"`, `value = "1"`), list("vars", `{ ref = "#/software/mode"; }`)), "SWD701")),
		Passing: these(draft(software(list("images", rootfs()), list("vars", `{ name = "mode"; value = "1"; }`)), "SWD701")),
	}, checkVarsLinks},
	{Rule{ID: "SWD055", Name: "link-with-more", Severity: Warning,
		Why:     "The target takes the place of the whole group, so that what stands beside ref is not read.",
		Hint:    "remove what stands beside ref, or write the group out",
		Failing: these(draft(software("kernel = "+kernel(), list("images", rootfs(), `{ ref = "#/software/kernel"; device = "/dev/mmcblk0p5"; }`)))),
		Passing: these(draft(software("kernel = "+kernel(), list("images", rootfs(), `{ ref = "#/software/kernel"; }`)))),
	}, eachLink(checkAlone)},
}

func eachLink(check func(*checker, *link)) func(*checker) {
	return func(c *checker) {
		for _, l := range c.links {
			if ref, ok := c.text(l.group, "ref"); ok || ref == "" && !c.Draft {
				check(c, l)
			}
		}
	}
}

func checkTarget(c *checker, l *link) {
	path, err := l.group.LinkPath()
	if l.target == nil && err == nil && !c.loops(l.group) {
		c.report(l.group.Link(), "there is no %s", clip(strings.Join(path, ".")))
	}
}

func checkLoop(c *checker, l *link) {
	if l.target == nil && c.loops(l.group) {
		c.report(l.group.Link(), "more than %d links lead from here to each other", swdesc.MaxHops)
	}
}

// loops tells whether so many links follow each other from g that the client
// gives up. It looks at the ends of paths; links in the middle of a path that
// leads nowhere are the fault of the link that holds them.
func (c *checker) loops(g *swdesc.Group) bool {
	for range swdesc.MaxHops + 1 {
		path, err := g.LinkPath()
		if err != nil || len(path) == 0 {
			return false
		}
		last := len(path) - 1
		parent, err := c.Doc.Resolve(path[:last]...)
		holder, ok := parent.(*swdesc.Group)
		if err != nil || !ok || holder.Get(path[last]) == nil {
			return false
		}
		next, ok := holder.Get(path[last]).Value().(*swdesc.Group)
		if !ok || next.Link() == nil {
			return false
		}
		g = next
	}
	return true
}

func checkLinkPath(c *checker, l *link) {
	ref, _ := c.text(l.group, "ref")
	path, err := l.group.LinkPath()
	switch {
	case err == nil:
	case len(ref) < 3 || ref[0] != '#':
		c.report(l.group.Link(), "link %s does not begin with # and a path", quote(ref))
	default:
		c.report(l.group.Link(), "link has more than %d names: %s", swdesc.MaxNodes, clip(strings.Join(path, ".")))
	}
}

func checkLinkKinds(c *checker) {
	whole := map[swdesc.Value]bool{} // links in the place of a section
	for _, s := range c.sections {
		if s.setting != nil {
			whole[s.setting.Value()] = true
		}
	}
	for _, l := range c.links {
		if l.target == nil || l.section == 0 {
			continue
		}
		t := typeOf(l.target)
		if t&swupdate.TypeGroups == 0 && (whole[l.group] || t != swupdate.TypeGroup) {
			c.report(l.group.Link(), "the link leads to %s", describe(l.target))
		}
	}
}

func checkVarsLinks(c *checker) {
	for _, l := range c.links {
		if l.section == swupdate.Vars {
			c.report(l.group.Link(), "the link stands in vars")
		}
	}
}

func checkAlone(c *checker, l *link) {
	if others := l.group.Len() - 1; others > 0 {
		c.report(l.group.Link(), "%d more settings stand beside ref", others)
	}
}
