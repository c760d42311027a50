package diff

import (
	"regexp"
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
)

// pair is an entry of a section with what it was, nil where there is nothing.
type pair struct {
	old, new *swdesc.Group
	oldAt    int // where it was in its section
}

// match finds out which entries belong together. The pairs come in the order of the
// new section, and behind them what is gone.
func match(old, new []*swdesc.Group, versions [2]string) []pair {
	var passes []pass[*swdesc.Group]
	for _, known := range identities {
		passes = append(passes, pass[*swdesc.Group]{
			func(e *swdesc.Group) string { return known(e, versions[0]) },
			func(e *swdesc.Group) string { return known(e, versions[1]) },
		})
	}
	var pairs []pair
	partners, gone := pairUp(old, new, passes)
	for i, at := range partners {
		p := pair{new: new[i]}
		if at >= 0 {
			p.old, p.oldAt = old[at], at
		}
		pairs = append(pairs, p)
	}
	for _, at := range gone {
		pairs = append(pairs, pair{old: old[at], oldAt: at})
	}
	return pairs
}

// identity is what an entry is known by, "" where it has nothing of the kind.
type identity func(entry *swdesc.Group, version string) string

// identities, the most certain first.
var identities = []identity{
	func(e *swdesc.Group, _ string) string {
		return joint(stringOf(e, "filename"), stringOf(e, "name"), target(e), stringOf(e, "type"))
	},
	func(e *swdesc.Group, _ string) string { return all(stringOf(e, "filename"), target(e)) },
	func(e *swdesc.Group, version string) string {
		return all(pattern(stringOf(e, "filename"), version), target(e))
	},
	func(e *swdesc.Group, _ string) string { return stringOf(e, "filename") },
	func(e *swdesc.Group, version string) string { return pattern(stringOf(e, "filename"), version) },
	func(e *swdesc.Group, _ string) string { return stringOf(e, "name") },
	func(e *swdesc.Group, _ string) string { return target(e) },
	func(e *swdesc.Group, _ string) string { return stringOf(e, "ref") },
	nameless,
}

// nameless are entries that nothing tells apart but what installs them.
func nameless(e *swdesc.Group, _ string) string {
	if joint(stringOf(e, "filename"), stringOf(e, "name"), target(e), stringOf(e, "ref")) != "" {
		return ""
	}
	return "type " + stringOf(e, "type")
}

// target is where an entry goes to.
func target(e *swdesc.Group) string {
	return joint(stringOf(e, "device"), stringOf(e, "path"), stringOf(e, "volume"), stringOf(e, "mtdname"), stringOf(e, "offset"))
}

// joint is a key of several parts, "" where all are.
func joint(parts ...string) string {
	if key := strings.Join(parts, "\x00"); strings.Trim(key, "\x00") != "" {
		return key
	}
	return ""
}

// all is a key of several parts, "" where one is.
func all(parts ...string) string {
	for _, part := range parts {
		if part == "" {
			return ""
		}
	}
	return joint(parts...)
}

// numbers are what a version consists of.
var numbers = regexp.MustCompile(`[0-9]+(\.[0-9]+)*`)

// pattern is the name of a file without the version in it.
func pattern(name, version string) string {
	if version != "" {
		name = strings.ReplaceAll(name, version, "0")
	}
	return numbers.ReplaceAllString(name, "#")
}
