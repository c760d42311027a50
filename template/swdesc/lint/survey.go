package lint

import (
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// survey is what stands where in a description: every group, list and entry
// once, however many links lead to it.
type survey struct {
	doc       *swdesc.Document
	software  *scope // nil where there is none
	scopes    []*scope
	sections  []*section
	entries   []*entry
	variables []*variable
	loose     []stranger // settings of scopes that are no keys and no groups
	links     []*link
	resolved  map[*swdesc.Group]*link
	targets   map[swdesc.Value]bool // what links lead to
	listed    map[swdesc.Value]bool // entries and lists of a section, links included
}

// scope is software, a board, a selection or a mode: a group that the client
// looks for keys in.
type scope struct {
	group     *swdesc.Group
	setting   *swdesc.Setting
	parent    *scope // nil for software
	depth     int
	linked    bool // a link leads to it, or to what it stands in
	sections  []*section
	scopesIn  int // groups in it that are scopes
	keys      int // settings in it that are keys
	strangers int // settings in it that are neither
}

// stranger is a setting that means nothing where it stands.
type stranger struct {
	*swdesc.Setting
	scope *scope
}

// section is a list of entries or variables.
type section struct {
	kind    swupdate.Section
	setting *swdesc.Setting // nil where links alone lead to it
	scope   *scope          // nil likewise
	list    *swdesc.List    // nil where the value is something else
	entries []*entry
}

// entry is an element of images, files, scripts or partitions.
type entry struct {
	*swdesc.Group
	section    *section
	typ        string // as written, or the default; "" where there is none
	typeKnown  bool   // typ is no placeholder
	handler    handler
	properties *swdesc.Group // nil where there are none
}

// variable is an element of bootenv or vars.
type variable struct {
	*swdesc.Group
	section *section
}

// link is a group with "ref".
type link struct {
	group   *swdesc.Group
	section swupdate.Section // where it stands; 0 outside of sections
	setting *swdesc.Setting  // whose value it is; nil where it is an element of a list
	target  swdesc.Value     // nil where it leads nowhere
}

func newSurvey(doc *swdesc.Document) survey {
	s := survey{
		doc: doc, resolved: map[*swdesc.Group]*link{},
		targets: map[swdesc.Value]bool{}, listed: map[swdesc.Value]bool{},
	}
	s.findLinks(doc.Root, 0)
	s.markLinked()
	if setting := doc.Root.Get("software"); setting != nil {
		if g, ok := setting.Value().(*swdesc.Group); ok {
			s.software = s.addScope(g, setting, nil)
		}
	}
	s.addLinked()
	return s
}

// findLinks follows every link in v. Entries of a section are told of it by at.
func (s *survey) findLinks(v swdesc.Value, at swupdate.Section) {
	switch v := v.(type) {
	case *swdesc.List:
		for _, element := range v.Values() {
			if g, ok := element.(*swdesc.Group); ok && g.Link() != nil {
				target, _ := s.doc.Follow(g)
				s.addLink(&link{group: g, section: at, target: target})
			}
			s.findLinks(element, at)
		}
	case *swdesc.Group:
		for _, setting := range v.Settings() {
			if setting.Name() == "properties" {
				continue
			}
			kind, _ := swupdate.ParseSection(setting.Name())
			if g, ok := setting.Value().(*swdesc.Group); ok && g.Link() != nil {
				target, _ := s.doc.Value(setting)
				s.addLink(&link{group: g, section: kind, setting: setting, target: target})
			}
			s.findLinks(setting.Value(), kind)
		}
	}
}

func (s *survey) addLink(l *link) {
	s.links = append(s.links, l)
	s.resolved[l.group] = l
	if l.target != nil {
		s.targets[l.target] = true
	}
}

// markLinked notes the lists and entries that links of sections lead to, and
// what links in these lists lead to in turn.
func (s *survey) markLinked() {
	for _, l := range s.links {
		if l.section != 0 && l.target != nil {
			s.mark(l.target)
		}
	}
}

func (s *survey) mark(v swdesc.Value) {
	if s.listed[v] {
		return
	}
	s.listed[v] = true
	list, ok := v.(*swdesc.List)
	if !ok {
		return
	}
	for _, element := range list.Values() {
		if l := s.linkOf(element); l != nil && l.target != nil {
			s.mark(l.target)
		}
	}
}

// linkOf returns v as a link, or nil.
func (s *survey) linkOf(v swdesc.Value) *link {
	g, ok := v.(*swdesc.Group)
	if !ok {
		return nil
	}
	return s.resolved[g]
}

// addScope takes in a group that keys are looked for in, and those in it.
func (s *survey) addScope(g *swdesc.Group, setting *swdesc.Setting, parent *scope) *scope {
	sc := &scope{group: g, setting: setting, parent: parent, linked: s.targets[g]}
	if parent != nil {
		sc.depth, sc.linked = parent.depth+1, sc.linked || parent.linked
	}
	s.scopes = append(s.scopes, sc)
	for _, setting := range g.Settings() {
		s.addSetting(sc, setting)
	}
	return sc
}

func (s *survey) addSetting(sc *scope, setting *swdesc.Setting) {
	if kind, ok := swupdate.ParseSection(setting.Name()); ok {
		sc.keys++
		s.addSection(kind, sc, setting)
		return
	}
	if _, ok := keyTable()[setting.Name()]; ok {
		sc.keys++
		return
	}
	g, ok := setting.Value().(*swdesc.Group)
	switch {
	case !ok && setting.Name() != "ref":
		sc.strangers++
		s.loose = append(s.loose, stranger{setting, sc})
	case ok && s.linkOf(g) == nil && !s.listed[g]:
		sc.scopesIn++
		s.addScope(g, setting, sc)
	}
}

// addSection takes in the section that stands in a scope.
func (s *survey) addSection(kind swupdate.Section, sc *scope, setting *swdesc.Setting) {
	sec := &section{kind: kind, setting: setting, scope: sc}
	sc.sections = append(sc.sections, sec)
	s.sections = append(s.sections, sec)
	switch v := setting.Value().(type) {
	case *swdesc.List:
		sec.list = v
		s.addList(sec, v)
	case *swdesc.Group:
		// Release 2024.12 takes a single object of JSON for a list of one.
		if s.linkOf(v) == nil && s.doc.Format == swdesc.JSON {
			s.addEntry(sec, v)
		}
	}
}

func (s *survey) addList(sec *section, list *swdesc.List) {
	s.listed[list] = true
	for _, v := range list.Values() {
		if g, ok := v.(*swdesc.Group); ok && s.linkOf(g) == nil {
			s.addEntry(sec, g)
		}
	}
}

func (s *survey) addEntry(sec *section, g *swdesc.Group) {
	if swupdate.Variables.Has(sec.kind) {
		s.variables = append(s.variables, &variable{g, sec})
		return
	}
	e := &entry{Group: g, section: sec}
	sec.entries = append(sec.entries, e)
	s.entries = append(s.entries, e)
}

// addLinked takes in the lists and entries that links alone lead to. What
// stands in a section itself is taken in by now.
func (s *survey) addLinked() {
	seen := map[swdesc.Value]bool{}
	for _, sec := range s.sections {
		seen[sec.setting.Value()] = true
		if sec.list != nil {
			for _, v := range sec.list.Values() {
				seen[v] = true
			}
		}
	}
	for _, l := range s.links {
		if l.section != 0 && l.target != nil {
			s.addTarget(l.section, l.target, seen)
		}
	}
}

func (s *survey) addTarget(kind swupdate.Section, target swdesc.Value, seen map[swdesc.Value]bool) {
	if seen[target] {
		return
	}
	seen[target] = true
	sec := &section{kind: kind}
	switch v := target.(type) {
	case *swdesc.Group:
		s.addEntry(sec, v)
	case *swdesc.List:
		sec.list = v
		s.addList(sec, v)
		for _, element := range v.Values() {
			seen[element] = true
			if l := s.linkOf(element); l != nil && l.target != nil {
				s.addTarget(kind, l.target, seen)
			}
		}
	}
	s.sections = append(s.sections, sec)
}
