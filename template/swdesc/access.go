package swdesc

// GetString returns the string called name. The error is a [*TypeError] where
// the setting holds something else; ok is false where there is none.
func (g *Group) GetString(name string) (value string, ok bool, err error) {
	v, err := typed[*String](g, name, KindString)
	if v == nil {
		return "", false, err
	}
	return v.text, true, nil
}

// GetBool returns the boolean called name, as [Group.GetString] does.
func (g *Group) GetBool(name string) (value, ok bool, err error) {
	v, err := typed[*Bool](g, name, KindBool)
	if v == nil {
		return false, false, err
	}
	return v.value, true, nil
}

// GetInt returns the integer called name, as [Group.GetString] does.
func (g *Group) GetInt(name string) (value int64, ok bool, err error) {
	v, err := typed[*Int](g, name, KindInt)
	if v == nil {
		return 0, false, err
	}
	return v.value, true, nil
}

// GetGroup returns the group called name, or nil where there is none. The error
// is as for [Group.GetString].
func (g *Group) GetGroup(name string) (*Group, error) {
	return typed[*Group](g, name, KindGroup)
}

// GetList returns the list called name, or nil where there is none. The error is
// as for [Group.GetString].
func (g *Group) GetList(name string) (*List, error) {
	return typed[*List](g, name, KindList)
}

// typed returns the value of a setting as a V, or the zero V.
func typed[V Value](g *Group, name string, want Kind) (V, error) {
	var none V
	s := g.Get(name)
	if s == nil {
		return none, nil
	}
	if v, ok := s.value.(V); ok {
		return v, nil
	}
	return none, s.typeError(want)
}

func (s *Setting) typeError(want Kind) error {
	return &TypeError{Path: s.Path(), Offset: s.value.Offset(), Got: s.value.Kind(), Want: want}
}
