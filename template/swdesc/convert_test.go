package swdesc_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/template/swdesc"
)

const both = `software = {
	version = "1.0";
	hardware-compatibility = [ "1.0", "#RE:^2\\.[0-3]$" ];
	images = (
		{
			filename = "root\x01\"fs\n";
			size = 3221225472L;
			encrypted = true;
			ratio = 0.5;
		},
		{
			properties = { };
			empty = ( );
		}
	);
	sizes = [ 1L, 3000000000L ];
	mixed = (
		1,
		"x"
	);
};
`

const bothJSON = `{
  "software": {
    "version": "1.0",
    "hardware-compatibility": ["1.0", "#RE:^2\\.[0-3]$"],
    "images": [
      {
        "filename": "root\u0001\"fs\n",
        "size": 3221225472,
        "encrypted": true,
        "ratio": 0.5
      },
      {
        "properties": {},
        "empty": []
      }
    ],
    "sizes": [1, 3000000000],
    "mixed": [1, "x"]
  }
}
`

// What is printed is a fixed point, and each form is printed as the other.
func TestPrint(t *testing.T) {
	for _, doc := range []*swdesc.Document{parse(t, both), parseJSON(t, bothJSON)} {
		for format, want := range map[swdesc.Format]string{swdesc.Libconfig: both, swdesc.JSON: bothJSON} {
			got, err := swdesc.Print(doc.Root, format)
			if err != nil || string(got) != want {
				t.Errorf("%v as %v: %v\n%s\nwant\n%s", doc.Format, format, err, got, want)
			}
		}
	}
}

