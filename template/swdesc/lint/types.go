package lint

import (
	"math"
	"sync"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// attributeTable finds an attribute by its section and name.
var attributeTable = sync.OnceValue(func() map[swupdate.Section]map[string]*swupdate.Attribute {
	table := map[swupdate.Section]map[string]*swupdate.Attribute{}
	for _, section := range swupdate.Sections() {
		table[section] = map[string]*swupdate.Attribute{}
		for _, a := range swupdate.Attributes() {
			if a.Sections.Has(section) {
				table[section][a.Name] = &a
			}
		}
	}
	return table
})

// typeRules are about values of a kind that the client does not take.
var typeRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD020", Name: "wrong-type", Severity: Error,
			Why:     "The client passes over a value of another type as if it were not there, newer ones with a warning in the log.",
			Hint:    "write the value as the type that is asked for: texts in double quotes, numbers, true and false without",
			Failing: these(draft(images(rootfs(`installed-directly = "true"`))), draft(bare(`version = 1`, `hardware-compatibility = "1.0"`, list("images", rootfs()))), draft(images(rootfs(`installed-directly = 1`)))),
			Passing: these(draft(images(rootfs()))),
		}, checkTypes},
		{Rule{ID: "SWD021", Name: "not-a-list", Severity: Error,
			Why:     "A section that is no list of groups counts as missing, which ends in \"Found nothing to install\".",
			Hint:    "write a list of groups: images = ( { ... } );",
			Failing: these(draft(software("images = "+rootfs(), list("scripts", script("a.lua", "lua")))), draft(software(`images = [ "rootfs.ext4" ]`, list("scripts", script("a.lua", "lua"))))),
			Passing: these(draft(images(rootfs()))),
		}, eachSection(checkList)},
		{Rule{ID: "SWD022", Name: "not-a-group", Severity: Error,
			Why:     "The client passes over elements of a section that are no groups.",
			Hint:    "write a group: { filename = \"...\"; ... }",
			Failing: these(draft(images(rootfs(), `"zImage"`))),
			Passing: these(draft(images(rootfs(), kernel()))),
		}, eachSection(checkElements)},
		{Rule{ID: "SWD023", Name: "property-not-text", Severity: Error,
			Why:     "Numbers and booleans in properties vanish without a word.",
			Hint:    "put the value in double quotes",
			Failing: these(draft(software(list("files", file("a.conf", "/etc/a.conf", properties(`create-destination = true`)))))),
			Passing: these(draft(software(list("files", file("a.conf", "/etc/a.conf", properties(`create-destination = "true"`)))))),
		}, eachEntry(checkPropertyTypes)},
		{Rule{ID: "SWD024", Name: "unknown-attribute", Severity: Warning,
			Why:     "The client passes over attributes that it does not know, without a word.",
			Hint:    "remove it, or put it into properties",
			Failing: these(draft(images(rootfs(`instaled-directly = true`))), draft(software(list("bootenv", `{ name = "a"; valu = "b"; }`)))),
			Passing: these(draft(images(rootfs(`installed-directly = true`)), "SWD423")),
		}, checkAttributes},
		{Rule{ID: "SWD025", Name: "integer-needs-suffix", Severity: Error,
			Why:     "Without L a client with libconfig before 1.7 keeps the low 32 bits of the number alone.",
			Hint:    "put an L behind the number",
			Failing: these(draft(images(rootfs(`offset = 5000000000`)))),
			Passing: these(draft(images(rootfs(`offset = 5000000000L`)))),
		}, checkIntegers},
	}
}

// eachTyped visits every key, attribute and variable's attribute that is set,
// with the types that the newest release takes.
func (c *checker) eachTyped(visit func(setting *swdesc.Setting, types swupdate.Type)) {
	for _, s := range c.scopes {
		for _, setting := range s.group.Settings() {
			if k, ok := keyTable()[setting.Name()]; ok && k.Section == 0 && !misplaced(setting.Value()) {
				visit(setting, k.Types)
			}
		}
	}
	c.eachAttribute(func(_ *swdesc.Group, setting *swdesc.Setting, a *swupdate.Attribute) {
		visit(setting, a.Types|elsewhere(a))
	})
}

// misplaced tells whether v is a group of keys under the name of a key, which
// checkReserved tells of.
func misplaced(v swdesc.Value) bool {
	g, ok := v.(*swdesc.Group)
	return ok && looksLikeScope(g)
}

