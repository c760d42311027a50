package pack

import "github.com/fwpack/fwpack/internal/atomicfile"

// sharedSize is the size of the largest source whose payload shares a spool file
// with others: making a file takes longer than packing a small payload, and a
// process may not have any number of them open.
const sharedSize = 1 << 20

// stageRest gives a spool file, or room in a common one, to every payload that has
// no place in a bundle.
func (b *builder) stageRest() error {
	var shared *atomicfile.Spool
	var end int64
	for _, job := range b.payloads {
		if job.file != nil {
			continue
		}
		room := job.sharedRoom()
		spool := shared
		if spool == nil || room == 0 {
			var err error
			if spool, err = atomicfile.Stage(b.opt.Out); err != nil {
				return err
			}
			b.closers = append(b.closers, spool.Close)
		}
		job.file, job.room = spool.File, room
		if room > 0 {
			shared, job.offset = spool, end
			end += room
		}
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
