package frame

// sequence is a number of literals and, behind them, a copy of what was before.
type sequence struct {
	literals uint32
	length   uint32
	offset   uint32
}

// parsed is a chunk as sequences, and the literals of all of them.
type parsed struct {
	sequences []sequence
	literals  []byte
	buffer    [MaxSize + wide]byte // of the literals
}

// wide is how much is copied at once where a few literals are wanted.
const wide = 16

func (p *parsed) reset() {
	p.sequences, p.literals = p.sequences[:0], p.buffer[:0]
}

// add adds a match and the literals before it, which begin at done.
func (p *parsed) add(chunk []byte, done int, m match) {
	n := m.at - done
	p.sequences = append(p.sequences, sequence{uint32(n), uint32(m.length), uint32(m.offset())})
	have := len(p.literals)
	if n > wide || done+wide > len(chunk) {
		p.literals = append(p.literals, chunk[done:m.at]...)
		return
	}
	*(*[wide]byte)(p.buffer[have:]) = *(*[wide]byte)(chunk[done:])
	p.literals = p.buffer[:have+n]
}

// finish adds literals without a match behind them.
func (p *parsed) finish(rest []byte) {
	p.literals = append(p.literals, rest...)
}
