package payload

import (
	"io"
)

// pipeline is the steps of a run in the order in which data passes them. The
// last one is the sink.
type pipeline struct {
	steps []step
	plain *cbcWriter // counts the bytes before encryption; nil without it
}

type step struct {
	name string // for errors
	io.WriteCloser
}

// outlet is what an encoder writes to. It tells, too, when nothing more is
// wanted, as encoders are at work for seconds between two writes.
type outlet struct {
	io.Writer
	trouble *firstError
}

func (o outlet) failure() error { return o.trouble.get() }

// newPipeline builds the steps from the sink outwards. The pipeline is to be
// closed even where there is an error.
func newPipeline(out *sink, spec Spec, opt Options) (*pipeline, error) {
	line := &pipeline{}
	line.prepend("write", out)
	if spec.Encrypt != nil {
		w, err := newCBCWriter(out, *spec.Encrypt)
		if err != nil {
			return line, stageError("encrypt", err)
		}
		line.plain = w
		line.prepend("encrypt", w)
	}
	if spec.Compress.Method != None {
		name := "compress " + string(spec.Compress.Method)
		w, err := spec.Compress.open(outlet{line.steps[0], out.trouble}, opt)
		if err != nil {
			return line, stageError(name, err)
		}
		line.prepend(name, w)
	}
	return line, nil
}

func (l *pipeline) prepend(name string, w io.WriteCloser) {
	l.steps = append([]step{{name, w}}, l.steps...)
}

// pump copies the source into the first step. The sink and some encoders read
// the source themselves, which saves a copy.
func (l *pipeline) pump(in *source, trouble *firstError) {
	first, b := l.steps[0], takeBlock()
	defer giveBlock(b)
	_, err := io.CopyBuffer(first.WriteCloser, in, b.data[:blockSize])
	trouble.record(stageError(first.name, err))
}

// close closes every step, from the source inwards, so that each can pass on
// what it holds. After an error it still does, as this ends their goroutines;
// the sink takes nothing more by then.
func (l *pipeline) close(trouble *firstError) {
	for _, s := range l.steps {
		trouble.record(stageError(s.name, s.Close()))
	}
}

func (l *pipeline) compressedSize(written int64) int64 {
	if l.plain != nil {
		return l.plain.taken
	}
	return written
}
