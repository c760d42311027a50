package lint

import (
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// SyntaxRule is the id of the rule that a text breaks that cannot be parsed:
// callers of swdesc.Parse report its errors under this name.
const SyntaxRule = "SWD000"

// structureRules are about what a description is as a whole.
var structureRules = func() []rule {
	return []rule{
		{Rule{ID: SyntaxRule, Name: "syntax", Severity: Error,
			Why:     "The client can read nothing of a description that breaks the rules of libconfig, or of JSON.",
			Hint:    "mend the text where it stops making sense, or before",
			Failing: these(draft("software = { version = \"1.0\" \"\n}\n")),
			Passing: these(draft(images(rootfs()))),
		}, func(*checker) {}}, // what is checked has been parsed
		{Rule{ID: "SWD001", Name: "no-software", Severity: Error,
			Why:     "The client looks for everything below software and refuses a description without it.",
			Hint:    "put all settings into software = { ... };",
			Failing: these(draft("firmware = { version = \"1.0\"; };\n", "SWD002"), draft("")),
			Passing: these(draft(images(rootfs()))),
		}, checkSoftware},
		{Rule{ID: "SWD002", Name: "outside-software", Severity: Warning,
			Why:     "The client does not look at settings that stand beside software.",
			Hint:    "move the setting into software, or remove it",
			Failing: these(draft(images(rootfs()) + "version = \"1.0\";\n")),
			Passing: these(
				draft(images(rootfs())),
				draft(list("slot", rootfs())+";\n"+images(`{ ref = "#/slot"; }`))),
		}, checkOutside},
		{Rule{ID: "SWD003", Name: "nothing-to-install", Severity: Error,
			Why:     "Without an entry in images, files, partitions, scripts or bootenv the client ends with \"Found nothing to install\"; vars alone do not count.",
			Hint:    "add an entry; a variable alone can be set by bootenv",
			Failing: these(draft(software()), draft(software(list("vars", `{ name = "mode"; value = "1"; }`)), "SWD701")),
			Passing: these(draft(images(rootfs())), draft(software(list("bootenv", `{ name = "mode"; value = "1"; }`)))),
		}, checkNothing},
		{Rule{ID: "SWD004", Name: "all-conditional", Severity: Warning,
			Why:  "Entries that are skipped do not count, so that a device which has all the versions already ends with \"Found nothing to install\".",
			Hint: "leave install-if-different and install-if-higher out of one entry, or add a bootenv entry",
			Failing: these(draft(images(
				rootfs(`name = "rootfs"`, `version = "2.0"`, `install-if-different = true`)))),
			Passing: these(
				draft(software(list("images", rootfs(`name = "rootfs"`, `version = "2.0"`, `install-if-different = true`)),
					list("bootenv", `{ name = "mode"; value = "1"; }`)))),
		}, checkConditional},
		{Rule{ID: "SWD005", Name: "unreachable-group", Severity: Warning,
			Why:     "The client looks in software.BOARD.SELECTION.MODE at the deepest, so that what stands below that is never found.",
			Hint:    "move the group up, or let a link lead to it",
			Failing: these(draft(software("board = " + group("stable = "+group("copy1 = "+group("slot = "+group(list("images", rootfs())))))))),
			Passing: these(draft(software("board = " + group("stable = "+group("copy1 = "+group(list("images", rootfs()))))))),
		}, eachScope(checkDepth)},
		{Rule{ID: "SWD006", Name: "reserved-name", Severity: Error,
			Why:     "The name is a key of the description, so that the client never takes the group for a board or a selection.",
			Hint:    "choose another name for the board or the selection",
			Failing: these(draft(software("files = "+group("copy1 = "+group(list("images", rootfs()))), list("scripts", script("a.lua", "lua"))))),
			Passing: these(draft(software("stable = " + group("copy1 = "+group(list("images", rootfs())))))),
		}, eachScope(checkReserved)},
		{Rule{ID: "SWD007", Name: "empty-section", Severity: Warning,
			Why:     "The client takes the first section of a name that it finds for a board and a selection, an empty one too, and does not look further up.",
			Hint:    "remove the empty section, unless these devices are to get nothing of it",
			Failing: these(draft(software("stable = "+group("copy1 = "+group(list("files"))), list("files", file("a.conf", "/etc/a.conf"))))),
			Passing: these(draft(software("stable = "+group("copy1 = "+group(list("images", rootfs()))), list("files", file("a.conf", "/etc/a.conf"))))),
		}, checkEmptySections},
	}
}

func checkEmptySections(c *checker) {
	filled := map[swupdate.Section]bool{}
	for _, s := range c.sections {
		filled[s.kind] = filled[s.kind] || s.setting == nil || !empty(s.setting.Value())
	}
	for _, s := range c.sections {
		if s.setting != nil && empty(s.setting.Value()) && filled[s.kind] {
			c.report(s.setting, "%s is empty, and hides those that stand further up", s.setting.Name())
		}
	}
}

func checkSoftware(c *checker) {
	if c.software == nil {
		c.report(spot{}, "there is no group software")
	}
}

func checkOutside(c *checker) {
	for _, setting := range c.Doc.Root.Settings() {
		if setting.Name() != "software" && !c.leads(setting.Value()) {
			c.report(setting, "%s stands outside of software", setting.Name())
		}
	}
}

// leads tells whether a link leads to v or to something right in it.
func (c *checker) leads(v swdesc.Value) bool {
	if c.targets[v] {
		return true
	}
	if g, ok := v.(*swdesc.Group); ok {
		for _, setting := range g.Settings() {
			if c.leads(setting.Value()) {
				return true
			}
		}
	}
	return false
}

func checkNothing(c *checker) {
	if c.software == nil {
		return
	}
	for _, s := range c.sections {
		if s.kind != swupdate.Vars && (s.setting == nil || !empty(s.setting.Value())) {
			return
		}
	}
	c.report(c.whole(), "there is nothing to install: no images, files, partitions, scripts or bootenv")
}

func empty(v swdesc.Value) bool {
	seq, ok := v.(sequence)
	return ok && len(seq.Values()) == 0
}

// checkConditional looks at each place with entries of its own, and what lies
// above it: the client may take some sections from there.
func checkConditional(c *checker) {
	sure := map[*scope]bool{} // has something that is always installed
	for _, s := range c.scopes {
		sure[s] = s.parent != nil && sure[s.parent] || c.unconditional(s)
	}
	for _, s := range c.scopes {
		if e := firstEntry(s); e != nil && !sure[s] && s.depth <= maxDepth {
			c.report(e, "every entry of %s may be skipped", s.group.Path())
		}
	}
}

// unconditional tells whether something in s is installed on every device, or
// may be for all that is known.
func (c *checker) unconditional(s *scope) bool {
	for _, sec := range s.sections {
		if sec.kind == swupdate.Bootenv || sec.list == nil || len(sec.entries) < sec.list.Len() {
			return true // variables, links, or something else than entries
		}
		for _, e := range sec.entries {
			if !e.conditional() {
				return true
			}
		}
	}
	return false
}

// conditional tells whether a device can skip e because of its version.
func (e *entry) conditional() bool {
	return (isTrue(e.Group, "install-if-different") || isTrue(e.Group, "install-if-higher")) &&
		given(e.Group, "name") && given(e.Group, "version")
}

func firstEntry(s *scope) *entry {
	for _, sec := range s.sections {
		if len(sec.entries) > 0 {
			return sec.entries[0]
		}
	}
	return nil
}

// maxDepth is how deep below software the keys of a mode stand, if the board
// has a group of its own.
const maxDepth = 3

func checkDepth(c *checker, s *scope) {
	if s.depth > maxDepth && s.keys > 0 && !s.linked {
		c.report(s.setting, "the client looks for keys %d groups below software, and this is group %d", maxDepth, s.depth)
	}
}

func checkReserved(c *checker, s *scope) {
	for _, setting := range s.group.Settings() {
		g, ok := setting.Value().(*swdesc.Group)
		if _, isKey := keyTable()[setting.Name()]; isKey && ok && looksLikeScope(g) {
			c.report(setting, "%s is a key of the description and no name for a group of keys", setting.Name())
		}
	}
}

// looksLikeScope tells a board or a selection from an entry: keys stand in it,
// or groups with keys.
func looksLikeScope(g *swdesc.Group) bool {
	if g.Link() != nil {
		return false
	}
	for _, setting := range g.Settings() {
		if _, ok := swupdate.ParseSection(setting.Name()); ok {
			return true
		}
		if inner, ok := setting.Value().(*swdesc.Group); ok && setting.Name() != "properties" && looksLikeScope(inner) {
			return true
		}
	}
	return false
}
