package swdesc_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/template/swdesc"
)

// accepted are documents that libconfig 1.5 reads, with what the setting a holds
// for us.
var accepted = []struct{ src, value string }{
	{"", "nothing"},
	{"\n", "nothing"},
	{"# only a comment\n", "nothing"},
	{`a = "x";`, `"x"`},
	{`a : "x",`, `"x"`},
	{`a="x"`, `"x"`},
	{`b = 1 a = 2 c = 3`, "2"},
	{`a=5b=6`, "5"},
	{`a=1e=2`, "1"},
	{`a-b=1; *=2; a*_9 = 3; a = 4`, "4"},
	{`true-x = 1; a = 2`, "2"},
	{"a = 1\n\f\r\n\tb = 2\n", "1"},
	{`a = true;`, "true"},
	{`a = tRuE; b = FALSE`, "true"},
	{`a = False;`, "false"},
	{`a = 0;`, "0"},
	{`a = 010;`, "10"},
	{`a = 08;`, "8"},
	{`a = +5;`, "5"},
	{`a = -5L;`, "-5L"},
	{`a = 5LL;`, "5L"},
	{`a = 2147483647;`, "2147483647"},
	{`a = -2147483648;`, "-2147483648"},
	{`a = 2147483648L;`, "2147483648L"},
	{`a = -9223372036854775808L;`, "-9223372036854775808L"},
	{`a = 2147483648;`, "2147483648 overflows"},
	{`a = -2147483649;`, "-2147483649 overflows"},
	{`a = -9223372036854775808;`, "-9223372036854775808 overflows"},
	{`a = 0x80000000;`, "2147483648 hex overflows"},
	{`a = 0xFFFFFFFFFFFFFFFF;`, "-1 hex overflows"},
	{`a = [1, 3000000000];`, "[1, 3000000000 overflows]"},
	{`a = 0x10;`, "16 hex"},
	{`a = 0X7fFFFFFF;`, "2147483647 hex"},
	{`a = 0xFFFFFFFFL;`, "4294967295L hex"},
	{`a = 0xFFFFFFFFFFFFFFFFL;`, "-1L hex"},
	{`a = 1.;`, "1 float"},
	{`a = .5;`, "0.5 float"},
	{`a = -.5e-3;`, "-0.0005 float"},
	{`a = 1e5;`, "100000 float"},
	{`a = "";`, `""`},
	{`a = "\\ \" \n \r \t \f \x41 \X4a";`, `"\\ \" \n \r \t \f A J"`},
	{`a = "\a \b \v \q \x4 \xg \1";`, `"\\a \\b \\v \\q \\x4 \\xg \\1"`},
	{"a = \"two\r\nlines\"", `"two\r\nlines"`},
	{"a = \"x\\\ny\"", `"x\\\ny"`},
	{"a = \"\xff\xc3\xa9\"", `"\xffé"`},
	{"a = \"x\" \"y\"// c\n/* d */ \"z\";", `"xyz"`},
	{`a = "# // /* no comment */";`, `"# // /* no comment */"`},
	{"# c\na = 1 // d\n; /* e */ # f\n", "1"},
	{"a = 1 /*/ one comment */;/**/", "1"},
	{"a = 1; // c\r\n", "1"},
	{"a = 1; # \xff\n", "1"},
	{`a = {};`, "{}"},
	{`a = { b = 1, c = 2; d = 3 };`, "{b c d}"},
	{`a = { b = 1 }; c = { b = 1 }`, "{b}"},
	{`a = ();`, "()"},
	{`a = ( 1, "x", true, 2L, 3.0 );`, `(1, "x", true, 2L, 3 float)`},
	{`a = ( [1, 2], (3), { b = 1; }, [] );`, "([1, 2], (3), {b}, [])"},
	{`a = [];`, "[]"},
	{`a = [ "x" "y", "z" ];`, `["xy", "z"]`},
	{`a = [1, 0x2];`, "[1, 2 hex]"},
	{`a = [true, FALSE];`, "[true, false]"},
	{`a = ` + strings.Repeat("(", 64) + strings.Repeat(")", 64), strings.Repeat("(", 64) + strings.Repeat(")", 64)},
}

