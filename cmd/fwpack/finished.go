package main

import (
	"bufio"
	"errors"
	"io"
	"os"

	"github.com/fwpack/fwpack/pack"
)

// finishedFile is a bundle or an image that is being read.
type finishedFile struct {
	*bufio.Reader
	path string
	kind pack.FileKind
	file *os.File
}

// openFinished opens a file and finds out what it is, by its content. It may be a
// pipe.
func openFinished(path string) (*finishedFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := &finishedFile{bufio.NewReaderSize(file, pack.HeadSize), path, "", file}
	head, err := f.Peek(pack.HeadSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(err, file.Close())
	}
	if f.kind = pack.Recognise(head); f.kind == "" {
		file.Close()
		return nil, hintedError{
			path + ": is neither a .swu nor an MCUboot image (binary or Intel HEX)",
			`"fwpack inspect" says what else it may be; "fwpack check" reads projects and descriptions`,
		}
	}
	return f, nil
}

func (f *finishedFile) Close() error { return f.file.Close() }
