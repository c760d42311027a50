package swdesc

import (
	"fmt"
	"slices"
	"strings"
)

// The bounds of SWUpdate's parser on links (releases up to 2026.05).
const (
	// MaxHops is how many links may lead to each other.
	MaxHops = 10
	// MaxNodes is how many names a path may have.
	MaxNodes = 20
)

// LinkError says why a link leads nowhere.
type LinkError struct {
	Link   *Setting // the setting "ref"
	Reason string   // what is wrong, as in "no such setting: software.common"
}

func (e *LinkError) Error() string {
	return fmt.Sprintf("%s: %s", e.Link.Path(), e.Reason)
}

// Link returns the setting "ref" of a group that is a link, or nil.
func (g *Group) Link() *Setting {
	s := g.Get("ref")
	if s == nil || s.value.Kind() != KindString {
		return nil
	}
	return s
}

// LinkPath is the absolute path that the link g leads to, "software" first. A
// target begins with "#"; of its parts between slashes "." is the group that
// holds the link, ".." the one above, and a path that begins with neither starts
// at the file.
func (g *Group) LinkPath() ([]string, error) {
	link := g.Link()
	if link == nil {
		return nil, fmt.Errorf("%s is no link", g.Path())
	}
	ref := link.value.(*String).text
	if len(ref) < 3 || ref[0] != '#' {
		return nil, &LinkError{link, fmt.Sprintf("link %q does not begin with \"#\" and a path", clip(ref))}
	}
	var path []string
	for i, part := range slices.DeleteFunc(strings.Split(ref[1:], "/"), func(s string) bool { return s == "" }) {
		switch {
		case part == "." && i == 0:
			path = g.linkBase()
		case part == ".":
		case part == ".." && i == 0:
			path = parentPath(g.linkBase())
		case part == "..":
			path = parentPath(path)
		default:
			path = append(path, part)
		}
	}
	if len(path) > MaxNodes {
		return nil, &LinkError{link, fmt.Sprintf("link %q has %d nodes, and %d are allowed", clip(ref), len(path), MaxNodes)}
	}
	return path, nil
}

// linkBase is the path of the group that holds the setting in which g stands.
func (g *Group) linkBase() []string {
	h := g.holder
	for h.list != nil {
		h = h.list.holder
	}
	if h.setting == nil {
		return nil
	}
	return names(h.setting.parent)
}

// names is the path of a group as a list of names. Lists on the way have none.
func names(g *Group) []string {
	h := g.holder
	for h.list != nil {
		h = h.list.holder
	}
	if h.setting == nil {
		return nil
	}
	return append(names(h.setting.parent), h.setting.name)
}

func parentPath(path []string) []string {
	return path[:max(0, len(path)-1)]
}

// Resolve returns the value at the path, "software" first, following the links
// that it meets on the way and at the end. It is nil where there is none; a link
// that leads nowhere is a [*LinkError].
func (d *Document) Resolve(path ...string) (Value, error) {
	return d.walk(path, MaxHops)
}

// Follow returns what stands for v: v itself, or the target where it is a link.
func (d *Document) Follow(v Value) (Value, error) {
	return d.follow(v, MaxHops)
}

// walk goes down from the file, name by name.
func (d *Document) walk(path []string, hops int) (Value, error) {
	var v Value = d.Root
	for _, name := range path {
		g, ok := v.(*Group)
		if !ok {
			return nil, nil
		}
		s := g.Get(name)
		if s == nil {
			return nil, nil
		}
		var err error
		if v, err = d.follow(s.value, hops); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// follow replaces v by what it leads to where it is a link.
func (d *Document) follow(v Value, hops int) (Value, error) {
	g, ok := v.(*Group)
	if !ok || g.Link() == nil {
		return v, nil
	}
	path, err := g.LinkPath()
	if err != nil {
		return nil, err
	}
	if hops == 0 {
		return nil, &LinkError{g.Link(), fmt.Sprintf("more than %d links lead to each other", MaxHops)}
	}
	target, err := d.walk(path, hops-1)
	if target == nil && err == nil {
		err = &LinkError{g.Link(), fmt.Sprintf("there is no setting %s", strings.Join(path, "."))}
	}
	return target, err
}
