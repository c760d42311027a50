//go:build cgo && (libzstd || liblzma)

package payload

import "io"

// library is an encoder that is a C library with threads of its own.
type library interface {
	// code takes from in and puts into out, and says how many bytes of both.
	// With last no more input follows what is left of in, and ended tells when
	// all of the output has been put.
	code(out, in []byte, last bool) (made, taken int, ended bool, err error)
	// free ends the threads and gives back the memory. It is called once.
	free()
}

const (
	// libraryInput is passed to the library at once. A source below it is passed
	// whole, so that libzstd knows its size, fits the window to it and writes it
	// into the frame.
	libraryInput  = 1 << 20
	libraryOutput = 256 << 10
)

// libraryWriter passes what it is given through a library.
type libraryWriter struct {
	dst     outlet
	lib     library
	in, out []byte
	err     error
}

func newLibraryWriter(dst outlet, lib library) *libraryWriter {
	return &libraryWriter{dst: dst, lib: lib, in: make([]byte, 0, libraryInput), out: make([]byte, libraryOutput)}
}

func (w *libraryWriter) Write(p []byte) (int, error) { return writeInto(w, p) }

// ReadFrom reads r to its end, straight into the buffer for the library.
func (w *libraryWriter) ReadFrom(r io.Reader) (int64, error) { return readInto(w, r) }

func (w *libraryWriter) room() []byte { return w.in[len(w.in):cap(w.in)] }

func (w *libraryWriter) filled(n int) {
	if w.in = w.in[:len(w.in)+n]; len(w.in) == cap(w.in) {
		w.err = w.pass(false)
	}
}

func (w *libraryWriter) failure() error {
	if w.err != nil {
		return w.err
	}
	return w.dst.failure()
}

// Close passes on what is left, unless the run has failed, and frees the library.
func (w *libraryWriter) Close() error {
	defer w.lib.free()
	if w.failure() == nil {
		w.err = w.pass(true)
	}
	return w.err
}

// pass empties the buffer, and with last the library, too. The library may take
// long to accept a megabyte; each call of code takes less than a second.
func (w *libraryWriter) pass(last bool) error {
	in := w.in
	w.in = w.in[:0]
	for {
		if err := w.dst.failure(); err != nil {
			return err
		}
		made, taken, ended, err := w.lib.code(w.out, in, last)
		if err != nil {
			return err
		}
		in = in[taken:]
		if _, err := w.dst.Write(w.out[:made]); err != nil {
			return err
		}
		if ended || !last && len(in) == 0 {
			return nil
		}
	}
}
