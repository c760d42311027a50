package swdesc_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/template/swdesc"
)

// jsonAccepted are documents with what the setting a holds for us.
var jsonAccepted = []struct{ src, value string }{
	{`{}`, "nothing"},
	{" \t\r\n{ \n} \t\r\n", "nothing"},
	{`{"a":1}`, "1"},
	{`{"a" : "x" , "b":2 }`, `"x"`},
	{`{"\u0061": 1}`, "1"},
	{`{"my.board": 1, "1st": 2, "": 3, "é": 4, "a": 5}`, "5"},
	{`{"b": {"a": 1}, "a": 2}`, "2"},
	{`{"a": true}`, "true"},
	{`{"a": false}`, "false"},
	{`{"a": null}`, "null"},
	{`{"a": 0}`, "0"},
	{`{"a": -0}`, "0"},
	{`{"a": -12}`, "-12"},
	{`{"a": 3000000000}`, "3000000000"},
	{`{"a": 9223372036854775807}`, "9223372036854775807"},
	{`{"a": -9223372036854775808}`, "-9223372036854775808"},
	{`{"a": 9223372036854775808}`, "9.223372036854776e+18 float"},
	{`{"a": 0.5}`, "0.5 float"},
	{`{"a": -0.0}`, "-0 float"},
	{`{"a": 1e5}`, "100000 float"},
	{`{"a": 1.5E-3}`, "0.0015 float"},
	{`{"a": 1E+2}`, "100 float"},
	{`{"a": ""}`, `""`},
	{`{"a": "\" \\ \/ \b \f \n \r \t"}`, `"\" \\ / \b \f \n \r \t"`},
	{`{"a": "\u00e9\u20AC\ud83d\ude00\u007f"}`, `"é€😀\x7f"`},
	{`{"a": "é€😀 // # /* "}`, `"é€😀 // # /* "`},
	{"{\"a\": \"\xff\\n\xc3\"}", `"\xff\n\xc3"`},
	{"{\"a\": \"\x7f\"}", `"\x7f"`},
	{`{"a": {}}`, "{}"},
	{`{"a": {"b": 1, "c": 2}}`, "{b c}"},
	{`{"a": []}`, "()"},
	{`{"a": [ ]}`, "()"},
	{`{"a": ["x", "y"]}`, `["x", "y"]`},
	{`{"a": [1, 3000000000]}`, "[1, 3000000000]"},
	{`{"a": [null, null]}`, "[null, null]"},
	{`{"a": [1, "x", true, null, 2.5]}`, `(1, "x", true, null, 2.5 float)`},
	{`{"a": [1, 2.5]}`, `(1, 2.5 float)`},
	{`{"a": [{}, [], [1], {"b": 1}]}`, "({}, (), [1], {b})"},
	{`{"a": ` + strings.Repeat("[", 30) + strings.Repeat("]", 30) + `}`, strings.Repeat("(", 30) + strings.Repeat(")", 30)},
}

func TestParseJSON(t *testing.T) {
	for _, tt := range jsonAccepted {
		doc, err := swdesc.ParseAs([]byte(tt.src), swdesc.JSON)
		if err != nil {
			t.Errorf("%q: %v", tt.src, err)
			continue
		}
		got := "nothing"
		if s := doc.Root.Get("a"); s != nil {
			got = describe(s.Value())
		}
		if got != tt.value {
			t.Errorf("%q: a is %s, want %s", tt.src, got, tt.value)
		}
		if b := doc.Bytes(); string(b) != tt.src {
			t.Errorf("%q is printed as %q", tt.src, b)
		}
	}
}

const (
	escapeHint = ` (escapes are \" \\ \/ \b \f \n \r \t and \uXXXX; a backslash is written \\)`
	numberHint = " (numbers are decimal: no plus sign, no leading zero, no L, digits on both sides of a dot)"
	wordHint   = " (true, false and null are written in lower case; there are no other words)"
	commaHint  = " (in JSON commas stand between values only)"
	quotesHint = " (strings and names stand in double quotes)"
	objectHint = ` (a sw-description is one object, with the name "software" in it)`
)

