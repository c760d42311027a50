package zck

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"testing"
)

func TestReader(t *testing.T) {
	image := mixed()
	for name, opts := range variants() {
		t.Run(name, func(t *testing.T) {
			file, h := create(t, image, opts)
			r, err := NewReader(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(r.Dictionary(), opts.Dictionary) {
				t.Errorf("the dictionary has %d bytes, not %d", len(r.Dictionary()), len(opts.Dictionary))
			}
			left := image
			at := h.Offsets()
			offset := h.Len() + h.Dictionary.Stored
			for i, c := range r.Header().Chunks {
				raw, err := r.Chunk(i)
				if err != nil || !bytes.Equal(raw, left[:c.Size]) {
					t.Fatalf("chunk %d: %d bytes, %v", i, len(raw), err)
				}
				if at[i] != offset {
					t.Fatalf("chunk %d is at %#x, not at %#x", i, at[i], offset)
				}
				left, offset = left[c.Size:], offset+c.Stored
			}
			if len(left) != 0 {
				t.Errorf("%d bytes are in no chunk", len(left))
			}
		})
	}
}

func TestReaderInParallel(t *testing.T) {
	file, h := create(t, mixed(), Options{})
	r, err := NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range h.Chunks {
		group.Go(func() {
			if _, err := r.Chunk(i); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// flaky is a file that fails behind its first bytes.
type flaky struct {
	io.ReaderAt
	good int64
}

func (f flaky) ReadAt(p []byte, offset int64) (int, error) {
	if offset >= f.good {
		return 0, errBroken
	}
	return f.ReaderAt.ReadAt(p, offset)
}

func TestReaderPassesErrorsOn(t *testing.T) {
	file, h := create(t, mixed(), Options{Dictionary: lines(100)})
	src := bytes.NewReader(file)
	if _, err := NewReader(flaky{src, h.Len()}, int64(len(file))); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	r, err := NewReader(flaky{src, h.Len() + h.Dictionary.Stored}, int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Chunk(0); !errors.Is(err, errBroken) {
		t.Error(err)
	}
}

// A file that shrinks while it is read is no reader's error.
func TestReaderOfAShrinkingFile(t *testing.T) {
	file, _ := create(t, mixed(), Options{})
	r, err := NewReader(bytes.NewReader(file[:len(file)-1]), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Chunk(len(r.Header().Chunks) - 1)
	if e, ok := errors.AsType[*FormatError](err); !ok || e.Msg != "the file ends" || e.Offset != int64(len(file)-1) {
		t.Error(err)
	}
}