func TestParse(t *testing.T) {
	for _, tt := range accepted {
		doc, err := swdesc.Parse([]byte(tt.src))
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.src, err)
			continue
		}
		got := "nothing"
		if s := doc.Root.Get("a"); s != nil {
			got = describe(s.Value())
		}
		if got != tt.value {
			t.Errorf("Parse(%q): a is %s, want %s", tt.src, got, tt.value)
		}
		if b := doc.Bytes(); string(b) != tt.src {
			t.Errorf("Parse(%q) prints %q", tt.src, b)
		}
	}
}

// describe writes a value in a form of its own, for comparison.
func describe(v swdesc.Value) string {
	switch v := v.(type) {
	case *swdesc.Group:
		var names []string
		for _, s := range v.Settings() {
			names = append(names, s.Name())
		}
		return "{" + strings.Join(names, " ") + "}"
	case *swdesc.List:
		return "(" + describeAll(v.Values()) + ")"
	case *swdesc.Array:
		return "[" + describeAll(v.Values()) + "]"
	case *swdesc.Int:
		return fmt.Sprint(v.Value()) + map[bool]string{true: "L"}[v.Long()] + map[bool]string{true: " hex"}[v.Hex()] +
			map[bool]string{true: " overflows"}[v.Overflows()]
	case *swdesc.Float:
		return strconv.FormatFloat(v.Value(), 'g', -1, 64) + " float"
	case *swdesc.Bool:
		return fmt.Sprint(v.Value())
	case *swdesc.String:
		return fmt.Sprintf("%q", v.Value())
	case *swdesc.Null:
		return v.Raw()
	}
	return "nothing"
}

func describeAll(values []swdesc.Value) string {
	var parts []string
	for _, v := range values {
		parts = append(parts, describe(v))
	}
	return strings.Join(parts, ", ")
}

