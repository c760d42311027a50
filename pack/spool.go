package pack

import (
	"os"
	"sync"

	"github.com/fwpack/fwpack/internal/atomicfile"
)

// sharedSize is the size of the largest source whose payload shares a spool file
// with others: making a file takes longer than packing a small payload, and a
// process may not have any number of them open.
const sharedSize = 1 << 20

// sharedSpool is a file for many payloads, each at its place.
type sharedSpool struct {
	mu   sync.Mutex
	file *atomicfile.Spool // nil until it is needed
	end  int64
}

// share gives out room for size bytes.
func (b *builder) share(size int64) (file *os.File, offset int64, err error) {
	b.shared.mu.Lock()
	defer b.shared.mu.Unlock()
	if b.shared.file == nil {
		if b.shared.file, err = b.stage(); err != nil {
			return nil, 0, err
		}
	}
	offset = b.shared.end
	b.shared.end += size
	return b.shared.file.File, offset, nil
}

// stage opens a spool file until the end of the build.
func (b *builder) stage() (*atomicfile.Spool, error) {
	spool, err := atomicfile.Stage(b.opt.Out)
	if err == nil {
		b.closers = append(b.closers, spool.Close)
	}
	return spool, err
}

// stageRest gives a spool file, or room in the common one, to every payload that has
// no place in a bundle.
func (b *builder) stageRest() error {
	for _, job := range b.payloads {
		if job.file != nil {
			continue
		}
		if room := job.sharedRoom(); room > 0 {
			var err error
			if job.file, job.offset, err = b.share(room); err != nil {
				return err
			}
			job.room = room
			continue
		}
		spool, err := b.stage()
		if err != nil {
			return err
		}
		job.file = spool.File
	}
	return nil
}

// sharedRoom is more than any encoder makes of the payload's source: each says in a
// few bytes for some kilobytes that it has not made them smaller. It is 0 for what
// is to have a file of its own.
func (j *payloadJob) sharedRoom() int64 {
	size := j.plan.inputSize()
	if j.of != nil || j.plan.Delta != nil || size < 0 || size > sharedSize {
		return 0
	}
	return size + size/8 + 4<<10
}
