package payload

import (
	"crypto/sha256"
	"io"
	"sync"
)

const (
	// spareSections are filled and written while the jobs compress others.
	spareSections = 1
	// firstSection is what a section begins with. It grows in large steps as it
	// is filled, so that small payloads take little memory and large ones leave
	// little garbage.
	firstSection = 128 << 10
	growth       = 8
)

// sections compresses a stream in sections of one size, several at a time, and
// writes them in order. The output depends on the size alone. All memory is in
// a fixed number of buffers that are used over and over, which keeps it flat
// and leaves the garbage collector without work.
type sections struct {
	dst     outlet
	pool    *sync.Pool // of sections of this size that earlier runs have used
	size    int
	opt     Options
	encode  encodeFunc
	spare   int // sections that may still be made
	filling *section
	sent    bool
	free    chan *section
	queue   chan *section // to be compressed by any job
	order   chan *section // to be written in this order
	jobs    sync.WaitGroup
	writer  sync.WaitGroup
	failed  firstError
}

// encodeFunc appends to dst what src becomes. It may end early, with any error,
// once the run has failed.
type encodeFunc func(dst, src []byte) ([]byte, error)

type section struct {
	in, out []byte
	source  [sha256.Size]byte // of in, where somebody wants to know
	ready   chan struct{}     // out is complete
}

func newSections(dst outlet, pool *sync.Pool, size int, opt Options, encode encodeFunc) *sections {
	n := opt.jobs() + spareSections
	s := &sections{
		dst: dst, pool: pool, size: size, opt: opt, encode: encode, spare: n,
		free: make(chan *section, n), queue: make(chan *section, n), order: make(chan *section, n),
	}
	for range opt.jobs() {
		s.jobs.Go(s.compress)
	}
	s.writer.Go(s.write)
	return s
}

func (s *sections) Write(p []byte) (int, error) { return writeInto(s, p) }

// ReadFrom reads r to its end, straight into the sections.
func (s *sections) ReadFrom(r io.Reader) (int64, error) { return readInto(s, r) }

func (s *sections) failure() error {
	if err := s.failed.get(); err != nil {
		return err
	}
	return s.dst.failure()
}

// Close compresses what is left, an empty section where there was no data at
// all, and waits for everything to be written.
func (s *sections) Close() error {
	if !s.sent || s.filling != nil && len(s.filling.in) > 0 {
		s.room()
		s.send()
	}
	close(s.queue)
	close(s.order)
	s.jobs.Wait()
	s.writer.Wait()
	for len(s.free) > 0 {
		s.pool.Put(<-s.free)
	}
	return s.failed.get()
}

// room is where the next bytes go.
func (s *sections) room() []byte {
	if s.filling == nil {
		s.filling = s.empty()
	}
	f := s.filling
	if len(f.in) == cap(f.in) {
		f.in = append(make([]byte, 0, min(max(growth*cap(f.in), firstSection), s.size)), f.in...)
	}
	return f.in[len(f.in):min(cap(f.in), s.size)]
}

// empty is a section that is free, or another one while there may be more.
func (s *sections) empty() *section {
	if s.spare == 0 || len(s.free) > 0 {
		return <-s.free
	}
	s.spare--
	if f, ok := s.pool.Get().(*section); ok {
		return f
	}
	return &section{ready: make(chan struct{}, 1)}
}

// filled notes n more bytes and sends a full section on its way.
func (s *sections) filled(n int) {
	f := s.filling
	f.in = f.in[:len(f.in)+n]
	if len(f.in) == s.size {
		s.send()
	}
}

func (s *sections) send() {
	f := s.filling
	s.filling, s.sent = nil, true
	s.order <- f
	s.queue <- f
}

func (s *sections) compress() {
	for f := range s.queue {
		if s.failure() == nil {
			s.failed.record(s.encodeOne(f))
		}
		f.ready <- struct{}{}
	}
}

// encodeOne makes what a section becomes, or takes it from an earlier run.
func (s *sections) encodeOne(f *section) (err error) {
	if s.opt.Section != nil || s.opt.Earlier != nil {
		f.source = sha256.Sum256(f.in)
	}
	out, ok := s.opt.Earlier.recall(f.out[:0], f.source)
	if !ok {
		out, err = s.encode(f.out[:0], f.in)
	}
	f.out = out
	return err
}

// write writes nothing once the run has failed, but frees all sections to the end.
func (s *sections) write() {
	for f := range s.order {
		<-f.ready
		if s.failure() == nil {
			s.failed.record(s.pass(f))
		}
		f.in = f.in[:0]
		s.free <- f
	}
}

// pass writes a section.
func (s *sections) pass(f *section) error {
	if _, err := s.dst.Write(f.out); err != nil {
		return err
	}
	if s.opt.Section != nil {
		s.opt.Section(Section{Source: f.source, Size: int64(len(f.out))})
	}
	return nil
}
