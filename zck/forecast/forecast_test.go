package forecast

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/zck"
)

// The numbers are those of zck.Missing, and they add up.
func TestOf(t *testing.T) {
	old, image := pair()
	file, installed := create(t, image, zck.Options{}), index(t, old)
	f, err := Of(Input{Target: FileTarget(file), Bases: []Base{{Name: "old", Header: installed}, {Name: "none"}}})
	if err != nil {
		t.Fatal(err)
	}
	if f.Size != int64(len(image)) || f.Full != f.Size || f.Chunks != len(file.Chunks) || f.MaxRanges != zck.DefaultMaxRanges {
		t.Errorf("forecast %+v", f)
	}
	d, err := zck.Missing(file, installed, zck.Client{})
	if err != nil {
		t.Fatal(err)
	}
	z := f.Bases[0].Zchunk
	want := Download{
		Header: file.Len(), HeaderExact: true, Missing: d.Bytes, Exact: true, MissingRaw: z.MissingRaw,
		Chunks: len(d.Chunks), Ranges: d.Ranges(), Requests: len(d.Requests), Duplicates: d.Duplicates, Repeated: d.Repeated,
		Overhead: int64(d.Ranges())*RangeOverhead + int64(len(d.Requests))*RequestOverhead,
	}
	want.Total = want.Header + want.Missing + want.Overhead
	if z != want {
		t.Errorf("download %+v, want %+v", z, want)
	}
	if z.Chunks == 0 || z.Chunks > len(file.Chunks)/3 {
		t.Errorf("%d of %d chunks are missing", z.Chunks, len(file.Chunks))
	}
	if all := f.Bases[1].Zchunk; all.Missing != file.BodySize() || all.MissingRaw != f.Size || all.Ranges != 1 {
		t.Errorf("with nothing installed: %+v", all)
	}
}

func TestWinner(t *testing.T) {
	for _, test := range []struct {
		name         string
		full, zchunk int64
		patch        *Patch
		want         Method
	}{
		{"full", 100, 101, nil, Full},
		{"the same", 100, 100, &Patch{Packed: 100}, Full},
		{"zchunk", 100, 99, &Patch{Packed: 99}, Zchunk},
		{"rdiff", 100, 99, &Patch{Packed: 98}, Rdiff},
		{"rdiff below full only", 100, 101, &Patch{Packed: 98}, Rdiff},
	} {
		if got := winner(test.full, &Result{Zchunk: Download{Total: test.zchunk}, Rdiff: test.patch}); got != test.want {
			t.Errorf("%s: %s", test.name, got)
		}
	}
}

// What a device cannot install is said.
func TestUnfit(t *testing.T) {
	image := text(3, 200000)
	for name, test := range map[string]struct {
		opts zck.Options
		want string
	}{
		"none":       {zck.Options{Compression: zck.None}, "the chunks are not compressed"},
		"dictionary": {zck.Options{Dictionary: image[:1000]}, "the file has a dictionary"},
		"stored":     {zck.Options{StoredOnly: true}, "the file has no uncompressed digests"},
	} {
		f, err := Of(Input{Target: FileTarget(create(t, image, test.opts))})
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Notes) != 1 || !strings.HasPrefix(f.Notes[0], test.want) {
			t.Errorf("%s: %q", name, f.Notes)
		}
	}
}

