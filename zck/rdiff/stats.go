package rdiff

import "io"

// Stats says what a delta is made of.
type Stats struct {
	Literals     int64 // commands
	Copies       int64 // commands
	LiteralBytes int64 // bytes of the result that the delta holds itself
	CopyBytes    int64 // bytes of the result that come from the base
	BaseEnd      int64 // smallest size in bytes of a base that has all that is copied
	Size         int64 // of the delta in bytes
}

// Result is the size in bytes of what the delta makes.
func (s Stats) Result() int64 { return s.LiteralBytes + s.CopyBytes }

// Commands is the number of commands, the end command not counted.
func (s Stats) Commands() int64 { return s.Literals + s.Copies }

// add counts one command.
func (s *Stats) add(kind Kind, base, n int64) {
	if kind == Literal {
		s.Literals++
		s.LiteralBytes += n
		return
	}
	s.Copies++
	s.CopyBytes += n
	s.BaseEnd = max(s.BaseEnd, base+n)
}

// Inspect reads a delta to its end and says what it is made of. Its errors are
// those of a Reader; with one, Stats covers the commands before it.
func Inspect(delta io.Reader) (Stats, error) {
	var stats Stats
	r := NewReader(delta)
	for {
		cmd, err := r.Next()
		if err == io.EOF {
			stats.Size = r.offset
			return stats, nil
		}
		if err != nil {
			stats.Size = r.offset
			return stats, err
		}
		stats.add(cmd.Kind, cmd.Base, cmd.Length)
	}
}
