package rdiff

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
)

func TestPatch(t *testing.T) {
	for _, test := range []struct {
		name, base, delta, want, err string
		max                          int64
	}{
		{name: "nothing", delta: "72730236 00"},
		{name: "literal", delta: "72730236 02 6869 00", want: "hi"},
		{name: "copies", base: "abcdef", delta: "72730236 45 0402 45 0001 4d 00000002 02 00", want: "efacd"},
		{name: "wide literal", delta: "72730236 44 0000000000000002 6869 00", want: "hi"},
		{name: "just the limit", base: "abc", delta: "72730236 45 0003 02 6869 00", want: "abchi", max: 5},
		{
			name: "above the limit", base: "abc", delta: "72730236 45 0003 02 6869 00", max: 4,
			err: "rdiff: offset 0x7: length: the result is longer than the 4 bytes allowed",
		},
		{
			name: "a whole lot", base: "abc", delta: "72730236 48 00 7fffffffffffffff 00", max: 4,
			err: "rdiff: offset 0x4: length: the result is longer than the 4 bytes allowed",
		},
		{
			name: "copy from behind the base", base: "abc", delta: "72730236 45 0102 45 0202 00",
			err: "rdiff: offset 0x7: copy: 2 bytes at 2 are asked for; the base has 3",
		},
		{
			name: "copy from far behind the base", base: "abc", delta: "72730236 51 7ffffffffffffffe 01 00",
			err: "rdiff: offset 0x4: copy: 1 bytes at 9223372036854775806 are asked for; the base has 3",
		},
		{
			name: "literal cut", delta: "72730236 03 6162",
			err: "rdiff: offset 0x7: literal: the delta ends here, 1 bytes too early",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			delta := bytes.NewReader(unhex(t, test.delta))
			_, err := Patch(t.Context(), &out, bytes.NewReader([]byte(test.base)), delta, PatchOptions{MaxSize: test.max})
			wantError(t, err, test.err)
			if err == nil && out.String() != test.want {
				t.Errorf("%q, want %q", &out, test.want)
			}
		})
	}
}

// liar is a source shorter than it says.
type liar struct{ *bytes.Reader }

func (l liar) Size() int64 { return l.Reader.Size() + 10 }

func TestPatchShortBase(t *testing.T) {
	_, err := Patch(t.Context(), io.Discard, liar{bytes.NewReader([]byte("abc"))}, bytes.NewReader(unhex(t, "72730236 45 0005 00")), PatchOptions{})
	wantError(t, err, "rdiff: the base ends at 3 of its 13 bytes")
}

// broken is a source, a reader and a writer that fails.
type broken struct{ err error }

func (b broken) ReadAt([]byte, int64) (int, error) { return 0, b.err }
func (b broken) Read([]byte) (int, error)          { return 0, b.err }
func (b broken) Write([]byte) (int, error)         { return 0, b.err }
func (b broken) Size() int64                       { return 100 }

func TestPatchErrors(t *testing.T) {
	wrong := broken{errors.New("bad sector")}
	delta := unhex(t, "72730236 45 0005 00")
	_, err := Patch(t.Context(), io.Discard, wrong, bytes.NewReader(delta), PatchOptions{})
	wantError(t, err, "rdiff: reading the base at 0: bad sector")
	_, err = Patch(t.Context(), wrong, bytes.NewReader([]byte("abcdefgh")), bytes.NewReader(delta), PatchOptions{})
	wantError(t, err, "bad sector")
	_, err = Patch(t.Context(), io.Discard, bytes.NewReader([]byte("abcdefgh")), wrong, PatchOptions{})
	wantError(t, err, "bad sector")
}

func TestPatchStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	base := make([]byte, 1000)
	_, err := Patch(ctx, io.Discard, bytes.NewReader(base), bytes.NewReader(unhex(t, "72730236 45 0005 00")), PatchOptions{})
	wantError(t, err, "context canceled")
}

// A delta cut anywhere is refused, although SWUpdate would take it.
func TestPatchTruncated(t *testing.T) {
	base := noise(1, 3000)
	delta, _ := encoded(t, base, join(base[1000:], noise(2, 50), base[:2000]), EncodeOptions{})
	for n := range delta {
		if _, err := Patch(t.Context(), io.Discard, bytes.NewReader(base), bytes.NewReader(delta[:n]), PatchOptions{}); err == nil {
			t.Errorf("cut at %d: accepted", n)
		}
	}
}