func TestOfRefuses(t *testing.T) {
	image := text(3, 200000)
	good, wide := create(t, image, zck.Options{}), create(t, image, zck.Options{ChunkHash: zck.SHA512})
	for want, in := range map[string]Input{
		"forecast: the chunks have SHA-512 digests, and SWUpdate's delta handler knows SHA-256 only": {Target: FileTarget(wide)},
		"forecast: SWUpdate has a delta handler since 2021.11":                                       {Target: FileTarget(good), Client: Client{Old: AgeOf(2021, 4)}},
		"forecast: old: zck: source: its chunks have SHA-512 digests, not SHA-256":                   {Target: FileTarget(good), Bases: []Base{{Name: "old", Header: wide}}},
		"forecast: old: zck: client: max-ranges -1 and a URL of 0 bytes":                             {Target: FileTarget(good), Bases: []Base{{Name: "old"}}, Client: Client{MaxRanges: -1}},
	} {
		if _, err := Of(in); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestClient(t *testing.T) {
	for _, test := range []struct {
		client Client
		want   zck.Client
	}{
		{Client{}, zck.Client{MaxRanges: 10}},
		{Client{Old: AgeOf(2026, 5)}, zck.Client{MaxRanges: 10}},
		{Client{Old: AgeOf(2025, 12)}, zck.Client{MaxRanges: 150}},
		{Client{Old: AgeOf(2022, 12), MaxRanges: 7, URLLen: 9}, zck.Client{MaxRanges: 7, URLLen: 9, DropsLast: true}},
		{Client{Old: AgeOf(2024, 5)}, zck.Client{MaxRanges: 150}},
		{Client{NoSourceSize: true}, zck.Client{MaxRanges: 10, DropsLast: true}},
	} {
		if got := test.client.zck(); got != test.want {
			t.Errorf("%+v: %+v, want %+v", test.client, got, test.want)
		}
	}
	if !AgeOf(2022, 12).CopiesSource || AgeOf(2023, 5).CopiesSource || AgeOf(2021, 11).NoDelta {
		t.Error("wrong age")
	}
}

// A device reads all that is installed, and once more what it reuses.
func TestCosts(t *testing.T) {
	old, image := pair()
	file, installed := create(t, image, zck.Options{}), index(t, old)
	patch := &Patch{Packed: 5, Copied: 77}
	f, err := Of(Input{Target: FileTarget(file), Bases: []Base{{Header: installed, Patch: patch}, {}}, Client: Client{Old: AgeOf(2022, 12)}})
	if err != nil {
		t.Fatal(err)
	}
	z := f.Bases[0].Zchunk
	read := int64(len(old)) + int64(len(image)) - z.MissingRaw
	want := Cost{
		Read: read, Hashed: read + z.Missing, Temp: int64(len(old)),
		Memory: int64(len(file.Chunks)+len(installed.Chunks))*ChunkMemory + file.Len(),
	}
	if got := f.Bases[0].Costs.Zchunk; got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := f.Bases[0].Costs.Rdiff; got == nil || got.Read != 77 || f.Bases[0].Winner != Rdiff {
		t.Errorf("rdiff %+v, the winner is %s", got, f.Bases[0].Winner)
	}
	if got := f.Bases[1].Costs; got.Zchunk.Read != 0 || got.Rdiff != nil {
		t.Errorf("with nothing installed: %+v", got)
	}
}

// A URL that fills the request is noticed.
func TestTooLong(t *testing.T) {
	file := create(t, text(3, 200000), zck.Options{})
	for length, want := range map[int]bool{100: false, zck.PayloadLimit: true} {
		f, err := Of(Input{Target: FileTarget(file), Bases: []Base{{}}, Client: Client{URLLen: length}})
		if err != nil || f.Bases[0].Zchunk.TooLong != want {
			t.Errorf("%d: %v", length, err)
		}
	}
}

// The names in JSON are part of the command line's promise.
func TestJSON(t *testing.T) {
	file := create(t, text(3, 20000), zck.Options{})
	f, err := Of(Input{Target: FileTarget(file), Full: 7, Bases: []Base{{Name: "a", Notes: []string{"n"}, Patch: &Patch{1, 2, 3, 4}}}})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`{"size":20000,"chunks":1,"full":7,"max_ranges":10,"bases":[{"name":"a","size":0,"winner":"rdiff","zchunk":{"total":`,
		`"rdiff":{"total":1,"raw":2,"literals":3,"copied":4},"device":{"zchunk":{"read":0,`, `"notes":["n"]`,
	} {
		if !strings.Contains(string(data), want) {
			t.Errorf("no %s in %s", want, data)
		}
	}
}