// refused are documents that are errors here. Those marked stricter are read by
// libconfig 1.5, as something that nobody can have meant.
var refused = []struct {
	src, want string
	stricter  bool
}{
	{src: "\uFEFFa = 1", want: "0: file begins with a byte order mark (save the file as UTF-8 without it)"},
	{src: "a = \"\x00\"; b = 1", want: "5: file holds a NUL byte", stricter: true},
	{src: "a = 1; # c", want: "7: comment in a last line that has no line end (end the file with a line end)"},
	{src: "a = 1; // c", want: "7: comment in a last line that has no line end (end the file with a line end)"},
	{src: "a = 1 #", want: "6: comment in a last line that has no line end (end the file with a line end)"},
	{src: "a = 1 /* c", want: "6: comment is not closed", stricter: true},
	{src: "a = { b = 1; /* c }\nd = 1", want: "13: comment is not closed"},
	{src: `a = "x`, want: "4: string is not closed"},
	{src: `a = "x\"`, want: "4: string is not closed"},
	{src: `a = "x" "y`, want: "8: string is not closed", stricter: true},
	{src: `a = "x\x00y"`, want: "6: string holds a NUL byte", stricter: true},
	{src: "@include \"x\"\na = 1", want: "0: @include is not allowed in a sw-description (put the text of the other file here)"},
	{src: "a = { b = 1;\n  @include \"x\"\n}", want: "15: @include is not allowed in a sw-description (put the text of the other file here)"},
	{src: `rev1.0 = { b = 1 };`, want: `0: name "rev1.0" has a dot in it (` + nameHint + `)`},
	{src: `a.b.c = 1; 1x = 2`, want: `0: name "a.b.c" has a dot in it (` + nameHint + ")\n" +
		`11: expected the name of a setting, found "1" (` + nameHint + ")"},
	{src: `_a = 1`, want: `0: expected the name of a setting, found "_" (` + nameHint + ")"},
	{src: `1a = 1`, want: `0: expected the name of a setting, found "1" (` + nameHint + ")"},
	{src: `true = 1`, want: `0: "true" is a value and cannot name a setting`},
	{src: "a = 1;\nb = 2;\na = 3; a = 4", want: `14: duplicate setting "a" (the first one is 2 lines above)` + "\n" +
		`21: duplicate setting "a" (the first one is 2 lines above)`},
	{src: "a = 1; a = 2", want: `7: duplicate setting "a" (the first one is on the same line)`},
	{src: "x = { a = 1;\n a = 2 }", want: `14: duplicate setting "a" (the first one is on the line above)`},
	{src: "a = 1;;", want: `6: ";" ends no setting (one terminator is enough)`},
	{src: ", a = 1", want: `0: "," ends no setting (one terminator is enough)`},
	{src: "a = [1, 2,]", want: "9: comma behind the last value of the array (libconfig before 1.7 refuses it)"},
	{src: "a = ( {},\n )", want: "8: comma behind the last value of the list (libconfig before 1.7 refuses it)"},
	{src: `a = [1, "x"]`, want: "8: array holds an integer and a string (a list, ( ... ), may hold any values)"},
	{src: `a = [1, 2L]`, want: "8: array holds an integer and an integer with L (a list, ( ... ), may hold any values)"},
	{src: `a = [1, 2.0]`, want: "8: array holds an integer and a float (a list, ( ... ), may hold any values)"},
	{src: `a = [true, 1]`, want: "11: array holds a boolean and an integer (a list, ( ... ), may hold any values)"},
	{src: `a = [[1]]`, want: "5: an array inside an array, which holds scalars only (a list, ( ... ), may hold any values)"},
	{src: `a = [{ b = 1 }]`, want: "5: a group inside an array, which holds scalars only (a list, ( ... ), may hold any values)"},
	{src: "a = 9223372036854775808", want: "4: integer 9223372036854775808 does not fit 64 bits", stricter: true},
	{src: "a = 9223372036854775808L", want: "4: integer 9223372036854775808L does not fit 64 bits", stricter: true},
	{src: "a = 0x10000000000000000L", want: "4: integer 0x10000000000000000L does not fit 64 bits", stricter: true},
	{src: "a = .", want: "4: . is not a number", stricter: true},
	{src: "a = 1e999", want: "4: 1e999 is not a number", stricter: true},
	{src: "a = -0x5", want: `8: expected "=" or ":" after x5, found the end of the file`},
	{src: "a = 0b1", want: `7: expected "=" or ":" after b1, found the end of the file`},
	{src: "a = 5l;", want: `6: expected "=" or ":" after l, found ";"`},
	{src: "a = raw;", want: `4: expected a value, found "raw" (strings stand in double quotes)`},
	{src: "a = 'raw';\nb = on;", want: `4: expected a value, found "'" (strings stand in double quotes)` + "\n" +
		`15: expected a value, found "on" (booleans are true and false)`},
	{src: "a = ;", want: `4: expected a value, found ";"`},
	{src: "a", want: `1: expected "=" or ":" after a, found the end of the file`},
	{src: "a = 1\v", want: `5: expected the name of a setting, found "\v"`},
	{src: "a = é", want: `4: expected a value, found "é"`},
	{src: "a = \xff", want: `4: expected a value, found "\xff"`},
	{src: "{ \"software\": {} }", want: `0: expected the name of a setting, found "{"`},
	{src: "a = (1 2)", want: `7: expected "," or ")" behind a value of the list, found "2"`},
	{src: "a = ( { b = 1 }\n{ c = 1 } )", want: `16: expected "," or ")" behind a value of the list, found "{"`},
	{src: "a = ( 1 = , 2 );\nb = ;", want: `8: expected "," or ")" behind a value of the list, found "="` + "\n" + `21: expected a value, found ";"`},
	{src: "a = ( 1 = ; b = ;", want: `8: expected "," or ")" behind a value of the list, found "="` + "\n" + `16: expected a value, found ";"`},
	{src: "a = [ x ]", want: `6: expected a value, found "x" (strings stand in double quotes)`},
	{src: "a = 0xg", want: `7: expected "=" or ":" after xg, found the end of the file`},
	{src: "a = (, 1)", want: `5: expected a value, found ","`},
	{src: "a = ( 1, x, y )", want: `9: expected a value, found "x" (strings stand in double quotes)` + "\n" +
		`12: expected a value, found "y" (strings stand in double quotes)`},
	{src: "a = { b = 1;", want: `4: group has no closing "}"`},
	{src: "a = ( 1", want: `4: list has no closing ")"`},
	{src: "a = [ 1,", want: `4: array has no closing "]"`},
	{src: "a = ( { b = 1; )", want: `15: expected "}" of the group before ")"`},
	{src: "a = { b = ( 1 };\nc = ;", want: `14: expected ")" of the list before "}"` + "\n" + `21: expected a value, found ";"`},
	{src: "a = 1; }\nb = ;", want: `7: "}" closes nothing` + "\n" + `13: expected a value, found ";"`},
	{src: "a = \"x;\nb = \"y\";\n", want: "14: string is not closed (the string before runs over a line end: is its closing quote missing?)"},
	{src: "a = \"x;\nb = \"y;\n", want: `14: expected "=" or ":" after y, found ";" (the string before runs over a line end: is its closing quote missing?)`},
	{src: "a = " + strings.Repeat("(", 65) + strings.Repeat(")", 65), want: "68: values are nested more than 64 deep", stricter: true},
}