func TestPrintCanonical(t *testing.T) {
	doc := parse(t, "a : TRUE, # c\nb = 0X1f c = \"x\"\n\"y\"; d={}; e=(); f=[]; g=010; h=1.; i = ((), [1]);")
	want := "a = true;\nb = 31;\nc = \"xy\";\nd = { };\ne = ( );\nf = [ ];\ng = 10;\nh = 1.;\ni = (\n\t( ),\n\t[ 1 ]\n);\n"
	if got, err := swdesc.Print(doc.Root, swdesc.Libconfig); err != nil || string(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	want = "{\n  \"a\": true,\n  \"b\": 31,\n  \"c\": \"xy\",\n  \"d\": {},\n  \"e\": [],\n  \"f\": [],\n  \"g\": 10,\n  \"h\": 1.0,\n  \"i\": [\n    [],\n    [1]\n  ]\n}\n"
	if got, err := swdesc.Print(doc.Root, swdesc.JSON); err != nil || string(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
}

func TestConvertLosses(t *testing.T) {
	tests := []struct {
		src  string
		to   swdesc.Format
		want string // one loss a line
	}{
		{both, swdesc.JSON, "145: software.images[0].size: 3221225472L is written as 3221225472; in JSON SWUpdate reads 3221225472 as 2147483647\n" +
			"260: software.sizes[0]: 1L is written as 1\n" +
			"264: software.sizes[1]: 3000000000L is written as 3000000000; in JSON SWUpdate reads 3000000000 as 2147483647"},
		{bothJSON, swdesc.Libconfig, "178: software.images[0].size: 3221225472 is written as 3221225472L; SWUpdate no longer reads it as 2147483647\n" +
			"298: software.images[1].empty: an empty array is written as a list\n" +
			"330: software.sizes[0]: 1 is written as 1L\n" +
			"333: software.sizes[1]: 3000000000 is written as 3000000000L; SWUpdate no longer reads it as 2147483647\n" +
			"359: software.mixed: an array of several kinds of values is written as a list"},
		{"a = 1;\n", swdesc.JSON, ""},
		{"a = 1; # c\n", swdesc.JSON, "7: : a comment is dropped"},
		{"a /* 1 */ = /* 2 */ 1 // 3\n; # 4\n/* 5 */", swdesc.JSON, "2: : 5 comments are dropped, of which this is the first"},
		{"a = \"# no // comment /* \";", swdesc.JSON, ""},
		{"a = 0x10; b = +5; c = 007; d = 5L;", swdesc.JSON, "4: a: 0x10 is written as 16\n14: b: +5 is written as 5\n22: c: 007 is written as 7\n31: d: 5L is written as 5"},
		{"a = 3000000000;", swdesc.JSON, "4: a: in JSON SWUpdate reads 3000000000 as 2147483647"},
		{"a = -3000000000;", swdesc.JSON, "4: a: in JSON SWUpdate reads -3000000000 as -2147483648"},
		{"a = .5; b = 1.; c = 01.5; d = 1e5; e = 1.5; f = -0.0; g = +1.e3;", swdesc.JSON,
			"4: a: .5 is written as 0.5\n12: b: 1. is written as 1.0\n20: c: 01.5 is written as 1.5\n58: g: +1.e3 is written as 1000.0"},
		{`e = ( { offset = "16K"; } ); offset = 5;`, swdesc.JSON,
			"8: e[0].offset: a string as offset is destroyed by SWUpdate 2022.12 to 2023.05 in JSON: only a number is safe"},
		{`properties = { offset = "16K"; images = { }; };`, swdesc.JSON, ""},
		{`images = { x = 1; }; files = { ref = "#./x"; }; other = { };`, swdesc.JSON,
			"0: images: a single group in the place of a list: in JSON SWUpdate reads it from 2024.12 on, and 2022.12 crashes"},
		{`a = []; b = (); c = ( "x", "y" ); d = ( 1, "x" ); e = ( {} );`, swdesc.JSON,
			"4: a: an empty array is the same as an empty list in JSON\n20: c: a list of scalars is the same as an array in JSON"},
		{`{"images": {"x": 1}, "offset": "16K"}`, swdesc.Libconfig,
			"1: images: a single object in the place of an array: in libconfig SWUpdate finds nothing to install in it"},
		{`{"a": [], "b": [1, 2], "c": [1, "x"], "d": [[1], {}]}`, swdesc.Libconfig,
			"6: a: an empty array is written as a list\n28: c: an array of several kinds of values is written as a list"},
		{`{"a": 9223372036854775808, "b": 1e5}`, swdesc.Libconfig, "6: a: 9223372036854775808 is written as 9.223372036854776e+18"},
		{"images = { }; a = []; b = 0x10; /* c */ c = 3000000000;", swdesc.Libconfig,
			"26: b: 0x10 is written as 16\n32: : a comment is dropped\n44: c: 3000000000 is written as 3000000000L"},
		{"{ \"a\": [], \"b\": 3000000000 }", swdesc.JSON, ""},
		{"a = [ 1L, 3000000000L ]; b = [ 1, 3000000000 ]; c = [ 1L ];", swdesc.Libconfig,
			"31: b[0]: 1 is written as 1L\n34: b[1]: 3000000000 is written as 3000000000L\n54: c[0]: 1L is written as 1"},
	}
	for _, tt := range tests {
		doc, err := swdesc.ParseAny([]byte(tt.src))
		if err != nil {
			t.Fatal(err)
		}
		out, losses, err := swdesc.Convert(doc, tt.to)
		if err != nil {
			t.Errorf("%q: %v", tt.src, err)
			continue
		}
		var got []string
		for _, l := range losses {
			got = append(got, fmt.Sprintf("%d: %s: %s", l.Offset, l.Path, l.Msg))
		}
		if got := strings.Join(got, "\n"); got != tt.want {
			t.Errorf("%q to %v:\n%s\nwant\n%s", tt.src, tt.to, got, tt.want)
		}
		checkEqual(t, out, tt.to, doc)
	}
}

// checkEqual demands that text means the same as doc and is laid out canonically.
func checkEqual(t *testing.T, text []byte, format swdesc.Format, doc *swdesc.Document) *swdesc.Document {
	t.Helper()
	again, err := swdesc.ParseAs(text, format)
	if err != nil {
		t.Fatalf("what was printed is refused: %v\n%s", err, text)
	}
	if !swdesc.Equal(again.Root, doc.Root) {
		t.Fatalf("%s\nis not equal to\n%s", text, doc.Bytes())
	}
	if twice, err := swdesc.Print(again.Root, format); err != nil || !bytes.Equal(twice, text) {
		t.Fatalf("%s\nis printed once more as\n%s\n%v", text, twice, err)
	}
	return again
}

func TestConvertErrors(t *testing.T) {
	tests := []struct {
		src  string
		to   swdesc.Format
		want string
	}{
		{`{"software": {"my.board": {"1st": 1, "": 2, "true": 3, "ok": 4}}}`, swdesc.Libconfig,
			`software.my.board: "my.board" cannot name a setting: ` + nameHint + "\n" +
				`software.my.board.1st: "1st" cannot name a setting: ` + nameHint + "\n" +
				`software.my.board.: "" cannot name a setting: ` + nameHint + "\n" +
				`software.my.board.true: "true" cannot name a setting: it is a value`},
		{`{"a": null, "b": [null, {"c": null}]}`, swdesc.Libconfig,
			"a: libconfig has no null\nb[0]: libconfig has no null\nb[1].c: libconfig has no null"},
		{"a = ( { b = \"é\xff\"; } ); c = [ \"\xc3\" ];", swdesc.JSON, "a[0].b: string is not UTF-8 at offset 2\nc[0]: string is not UTF-8 at offset 0"},
		{"{\"a\xff\": \"\xff\"}", swdesc.JSON, "a\xff: \"a\\xff\" cannot name a setting: it is not UTF-8 at offset 1\na\xff: string is not UTF-8 at offset 0"},
		{"a = " + strings.Repeat("(", 31) + strings.Repeat(")", 31) + ";", swdesc.JSON,
			"a" + strings.Repeat("[0]", 30) + ": values are nested more than 31 deep"},
	}
	for _, tt := range tests {
		doc, err := swdesc.ParseAny([]byte(tt.src))
		if err != nil {
			t.Fatal(err)
		}
		out, losses, err := swdesc.Convert(doc, tt.to)
		var list swdesc.FormatErrors
		if out != nil || losses != nil || !errors.As(err, &list) || err.Error() != tt.want {
			t.Errorf("%q: got\n%v\nwant\n%s", tt.src, err, tt.want)
		}
		for _, e := range list {
			if e.Offset < 0 || e.Offset >= len(tt.src) {
				t.Errorf("%s has offset %d", e, e.Offset)
			}
		}
	}
}

func TestEqual(t *testing.T) {
	groups := [][]string{ // of equal values
		{`"x"`, `"\x78"`, `"" "x"`},
		{`"y"`},
		{`1`, `1L`, `0x1`, `+1`, `01`},
		{`3000000000`, `3000000000L`},
		{`1.0`, `1.`, `1e0`},
		{`true`, `TRUE`},
		{`false`},
		{`()`, `[]`, `( /* c */ )`},
		{`(1)`, `[1]`, `[ 0x1 ]`},
		{`(1, 2)`}, {`(2, 1)`}, {`((1), 2)`},
		{`{}`, `{ }`},
		{`{ a = 1; b = 2; }`, `{a:1 b:2L}`},
		{`{ b = 2; a = 1; }`}, {`{ a = 1; c = 2; }`}, {`{ a = 1; }`}, {`{ a = 1; b = 3; }`},
	}
	for i, one := range groups {
		for j, other := range groups {
			for _, a := range one {
				for _, b := range other {
					if got := swdesc.Equal(value(t, a), value(t, b)); got != (i == j) {
						t.Errorf("%s and %s are equal: %v", a, b, got)
					}
				}
			}
		}
	}
	null := parseJSON(t, `{"v": null}`).Root.Get("v").Value()
	if !swdesc.Equal(null, null) || swdesc.Equal(null, value(t, "1")) || swdesc.Equal(value(t, "1"), null) || swdesc.Equal(null, nil) {
		t.Error("null is not equal to itself alone")
	}
}

func value(t *testing.T, text string) swdesc.Value {
	t.Helper()
	return parse(t, "v = "+text+";").Root.Get("v").Value()
}

func TestBuildJSON(t *testing.T) {
	name, err := swdesc.NewString(21, "é\"")
	if err != nil {
		t.Fatal(err)
	}
	entry, software, root := swdesc.NewGroup(20), swdesc.NewGroup(10), swdesc.NewGroup(0)
	if err := first(
		entry.Add(21, "filename", name), entry.Add(22, "size", swdesc.NewInt(22, 3<<30)), entry.Add(23, "encrypted", swdesc.NewBool(23, true)),
		software.Add(30, "hardware-compatibility", swdesc.NewArray(30, name)),
		software.Add(15, "images", swdesc.NewList(15, entry)), software.Add(40, "empty", swdesc.NewArray(41)),
		root.Add(10, "software", software),
	); err != nil {
		t.Fatal(err)
	}
	doc, err := swdesc.Build(root, swdesc.JSON)
	if err != nil {
		t.Fatal(err)
	}
	want := "{\n  \"software\": {\n    \"hardware-compatibility\": [\"é\\\"\"],\n    \"images\": [\n      {\n        \"filename\": \"é\\\"\",\n" +
		"        \"size\": 3221225472,\n        \"encrypted\": true\n      }\n    ],\n    \"empty\": []\n  }\n}\n"
	if got := string(doc.Bytes()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	images := doc.Find("software", "images").Value().(*swdesc.List)
	size := images.Values()[0].(*swdesc.Group).Get("size")
	if images.Offset() != 15 || size.Offset() != 22 || doc.Find("software", "empty").Value().Offset() != 41 {
		t.Error("the nodes have lost their offsets")
	}
	if err := doc.Find("software").Value().(*swdesc.Group).SetString("my.board", "x"); err != nil {
		t.Error(err)
	}
	bad, _ := swdesc.NewString(7, "\xff")
	if err := software.Add(8, "bad", bad); err != nil {
		t.Fatal(err)
	}
	if _, err := swdesc.Build(root, swdesc.JSON); err == nil || err.Error() != "software.bad: string is not UTF-8 at offset 0" {
		t.Errorf("got %v", err)
	}
}

// Paths stay short whatever the names are, and so do the errors of hostile files.
func TestLongNames(t *testing.T) {
	long := strings.Repeat("n.", 50_000)
	doc := parseJSON(t, `{"`+long+`": {`+many(`"%d.": null,`, 5_000)+`"x": 0}}`)
	start := time.Now()
	_, _, err := swdesc.Convert(doc, swdesc.Libconfig)
	if list, _ := err.(swdesc.FormatErrors); len(list) != 2_000 || len(err.Error()) > 2_000*300 {
		t.Errorf("%d errors", len(list))
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	if got, want := doc.Root.Settings()[0].Path(), long[:37]+"..."; got != want {
		t.Errorf("path %q, want %q", got, want)
	}
}

func TestConvertManyLosses(t *testing.T) {
	doc := parse(t, "a = ("+strings.Repeat("0x1,", 5_000)+"/* c */ 0x1);")
	_, losses, err := swdesc.Convert(doc, swdesc.Libconfig)
	if err != nil || len(losses) != 2_001 {
		t.Fatalf("%d losses, %v", len(losses), err)
	}
	if first, last := losses[0], losses[2_000]; first.Path != "a[0]" || last.Msg != "3002 more losses behind this one" || last.Offset < losses[1_999].Offset {
		t.Errorf("first %+v, last %+v", first, last)
	}
}

// FuzzConvert: what is accepted converts or says why not; back it is the same.
func FuzzConvert(f *testing.F) {
	for _, tt := range accepted {
		f.Add(tt.src)
	}
	for _, tt := range jsonAccepted {
		f.Add(tt.src)
	}
	f.Add(both)
	f.Add(bothJSON)
	f.Fuzz(func(t *testing.T, src string) {
		doc, err := swdesc.ParseAny([]byte(src))
		if err != nil {
			return
		}
		for _, to := range []swdesc.Format{swdesc.Libconfig, swdesc.JSON} {
			out, losses, err := swdesc.Convert(doc, to)
			if err != nil {
				if list, ok := err.(swdesc.FormatErrors); !ok || len(list) == 0 {
					t.Fatalf("%q to %v: %v", src, to, err)
				}
				continue
			}
			for _, l := range losses {
				if l.Offset < 0 || l.Offset >= len(src) || l.Msg == "" {
					t.Fatalf("%q to %v: %+v", src, to, l)
				}
			}
			again := checkEqual(t, out, to, doc)
			back, _, err := swdesc.Convert(again, doc.Format)
			if _, own := swdesc.Print(doc.Root, doc.Format); own != nil {
				continue // bytes that are not UTF-8, in JSON
			}
			if err != nil {
				t.Fatalf("%q to %v and back: %v", src, to, err)
			}
			checkEqual(t, back, doc.Format, doc)
		}
	})
}

func BenchmarkConvert(b *testing.B) {
	doc := parse(b, entries(13_000))
	for b.Loop() {
		if _, _, err := swdesc.Convert(doc, swdesc.JSON); err != nil {
			b.Fatal(err)
		}
	}
}