// elsewhere is the type that a rule of its own is about.
func elsewhere(a *swupdate.Attribute) swupdate.Type {
	if a.Name == "size" && a.Sections == swupdate.Partitions {
		return swupdate.TypeString
	}
	return 0
}

// attribute is a setting of an entry or a variable.
type attribute struct {
	group   *swdesc.Group
	setting *swdesc.Setting
	section swupdate.Section
	meaning *swupdate.Attribute // nil where the client does not read it there
}

// listAttributes looks all settings of entries and variables up, once for the
// many rules that ask.
func (c *checker) listAttributes() []attribute {
	var all []attribute
	c.eachMember(func(g *swdesc.Group, kind swupdate.Section) {
		table := attributeTable()[kind]
		for _, setting := range g.Settings() {
			all = append(all, attribute{g, setting, kind, table[setting.Name()]})
		}
	})
	return all
}

// eachAttribute visits every known attribute of entries and variables.
func (c *checker) eachAttribute(visit func(g *swdesc.Group, setting *swdesc.Setting, a *swupdate.Attribute)) {
	for _, a := range c.settings {
		if a.meaning != nil {
			visit(a.group, a.setting, a.meaning)
		}
	}
}

// eachMember visits every entry and every variable.
func (c *checker) eachMember(visit func(g *swdesc.Group, kind swupdate.Section)) {
	for _, e := range c.entries {
		visit(e.Group, e.section.kind)
	}
	for _, v := range c.variables {
		visit(v.Group, v.section.kind)
	}
}

func checkTypes(c *checker) {
	c.eachTyped(func(setting *swdesc.Setting, types swupdate.Type) {
		if !fits(setting.Value(), types) {
			c.report(setting, "%s is %s, and must be %s", setting.Name(), describe(setting.Value()), types)
		}
	})
}

func checkList(c *checker, s *section) {
	if s.setting == nil || s.list != nil {
		return
	}
	v := s.setting.Value()
	g, isGroup := v.(*swdesc.Group)
	switch {
	case isGroup && (g.Link() != nil || looksLikeScope(g) || c.Doc.Format == swdesc.JSON):
		return // a link, a reserved name, or what checkSingleObject tells of
	case typeOf(v)&swupdate.TypeGroups == 0:
		c.report(s.setting, "%s is %s, and must be a list of groups", s.setting.Name(), v.Kind())
	}
}

func checkElements(c *checker, s *section) {
	if s.list == nil {
		return
	}
	for i, v := range s.list.Values() {
		if v.Kind() != swdesc.KindGroup {
			c.report(element(s.list, i, v), "element of %s is %s, and must be a group", s.kind, describe(v))
		}
	}
}

func checkPropertyTypes(c *checker, e *entry) {
	if e.properties == nil {
		return
	}
	for _, setting := range e.properties.Settings() {
		if setting.Value().Kind() != swdesc.KindGroup && !fits(setting.Value(), swupdate.TypeString|swupdate.TypeStrings) {
			c.report(setting, "property %s is %s, and must be a string or an array of strings", setting.Name(), describe(setting.Value()))
		}
	}
}

func checkAttributes(c *checker) {
	for _, a := range c.settings {
		if a.meaning == nil {
			c.strangeAttribute(a.setting, a.section)
		}
	}
}

// strangeAttribute tells of an attribute that the client does not read in a
// section. One that it reads elsewhere does no harm; size may stand anywhere.
func (c *checker) strangeAttribute(setting *swdesc.Setting, kind swupdate.Section) {
	for _, other := range swupdate.Sections() {
		if _, ok := attributeTable()[other][setting.Name()]; ok {
			c.reportAs(Note, "remove it", setting, "%s has no meaning in %s", setting.Name(), kind)
			return
		}
	}
	c.reportAs(Warning, diag.DidYouMean(setting.Name(), swupdate.AttributeNames(kind)), setting, "unknown attribute %s in %s", quote(setting.Name()), kind)
}

func checkIntegers(c *checker) {
	if c.Doc.Format != swdesc.Libconfig {
		return
	}
	c.eachTyped(func(setting *swdesc.Setting, _ swupdate.Type) {
		if v, ok := setting.Value().(*swdesc.Int); ok && !v.Long() && wide(v.Value()) {
			c.reportAs(Error, "write "+v.Raw()+"L", setting, "%s is %s, which needs more than 32 bits", setting.Name(), v.Raw())
		}
	})
}

func wide(n int64) bool { return n > math.MaxInt32 || n < math.MinInt32 }