const nameHint = `names begin with a letter or "*" and go on with letters, digits, "-", "_" and "*"`

func TestParseErrors(t *testing.T) {
	for _, tt := range refused {
		doc, err := swdesc.Parse([]byte(tt.src))
		if doc != nil {
			t.Errorf("Parse(%q) gave a document", tt.src)
		}
		if got := flat(err); got != tt.want {
			t.Errorf("Parse(%q):\n%s\nwant\n%s", tt.src, got, tt.want)
		}
	}
}

// flat writes syntax errors one a line: "offset: message (hint)".
func flat(err error) string {
	list, _ := err.(swdesc.SyntaxErrors)
	lines := make([]string, len(list))
	for i, e := range list {
		lines[i] = fmt.Sprintf("%d: %s", e.Offset, e.Msg)
		if e.Hint != "" {
			lines[i] += " (" + e.Hint + ")"
		}
	}
	return strings.Join(lines, "\n")
}

func TestParseErrorText(t *testing.T) {
	_, err := swdesc.Parse([]byte("a = ;\nb = 20000000000000000000;"))
	want := "offset 0x4: expected a value, found \";\"\noffset 0xa: integer 20000000000000000000 does not fit 64 bits"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestParseGivesUp(t *testing.T) {
	_, err := swdesc.Parse(bytes.Repeat([]byte("a = ;\n"), 1000))
	if list, _ := err.(swdesc.SyntaxErrors); len(list) != 20 {
		t.Errorf("%d errors reported, want 20", len(list))
	}
}

// Descriptions of any shape are read in time proportional to their size. The
// bound is generous; quadratic behaviour would take minutes.
func TestParseLinear(t *testing.T) {
	tests := map[string]string{
		"settings":        many("s%d = 1;\n", 15_000),
		"one line":        many("s%d=1;", 22_000),
		"empty groups":    many("s%d={};", 22_000),
		"list":            "a = (" + strings.Repeat("1,", 125_000) + "1)",
		"strings":         "a = " + strings.Repeat(`"x" `, 60_000),
		"escapes":         `a = "` + strings.Repeat(`\n`, 125_000) + `"`,
		"comments":        strings.Repeat("/**/", 60_000),
		"open comments":   strings.Repeat("/* ", 75_000),
		"blanks":          strings.Repeat(" ", 250_000),
		"brackets":        strings.Repeat("(", 250_000),
		"one long number": "a = " + strings.Repeat("9", 250_000),
		"one long float":  "a = ." + strings.Repeat("9", 250_000),
		"one long name":   strings.Repeat("n", 250_000),
		"quotes":          strings.Repeat(`"`, 250_001),
		"garbage":         strings.Repeat("@include", 30_000),
		"colons":          strings.Repeat("a:", 125_000),
		"duplicates":      strings.Repeat("a=1;", 60_000),
	}
	for name, src := range tests {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			if doc, err := swdesc.Parse([]byte(src)); err == nil && string(doc.Bytes()) != src {
				t.Error("printed differently")
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("%d bytes took %v", len(src), took)
			}
		})
	}
}

