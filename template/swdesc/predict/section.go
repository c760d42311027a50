package predict

import (
	"fmt"

	"github.com/fwpack/fwpack/template/swdesc"
)

// maxEntries bounds how many elements of lists are looked at: lists that link
// to each other twice grow beyond any memory. No real description comes near.
const maxEntries = 1 << 16

// element is an entry of a section, as a group that is no link.
type element struct {
	group  *swdesc.Group
	linked bool // it stands where a link in the section led
}

// elements returns the entries of a section in order. Where one is a link the
// entries of the list that it leads to stand in its place.
func (c *client) elements(section string, v swdesc.Value) ([]element, *Refusal) {
	return c.splice(section, v, map[swdesc.Value]bool{})
}

// splice collects the entries below v; a link in one of open led to it.
func (c *client) splice(section string, v swdesc.Value, open map[swdesc.Value]bool) ([]element, *Refusal) {
	if open[v] {
		return nil, crash(pathOf(v), v.Offset(), "the list links to itself, and the client follows without end until it crashes")
	}
	members, refusal := c.entriesOf(section, v)
	if refusal != nil {
		return nil, refusal
	}
	open[v] = true
	defer delete(open, v)
	var all []element
	for _, m := range members {
		if c.entries++; c.entries > maxEntries {
			return nil, tooMany(section)
		}
		more, refusal := c.member(section, m, open)
		if refusal != nil {
			return nil, refusal
		}
		all = append(all, more...)
	}
	return all, nil
}

// member returns what stands for one element of a list: itself, or what it
// links to.
func (c *client) member(section string, m swdesc.Value, open map[swdesc.Value]bool) ([]element, *Refusal) {
	g, ok := m.(*swdesc.Group)
	switch {
	case !ok:
		return nil, nil
	case g.Link() == nil:
		return []element{{g, len(open) > 1}}, nil
	}
	target, err := c.doc.Follow(g)
	if err != nil || !present(target) {
		c.deadLink(err)
		return nil, nil
	}
	all, refusal := c.splice(section, target, open)
	if refusal == nil && len(all) == 0 {
		c.out.Skipped = append(c.out.Skipped, Skip{
			Section: section, Offset: g.Offset(), Path: g.Path(),
			Why: fmt.Sprintf("the link leads to %s, and the client looks for groups inside of it", what(target)),
		})
	}
	return all, refusal
}

// what names a value by its path, or by its kind where it has none.
func what(v swdesc.Value) string {
	if path := pathOf(v); path != "" {
		return path
	}
	return v.Kind().String()
}

// entriesOf returns the elements of a section or of a link's target. The reader
// of JSON asks for the length of whatever there is: until 2024.05 it crashes
// where that is no array, later a single object does.
func (c *client) entriesOf(section string, v swdesc.Value) ([]swdesc.Value, *Refusal) {
	if !c.json() {
		return c.members(v), nil
	}
	switch v := v.(type) {
	case *swdesc.List, *swdesc.Array:
		return c.members(v), nil
	case *swdesc.Group:
		if c.has(2024, 12) {
			return []swdesc.Value{v}, nil
		}
	default:
		if c.has(2024, 12) {
			return nil, nil
		}
	}
	return nil, crash(what(v), v.Offset(), section+" in JSON must be an array; clients before 2024.12 crash where it is none")
}

func crash(path string, offset int, why string) *Refusal {
	return &Refusal{Stage: StageRead, Why: why, Offset: offset, Path: path}
}

func tooMany(section string) *Refusal {
	return &Refusal{Stage: StageRead, Path: section,
		Why: fmt.Sprintf("the sections have more than %d entries once links are followed, more than is looked at here", maxEntries)}
}
