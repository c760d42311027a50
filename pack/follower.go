package pack

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"sync"

	"github.com/fwpack/fwpack/internal/atomicfile"
	"github.com/fwpack/fwpack/pack/swu"
)

// follower reads a bundle back and digests it while it is being written: one
// processor writes, another one follows. What was in its place before is passed over
// by the one and read by the other.
type follower struct {
	*atomicfile.File
	ctx      context.Context
	position int64     // of the writer; all before it is final
	progress *progress // for the digest
	disk     *progress // for the way to the disk, which goes on until the digest is there
	digested sync.WaitGroup
	started  sync.WaitGroup
	digest   string // in hex; "" where it is not wanted
	err      error
}

// follow begins to digest file, if that is wanted, which is going to be written from
// its begin to its end. It stops when ctx ends.
func follow(ctx context.Context, file *atomicfile.File, digest bool) *follower {
	f := &follower{File: file, ctx: ctx, progress: newProgress(), disk: newProgress()}
	if digest {
		f.digested.Go(f.readBack)
	}
	if file.Replaces() {
		f.started.Go(func() { writeBack(f.disk, file.StartWriteback) })
	}
	return f
}

// Write writes to the file.
func (f *follower) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	f.position += int64(n)
	f.moved()
	return n, err
}

// Seek passes over what is in its place already.
func (f *follower) Seek(offset int64, whence int) (int64, error) {
	position, err := f.File.Seek(offset, whence)
	if f.position = position; err == nil && whence != io.SeekEnd { // which is only a look at how much there is
		f.moved()
	}
	return position, err
}

// moved tells the goroutines that the file is final up to where the writer is.
func (f *follower) moved() {
	f.progress.tell(f.position)
	f.disk.tell(f.position)
}

// sum returns the digest of all that was written, in hex, "" where it is not wanted.
func (f *follower) sum() (string, error) {
	f.end()
	return f.digest, f.err
}

// end waits for the goroutines. It may be called more than once, and has to be called
// before the file is closed.
func (f *follower) end() {
	f.progress.end()
	f.digested.Wait()
	f.disk.end()
	f.started.Wait()
}

func (f *follower) readBack() {
	hash := sha256.New()
	f.err = readBack(io.TeeReader(&tail{follower: f}, hash))
	f.digest = hex.EncodeToString(hash.Sum(nil))
}

// readBack reads a bundle as a device does, with the sum of every entry, to its end.
func readBack(r io.Reader) error {
	buffered := bufio.NewReaderSize(r, copyBuffer)
	for bundle := swu.NewReader(buffered); ; {
		_, err := bundle.Next()
		if err == io.EOF {
			_, err = io.Copy(io.Discard, buffered)
			return err
		}
		if err != nil {
			return fmt.Errorf("internal error: what was written does not read back: %w", err)
		}
	}
}

// tail reads what is final of a file, and waits for more where there is going to be
// more.
type tail struct {
	*follower
	at int64
}

func (t *tail) Read(p []byte) (int, error) {
	final, ended := t.progress.wait(t.at)
	if err := t.ctx.Err(); err != nil {
		return 0, err
	}
	if ended && t.at == final {
		return 0, io.EOF
	}
	n, err := t.File.ReadAt(p[:min(int64(len(p)), final-t.at)], t.at)
	if t.at += int64(n); n > 0 {
		err = nil
	}
	return n, err
}
