package deltafile

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
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

// Without a file system that is known there are no files, and that is said.
func TestForecastNoFiles(t *testing.T) {
	f := newFolder(t)
	old, image := f.pair()
	f.create(image, "new.zck", CreateOptions{})
	if _, err := CutHeader(background, f.path("new.zck"), f.path("new.h"), false); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		image:           "files of " + image + " are not known: the image is no ext2, ext3, ext4 or squashfs",
		f.path("new.h"): "files of " + f.path("new.h") + " are not known: it is a header, and the image is not there",
	} {
		told := forecastOf(t, ForecastOptions{New: name, From: []string{old}, Files: true})
		if len(told.Notes) != 1 || told.Notes[0] != want || told.Bases[0].Files != nil || told.Bases[0].Notes != nil {
			t.Errorf("%q, want %s", told.Notes, want)
		}
	}
	// A superblock that is none makes no difference to the numbers.
	data := f.read("new")
	copy(data[1024+0x38:], "\x53\xef")
	told := forecastOf(t, ForecastOptions{New: f.write("odd", data), From: []string{old}, Files: true})
	if len(told.Notes) != 1 || !strings.Contains(told.Notes[0], "odd are not known: filemap: ") {
		t.Errorf("%q", told.Notes)
	}
}

func TestConformanceFiles(t *testing.T) {
	reftool.Need(t, "mkfs.ext4", "mksquashfs")
	f := newFolder(t)
	for _, name := range []string{"one", "two"} {
		tree := newFolder(t)
		tree.write("same", text(1, 1<<20))
		tree.write("changed", text(2, 1<<20))
		if name == "two" {
			tree.write("changed", text(3, 1<<20))
		}
		tree.write("small", []byte("small"))
		tree.write("tiny", []byte("tiny"))
		for _, args := range [][]string{
			{"mkfs.ext4", "-q", "-d", tree.dir, f.path(name + ".ext4"), "8M"},
			{"mksquashfs", tree.dir, f.path(name + ".squashfs"), "-quiet", "-no-progress", "-all-root", "-mkfs-time", "0", "-all-time", "0"},
		} {
			if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %v\n%s", args, err, out)
			}
		}
	}
	for kind, advised := range map[string]bool{"ext4": true, "squashfs": false} {
		told := forecastOf(t, ForecastOptions{New: f.path("two." + kind), From: []string{f.path("one." + kind)}, Files: true})
		r := told.Bases[0]
		var sum, same int64
		for _, file := range r.Files {
			sum += file.Bytes
			if file.Name == "/same" {
				same = file.Raw
			}
		}
		if len(r.Files) == 0 || r.Files[0].Name != "/changed" || sum != r.Zchunk.Missing || same > 1<<19 {
			t.Errorf("%s: %d of %d bytes, %+v", kind, sum, r.Zchunk.Missing, r.Files)
		}
		if got := strings.Contains(strings.Join(r.Notes, " "), "mke2fs"); got != advised || len(told.Notes) > 0 {
			t.Errorf("%s: %q %q", kind, told.Notes, r.Notes)
		}
	}
}
