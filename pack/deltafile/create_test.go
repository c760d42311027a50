package deltafile

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"

	"github.com/fwpack/fwpack/zck"
)

// The file unpacks to the image, and nothing else is left behind.
func TestCreate(t *testing.T) {
	f := newFolder(t)
	old, image := f.pair()
	for name, opt := range map[string]CreateOptions{
		"default":    {},
		"best":       {Level: zck.LevelBest, Jobs: 1},
		"none":       {Compression: zck.None},
		"stored":     {StoredOnly: true, ChunkHash: zck.SHA512128},
		"dictionary": {Dictionary: f.write("dict", text(1, 10000))},
		"base":       {Bases: []string{old}},
	} {
		opt.Header = f.path("header")
		made, err := Create(background, image, f.path("out"), opt)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		file := f.read("out")
		if int64(len(file)) != made.HeaderSize+made.BodySize || !bytes.Equal(f.read("header"), file[:made.HeaderSize]) {
			t.Errorf("%s: a file of %d bytes, the header says %d and %d", name, len(file), made.HeaderSize, made.BodySize)
		}
		if _, err := Unpack(background, f.path("out"), f.path("back"), 2); err != nil || !bytes.Equal(f.read("back"), f.read("new")) {
			t.Errorf("%s: not the image, %v", name, err)
		}
		if _, err := Verify(background, f.path("out"), f.path("header"), 0); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	f.only("back", "dict", "header", "new", "old", "out")
}

// A base joins chunks, whatever it is given as.
func TestCreateBases(t *testing.T) {
	f := newFolder(t)
	old, image := f.pair()
	plain, err := Create(background, image, f.path("out"), CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	zchunk := f.create(old, "old.zck", CreateOptions{Level: zck.LevelFastest})
	if _, err := CutHeader(background, zchunk, f.path("old.zhr"), true); err != nil {
		t.Fatal(err)
	}
	joined := 0
	for _, base := range []string{old, zchunk, f.path("old.zhr")} {
		made, err := Create(background, image, f.path("out"), CreateOptions{Bases: []string{base}})
		if err != nil {
			t.Fatal(err)
		}
		if joined == 0 {
			joined = made.Chunks
		}
		if made.Chunks != joined || joined >= plain.Chunks {
			t.Errorf("%s: %d chunks, %d without a base", base, made.Chunks, plain.Chunks)
		}
	}
}

// An output may be the input.
func TestInPlace(t *testing.T) {
	f := newFolder(t)
	_, image := pair()
	path := f.write("file", image)
	if _, err := Create(background, path, path, CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := Unpack(background, path, path, 0); err != nil || !bytes.Equal(f.read("file"), image) {
		t.Error(err)
	}
	f.only("file")
}

// What fails leaves the old output and nothing else.
func TestCreateFails(t *testing.T) {
	f := newFolder(t)
	old, image := f.pair()
	out := f.write("out", []byte("before"))
	stored := f.create(old, "stored.zck", CreateOptions{StoredOnly: true, Compression: zck.None})
	if _, err := CutHeader(background, f.create(old, "blind.zck", CreateOptions{StoredOnly: true}), f.path("blind"), false); err != nil {
		t.Fatal(err)
	}
	for want, opt := range map[string]CreateOptions{
		"DIR/new: zck: options: a level without compression":                              {Compression: zck.None, Level: zck.LevelBest},
		"DIR/new: zck: options: base 0: its chunks have SHA-256 digests, not SHA-512":     {ChunkHash: zck.SHA512, Bases: []string{stored}},
		"DIR/blind: it has no uncompressed digests: nobody can tell what is in the image": {Bases: []string{f.path("blind")}},
		"open DIR/no: no such file or directory":                                          {Dictionary: f.path("no")},
	} {
		_, err := Create(background, image, out, opt)
		f.wantError(err, want)
	}
	ended, end := context.WithCancel(background)
	end()
	if _, err := Create(ended, image, out, CreateOptions{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := Create(background, f.path("no"), out, CreateOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := Create(background, image, f.path("no/out"), CreateOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if string(f.read("out")) != "before" {
		t.Error("the old output is not there any more")
	}
	f.only("blind", "blind.zck", "new", "old", "out", "stored.zck")
}
