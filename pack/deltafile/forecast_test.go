package deltafile

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/zck"
	"github.com/fwpack/fwpack/zck/forecast"
)

func forecastOf(t *testing.T, opt ForecastOptions) *forecast.Forecast {
	t.Helper()
	opt.Scratch = t.TempDir()
	f, err := Forecast(background, opt)
	if err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(opt.Scratch); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	return f
}

// The forecast is the same, whatever the releases are given as.
func TestForecast(t *testing.T) {
	f := newFolder(t)
	old, image := f.pair()
	oldFile, file := f.create(old, "old.zck", CreateOptions{}), f.create(image, "new.zck", CreateOptions{})
	f.create(image, "joined.zck", CreateOptions{Bases: []string{old}})
	want := forecastOf(t, ForecastOptions{New: file, From: []string{old}, Rdiff: true}).Bases[0]
	if want.Zchunk.Chunks == 0 || want.Rdiff == nil || want.Winner != forecast.Rdiff {
		t.Fatalf("%+v", want)
	}
	all := forecastOf(t, ForecastOptions{New: image, From: []string{old, oldFile, image}, Rdiff: true})
	for _, got := range all.Bases[:2] {
		if got.Zchunk.Missing != want.Zchunk.Missing || got.Zchunk.Ranges != want.Zchunk.Ranges || *got.Rdiff != *want.Rdiff {
			t.Errorf("%s: %+v, want %+v", got.Name, got.Zchunk, want.Zchunk)
		}
	}
	if same := all.Bases[2]; same.Zchunk.Chunks != 0 || same.Rdiff.Literals != 0 {
		t.Errorf("the same: %+v", same)
	}
	// What a device has does not depend on how its own file was made.
	joined := forecastOf(t, ForecastOptions{New: file, From: []string{f.path("joined.zck")}})
	if got := joined.Bases[0]; got.Zchunk.Chunks != 0 || got.Rdiff != nil {
		t.Errorf("a file with joined chunks: %+v", got)
	}
}

// Headers have no images: no patch, and less is known.
func TestForecastOfHeaders(t *testing.T) {
	f := newFolder(t)
	old, image := f.pair()
	file := f.create(image, "new.zck", CreateOptions{})
	joined := f.create(image, "joined.zck", CreateOptions{Bases: []string{old}})
	for from, to := range map[string]string{joined: "joined.h", file: "new.h"} {
		if _, err := CutHeader(background, from, f.path(to), false); err != nil {
			t.Fatal(err)
		}
	}
	r := forecastOf(t, ForecastOptions{New: file, From: []string{f.path("joined.h")}, Rdiff: true}).Bases[0]
	if r.Rdiff != nil || len(r.Notes) != 2 || !strings.HasSuffix(r.Notes[0], "joined.h is a header, and the image is not there") || !strings.HasPrefix(r.Notes[1], "some of its chunks are larger") {
		t.Errorf("%q", r.Notes)
	}
	whole := forecastOf(t, ForecastOptions{New: f.path("new.h"), From: []string{old}, Rdiff: true, Full: old})
	if whole.Full != int64(len(f.read("old"))) || !strings.Contains(whole.Bases[0].Notes[0], "new.h is a header") {
		t.Errorf("%+v", whole)
	}
}

func TestForecastFails(t *testing.T) {
	f := newFolder(t)
	old, image := f.pair()
	for _, opt := range []ForecastOptions{
		{New: f.path("no"), From: []string{old}},
		{New: image, From: []string{f.path("no")}},
		{New: image, Full: f.path("no")},
	} {
		if _, err := Forecast(background, opt); !errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		}
	}
	wide := f.create(image, "wide.zck", CreateOptions{ChunkHash: zck.SHA512})
	_, err := Forecast(background, ForecastOptions{New: wide, From: []string{old}})
	f.wantError(err, "forecast: the chunks have SHA-512 digests, and SWUpdate's delta handler knows SHA-256 only")
}

func TestWriteSVG(t *testing.T) {
	f := newFolder(t)
	old, image := f.pair()
	if err := WriteSVG(background, forecastOf(t, ForecastOptions{New: image, From: []string{old}}), f.path("map.svg")); err != nil {
		t.Fatal(err)
	}
	if got := string(f.read("map.svg")); !strings.HasPrefix(got, "<svg ") || !strings.HasSuffix(got, "</svg>\n") {
		t.Errorf("%.100s", got)
	}
	if err := WriteSVG(background, &forecast.Forecast{Bases: make([]forecast.Result, 99)}, f.path("no.svg")); err == nil {
		t.Error("99 maps")
	}
	f.only("map.svg", "new", "old")
}