// jsonRefused are documents that are errors here. Those marked lenient are read
// by json-c, the library inside SWUpdate.
var jsonRefused = []struct {
	src, want string
	lenient   bool
}{
	{src: "", want: `0: expected "{", found the end of the file` + objectHint},
	{src: `[1]`, want: `0: expected "{", found "["` + objectHint, lenient: true},
	{src: `"x"`, want: `0: expected "{", found a string` + objectHint, lenient: true},
	{src: `software = { }`, want: `0: expected "{", found "software"` + objectHint},
	{src: "\uFEFF{}", want: "0: file begins with a byte order mark (save the file as UTF-8 without it)"},
	{src: "{\"a\": \"\x00\"}", want: "7: file holds a NUL byte"},
	{src: `{"a": 1, "b": 2, "a": 3}`, want: `17: duplicate setting "a" (the first one is on the same line)`, lenient: true},
	{src: "{\"a\": 1,\n \"\\u0061\": 3}", want: `10: duplicate setting "a" (the first one is on the line above)`, lenient: true},
	{src: `{} x`, want: `3: expected the end of the file behind the last "}", found "x"`, lenient: true},
	{src: `{}}`, want: `2: expected the end of the file behind the last "}", found "}"`, lenient: true},
	{src: `{}{}`, want: `2: expected the end of the file behind the last "}", found "{"`, lenient: true},
	{src: "{ // a\n \"a\": 1 // b\n}", want: "2: comment in a JSON file (JSON has no comments)", lenient: true},
	{src: `{ /* a */ "a": 1 }`, want: "2: comment in a JSON file (JSON has no comments)", lenient: true},
	{src: "# a\n{}", want: "0: comment in a JSON file (JSON has no comments)"},
	{src: `{"a": 1,}`, want: "7: comma behind the last value of the object" + commaHint, lenient: true},
	{src: `{"a": [1, 2,]}`, want: "11: comma behind the last value of the array" + commaHint, lenient: true},
	{src: `{"a": 1,, "b": 2}`, want: `8: expected the name of a setting, found "," (one comma is enough)`},
	{src: `{"a": [1,,2]}`, want: `9: expected a value, found "," (one comma is enough)`},
	{src: `{"a": 1 "b": 2}`, want: `8: expected "," or "}" behind a value of the object, found a string`},
	{src: "{\"a\": 1\n \"b\": x,\n \"c\": 1}", want: `9: expected "," or "}" behind a value of the object, found a string` + "\n" +
		`14: expected a value, found "x"` + quotesHint},
	{src: `{"a": [1 2]}`, want: `9: expected "," or "]" behind a value of the array, found "2"`},
	{src: `{"a" 1}`, want: `5: expected ":" after "a", found "1"`},
	{src: `{"a" = 1}`, want: `5: expected ":" after "a", found "="`},
	{src: `{"a"}`, want: `4: expected ":" after "a", found "}"`},
	{src: `{"a": }`, want: `6: expected a value, found "}"`},
	{src: `{a: 1}`, want: `1: expected the name of a setting, found "a"` + quotesHint},
	{src: `{1: 1}`, want: `1: expected the name of a setting, found "1"`},
	{src: `{'a': 1}`, want: `1: expected the name of a setting, found "'" (strings stand in double quotes)`, lenient: true},
	{src: `{"a": 'x'}`, want: `6: expected a value, found "'" (strings stand in double quotes)`, lenient: true},
	{src: `{"a": raw}`, want: `6: expected a value, found "raw"` + quotesHint},
	{src: `{"a": on, "b": True}`, want: `6: expected a value, found "on"` + wordHint + "\n" + `15: expected a value, found "True"` + wordHint},
	{src: `{"a": TRUE}`, want: `6: expected a value, found "TRUE"` + wordHint, lenient: true},
	{src: `{"a": NULL}`, want: `6: expected a value, found "NULL"` + wordHint, lenient: true},
	{src: `{"a": NaN}`, want: `6: expected a value, found "NaN" (numbers are finite)`, lenient: true},
	{src: `{"a": -Infinity}`, want: `6: expected a value, found "-Infinity" (numbers are finite)`, lenient: true},
	{src: `{"a": 1e999}`, want: `6: 1e999 is not a number`, lenient: true},
	{src: `{"a": 01}`, want: `6: expected a value, found "01"` + numberHint, lenient: true},
	{src: `{"a": -01}`, want: `6: expected a value, found "-01"` + numberHint, lenient: true},
	{src: `{"a": +1}`, want: `6: expected a value, found "+1"` + numberHint},
	{src: `{"a": .5}`, want: `6: expected a value, found ".5"` + numberHint},
	{src: `{"a": 1.}`, want: `6: expected a value, found "1."` + numberHint, lenient: true},
	{src: `{"a": 1e}`, want: `6: expected a value, found "1e"` + numberHint, lenient: true},
	{src: `{"a": 0x10}`, want: `6: expected a value, found "0x10"` + numberHint},
	{src: `{"a": 5L}`, want: `6: expected a value, found "5L"` + numberHint},
	{src: `{"a": -}`, want: `6: expected a value, found "-"` + numberHint},
	{src: `{"a": 1-2}`, want: `6: expected a value, found "1-2"` + numberHint},
	{src: `{"a": (1)}`, want: `6: expected a value, found "(" (arrays stand in [ and ])`},
	{src: `{"a": 1; "b": 2}`, want: `7: expected "," or "}" behind a value of the object, found ";"`},
	{src: `{"a": é}`, want: `6: expected a value, found "é"`},
	{src: "{\"a\": 1\v}", want: `7: expected "," or "}" behind a value of the object, found "\v"`},
	{src: "{\"a\": \"x\n\", \"b\": y}", want: `6: string is not closed on its line (close it, or write \n for a line end)`, lenient: false},
	{src: "{\"a\": \"x\ny\"}", want: `6: string is not closed on its line (close it, or write \n for a line end)`, lenient: true},
	{src: "{\"a\": \"x\ty\"}", want: `8: string holds the control byte 0x09 (write \t)`, lenient: true},
	{src: "{\"a\": \"\x01\"}", want: `7: string holds the control byte 0x01 (write \u0001)`, lenient: true},
	{src: `{"a": "x`, want: `6: string is not closed`},
	{src: `{"a": "x\"}`, want: `6: string is not closed`},
	{src: `{"a": "1\.2\x41"}`, want: `8: "\\." is no escape of JSON` + escapeHint + "\n" + `11: "\\x" is no escape of JSON` + escapeHint},
	{src: `{"a": "\é"}`, want: `7: "\\é" is no escape of JSON` + escapeHint},
	{src: `{"a": "\U0041"}`, want: `7: "\\U" is no escape of JSON` + escapeHint},
	{src: `{"a": "\u004"}`, want: `7: \u is not followed by four hexadecimal digits` + escapeHint},
	{src: `{"a": "\u+123"}`, want: `7: \u is not followed by four hexadecimal digits` + escapeHint},
	{src: `{"a": "x\u0000"}`, want: `8: string holds a NUL byte` + escapeHint, lenient: true},
	{src: `{"a": "\ud83d"}`, want: `7: \ud83d is half a surrogate pair` + escapeHint, lenient: true},
	{src: `{"a": "\ude00\ud83d"}`, want: `7: \ude00 is half a surrogate pair` + escapeHint + "\n" + `13: \ud83d is half a surrogate pair` + escapeHint, lenient: true},
	{src: `{"a": "\ud83d\u0041"}`, want: `7: \ud83d is half a surrogate pair` + escapeHint, lenient: true},
	{src: `{"a": {"b": 1`, want: `6: object has no closing "}"`},
	{src: `{"a": [1,`, want: `6: array has no closing "]"`},
	{src: `{"a": [1}`, want: `8: expected "]" of the array before "}"`},
	{src: `{"a": {"b": 1]}`, want: `13: expected "}" of the object before "]"`},
	{src: `{"a": ` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}`, want: "36: values are nested more than 31 deep", lenient: true},
	{src: `{"a": ` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`, want: "36: values are nested more than 31 deep"},
}

