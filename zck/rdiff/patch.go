package rdiff

import (
	"bufio"
	"context"
	"fmt"
	"io"
)

// copyBuffer is how much of the base Patch reads at once.
const copyBuffer = 128 << 10

// PatchOptions says how a delta is applied.
type PatchOptions struct {
	// MaxSize is the largest result in bytes; 0 allows any. A few bytes of a
	// hostile delta can ask for the whole base any number of times.
	MaxSize int64
}

// Patch applies delta to base and writes the result to dst. It refuses what a
// Reader refuses, a copy from outside the base, and a result above the limit;
// dst then holds a part of the result. That delta was made for this base cannot
// be told from it, see the package comment.
//
// Patch keeps some hundred KiB in memory, whatever the delta asks for.
func Patch(ctx context.Context, dst io.Writer, base Source, delta io.Reader, opts PatchOptions) (Stats, error) {
	p := &patcher{
		base:  base,
		delta: NewReader(delta),
		dst:   bufio.NewWriterSize(dst, copyBuffer),
		max:   opts.MaxSize,
		buf:   make([]byte, copyBuffer),
	}
	err := p.run(ctx)
	p.stats.Size = p.delta.offset
	if err != nil {
		return p.stats, err
	}
	return p.stats, p.dst.Flush()
}

// patcher is the state of Patch.
type patcher struct {
	base  Source
	delta *Reader
	dst   *bufio.Writer
	max   int64
	buf   []byte
	stats Stats
}

// run carries out all commands.
func (p *patcher) run(ctx context.Context) error {
	for {
		cmd, err := p.delta.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := p.check(cmd); err != nil {
			return err
		}
		if err := p.do(ctx, cmd); err != nil {
			return err
		}
		p.stats.add(cmd.Kind, cmd.Base, cmd.Length)
	}
}

// check refuses a command before it writes anything.
func (p *patcher) check(cmd Command) error {
	if p.max > 0 && cmd.Length > p.max-cmd.Result {
		return &FormatError{cmd.Offset, "length", fmt.Sprintf("the result is longer than the %d bytes allowed", p.max)}
	}
	if cmd.Kind == Copy && cmd.Base+cmd.Length > p.base.Size() {
		return &FormatError{cmd.Offset, "copy", fmt.Sprintf("%d bytes at %d are asked for; the base has %d", cmd.Length, cmd.Base, p.base.Size())}
	}
	return nil
}

// do carries out one command.
func (p *patcher) do(ctx context.Context, cmd Command) error {
	for done := int64(0); done < cmd.Length; {
		if err := ctx.Err(); err != nil {
			return err
		}
		piece := p.buf[:min(cmd.Length-done, copyBuffer)]
		if err := p.read(cmd, done, piece); err != nil {
			return err
		}
		if _, err := p.dst.Write(piece); err != nil {
			return err
		}
		done += int64(len(piece))
	}
	return nil
}

// read fills piece with what cmd makes, from its byte number done on.
func (p *patcher) read(cmd Command, done int64, piece []byte) error {
	if cmd.Kind == Copy {
		return readFull(p.base, "the base", piece, cmd.Base+done)
	}
	_, err := io.ReadFull(p.delta, piece)
	return err
}
