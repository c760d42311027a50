package swu

import "fmt"

// order holds the names met so far and with it the rules that an entry is
// judged by. Writer and Reader share it, so that what one writes the other
// accepts.
type order struct {
	names map[string]bool
}

// check tells whether an entry called name may come next.
func (o *order) check(name string) error {
	count := len(o.names)
	switch {
	case count >= MaxEntries:
		return fmt.Errorf("more than %d entries", MaxEntries)
	case count == 0 && name != Description:
		return fmt.Errorf("first entry is %q, it must be %q", name, Description)
	case o.names[name]:
		return fmt.Errorf("second entry called %q", name)
	case name == Signature && count != 1:
		return fmt.Errorf("%q is entry %d, it must be the second", name, count+1)
	case name == Description || name == Signature:
		return nil
	}
	return CheckName(name)
}

// add records that the entry was taken.
func (o *order) add(name string) {
	if o.names == nil {
		o.names = make(map[string]bool)
	}
	o.names[name] = true
}