func TestParseJSONErrors(t *testing.T) {
	for _, tt := range jsonRefused {
		doc, err := swdesc.ParseAs([]byte(tt.src), swdesc.JSON)
		if doc != nil {
			t.Errorf("%q gave a document", tt.src)
		}
		if got := flat(err); got != tt.want {
			t.Errorf("%q:\n%s\nwant\n%s", tt.src, got, tt.want)
		}
	}
}

func TestParseJSONGivesUp(t *testing.T) {
	_, err := swdesc.ParseAs([]byte("{"+strings.Repeat("\"a\": x,\n", 1000)), swdesc.JSON)
	if list, _ := err.(swdesc.SyntaxErrors); len(list) != 20 {
		t.Errorf("%d errors reported, want 20", len(list))
	}
}

// Every node knows its place, in JSON too.
func TestOffsetsJSON(t *testing.T) {
	src := "\n{ \"software\" : { \"version\": \"1\\n\", \"images\": [ { \"size\": 5, \"x\": null } ] } }\n"
	doc := parseJSON(t, src)
	for g := range doc.Groups() {
		if src[g.Offset()] != '{' {
			t.Errorf("%s begins with %q", g.Path(), src[g.Offset()])
		}
		for _, s := range g.Settings() {
			if !strings.HasPrefix(src[s.Offset():], `"`+s.Name()+`"`) {
				t.Errorf("%s begins with %q", s.Path(), src[s.Offset():])
			}
			if v, ok := s.Value().(swdesc.Scalar); ok && !strings.HasPrefix(src[v.Offset():], v.Raw()) {
				t.Errorf("the value of %s begins with %q", s.Path(), src[v.Offset():])
			}
		}
	}
	images := doc.Find("software", "images").Value().(*swdesc.List)
	if got := images.Values()[0].(*swdesc.Group).Get("size").Path(); got != "software.images[0].size" {
		t.Errorf("path %q", got)
	}
}

