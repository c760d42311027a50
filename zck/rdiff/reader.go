package rdiff

import (
	"bufio"
	"fmt"
	"io"
	"math"
)

// readBuffer is the size of a Reader's buffer.
const readBuffer = 64 << 10

// Reader reads the commands of a delta: Next goes to a command, Read gives the
// data of a literal. It refuses everything that librsync's patch refuses, a
// delta without its end command, which SWUpdate takes for complete, and bytes
// behind that command, which rdiff 2.3.2 ignores.
//
// A delta may be hostile: a Reader needs the same memory for all of them.
type Reader struct {
	r      *bufio.Reader
	offset int64 // of the next byte in the delta
	left   int64 // unread data of the current literal
	result int64 // length of what the commands so far make
	err    error
}

// NewReader returns a Reader of the delta that begins where r stands and is the
// rest of r.
func NewReader(r io.Reader) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, readBuffer)}
}

// Next goes to the next command; what is unread of a literal is skipped. It
// returns io.EOF after a complete delta, and only then. Errors are of type
// *FormatError, or those of the underlying reader.
func (r *Reader) Next() (Command, error) {
	if r.err != nil {
		return Command{}, r.err
	}
	cmd, err := r.next()
	r.err = err
	return cmd, err
}

// Read reads data of the current literal, and returns io.EOF at its end and
// for a copy.
func (r *Reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if r.left == 0 {
		return 0, io.EOF
	}
	n, err := r.r.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	r.offset += int64(n)
	if err == io.EOF {
		err = r.missing("literal", r.left)
	}
	r.err = err
	return n, err
}

// next does Next's work without remembering errors.
func (r *Reader) next() (Command, error) {
	if r.offset == 0 {
		if err := r.magic(); err != nil {
			return Command{}, err
		}
	}
	if err := r.skip(); err != nil {
		return Command{}, err
	}
	cmd := Command{Offset: r.offset, Result: r.result}
	op, err := r.param("command", 1)
	if err != nil {
		return Command{}, err
	}
	cmd.Opcode = byte(op)
	if cmd.Opcode == opEnd {
		return Command{}, r.end()
	}
	return cmd, r.finish(&cmd)
}

// magic reads the begin of a delta.
func (r *Reader) magic() error {
	magic, err := r.param("magic", 4)
	if err != nil {
		return err
	}
	if magic != deltaMagic {
		return &FormatError{0, "magic", fmt.Sprintf("%#08x; a delta begins with %#08x", magic, deltaMagic)}
	}
	return nil
}

// skip reads over what is left of a literal.
func (r *Reader) skip() error {
	n, err := io.CopyN(io.Discard, r.r, r.left)
	r.offset += n
	r.left -= n
	if err == io.EOF {
		return r.missing("literal", r.left)
	}
	return err
}

// end makes sure that the delta is over.
func (r *Reader) end() error {
	switch _, err := r.r.ReadByte(); err {
	case nil:
		return &FormatError{r.offset, "end", "more bytes behind the end command"}
	default:
		return err
	}
}

// finish reads what follows the opcode of cmd.
func (r *Reader) finish(cmd *Command) (err error) {
	switch op := cmd.Opcode; {
	case op <= opLiteral:
		cmd.Kind, cmd.Length = Literal, int64(op)
	case op < opCopy:
		cmd.Kind = Literal
		cmd.Length, err = r.length(1 << (op - opLiteral - 1))
	case op <= opLast:
		cmd.Kind = Copy
		err = r.copyParams(cmd)
	default:
		err = &FormatError{cmd.Offset, "command", fmt.Sprintf("%#02x is reserved", op)}
	}
	if err != nil {
		return err
	}
	return r.count(cmd)
}

// copyParams reads the offset and the length of a copy.
func (r *Reader) copyParams(cmd *Command) (err error) {
	at := r.offset
	widths := cmd.Opcode - opCopy
	if cmd.Base, err = r.param("offset", 1<<(widths>>2)); err != nil {
		return err
	}
	if cmd.Length, err = r.length(1 << (widths & 3)); err != nil {
		return err
	}
	if cmd.Length > math.MaxInt64-cmd.Base {
		return &FormatError{at, "offset", fmt.Sprintf("a copy of %d bytes at %d ends behind 2^63-1", cmd.Length, cmd.Base)}
	}
	return nil
}

// count adds cmd to the result.
func (r *Reader) count(cmd *Command) error {
	if cmd.Length > math.MaxInt64-r.result {
		return &FormatError{cmd.Offset, "length", "the result is longer than 2^63-1 bytes"}
	}
	r.result += cmd.Length
	if cmd.Kind == Literal {
		r.left = cmd.Length
	}
	return nil
}

// length reads a length of width bytes.
func (r *Reader) length(width int) (int64, error) {
	at := r.offset
	n, err := r.param("length", width)
	if err == nil && n == 0 {
		return 0, &FormatError{at, "length", "0; at least 1 byte is allowed"}
	}
	return n, err
}

// param reads an integer of width bytes.
func (r *Reader) param(field string, width int) (int64, error) {
	p, err := r.r.Peek(width)
	if err == io.EOF {
		r.offset += int64(len(p))
		return 0, r.missing(field, int64(width-len(p)))
	}
	if err != nil {
		return 0, err
	}
	var v uint64
	for _, b := range p {
		v = v<<8 | uint64(b)
	}
	if v > math.MaxInt64 {
		return 0, &FormatError{r.offset, field, fmt.Sprintf("%#x; at most 2^63-1 is allowed", v)}
	}
	r.offset += int64(width)
	_, err = r.r.Discard(width)
	return int64(v), err
}

// missing says that the delta ends n bytes before the end of field.
func (r *Reader) missing(field string, n int64) error {
	return &FormatError{r.offset, field, fmt.Sprintf("the delta ends here, %d bytes too early", n)}
}
