package forecast

import (
	"iter"
	"testing"

	"github.com/fwpack/fwpack/zck"
)

// everyThousand says that a file has every 1000 bytes, in pieces, and that nobody
// has what is behind 100000.
func everyThousand(offset, length int64) iter.Seq2[string, int64] {
	return func(yield func(string, int64) bool) {
		for end := min(offset+length, 100000); offset < end; {
			n := min(end, (offset/1000+1)*1000) - offset
			if !yield(string('a'+rune(offset/1000%7)), n) {
				return
			}
			offset += n
		}
	}
}

// All missing bytes are blamed on somebody, to the last.
func TestBlame(t *testing.T) {
	file := create(t, text(7, 300000), zck.Options{})
	f, err := Of(Input{Target: FileTarget(file), Bases: []Base{{}}, Locate: everyThousand})
	if err != nil {
		t.Fatal(err)
	}
	files := f.Bases[0].Files
	var stored, raw int64
	for i, file := range files {
		stored += file.Bytes
		raw += file.Raw
		if i > 0 && files[i-1].Bytes < file.Bytes {
			t.Errorf("%v is behind %v", file, files[i-1])
		}
	}
	if stored != f.Bases[0].Zchunk.Missing || raw != 300000 || len(files) != 8 {
		t.Errorf("%d of %d stored bytes, %d raw ones, %v", stored, f.Bases[0].Zchunk.Missing, raw, files)
	}
	if files[0].Name != Elsewhere || files[0].Raw != 200000 {
		t.Errorf("the first is %+v", files[0])
	}
}

// A locator that claims too much, or nothing, does no harm.
func TestBlameLimits(t *testing.T) {
	h := &zck.Header{Chunks: []zck.Chunk{{Size: 10, Stored: 7}}}
	missing := &zck.Download{Chunks: []int{0}}
	for name, test := range map[string]struct {
		locate Locator
		want   []File
	}{
		"none":    {nil, nil},
		"nothing": {func(int64, int64) iter.Seq2[string, int64] { return func(func(string, int64) bool) {} }, []File{{Elsewhere, 7, 10, 1}}},
		"too much": {func(int64, int64) iter.Seq2[string, int64] {
			return func(yield func(string, int64) bool) { _ = yield("a", 4) && yield("b", -3) && yield("a", 99) }
		}, []File{{"a", 7, 10, 1}}},
	} {
		got := blame(h, missing, test.locate)
		if len(got) != len(test.want) || len(got) > 0 && got[0] != test.want[0] {
			t.Errorf("%s: %v", name, got)
		}
	}
}