func parseJSON(t testing.TB, src string) *swdesc.Document {
	t.Helper()
	doc, err := swdesc.ParseAs([]byte(src), swdesc.JSON)
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return doc
}

// JSON of any shape is read in time proportional to its size, as libconfig is.
func TestParseJSONLinear(t *testing.T) {
	tests := map[string]string{
		"members":         "{" + many(`"s%d": 1,`, 15_000) + `"": 0}`,
		"list":            `{"a": [` + strings.Repeat("1,", 125_000) + "1]}",
		"objects":         `{"a": [` + strings.Repeat("{},", 80_000) + "{}]}",
		"escapes":         `{"a": "` + strings.Repeat(`\n`, 125_000) + `"}`,
		"bad escapes":     `{"a": "` + strings.Repeat(`\x`, 125_000) + `"}`,
		"control bytes":   `{"a": "` + strings.Repeat("\t", 250_000) + `"}`,
		"comments":        strings.Repeat("/**/", 60_000),
		"open comments":   strings.Repeat("/* ", 75_000),
		"brackets":        `{"a": ` + strings.Repeat("[", 250_000),
		"objects inside":  strings.Repeat(`{"a":`, 50_000),
		"one long number": `{"a": ` + strings.Repeat("9", 250_000) + "}",
		"one long word":   "{" + strings.Repeat("n", 250_000),
		"quotes":          "{" + strings.Repeat(`"`, 250_001),
		"colons":          "{" + strings.Repeat(`"a":`, 60_000),
		"duplicates":      "{" + strings.Repeat(`"a":1,`, 40_000) + `"b":1}`,
		"braces":          strings.Repeat("{}", 100_000),
	}
	for name, src := range tests {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			if doc, err := swdesc.ParseAs([]byte(src), swdesc.JSON); err == nil && string(doc.Bytes()) != src {
				t.Error("printed differently")
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("%d bytes took %v", len(src), took)
			}
		})
	}
}

func TestDetect(t *testing.T) {
	for src, want := range map[string]swdesc.Format{
		"":                               swdesc.Libconfig,
		"software = { };":                swdesc.Libconfig,
		"# { \nsoftware = { };":          swdesc.Libconfig,
		"{}":                             swdesc.JSON,
		" \r\n\t{":                       swdesc.JSON,
		"// a comment\n/* two */ {":      swdesc.JSON,
		"\uFEFF{":                        swdesc.JSON,
		"[]":                             swdesc.Libconfig,
		"/* not closed {":                swdesc.Libconfig,
		"@include \"{\"\nsoftware = { }": swdesc.Libconfig,
	} {
		if got := swdesc.Detect([]byte(src)); got != want {
			t.Errorf("%q is %v, want %v", src, got, want)
		}
	}
}

