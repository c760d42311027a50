package lint

import (
	"slices"
	"strings"
	"sync"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// keyTable finds a key of software by its name.
var keyTable = sync.OnceValue(func() map[string]swupdate.Key {
	table := map[string]swupdate.Key{}
	for _, k := range swupdate.Keys() {
		table[k.Name] = k
	}
	return table
})

// keyNames are the keys in the order of the alphabet.
func keyNames() []string {
	var names []string
	for _, k := range swupdate.Keys() {
		names = append(names, k.Name)
	}
	return names
}

const ofHardwareCheck = "Only clients that check the hardware need it: a warning where it is not known whether the device does, and nothing where it does not."

// keyRules are about the keys of software and of what stands below it.
var keyRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD010", Name: "missing-version", Severity: Error,
			Why:     "The client refuses a description without version.",
			Hint:    "add version = \"...\"; to software",
			Failing: these(draft(bare(`hardware-compatibility = [ "1.0" ]`, list("images", rootfs())))),
			Passing: these(draft(images(rootfs())), draft(bare("board = "+group(`version = "1.0"`, `hardware-compatibility = [ "1.0" ]`, list("images", rootfs()))))),
		}, checkVersion},
		{Rule{ID: "SWD011", Name: "missing-hardware-compatibility", Severity: Error, Depends: ofHardwareCheck,
			Why:     "A client that checks the hardware refuses an update that does not say which revisions it is for.",
			Hint:    "add hardware-compatibility = [ \"...\" ]; with the revisions of /etc/hwrevision",
			Failing: these(draft(bare(`version = "1.0"`, list("images", rootfs()))), draft(bare(`version = "1.0"`, list("images", rootfs()))).on("debian-12")),
			Passing: these(draft(images(rootfs())), draft(bare(`version = "1.0"`, list("images", rootfs()))).by(swupdate.Profile{HardwareCheck: swupdate.No})),
		}, checkHardware},
		{Rule{ID: "SWD012", Name: "no-revisions", Severity: Error, Depends: ofHardwareCheck,
			Why:     "No revision of the hardware matches, because the list is empty.",
			Hint:    "name the revisions, or match them with \"#RE:^...$\"",
			Failing: these(draft(bare(`version = "1.0"`, `hardware-compatibility = [ ]`, list("images", rootfs()))).on("debian-12")),
			Passing: these(draft(images(rootfs()))),
		}, eachScope(checkNoRevisions)},
		{Rule{ID: "SWD013", Name: "bad-expression", Severity: Error, Depends: ofHardwareCheck,
			Why:     "An expression that does not compile matches no revision; what some C libraries know besides POSIX, such as \\w or {,2}, fails with others.",
			Hint:    "write a POSIX extended regular expression, and each backslash twice",
			Failing: these(draft(bare(`version = "1.0"`, `hardware-compatibility = [ "#RE:^(1\\.[0-9]$" ]`, list("images", rootfs()))).on("debian-12")),
			Passing: these(draft(bare(`version = "1.0"`, `hardware-compatibility = [ "#RE:^1\\.[0-9]$" ]`, list("images", rootfs())))),
		}, eachScope(checkExpressions)},
		{Rule{ID: "SWD014", Name: "unanchored-expression", Severity: Warning,
			Why:     "An expression matches anywhere in the revision, so that \"1.0\" is found in 21.03, too.",
			Hint:    "begin it with ^ and end it with $",
			Failing: these(draft(bare(`version = "1.0"`, `hardware-compatibility = [ "#RE:1\\.0" ]`, list("images", rootfs())))),
			Passing: these(draft(bare(`version = "1.0"`, `hardware-compatibility = [ "#RE:^1\\.0$" ]`, list("images", rootfs())))),
		}, eachScope(checkAnchors)},
		{Rule{ID: "SWD015", Name: "unknown-key", Severity: Warning,
			Why:     "The client passes over keys that it does not know, without a word.",
			Hint:    "remove it, or let a link lead to it",
			Failing: these(draft(software(`hardware-compatability = [ "1.0" ]`, list("images", rootfs()))), draft(software(list("image", rootfs()), list("bootenv", `{ name = "a"; value = "b"; }`)))),
			Passing: these(draft(software(`description = "gateway"`, list("images", rootfs()))), draft(software("slots = (\n"+indent(rootfs())+"\n)", `images = { ref = "#./slots"; }`))),
		}, checkLoose},
		{Rule{ID: "SWD016", Name: "stray-entry", Severity: Warning,
			Why:     "The client looks for entries in lists called images, files, scripts and partitions, and takes this group for a board or a selection.",
			Hint:    "put it into a list, as in images = ( { ... } );",
			Failing: these(draft(software("rootfs = "+rootfs(), list("bootenv", `{ name = "a"; value = "b"; }`)))),
			Passing: these(draft(software(list("images", rootfs())))),
		}, eachScope(checkStray)},
		{Rule{ID: "SWD017", Name: "bad-reboot", Severity: Warning,
			Why:     "Of texts the client knows \"enabled\" and \"disabled\" alone.",
			Hint:    "write reboot = true; or reboot = false;",
			Failing: these(draft(software(`reboot = "no"`, list("images", rootfs())), "SWD701", "SWD703")),
			Passing: these(draft(software(`reboot = "disabled"`, list("images", rootfs())), "SWD701", "SWD703")),
		}, eachScope(checkReboot)},
	}
}

