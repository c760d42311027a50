package payload

import (
	"crypto/sha256"
	"io"
	"sync"

	"github.com/fwpack/fwpack/pack/swu"
)

// ringBlocks even out what the destination delays.
const ringBlocks = 8

// sink is the end of a pipeline. It digests on one goroutine and adds up and
// writes on another, while the caller fills the next block.
type sink struct {
	dst     io.Writer
	trouble *firstError
	summing bool
	spare   int // blocks that may still be taken; small payloads need one
	free    chan *block
	digest  chan *block
	write   chan *block
	filling *block
	running sync.WaitGroup

	// Valid once the goroutines have ended.
	size   int64
	sha256 [sha256.Size]byte
	sum    swu.Sum
}

func newSink(dst io.Writer, trouble *firstError, summing bool) *sink {
	s := &sink{
		dst:     dst,
		trouble: trouble,
		summing: summing,
		spare:   ringBlocks,
		free:    make(chan *block, ringBlocks),
		digest:  make(chan *block, ringBlocks),
		write:   make(chan *block, ringBlocks),
	}
	s.running.Go(s.digestBlocks)
	s.running.Go(s.writeBlocks)
	return s
}

func (s *sink) Write(p []byte) (int, error) { return writeInto(s, p) }

// ReadFrom reads r to its end, straight into the ring.
func (s *sink) ReadFrom(r io.Reader) (int64, error) { return readInto(s, r) }

func (s *sink) failure() error { return s.trouble.get() }

// Close passes on the last block and waits for the goroutines.
func (s *sink) Close() error {
	if s.filling != nil {
		s.send()
	}
	close(s.digest)
	close(s.write)
	s.running.Wait()
	for len(s.free) > 0 {
		giveBlock(<-s.free)
	}
	return s.trouble.get()
}

// room is the rest of the block being filled. Both goroutines return blocks
// until they are told to end, so there is always one to wait for.
func (s *sink) room() []byte {
	if s.filling == nil {
		s.filling = s.empty()
	}
	return s.filling.data[len(s.filling.data):blockSize]
}

// empty is a block that is free, or another one while there may be more.
func (s *sink) empty() *block {
	if s.spare > 0 && len(s.free) == 0 {
		s.spare--
		return takeBlock()
	}
	return <-s.free
}

// filled notes n more bytes in the current block and passes it on when full.
func (s *sink) filled(n int) {
	b := s.filling
	b.data = b.data[:len(b.data)+n]
	if len(b.data) == blockSize {
		s.send()
	}
}

func (s *sink) send() {
	b := s.filling
	s.filling = nil
	b.users.Store(2)
	s.digest <- b
	s.write <- b
}

func (s *sink) release(b *block) {
	if b.users.Add(-1) == 0 {
		b.data = b.data[:0]
		s.free <- b
	}
}

func (s *sink) digestBlocks() {
	h := sha256.New()
	for b := range s.digest {
		h.Write(b.data)
		s.release(b)
	}
	h.Sum(s.sha256[:0])
}

func (s *sink) writeBlocks() {
	for b := range s.write {
		s.writeBlock(b.data)
		s.release(b)
	}
}

// writeBlock writes nothing once the run has failed.
func (s *sink) writeBlock(p []byte) {
	if s.trouble.get() != nil {
		return
	}
	if s.summing {
		s.sum.Write(p)
	}
	n, err := s.dst.Write(p)
	if err == nil && n != len(p) {
		err = io.ErrShortWrite
	}
	s.trouble.record(stageError("write", err))
	s.size += int64(n)
}

func (s *sink) result() Result {
	return Result{Size: s.size, SHA256: s.sha256, Sum: s.sum.Sum32()}
}
