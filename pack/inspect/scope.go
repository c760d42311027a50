package inspect

import (
	"slices"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// Scope is a group of a description where a client looks for what it is to install:
// software, a board, a selection.
type Scope struct {
	Name string `json:"name"` // of the group
	// Board, Set and Mode are what a device must be or select: a group in software
	// stands for a board, or with one in it for the set and the mode of a selection;
	// a third one has a selection of a board. Empty ones match any device.
	Board string `json:"board,omitempty"`
	Set   string `json:"set,omitempty"`
	Mode  string `json:"mode,omitempty"`
	Link  string `json:"link,omitempty"` // the group that stands for it

	HardwareCompatibility []string  `json:"hardware_compatibility,omitempty"`
	Sections              []Section `json:"sections,omitempty"`
	Scopes                []*Scope  `json:"scopes,omitempty"`
}

// Section is a list of entries, or of variables.
type Section struct {
	Name    string  `json:"name"`           // images, files, scripts, partitions, bootenv, vars
	Link    string  `json:"link,omitempty"` // where the list really stands
	Entries []Entry `json:"entries"`
}

// Entry is what a section lists: what is installed where, or a variable.
type Entry struct {
	Filename string `json:"filename,omitempty"` // of the archive
	Type     string `json:"type,omitempty"`     // the handler
	Name     string `json:"name,omitempty"`     // of a component, or a variable
	Version  string `json:"version,omitempty"`
	Device   string `json:"device,omitempty"`
	Volume   string `json:"volume,omitempty"`
	MTDName  string `json:"mtdname,omitempty"`
	Path     string `json:"path,omitempty"`
	Value    string `json:"value,omitempty"` // of a variable
}

// maxListed is how many scopes, sections and entries are listed. Links can name the
// same ones many times.
const maxListed = 1 << 14

// scopes goes over the scopes of a description.
type scopes struct {
	doc  *swdesc.Document
	left int // of maxListed
}

// deepest is how many groups lead from software to what holds entries: a board, a
// set, a mode.
const deepest = 3

func (s *scopes) software() *Scope {
	software, _ := s.doc.Root.GetGroup("software")
	if software == nil {
		return &Scope{Name: "software"}
	}
	return s.scope("software", software, nil)
}

// scope lists what stands in a group, and in the groups in it. path are the names
// of the groups from below software to this one.
func (s *scopes) scope(name string, group *swdesc.Group, path []string) *Scope {
	s.left--
	sc := &Scope{Name: name, HardwareCompatibility: s.strings(group, "hardware-compatibility")}
	for _, setting := range group.Settings() {
		if s.left <= 0 {
			return sc
		}
		if kind, ok := swupdate.ParseSection(setting.Name()); ok {
			if section, ok := s.section(kind, setting); ok {
				sc.Sections = append(sc.Sections, section)
			}
			continue
		}
		inner, isGroup := setting.Value().(*swdesc.Group)
		if !isGroup || len(path) == deepest {
			continue
		}
		if below := s.below(setting, inner, path); below != nil {
			sc.Scopes = append(sc.Scopes, below)
		}
	}
	sc.selector(path)
	return sc
}

// below lists a group in another one, nil where no client finds anything in it. Of a
// link the target is listed, but no groups in that: no client follows a link there.
func (s *scopes) below(setting *swdesc.Setting, group *swdesc.Group, path []string) *Scope {
	path = append(slices.Clone(path), setting.Name())
	link := ""
	if group.Link() != nil {
		target, _ := s.doc.Value(setting)
		found, ok := target.(*swdesc.Group)
		if !ok {
			return nil
		}
		group, link = found, found.Path()
	}
	sc := s.scope(setting.Name(), group, path)
	if sc.Link = link; link != "" {
		sc.Scopes = nil
		sc.selector(path)
	}
	if len(sc.Sections) == 0 && len(sc.Scopes) == 0 && sc.HardwareCompatibility == nil {
		return nil
	}
	return sc
}

// selector says who takes the scope, as the client looks keys up: at BOARD, at
// SET.MODE, and at BOARD.SET.MODE.
func (sc *Scope) selector(path []string) {
	switch len(path) {
	case 1:
		if len(sc.Sections) > 0 || sc.HardwareCompatibility != nil {
			sc.Board = path[0]
		}
	case 2:
		sc.Set, sc.Mode = path[0], path[1]
	case 3:
		sc.Board, sc.Set, sc.Mode = path[0], path[1], path[2]
	}
	if len(path) == 2 && len(sc.Sections) == 0 { // the set of a board
		sc.Set, sc.Mode = "", ""
	}
}

func (s *scopes) section(kind swupdate.Section, setting *swdesc.Setting) (Section, bool) {
	s.left--
	section := Section{Name: kind.String(), Entries: []Entry{}}
	value, err := s.doc.Value(setting)
	if err != nil {
		return section, false
	}
	list, ok := value.(*swdesc.List)
	if !ok {
		return section, false
	}
	if list.Path() != setting.Path() {
		section.Link = list.Path()
	}
	section.Entries = s.entries(section.Entries, list, swdesc.MaxHops)
	return section, true
}

// entries adds those of a list. A link in it stands for an entry or for a list of
// them.
func (s *scopes) entries(entries []Entry, list *swdesc.List, hops int) []Entry {
	for _, element := range list.Values() {
		if s.left--; s.left <= 0 {
			return entries
		}
		target, err := s.doc.Follow(element)
		if err != nil {
			continue
		}
		switch target := target.(type) {
		case *swdesc.Group:
			entries = append(entries, s.entry(target))
		case *swdesc.List:
			if hops > 0 {
				entries = s.entries(entries, target, hops-1)
			}
		}
	}
	return entries
}

func (s *scopes) entry(group *swdesc.Group) Entry {
	text := func(name string) string {
		value, _, _ := group.GetString(name)
		return value
	}
	return Entry{
		Filename: text("filename"), Type: text("type"), Name: text("name"), Version: text("version"),
		Device: text("device"), Volume: text("volume"), MTDName: text("mtdname"), Path: text("path"), Value: text("value"),
	}
}

// text is a setting of software that holds a string.
func (s *scopes) text(name string) string {
	value, _ := s.doc.Resolve("software", name)
	if text, ok := value.(*swdesc.String); ok {
		return text.Value()
	}
	return ""
}

// strings are those in an array or a list, nil where there is none.
func (s *scopes) strings(group *swdesc.Group, name string) []string {
	setting := group.Get(name)
	if setting == nil {
		return nil
	}
	value, _ := s.doc.Value(setting)
	sequence, ok := value.(interface{ Values() []swdesc.Value })
	if !ok {
		return nil
	}
	all := []string{}
	for _, value := range sequence.Values() {
		if text, ok := value.(*swdesc.String); ok {
			all = append(all, text.Value())
		}
	}
	return all
}