// The errors are those of the format that the text is in.
func TestParseAny(t *testing.T) {
	for src, want := range map[string]string{
		`{"a": 1,}`:          "7: comma behind the last value of the object" + commaHint,
		"a = (1,)":           "6: comma behind the last value of the list (libconfig before 1.7 refuses it)",
		"// c\n{\"a\": 1}\n": "0: comment in a JSON file (JSON has no comments)",
		`{"a": 1}`:           "",
		"a = 1;\n":           "",
	} {
		doc, err := swdesc.ParseAny([]byte(src))
		if got := flat(err); got != want {
			t.Errorf("%q:\n%s\nwant\n%s", src, got, want)
		}
		if err == nil && (string(doc.Bytes()) != src || doc.Format != swdesc.Detect([]byte(src))) {
			t.Errorf("%q is printed as %q, %v", src, doc.Bytes(), doc.Format)
		}
	}
}

func TestFormatText(t *testing.T) {
	for _, want := range []swdesc.Format{swdesc.Libconfig, swdesc.JSON} {
		var got swdesc.Format
		if err := got.UnmarshalText([]byte(want.String())); err != nil || got != want {
			t.Errorf("%v is read as %v, %v", want, got, err)
		}
	}
	var f swdesc.Format
	if err := f.UnmarshalText([]byte("yaml")); err == nil || err.Error() != `format "yaml" is unknown: libconfig and json are allowed` {
		t.Error(err)
	}
}

func TestPosition(t *testing.T) {
	doc := parse(t, "a = 1;\n\n\tb = \"é\"; c = 2;\n")
	for _, tt := range []struct {
		name      string
		line, col int
	}{{"a", 1, 1}, {"b", 3, 2}, {"c", 3, 12}} {
		if line, col := doc.Position(doc.Root.Get(tt.name).Offset()); line != tt.line || col != tt.col {
			t.Errorf("%s is at %d:%d, want %d:%d", tt.name, line, col, tt.line, tt.col)
		}
	}
	if line, col := doc.Position(1000); line != 4 || col < 1 {
		t.Errorf("past the end is %d:%d", line, col)
	}
	if line, col := doc.Position(-1); line != 1 || col != 1 {
		t.Errorf("before the beginning is %d:%d", line, col)
	}
	built, err := swdesc.Build(swdesc.NewGroup(7), swdesc.Libconfig)
	if err != nil {
		t.Fatal(err)
	}
	if line, col := built.Position(0); line != 0 || col != 0 {
		t.Errorf("a built document has the position %d:%d", line, col)
	}
}

func FuzzParseJSON(f *testing.F) {
	for _, tt := range jsonAccepted {
		f.Add(tt.src)
	}
	for _, tt := range jsonRefused {
		f.Add(tt.src)
	}
	f.Add("{ \"s\": {\r\n\t\"i\": [ {\"filename\": \"x\",\n \"type\":\"raw\"}, {\"b\":1} ] , \"p\": { } } }\n")
	f.Fuzz(func(t *testing.T, src string) {
		doc, err := swdesc.ParseAs([]byte(src), swdesc.JSON)
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

func BenchmarkParseJSON(b *testing.B) {
	src := []byte(entriesJSON(9_000))
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if _, err := swdesc.ParseAs(src, swdesc.JSON); err != nil {
			b.Fatal(err)
		}
	}
}

// entriesJSON is a description with n images of a few lines each.
func entriesJSON(n int) string {
	var b strings.Builder
	b.WriteString("{\n  \"software\": {\n    \"version\": \"1\",\n    \"images\": [")
	for i := range n {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, "\n      {\n        \"filename\": \"f%d\",\n        \"type\": \"raw\",\n        \"size\": %d,\n        \"device\": \"/dev/mmcblk%d\"\n      }", i, i, i)
	}
	b.WriteString("\n    ]\n  }\n}\n")
	return b.String()
}
