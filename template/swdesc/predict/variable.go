package predict

import (
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// readBootenv reads the variables of the bootloader. The old name of the section
// counts only where no place has the new one.
func (c *client) readBootenv() *Refusal {
	key := "bootenv"
	v := c.find(key)
	if v == nil {
		key = "uboot"
		v = c.find(key)
	}
	if v == nil {
		return nil
	}
	elements, refusal := c.elements(key, v)
	for _, el := range elements {
		c.readBootVariable(el.group)
	}
	return refusal
}

// readBootVariable: an entry with a filename is a script of the bootloader, as
// releases before those that are known here had them.
func (c *client) readBootVariable(g *swdesc.Group) {
	if filename, ok := c.text(g, "filename"); ok {
		c.bootScripts = append(c.bootScripts, filename)
		return
	}
	c.addVariable(&c.out.Bootenv, c.variables, swupdate.Bootenv, g)
}

// addVariable reads a variable. The first entry of a name wins.
func (c *client) addVariable(list *[]Variable, set map[string]bool, section swupdate.Section, g *swdesc.Group) {
	e := &entry{section: section, offset: g.Offset(), path: g.Path(), group: g}
	name, _ := c.text(g, "name")
	if name == "" {
		c.skip(e, "it has no name")
		return
	}
	c.noteHooks(e)
	if set[name] {
		c.skip(e, "an entry before it has the same name, "+clip(name))
		return
	}
	set[name] = true
	text, _ := c.text(g, "value")
	*list = append(*list, Variable{Name: name, Value: text, Unset: text == "", From: g.Path()})
}

// readVars reads the variables of other environments, since 2023.12. What a
// link leads to is read as if it were the bootloader's.
func (c *client) readVars() *Refusal {
	if !c.has(2023, 12) {
		return nil
	}
	v := c.find("vars")
	if v == nil {
		return nil
	}
	elements, refusal := c.elements("vars", v)
	set := map[string]bool{}
	for _, el := range elements {
		if el.linked {
			c.addVariable(&c.out.Bootenv, c.variables, swupdate.Bootenv, el.group)
			continue
		}
		c.addVariable(&c.out.Vars, set, swupdate.Vars, el.group)
	}
	return refusal
}

// Names of the variables by which the client tells the bootloader how an update
// went.
const (
	transactionVariable = "recovery_status"
	stateVariable       = "ustate"
)

// markers adds what the client itself sets: recovery_status is in_progress
// during the update, and removed or failed after it; ustate is 1 for a new
// system and 3 for a failure.
func (c *client) markers(status, state string) {
	if c.flag("bootloader_transaction_marker") {
		c.out.Bootenv = append(c.out.Bootenv, Variable{
			Name: transactionVariable, Value: status, Unset: status == "", From: "bootloader_transaction_marker",
		})
	}
	if c.has(2021, 4) && c.flag("bootloader_state_marker") {
		c.out.Bootenv = append(c.out.Bootenv, Variable{Name: stateVariable, Value: state, From: "bootloader_state_marker"})
	}
}

// flag reads a key that is true unless it says otherwise.
func (c *client) flag(key string) bool {
	for _, p := range c.places() {
		v, err := c.doc.Resolve(append(p.path, key)...)
		if err != nil || !present(v) {
			continue
		}
		b, ok := v.(*swdesc.Bool)
		return !ok || b.Value()
	}
	return true
}
