package swdesc

import (
	"fmt"
	"slices"
	"strings"
)

// The bounds of SWUpdate's parser on links, as Debian 12's 2022.12 has them.
const (
	// MaxHops is how many links may lead to each other, the first one counted
	// where it stands in the place of a setting. One that is an element of a list
	// is not counted.
	MaxHops = 8
	// MaxNodes is how many names a path may have, at any point while its parts
	// are put together.
	MaxNodes = 19
)

// LinkError says why a link leads nowhere.
type LinkError struct {
	Link   *Setting // the setting "ref"
	Reason string   // what is wrong, as in "no such setting: software.common"
}

// Error names the link by its path, and the reason.
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
		if i == 0 && (part == "." || part == "..") {
			path = g.linkBase()
		}
		switch {
		case part == ".":
		case part == ".." && len(path) == 0:
			return nil, &LinkError{link, fmt.Sprintf("link %q leads out of the file", clip(ref))}
		case part == "..":
			path = path[:len(path)-1]
		default:
			path = append(path, part)
		}
		if len(path) > MaxNodes {
			return nil, &LinkError{link, fmt.Sprintf("link %q has more than %d names", clip(ref), MaxNodes)}
		}
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

// Resolve returns the value of a setting, the path to it "software" first, as
// the client looks for one: the group that the path ends in may be a link, and
// so may the setting itself. Links further up are not followed, neither here nor
// in the path of a link. The value is nil where there is none; a link that leads
// nowhere is a [*LinkError].
func (d *Document) Resolve(path ...string) (Value, error) {
	if len(path) == 0 {
		return d.Root, nil
	}
	last := len(path) - 1
	holder, err := d.follow(d.locate(path[:last]), MaxHops)
	if err != nil {
		return nil, err
	}
	return d.follow(child(holder, path[last]), MaxHops)
}

// Follow returns what stands for v, an element of a list: v itself, or the
// target where it is a link. SWUpdate's parser puts the elements of the target
// in the place of the link, and passes over a target that holds none.
func (d *Document) Follow(v Value) (Value, error) {
	return d.follow(v, MaxHops+1)
}

// Value returns what stands for the value of a setting: that value, or the target
// where it is a link. Fewer links may follow each other than in [Document.Follow].
func (d *Document) Value(s *Setting) (Value, error) {
	return d.follow(s.value, MaxHops)
}

// locate goes down from the file, name by name. It follows no links.
func (d *Document) locate(path []string) Value {
	var v Value = d.Root
	for _, name := range path {
		v = child(v, name)
	}
	return v
}

// child returns the value called name of a group, or nil.
func child(v Value, name string) Value {
	g, ok := v.(*Group)
	if !ok {
		return nil
	}
	s := g.Get(name)
	if s == nil {
		return nil
	}
	return s.value
}

// follow replaces v by what it leads to where it is a link.
func (d *Document) follow(v Value, hops int) (Value, error) {
	for {
		g, ok := v.(*Group)
		if !ok || g.Link() == nil {
			return v, nil
		}
		path, err := g.LinkPath()
		if err != nil {
			return nil, err
		}
		if hops--; hops < 0 {
			return nil, &LinkError{g.Link(), fmt.Sprintf("more than %d links lead to each other", MaxHops)}
		}
		if v = d.locate(path); v == nil {
			return nil, &LinkError{g.Link(), fmt.Sprintf("there is no setting %s", strings.Join(path, "."))}
		}
	}
}
