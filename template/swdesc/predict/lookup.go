package predict

import (
	"errors"
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
)

// place is a group that may hold a key, and the rule by which it is looked at.
type place struct {
	rule int
	path []string
}

// places returns where a key is looked for, in order.
func (c *client) places() []place {
	const root = "software"
	var board, selection []string
	if c.device.Hardware != nil {
		board = c.names(c.device.Hardware.Board)
	}
	if c.device.Set != "" || c.device.Mode != "" {
		selection = append(c.names(c.device.Set), c.names(c.device.Mode)...)
	}
	var all []place
	add := func(rule int, parts ...[]string) {
		path := []string{root}
		for _, names := range parts {
			if len(names) == 0 {
				return
			}
			path = append(path, names...)
		}
		all = append(all, place{rule, path})
	}
	add(1, board, selection)
	add(2, selection)
	add(3, board)
	add(4)
	return all
}

// names splits the name of a board, a set or a mode as libconfig does, to which
// it is part of a path. To the reader of JSON it is a name.
func (c *client) names(name string) []string {
	if c.json() {
		return []string{name}
	}
	return strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(".:/", r) })
}

// find looks for a key by the client's rules and records where it was. A link
// that leads nowhere is passed over, and the next place looked at.
func (c *client) find(key string) swdesc.Value {
	for _, p := range c.places() {
		path := append(p.path, key)
		v, err := c.doc.Resolve(path...)
		c.deadLink(err)
		if err != nil || !present(v) {
			continue
		}
		source := Source{Key: key, Path: strings.Join(path, "."), Rule: p.rule, Offset: v.Offset()}
		if real := pathOf(v); real != source.Path {
			source.Link = real
		}
		c.out.Found = append(c.out.Found, source)
		return v
	}
	return nil
}

// findText looks for a key that holds a string. What holds something else is
// found, and empty.
func (c *client) findText(key string) (text string, found bool) {
	v := c.find(key)
	if s, ok := v.(*swdesc.String); ok {
		return s.Value(), true
	}
	return "", v != nil
}

// deadLink reports a link that leads nowhere, once.
func (c *client) deadLink(err error) {
	var link *swdesc.LinkError
	if !errors.As(err, &link) || c.deadLinks[link.Link.Offset()] {
		return
	}
	c.deadLinks[link.Link.Offset()] = true
	c.out.Skipped = append(c.out.Skipped, Skip{
		Section: "links", Why: link.Reason, Offset: link.Link.Offset(), Path: link.Link.Path(),
	})
}

// pathOf is where a value stands. Scalars do not know it.
func pathOf(v swdesc.Value) string {
	if p, ok := v.(interface{ Path() string }); ok {
		return p.Path()
	}
	return ""
}
