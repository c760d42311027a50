package swu

import "fmt"

// order holds the names met so far and with it the rules that an entry is
// judged by. Writer and Reader share it, so that what one writes the other
// accepts.
type order struct {
	names map[string]bool
	count int
}

// check tells whether an entry called name may come next.
func (o *order) check(name string) error {
	switch {
	case o.full():
		return fmt.Errorf("more than %d entries", MaxEntries)
	case o.count == 0 && name != Description:
		return fmt.Errorf("first entry is %q, it must be %q", name, Description)
	case o.names[name]:
		return fmt.Errorf("second entry called %q", name)
	case name == Signature && o.count != 1:
		return fmt.Errorf("%q is entry %d, it must be the second", name, o.count+1)
	case name == Description || name == Signature:
		return nil
	}
	return CheckName(name)
}

// full tells whether no further entry is allowed.
func (o *order) full() bool {
	return o.count >= MaxEntries
}

// add counts an entry called name and remembers the name, unless no entry may
// be called so: that bounds what a hostile bundle makes a Reader remember.
func (o *order) add(name string) {
	o.count++
	if checkEntryName(name) != nil {
		return
	}
	if o.names == nil {
		o.names = make(map[string]bool)
	}
	o.names[name] = true
}