func checkVersion(c *checker) {
	if c.software != nil && !c.anywhere("version") {
		c.report(c.whole(), "there is no version")
	}
}

// anywhere tells whether a key stands in software or below it.
func (c *checker) anywhere(key string) bool {
	return slices.ContainsFunc(c.scopes, func(s *scope) bool { return s.group.Get(key) != nil })
}

func checkHardware(c *checker) {
	if c.software != nil && c.target.HardwareCheck.Maybe() && !c.anywhere("hardware-compatibility") {
		c.reportAs(doubt(c.target.HardwareCheck), "", c.whole(), "there is no hardware-compatibility")
	}
}

// revisions returns the list of revisions that stands in s.
func revisions(s *scope) (sequence, bool) {
	setting := s.group.Get("hardware-compatibility")
	if setting == nil {
		return nil, false
	}
	seq, ok := setting.Value().(sequence)
	return seq, ok
}

func checkNoRevisions(c *checker, s *scope) {
	if seq, ok := revisions(s); ok && len(seq.Values()) == 0 && c.target.HardwareCheck.Maybe() {
		c.reportAs(doubt(c.target.HardwareCheck), "", seq, "hardware-compatibility names no revision")
	}
}

func checkExpressions(c *checker, s *scope) {
	c.eachRevision(s, func(at place, entry string) {
		if _, err := swupdate.MatchHardware(entry, ""); err != nil {
			c.reportAs(doubt(c.target.HardwareCheck), "", at, "%s is no portable expression", quote(entry))
		}
	})
}

func checkAnchors(c *checker, s *scope) {
	c.eachRevision(s, func(at place, entry string) {
		if _, err := swupdate.MatchHardware(entry, ""); err == nil && !swupdate.Anchored(entry) {
			c.report(at, "%s matches parts of a revision", quote(entry))
		}
	})
}

func (c *checker) eachRevision(s *scope, visit func(at place, entry string)) {
	seq, ok := revisions(s)
	if !ok || c.target.HardwareCheck == swupdate.No {
		return
	}
	for i, v := range seq.Values() {
		if s, ok := v.(*swdesc.String); ok && c.known(s.Value()) {
			visit(element(seq, i, v), s.Value())
		}
	}
}

func checkLoose(c *checker) {
	for _, setting := range c.loose {
		if c.targets[setting.Value()] || setting.scope.stray() {
			continue
		}
		c.reportAs(Warning, diag.DidYouMean(setting.Name(), keyNames()), setting, "unknown key %s", quote(setting.Name()))
	}
}

func checkStray(c *checker, s *scope) {
	if s.stray() {
		c.report(s.setting, "%s looks like an entry, but stands in no section", s.setting.Name())
	}
}

// stray tells whether s looks like an entry rather than a group of keys, and
// no link makes it one.
func (s *scope) stray() bool {
	entry := s.group.Get("filename") != nil || s.group.Get("type") != nil && s.keys == 0 && s.scopesIn == 0
	return entry && !s.linked && s.parent != nil
}

func checkReboot(c *checker, s *scope) {
	if text, ok := c.text(s.group, "reboot"); ok && !strings.EqualFold(text, "enabled") && !strings.EqualFold(text, "disabled") {
		c.report(s.group.Get("reboot"), "reboot is %s, and must be true, false, \"enabled\" or \"disabled\"", quote(text))
	}
}
