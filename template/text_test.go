package template

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/diag"
)

// made is a text of two copied stretches around an expanded one:
//
//	source    one @@X@@ two       offsets 0, 4, 9
//	out       one <value> two     offsets 0, 4, 11
func made() *Text {
	t := newText("f", "one @@X@@ two")
	t.add(piece{text: "one ", off: 0})
	t.add(piece{text: "<value>", off: 4, expanded: true})
	t.add(piece{text: "", off: 9, expanded: true})
	t.add(piece{text: " two", off: 9})
	return t
}

// columns lists the column of the origin of each byte.
func columns(t *Text) string {
	var b strings.Builder
	for i := range len(t.out) + 1 {
		fmt.Fprintf(&b, "%d ", t.Pos(i).Col)
	}
	return strings.TrimSpace(b.String())
}

func TestReplace(t *testing.T) {
	tests := []struct {
		name          string
		edits         []edit
		want, columns string
	}{
		{"nothing", nil, "one <value> two", "1 2 3 4 5 5 5 5 5 5 5 10 11 12 13 14"},
		{"at the beginning", []edit{{start: 0, end: 3, text: "1"}}, "1 <value> two", "1 4 5 5 5 5 5 5 5 10 11 12 13 14"},
		{"at the end", []edit{{start: 12, end: 15, text: "2"}}, "one <value> 2", "1 2 3 4 5 5 5 5 5 5 5 10 11 14"},
		{"in an expanded part", []edit{{start: 6, end: 8, text: "A"}}, "one <vAue> two", "1 2 3 4 5 5 5 5 5 5 10 11 12 13 14"},
		{"over the borders", []edit{{start: 2, end: 13, text: "-"}}, "on-wo", "1 2 3 12 13 14"},
		{"by nothing", []edit{{start: 3, end: 12, text: ""}}, "onetwo", "1 2 3 11 12 13 14"},
		{"everything", []edit{{start: 0, end: 15, text: "xy"}}, "xy", "1 1 14"},
		{"two side by side", []edit{{start: 0, end: 1, text: "a"}, {start: 1, end: 3, text: "b"}}, "ab <value> two", "1 2 4 5 5 5 5 5 5 5 10 11 12 13 14"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := made().replace(tt.edits)
			if string(got.out) != tt.want || columns(got) != tt.columns {
				t.Errorf("got  %q, columns %s\nwant %q, columns %s", got.out, columns(got), tt.want, tt.columns)
			}
		})
	}
}

func TestReplaceCalls(t *testing.T) {
	call := Call{Func: Size, Arg: "x", Pos: diag.Pos{File: "f", Line: 1, Col: 1}}
	got := made().replace([]edit{{start: 0, end: 3, text: "12345", call: call}, {start: 6, end: 7, text: "no call"}, {start: 12, end: 15, text: "6", call: call}})
	if len(got.calls) != 2 {
		t.Fatalf("%d calls", len(got.calls))
	}
	for i, want := range []string{"12345", "6"} {
		if c := got.calls[i]; string(got.out[c.Start:c.End]) != want || c.Arg != "x" {
			t.Errorf("call %d is %+v, %q", i, c, got.out[c.Start:c.End])
		}
	}
}

func TestPosOfAnEmptyText(t *testing.T) {
	got := made().replace([]edit{{start: 0, end: 15, text: ""}})
	for _, offset := range []int{-1, 0, 1} {
		if pos := got.Pos(offset); pos.Line != 1 || pos.Col != 14 {
			t.Errorf("Pos(%d) = %v", offset, pos)
		}
	}
}

func TestFunc(t *testing.T) {
	for f, want := range map[Func]string{
		SHA256: "swupdate_get_sha256", Size: "swupdate_get_size", IV: "swupdate_get_IV",
		UniqueIV: "swupdate_get_unique_IV", ImageDigest: "fwpack_image_digest", 0: "Func(0)", 9: "Func(9)",
	} {
		if got := f.String(); got != want {
			t.Errorf("%d is called %s", uint8(f), got)
		}
		if f >= SHA256 && f <= ImageDigest {
			if err := f.check(f.standIn()); err != nil || funcNamed(want) != f {
				t.Errorf("%v: %v", f, err)
			}
		}
	}
}

func TestFuncCheck(t *testing.T) {
	tests := []struct {
		f     Func
		value string
		ok    bool
	}{
		{SHA256, strings.Repeat("aF", 32), true},
		{SHA256, strings.Repeat("a", 63), false},
		{SHA256, strings.Repeat("g", 64), false},
		{SHA256, "", false},
		{IV, strings.Repeat("0", 32), true},
		{UniqueIV, strings.Repeat("0", 64), false},
		{ImageDigest, strings.Repeat("0", 64), true},
		{ImageDigest, strings.Repeat("a", 96), true},
		{ImageDigest, strings.Repeat("F", 128), true},
		{ImageDigest, strings.Repeat("0", 63), false},
		{ImageDigest, strings.Repeat("g", 64), false},
		{Size, "0", true},
		{Size, "9223372036854775807", true},
		{Size, "9223372036854775808", false},
		{Size, "-1", false},
		{Size, "+1", false},
		{Size, "0x10", false},
		{Size, "", false},
		{Size, "1;", false},
	}
	for _, tt := range tests {
		if err := tt.f.check(tt.value); (err == nil) != tt.ok {
			t.Errorf("%v of %q: %v", tt.f, tt.value, err)
		}
	}
}

func TestCutCall(t *testing.T) {
	tests := []struct {
		in, name, arg string
		length        int
		closed        bool
	}{
		{"$", "", "", 1, false},
		{"$a", "", "", 2, false},
		{"$(a)", "", "", 1, false},
		{"${a}(b)", "", "", 1, false},
		{"$a b(c)", "", "", 2, false},
		{"$a()", "a", "", 4, true},
		{"$a(b)c)", "a", "b", 5, true},
		{"$a(b(c)d)e", "a", "b(c)d", 9, true},
		{"$a(b(c)", "a", "", 2, false},
		{"$a(", "a", "", 2, false},
		{"$a(b\n)", "a", "", 2, false},
		{`$a(b")`, "a", "", 2, false},
		{"$a_1(b c)", "a_1", "b c", 9, true},
		{"$a-b(c)", "", "", 2, false},
	}
	for _, tt := range tests {
		name, arg, length, closed := cutCall(tt.in)
		if name != tt.name || arg != tt.arg || length != tt.length || closed != tt.closed {
			t.Errorf("cutCall(%q) = %q, %q, %d, %v", tt.in, name, arg, length, closed)
		}
	}
}

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{"": "", "1.0": "1.0", `a"b\`: `a\"b\\`, "a\n\r\tb": `a\n\r\tb`} {
		if got := escape(in); got != want {
			t.Errorf("escape(%q) = %q", in, got)
		}
	}
}

func TestManyUndefinedNames(t *testing.T) {
	vars := Vars{"NAME": "x"}
	var src strings.Builder
	for i := range 2 * maxHints {
		fmt.Fprintf(&src, "@@NAM%d@@\n", i)
	}
	_, err := Expand("t", []byte(src.String()), vars)
	list, _ := err.(diag.List)
	if len(list) != 2*maxHints || list[0].Hint != "did you mean NAME?" || list[2*maxHints-1].Hint != "" {
		t.Errorf("%d problems", len(list))
	}
}
