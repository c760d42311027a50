package lint

import (
	"errors"
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// linkRules are about groups with ref.
var linkRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD050", Name: "dangling-link", Severity: Error,
			Why:     "The client takes a link that leads nowhere for a missing setting: an element of a list vanishes, and the rest is installed.",
			Hint:    "name the target from the file, as in \"#/software/stable/copy1/images\", or from the link, as in \"#./../copy1/images\"",
			Failing: these(draft(images(rootfs(), `{ ref = "#/software/more"; }`)), draft(software("stable = "+group(list("more", kernel())), `now = { ref = "#/software/stable"; }`, list("images", rootfs(), `{ ref = "#/software/now/more"; }`)), "SWD015")),
			Passing: these(draft(software(list("more", kernel()), list("images", rootfs(), `{ ref = "#/software/more"; }`)))),
		}, eachLink(checkTarget)},
		{Rule{ID: "SWD051", Name: "link-loop", Severity: Error,
			Why:     "The client follows a few links in a row, and then takes the setting for missing.",
			Hint:    "let each link name its last target",
			Failing: these(draft(software(list("images", rootfs(), `{ ref = "#/software/a"; }`), `a = { ref = "#/software/b"; }`, `b = { ref = "#/software/a"; }`))),
			Passing: these(draft(software(list("a", kernel()), `b = { ref = "#/software/a"; }`, list("images", rootfs(), `{ ref = "#/software/b"; }`)))),
		}, eachLink(checkLoop)},
		{Rule{ID: "SWD052", Name: "bad-link", Severity: Error,
			Why:     "The client takes a link for missing that does not begin with # and a path, leads out of the file, or has too many names in its path.",
			Hint:    "write \"#\", then names with / between them",
			Failing: these(draft(software(list("more", kernel()), list("images", rootfs(), `{ ref = "/software/more"; }`)), "SWD015")),
			Passing: these(draft(software(list("more", kernel()), list("images", rootfs(), `{ ref = "#/software/more"; }`)))),
		}, eachLink(checkLinkPath)},
		{Rule{ID: "SWD053", Name: "link-to-wrong-kind", Severity: Error,
			Why:     "The client takes the elements of what a link leads to, so that a link to a single entry, or to a value, vanishes.",
			Hint:    "put the entry that the link leads to into a list: ( { ... } )",
			Failing: these(draft(software("kernel = "+kernel(), list("images", rootfs(), `{ ref = "#./kernel"; }`)))),
			Passing: these(draft(software(list("kernel", kernel()), list("images", rootfs(), `{ ref = "#./kernel"; }`)))),
		}, checkLinkKinds},
		{Rule{ID: "SWD054", Name: "link-in-vars", Severity: Error,
			Why:     "The client reads what a link in vars leads to as bootenv, so that the variables end up in the bootloader's environment.",
			Hint:    "write the variables of vars out",
			Failing: these(draft(software(list("images", rootfs()), list("mode", group(`name = "mode"`, `value = "1"`)), list("vars", `{ ref = "#/software/mode"; }`)), "SWD701")),
			Passing: these(draft(software(list("images", rootfs()), list("vars", `{ name = "mode"; value = "1"; }`)), "SWD701")),
		}, checkVarsLinks},
		{Rule{ID: "SWD055", Name: "link-with-more", Severity: Warning,
			Why:     "The target takes the place of the whole group, so that what stands beside ref is not read.",
			Hint:    "remove what stands beside ref, or write the group out",
			Failing: these(draft(software(list("more", kernel()), list("images", rootfs(), `{ ref = "#/software/more"; device = "/dev/mmcblk0p5"; }`)))),
			Passing: these(draft(software(list("more", kernel()), list("images", rootfs(), `{ ref = "#/software/more"; }`)))),
		}, eachLink(checkAlone)},
		{Rule{ID: "SWD056", Name: "link-not-followed", Severity: Error,
			Why:     "The client looks SET.MODE up in one go and follows a link only at its end, so that it never enters a set, or a board with selections, that is a link.",
			Hint:    "link each mode instead: copy1 = { ref = \"#/software/stable/copy1\"; };",
			Failing: these(draft(software("stable = "+group("copy1 = "+group(list("images", rootfs()))), `beta = { ref = "#/software/stable"; }`))),
			Passing: these(draft(software("stable = "+group("copy1 = "+group(list("images", rootfs()))), "beta = "+group(`copy1 = { ref = "#/software/stable/copy1"; }`)))),
		}, checkFollowed},
	}
}

// checkFollowed looks for links that stand for a set, or for a board that holds
// nothing but sets.
func checkFollowed(c *checker) {
	for _, l := range c.links {
		target, ok := l.target.(*swdesc.Group)
		if l.setting == nil || l.section != 0 || !ok || !looksLikeScope(target) || holdsKeys(target) {
			continue
		}
		c.report(l.group.Link(), "%s is a link to a group of groups", l.setting.Name())
	}
}

func holdsKeys(g *swdesc.Group) bool {
	for _, setting := range g.Settings() {
		if _, ok := keyTable()[setting.Name()]; ok {
			return true
		}
	}
	return false
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
// gives up.
func (c *checker) loops(g *swdesc.Group) bool {
	for range swdesc.MaxHops {
		path, err := g.LinkPath()
		if err != nil {
			return false
		}
		setting := c.Doc.Find(path...)
		if setting == nil {
			return false
		}
		next, ok := setting.Value().(*swdesc.Group)
		if !ok || next.Link() == nil {
			return false
		}
		g = next
	}
	return true
}

func checkLinkPath(c *checker, l *link) {
	ref, _ := c.text(l.group, "ref")
	_, err := l.group.LinkPath()
	var why *swdesc.LinkError
	if errors.As(err, &why) {
		c.report(l.group.Link(), "%s", why.Reason)
	} else if err != nil {
		c.report(l.group.Link(), "link %s leads nowhere", quote(ref))
	}
}

func checkLinkKinds(c *checker) {
	for _, l := range c.links {
		if l.target != nil && l.section != 0 && typeOf(l.target)&swupdate.TypeGroups == 0 {
			c.report(l.group.Link(), "the link leads to %s, and must lead to a list of groups", describe(l.target))
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
		c.report(l.group.Link(), "settings beside ref: %d", others)
	}
}
