package swdesc

// EnsureList returns the list called name, which it adds, empty, where there is
// none; where a new one is put, see [Group.EnsureGroup]. It is a [*TypeError]
// where the setting holds something else, but for an empty JSON array.
func (g *Group) EnsureList(name string) (*List, error) {
	if found, err := g.GetList(name); found != nil || err != nil {
		return found, err
	}
	if err := g.format.checkName(name); err != nil {
		return nil, err
	}
	list := &List{}
	s := g.insert(name, list)
	list.holder, list.off = holder{setting: s}, s.off
	list.tail = " "
	if at := lineBreak(s.lead); at >= 0 {
		list.tail = lineEnd(s.lead[at:]) + indentation(s.lead)
	}
	return list, nil
}

// AppendGroup adds an empty group behind the last value of a list, or to an
// empty one, and returns it. It begins where its neighbours begin, on a line of
// its own or not; its settings are to come with [Group.SetString] and the like.
// It has the offset of the value before it, or of the list. The format is that of
// the document.
func (l *List) AppendGroup(format Format) *Group {
	group := &Group{format: format, off: l.off, holder: holder{list: l, index: len(l.items)}, tail: " "}
	added := item{value: group}
	last := len(l.items) - 1
	switch {
	case last < 0 && lineBreak(l.tail) >= 0:
		at := lineBreak(l.tail)
		own := indentation(l.tail)
		added.lead = l.tail[:at] + lineEnd(l.tail[at:]) + own + format.indentStep(own)
		l.tail = l.tail[at:]
	case last < 0:
		added.lead, l.tail = " ", " "
	default:
		group.off = l.items[last].value.Offset()
		l.items[last].comma = ","
		added.lead = l.leadBehind(last, format)
	}
	l.items = append(l.items, added)
	return group
}

// leadBehind is what stands before a value added behind the one at index at: a
// comment behind that one stays with it.
func (l *List) leadBehind(at int, format Format) string {
	neighbour := l.items[at].lead
	cut := lineBreak(l.tail)
	switch {
	case cut < 0 && lineBreak(neighbour) >= 0:
		return lineEnd(neighbour[lineBreak(neighbour):]) + indentation(neighbour)
	case cut < 0:
		return " "
	}
	indent := indentation(l.tail) + format.indentStep(indentation(l.tail))
	if lineBreak(neighbour) >= 0 {
		indent = indentation(neighbour)
	}
	lead := l.tail[:cut] + lineEnd(l.tail[cut:]) + indent
	l.tail = l.tail[cut:]
	return lead
}

// Parent is the group that g stands in: as a setting, or in a list that is a
// setting. It is nil for the root and in a list of lists.
func (g *Group) Parent() *Group {
	switch {
	case g.setting != nil:
		return g.setting.parent
	case g.list != nil && g.list.setting != nil:
		return g.list.setting.parent
	}
	return nil
}
