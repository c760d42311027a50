package swdesc

import "strconv"

// checkTree refuses a tree that the format cannot hold. The error is
// [FormatErrors].
func checkTree(root *Group, format Format) error {
	c := treeChecker{format: format}
	c.value(root, root.Path)
	if len(c.errs) > 0 {
		return c.errs
	}
	return nil
}

type treeChecker struct {
	format Format
	depth  int // of containers; the root counts in JSON only, where it has braces
	errs   FormatErrors
}

func (c *treeChecker) value(v Value, path func() string) {
	switch v := v.(type) {
	case *Group:
		c.inside(v, path, func() {
			for _, s := range v.settings {
				c.setting(s)
			}
		})
	case *List, *Array:
		c.inside(v, path, func() {
			for i, it := range itemsOf(v) {
				c.value(it.value, func() string { return path() + "[" + strconv.Itoa(i) + "]" })
			}
		})
	case *String:
		if err := c.format.checkText(v.text); err != nil {
			c.refuse(v.Offset(), path, "string "+err.Error())
		}
	case *Null:
		if c.format != JSON {
			c.refuse(v.Offset(), path, c.format.String()+" has no null")
		}
	}
}

func (c *treeChecker) setting(s *Setting) {
	if err := c.format.checkName(s.name); err != nil {
		c.refuse(s.off, s.Path, err.Error())
	}
	c.value(s.value, s.Path)
}

// inside goes down where that is not too deep.
func (c *treeChecker) inside(v Value, path func() string, elements func()) {
	limit := c.format.maxDepth()
	if c.format == Libconfig {
		limit++ // the root
	}
	if c.depth == limit {
		c.refuse(v.Offset(), path, "values are nested more than "+strconv.Itoa(c.format.maxDepth())+" deep")
		return
	}
	c.depth++
	elements()
	c.depth--
}

// refuse notes an error; as many as losses, for the same reason.
func (c *treeChecker) refuse(off int, path func() string, msg string) {
	if len(c.errs) < maxLosses {
		c.errs = append(c.errs, &FormatError{off, path(), msg})
	}
}

// allScalars reports whether items hold no others.
func allScalars(items []item) bool {
	for _, it := range items {
		if _, ok := it.value.(Scalar); !ok {
			return false
		}
	}
	return true
}