func many(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func FuzzParse(f *testing.F) {
	for _, tt := range accepted {
		f.Add(tt.src)
	}
	for _, tt := range refused {
		f.Add(tt.src)
	}
	f.Add("s = { i: ({ filename = \"x\"; # c\r\n  type = \"raw\"\r\n }, {name=\"a\"b=1}); p = { } };")
	f.Fuzz(func(t *testing.T, src string) {
		doc, err := swdesc.Parse([]byte(src))
		if err != nil {
			checkOffsets(t, err, len(src))
			return
		}
		if got := doc.Bytes(); string(got) != src {
			t.Fatalf("%q is printed as %q", src, got)
		}
		fillAll(doc)
		checkReparse(t, doc)
		for g := range doc.Groups() {
			g.Remove("version")
			g.Remove("encrypted")
			g.Remove("b")
		}
		checkReparse(t, doc)
	})
}

func checkOffsets(t *testing.T, err error, size int) {
	t.Helper()
	for _, e := range err.(swdesc.SyntaxErrors) {
		if e.Offset < 0 || e.Offset > size {
			t.Fatalf("offset %d of %d: %s", e.Offset, size, e.Msg)
		}
	}
}

// fillAll edits every group of doc in every way, ignoring settings that are
// groups, lists or arrays.
func fillAll(doc *swdesc.Document) {
	for g := range doc.Groups() {
		_ = g.SetString("sha256", "00ff")
		_ = g.SetString("version", "a\"\\\n\x01\x7fé")
		_ = g.SetString("version", "a\"\\\n\x01\x7f\xff") // not in JSON
		_ = g.SetBool("encrypted", true)
		_ = g.SetInt("b", 1<<40)
		if sub, err := g.EnsureGroup("properties"); err == nil {
			_ = sub.SetString("decompressed-size", "12")
		}
	}
}

// checkReparse demands that doc, printed and parsed, is the same model.
func checkReparse(t *testing.T, doc *swdesc.Document) {
	t.Helper()
	text := doc.Bytes()
	again, err := swdesc.ParseAs(text, doc.Format)
	if err != nil {
		t.Fatalf("the edited text is refused: %v\n%q", err, text)
	}
	if got, want := dump(again.Root), dump(doc.Root); got != want {
		t.Fatalf("the edited text means\n%s\nwant\n%s\n%q", got, want, text)
	}
}

// dump writes a whole tree, one value a line.
func dump(g *swdesc.Group) string {
	var b strings.Builder
	dumpValue(&b, "", g)
	return b.String()
}

func dumpValue(b *strings.Builder, path string, v swdesc.Value) {
	switch v := v.(type) {
	case *swdesc.Group:
		fmt.Fprintf(b, "%s {}\n", path)
		for _, s := range v.Settings() {
			dumpValue(b, path+"/"+s.Name(), s.Value())
		}
	case *swdesc.List:
		for i, item := range v.Values() {
			dumpValue(b, fmt.Sprint(path, "/", i), item)
		}
	default:
		fmt.Fprintf(b, "%s %s\n", path, describe(v))
	}
}

// A file of many small things is refused before it takes all memory.
func TestParseBounded(t *testing.T) {
	for format, text := range map[swdesc.Format]string{
		swdesc.Libconfig: "a = (" + strings.Repeat("{},", 400_000) + "{});\n",
		swdesc.JSON:      `{"a": [` + strings.Repeat("{},", 400_000) + "{}]}",
	} {
		_, err := swdesc.ParseAs([]byte(text), format)
		if err == nil || !strings.Contains(err.Error(), "file has more than 1048576 names, values and signs") {
			t.Errorf("%s: %.200v", format, err)
		}
		few := strings.Replace(text, strings.Repeat("{},", 100_000), "", 1)
		if _, err := swdesc.ParseAs([]byte(few), format); err != nil {
			t.Errorf("%s: %.200v", format, err)
		}
	}
}
