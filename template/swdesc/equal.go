package swdesc

// Equal reports whether a and b mean the same: equal names, values and order,
// whatever the layout, the notation of numbers and the format. Lists and arrays
// of equal values are equal, as JSON does not tell them apart.
func Equal(a, b Value) bool {
	switch a := a.(type) {
	case *Group:
		b, ok := b.(*Group)
		return ok && equalSettings(a.settings, b.settings)
	case *List, *Array:
		return isSequence(b) && equalItems(itemsOf(a), itemsOf(b))
	case *String:
		b, ok := b.(*String)
		return ok && a.text == b.text
	case *Int:
		b, ok := b.(*Int)
		return ok && a.value == b.value
	case *Float:
		b, ok := b.(*Float)
		return ok && a.value == b.value
	case *Bool:
		b, ok := b.(*Bool)
		return ok && a.value == b.value
	}
	return a != nil && b != nil && a.Kind() == b.Kind() // two nulls
}

func equalSettings(a, b []*Setting) bool {
	if len(a) != len(b) {
		return false
	}
	for i, s := range a {
		if s.name != b[i].name || !Equal(s.value, b[i].value) {
			return false
		}
	}
	return true
}

func equalItems(a, b []item) bool {
	if len(a) != len(b) {
		return false
	}
	for i, it := range a {
		if !Equal(it.value, b[i].value) {
			return false
		}
	}
	return true
}

func isSequence(v Value) bool {
	switch v.(type) {
	case *List, *Array:
		return true
	}
	return false
}

// itemsOf returns the items of a list or an array.
func itemsOf(v Value) []item {
	switch v := v.(type) {
	case *List:
		return v.items
	case *Array:
		return v.items
	}
	return nil
}
