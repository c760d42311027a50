package zck

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
)

// Where the entries and the body have taken turns, the file is the same.
func TestSpoolTurns(t *testing.T) {
	image := random(64<<20, 3) // three pieces of the index
	opts := Options{Compression: None}
	want, _ := create(t, image, opts)
	file, err := os.Create(t.TempDir() + "/spool")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, spool := range map[string]io.ReadWriteSeeker{"memory": nil, "file": file, "file in memory": &memoryFile{}} {
		opts.Spool = spool
		var got bytes.Buffer
		w, err := NewWriter(background, &got, opts)
		if err != nil {
			t.Fatal(err)
		}
		w.ReadFrom(bytes.NewReader(image))
		if err := w.Close(); err != nil || !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s: %d bytes, want %d, %v", name, got.Len(), len(want), err)
		}
		if turns := len(w.spool.turns); (turns < 3) != (spool == nil) {
			t.Errorf("%s: %d turns", name, turns)
		}
	}
}

// A spool that breaks while the index is written to it, or read back.
func TestSpoolBreaks(t *testing.T) {
	image := random(24<<20, 3)
	for name, spool := range map[string]*brokenFile{"index": {}, "seek": {writes: 99, seek: true}, "end": {writes: 99, end: true}} {
		sum, err := Create(background, io.Discard, bytes.NewReader(image), Options{Compression: None, Spool: spool})
		if want := map[bool]error{false: errBroken, true: io.ErrUnexpectedEOF}[spool.end]; !errors.Is(err, want) || sum != (Summary{}) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
