//go:build !(linux || darwin || freebsd || netbsd)

package stamp

// fill has nothing to add to size and time of modification.
func (s *Stamp) fill(any) {}
