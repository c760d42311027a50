package restore

import (
	"regexp"
	"strings"
	"sync"

	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/template/swdesc"
)

// template makes a template of the description: what a build fills in is a call of a
// function there, so that it stays in its place, and what would be a placeholder or a
// call by chance is escaped.
func (p *Project) template() ([]byte, error) {
	doc, err := swdesc.ParseAs(escaped(p.file.Doc, p.file.Source), p.file.Doc.Format)
	if err != nil {
		return nil, err
	}
	byName := map[string]*packed{}
	for _, again := range p.payloads {
		byName[again.Name] = again
	}
	var groups []*swdesc.Group
	for group := range swufile.Groups(doc) {
		groups = append(groups, group) // before any is changed
	}
	for _, group := range groups {
		name, _, _ := group.GetString("filename")
		if again := byName[name]; again != nil {
			if err := again.leaveOpen(group); err != nil {
				return nil, err
			}
		}
	}
	return doc.Bytes(), nil
}

// leaveOpen leaves what depends on the payload's bytes to the build.
func (again *packed) leaveOpen(group *swdesc.Group) error {
	if err := again.call(group, "sha256", "$swupdate_get_sha256("); err != nil {
		return err
	}
	if again.encrypt == "" {
		return nil
	}
	group.Remove("aes-key")
	if err := group.SetBool("encrypted", true); err != nil {
		return err
	}
	return again.call(group, "ivt", "$swupdate_get_IV(")
}

// callable matches the names that can stand in a call.
var callable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\A[A-Za-z0-9_][A-Za-z0-9._+:~-]*\z`) })

// call puts a call of a function in the place of a setting; it is left out where the
// payload's name cannot stand in one: a build adds it then, in another place.
func (again *packed) call(group *swdesc.Group, setting, function string) error {
	if group.Get(setting) == nil {
		return nil
	}
	if !callable().MatchString(again.Name) {
		group.Remove(setting)
		return nil
	}
	return group.SetString(setting, function+again.Name+")")
}

// meaning matches what would mean something in a string of a template: a call,
// "@@NAME@@", and "@FILE", which is the whole string.
var meaning = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$[\w.-]+\(|@@|\A"@`) })

// escaped returns the source of a document with nothing in its strings that would
// mean something in a template.
func escaped(doc *swdesc.Document, src []byte) []byte {
	escapes := strings.NewReplacer("$", `\x24`, "@", `\x40`)
	if doc.Format == swdesc.JSON {
		escapes = strings.NewReplacer("$", `\u0024`, "@", `\u0040`)
	}
	var out strings.Builder
	at := 0
	for s := range stringsOf(doc) {
		out.Write(src[at:s.Offset()])
		at = s.Offset() + len(s.Raw())
		out.WriteString(meaning().ReplaceAllStringFunc(s.Raw(), escapes.Replace))
	}
	out.Write(src[at:])
	return []byte(out.String())
}

// stringsOf goes over the strings of a document in the order of its text.
func stringsOf(doc *swdesc.Document) func(yield func(*swdesc.String) bool) {
	return func(yield func(*swdesc.String) bool) { walk(doc.Root, yield) }
}

func walk(value swdesc.Value, yield func(*swdesc.String) bool) bool {
	switch value := value.(type) {
	case *swdesc.String:
		return yield(value)
	case *swdesc.Group:
		for _, setting := range value.Settings() {
			if !walk(setting.Value(), yield) {
				return false
			}
		}
	case interface{ Values() []swdesc.Value }:
		for _, element := range value.Values() {
			if !walk(element, yield) {
				return false
			}
		}
	}
	return true
}
