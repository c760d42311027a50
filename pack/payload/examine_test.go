package payload

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestExamine(t *testing.T) {
	text := strings.Repeat("what a device gets ", 5000)
	for _, method := range []Compression{Zlib, Zstd, LZ4} {
		packed, _ := run(t, strings.NewReader(text), Spec{Compress: Compress{Method: method}}, Options{})
		whole, err := Examine(method, bytes.NewReader(packed))
		if err != nil || whole.Problem != nil || whole.Size != int64(len(text)) || whole.Members != 1 || whole.Trailing != 0 {
			t.Errorf("%s: %+v, %v", method, whole, err)
		}
		cut, err := Examine(method, bytes.NewReader(packed[:len(packed)-5]))
		if err != nil || cut.Problem == nil {
			t.Errorf("%s: a stream that is cut off: %+v, %v", method, cut, err)
		}
		if garbage, err := Examine(method, strings.NewReader("no such format")); err != nil || garbage.Problem == nil {
			t.Errorf("%s: garbage: %+v, %v", method, garbage, err)
		}
		broken := errors.New("disk on fire")
		if _, err := Examine(method, io.MultiReader(bytes.NewReader(packed[:20]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
			t.Errorf("%s: an error of the source comes back as %v", method, err)
		}
	}
}

func TestExamineMembers(t *testing.T) {
	one, _ := run(t, strings.NewReader("text"), Spec{Compress: Compress{Method: Zlib}}, Options{})
	for _, test := range []struct {
		data []byte
		want Examined
	}{
		{append(bytes.Clone(one), one...), Examined{Size: 8, Members: 2}},
		{append(bytes.Clone(one), "junk"...), Examined{Size: 4, Members: 1, Trailing: 4}},
		{append(append(bytes.Clone(one), one...), 0, 0), Examined{Size: 8, Members: 2, Trailing: 2}},
	} {
		if got, err := Examine(Zlib, bytes.NewReader(test.data)); err != nil || got != test.want {
			t.Errorf("got %+v, %v, want %+v", got, err, test.want)
		}
	}
}

func TestDiscardBound(t *testing.T) {
	for size, want := range map[int]error{9: nil, 10: nil, 11: errEndless, 1000: errEndless} {
		if n, err := discard(strings.NewReader(strings.Repeat("x", size)), 10); n != int64(min(size, 11)) || !errors.Is(err, want) {
			t.Errorf("%d bytes: %d, %v", size, n, err)
		}
	}
}

func TestExamineUnknown(t *testing.T) {
	if _, err := Examine(XZ, strings.NewReader("")); err == nil || CanExamine(XZ) {
		t.Error("xz is examined")
	}
}
