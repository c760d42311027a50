package lint

import (
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// prepare finds the handler and the properties of an entry.
func (c *checker) prepare(e *entry) {
	if setting := e.Get("properties"); setting != nil {
		e.properties, _ = setting.Value().(*swdesc.Group)
	}
	setting := e.Get("type")
	if setting == nil {
		e.typ = swupdate.DefaultHandler(e.section.kind, given(e.Group, "volume"), given(e.Group, "device"))
	} else if s, ok := setting.Value().(*swdesc.String); ok {
		e.typ = s.Value()
	}
	e.typeKnown = e.typ != "" && c.known(e.typ)
	if e.typeKnown {
		e.handler = c.lookup(e.typ)
	}
}

// lookup asks the target for a handler, once for each type.
func (c *checker) lookup(typ string) handler {
	h, ok := c.types[typ]
	if !ok {
		h.Handler, h.state = c.target.Handler(typ)
		c.types[typ] = h
	}
	return h
}

// described tells whether the tables know what the handler of e wants, whether
// or not the target has it.
func (e *entry) described() bool {
	return e.typeKnown && e.handler.state != swupdate.HandlerUnknown && e.handler.state != swupdate.HandlerCustom
}

// streamed tells whether e is installed while the archive is read.
func (e *entry) streamed() bool {
	return swupdate.Payloads.Has(e.section.kind) && isTrue(e.Group, "installed-directly")
}

// transformed tells whether the artifact of e is compressed or encrypted as far
// as the text says.
func (e *entry) transformed(name string) bool {
	setting := e.Get(name)
	if setting == nil {
		return false
	}
	switch v := setting.Value().(type) {
	case *swdesc.Bool:
		return v.Value()
	case *swdesc.String:
		return true
	}
	return false
}

// place returns the setting called name, or e itself where there is none.
func (e *entry) place(name string) place {
	if setting := e.Get(name); setting != nil {
		return setting
	}
	return e
}

// chained returns the handler that the handler of e hands its work to; ok is
// false where there is none that is known.
func (c *checker) chained(e *entry) (handler, bool) {
	if !e.described() || e.handler.Chain == "" {
		return handler{}, false
	}
	name, ok := c.text(e.properties, e.handler.Chain)
	if p, _ := e.handler.Property(e.handler.Chain); !ok && !given(e.properties, e.handler.Chain) {
		name = p.Default
	}
	if name == "" {
		return handler{}, false
	}
	return c.lookup(name), true
}

// eachEntry makes a check of entries one of the description.
func eachEntry(check func(*checker, *entry)) func(*checker) {
	return func(c *checker) {
		for _, e := range c.entries {
			check(c, e)
		}
	}
}

// eachVariable does the same for elements of bootenv and vars.
func eachVariable(check func(*checker, *variable)) func(*checker) {
	return func(c *checker) {
		for _, v := range c.variables {
			check(c, v)
		}
	}
}

// eachScope does the same for software, boards, selections and modes.
func eachScope(check func(*checker, *scope)) func(*checker) {
	return func(c *checker) {
		for _, s := range c.scopes {
			check(c, s)
		}
	}
}

// eachSection does the same for lists of entries and variables.
func eachSection(check func(*checker, *section)) func(*checker) {
	return func(c *checker) {
		for _, s := range c.sections {
			check(c, s)
		}
	}
}
