package forecast

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/fwpack/fwpack/zck"
)

// What NewTarget compresses has the sizes that zck.Create stores, at every level.
func TestNewTarget(t *testing.T) {
	old, image := pair()
	bases := []Base{{Name: "old", Header: index(t, old)}, {Name: "half", Header: index(t, image[:len(image)/2])}}
	for _, level := range []zck.Level{zck.LevelFastest, zck.LevelFast, zck.LevelBetter, zck.LevelBest} {
		file := create(t, image, zck.Options{Level: level})
		target, err := NewTarget(background, bytes.NewReader(image), index(t, image), bases, Client{}, ImageOptions{Level: level})
		if err != nil {
			t.Fatal(err)
		}
		ours, err := Of(Input{Target: target, Bases: bases})
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := Of(Input{Target: FileTarget(file), Bases: bases})
		if err != nil {
			t.Fatal(err)
		}
		for i := range bases {
			got, want := ours.Bases[i].Zchunk, theirs.Bases[i].Zchunk
			if off := got.Header - want.Header; got.HeaderExact || max(off, -off) > int64(len(file.Chunks)) {
				t.Errorf("%s: header %d, %d in the file", level, got.Header, want.Header)
			}
			got.Header, got.HeaderExact, got.Total = want.Header, true, want.Total
			if got != want {
				t.Errorf("%s: %+v, want %+v", level, got, want)
			}
		}
	}
}

// Where a device has nothing every chunk is compressed, and all is exact.
func TestNewTargetOfNothing(t *testing.T) {
	image := text(4, 1<<20)
	file := create(t, image, zck.Options{})
	for _, jobs := range []int{1, 3, 100} {
		target, err := NewTarget(background, bytes.NewReader(image), index(t, image), []Base{{}}, Client{}, ImageOptions{Jobs: jobs})
		if err != nil {
			t.Fatal(err)
		}
		if !target.Exact || !target.HeaderExact || target.Header.Len() != file.Len() || target.Header.BodySize() != file.BodySize() {
			t.Errorf("%d jobs: header %d of %d, body %d of %d", jobs, target.Header.Len(), file.Len(), target.Header.BodySize(), file.BodySize())
		}
	}
}

// A sample comes near, and says that it is one.
func TestSample(t *testing.T) {
	image := text(5, 4<<20)
	file := create(t, image, zck.Options{})
	target, err := NewTarget(background, bytes.NewReader(image), index(t, image), []Base{{}}, Client{}, ImageOptions{Sample: true})
	if err != nil {
		t.Fatal(err)
	}
	off := float64(target.Header.BodySize())/float64(file.BodySize()) - 1
	if target.Exact || target.HeaderExact || max(off, -off) > 0.05 {
		t.Errorf("body %d, %d in the file, exact %v", target.Header.BodySize(), file.BodySize(), target.Exact)
	}
}

// Without anything missing nothing is read.
func TestNewTargetOfTheSame(t *testing.T) {
	h := index(t, text(6, 100000))
	target, err := NewTarget(background, broken{}, h, []Base{{Header: h}}, Client{}, ImageOptions{})
	if err != nil || !target.Exact || target.HeaderExact {
		t.Errorf("%+v, %v", target, err)
	}
	empty, err := NewTarget(background, broken{}, index(t, nil), []Base{{}}, Client{}, ImageOptions{})
	if err != nil || !empty.HeaderExact || empty.Header.Len() != 143 {
		t.Errorf("empty: %+v, %v", empty, err)
	}
}

type broken struct{}

var errBroken = errors.New("broken")

func (broken) ReadAt([]byte, int64) (int, error) { return 0, errBroken }

func TestNewTargetFails(t *testing.T) {
	image := text(6, 100000)
	h := index(t, image)
	if _, err := NewTarget(background, broken{}, h, []Base{{}}, Client{}, ImageOptions{Jobs: 1}); !errors.Is(err, errBroken) || err.Error() != "forecast: chunk 1: broken" {
		t.Error(err)
	}
	if _, err := NewTarget(background, bytes.NewReader(image[:100]), h, []Base{{}}, Client{}, ImageOptions{Jobs: 1}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	ended, end := context.WithCancel(background)
	end()
	if _, err := NewTarget(ended, bytes.NewReader(image), h, []Base{{}}, Client{}, ImageOptions{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	other := create(t, image, zck.Options{ChunkHash: zck.SHA512})
	_, err := NewTarget(background, bytes.NewReader(image), h, []Base{{Name: "b", Header: other}}, Client{}, ImageOptions{})
	if want := "forecast: b: zck: source: its chunks have SHA-512 digests, not SHA-256"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestPatchSize(t *testing.T) {
	old, image := pair()
	p, err := PatchSize(background, bytes.NewReader(old), bytes.NewReader(image), 1)
	if err != nil {
		t.Fatal(err)
	}
	if p.Literals+p.Copied != int64(len(image)) || p.Literals < 200000 || p.Literals > 201000 || p.Packed < 1000 || p.Packed > p.Raw {
		t.Errorf("%+v of %d bytes", p, len(image))
	}
	ended, end := context.WithCancel(background)
	end()
	if _, err := PatchSize(ended, bytes.NewReader(old), bytes.NewReader(image), 1); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
