package template_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template"
)

// vars is the set that most tests expand with.
func vars() template.Vars {
	return template.Vars{
		"MACHINE":        "beaglebone",
		"VERSION":        "2.4.0",
		"B":              "1",
		"A_1":            "nested",
		"ROOTFS":         "rootfs-@@MACHINE@@-@@VERSION@@.ext4",
		"WHICH":          "MACHINE",
		"EMPTY":          "",
		"a-b.c":          "dashes and dots",
		"LINES":          "one\n@@B@@\nthree",
		"AT":             "@",
		"HALF":           "@@",
		"1st":            "first",
		"NAME_@@B@@":     "unreachable",
		"CLOSES":         "x@@",
		"PLACEHOLDER_1":  "@@A_@@B@@@@",
		"FS[core-image]": ".ext4",
		"FS[a.b+c]":      ".@@B@@",
		"IMAGE":          "core-image",
	}
}

func TestExpand(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"no placeholder", "version = \"1\";\n", "version = \"1\";\n"},
		{"one", `version = "@@VERSION@@";`, `version = "2.4.0";`},
		{"whole text", "@@VERSION@@", "2.4.0"},
		{"several on a line", "@@MACHINE@@-@@VERSION@@/@@B@@", "beaglebone-2.4.0/1"},
		{"adjacent", "@@B@@@@B@@@@B@@", "111"},
		{"several lines", "@@B@@\n\n@@B@@\r\n@@B@@\n", "1\n\n1\r\n1\n"},
		{"nested", "@@A_@@B@@@@", "nested"},
		{"nested in the middle", "x @@A_@@B@@@@ y", "x nested y"},
		{"whole name nested", "@@@@WHICH@@@@", "beaglebone"},
		{"value with placeholders", "@@ROOTFS@@", "rootfs-beaglebone-2.4.0.ext4"},
		{"value with a nested one", "@@PLACEHOLDER_@@B@@@@", "nested"},
		{"value of several lines", "<@@LINES@@>", "<one\n1\nthree>"},
		{"empty value", "a@@EMPTY@@b", "ab"},
		{"empty in a name", "@@A_1@@EMPTY@@@@", "nested"},
		{"dashes and dots", "@@a-b.c@@", "dashes and dots"},
		{"digit first", "@@1st@@", "first"},
		{"flag", "x@@FS[core-image]@@y", "x.ext4y"},
		{"flag from a value", "@@IMAGE@@@@FS[@@IMAGE@@]@@", "core-image.ext4"},
		{"flag of all characters, value expanded", "@@FS[a.b+c]@@", ".1"},
		{"brackets that are none of a flag", "[@@B@@] @@B@@[0]", "[1] 1[0]"},
		{"rightmost first", "@@B@@x@@B@@", "1x1"},
		{"lone", `a = "@@";`, `a = "@@";`},
		{"lone before a blank", "@@ MACHINE", "@@ MACHINE"},
		{"lone at the end", "mail me@@", "mail me@@"},
		{"blanks are no name", "@@ B @@", "@@ B @@"},
		{"one at sign", "user@host @B@", "user@host @B@"},
		{"lone and real", "@@ @@B@@", "@@ 1"},
		{"at sign before", "@@@B@@", "@1"},
		{"at sign behind", "@@B@@@", "1@"},
		{"at sign between", "@@B@@@@@B@@", "1@1"},
		{"many at signs", "@@@@@@@@", "@@@@@@@@"},
		{"rule of dashes", "# @@----------", "# @@----------"},
		{"value is an at sign", "@@AT@@@@AT@@ B", "@@ B"},
		{"value is a lone delimiter", "@@HALF@@ x", "@@ x"},
		{"values do not join", "@@HALF@@B@@HALF@@", "@@B@@"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, err := template.Expand("t", []byte(tt.in), vars())
			if err != nil {
				t.Fatal(err)
			}
			if got := string(text.Bytes()); got != tt.want {
				t.Errorf("Expand(%q) = %q, want %q", tt.in, got, tt.want)
			}
			got, problems := template.ExpandString(tt.in, vars())
			if got != tt.want || len(problems) > 0 {
				t.Errorf("ExpandString(%q) = %q, %v, want %q", tt.in, got, problems, tt.want)
			}
		})
	}
}

func TestExpandErrors(t *testing.T) {
	loop := template.Vars{
		"A": "<@@B@@>", "B": "@@C@@", "C": "@@A@@", "SELF": "@@SELF@@", "INTO": "@@A@@",
		"BAD": "x\n@@MISSING@@ @@MISSING@@", "OK": "1", "MACHINE": "m", "EMPTY": "",
		"OK[sha256]": "x",
	}
	tests := []struct{ name, in, want string }{
		{"undefined", "a\n  @@NOPE_X@@", `t:2:3: undefined variable "NOPE_X"`},
		{"undefined twice", "@@X1@@\n@@OK@@@@X1@@", "t:1:1: undefined variable \"X1\"\nt:2:7: undefined variable \"X1\""},
		{"did you mean", "@@MACHIN@@", `t:1:1: undefined variable "MACHIN" (did you mean MACHINE?)`},
		{"case matters", "@@machine@@", `t:1:1: undefined variable "machine"`},
		{"undefined inside", "@@A_@@X@@@@", `t:1:5: undefined variable "X"`},
		{"in a value", "  @@BAD@@", `t:1:3: value of "BAD": undefined variable "MISSING"` + "\n" + `t:1:3: value of "BAD": undefined variable "MISSING"`},
		{"cycle", "x @@A@@", `t:1:3: value of "C": variable "A" is made of itself: A -> B -> C -> A`},
		{"cycle entered from outside", "@@INTO@@", `t:1:1: value of "C": variable "A" is made of itself: A -> B -> C -> A`},
		{"cycle used twice", "@@SELF@@\n@@SELF@@", `t:1:1: value of "SELF": variable "SELF" is made of itself: SELF -> SELF`},
		{"empty value behind", "@@@@EMPTY@@OK", `t:1:1: placeholder "@@OK" is not closed on its line`},
		{"not closed", "a = @@OK;\n@@OK@@", `t:1:5: placeholder "@@OK" is not closed on its line`},
		{"closed on the next line", "@@OK\n@@", `t:1:1: placeholder "@@OK" is not closed on its line`},
		{"closed too late", "@@OK@@x @@OK", `t:1:9: placeholder "@@OK" is not closed on its line`},
		{"blank in the name", "@@MY VAR@@", `t:1:1: "MY VAR" is not a variable name (letters, digits, "_", "-" and "." are allowed, and a flag as in NAME[flag])`},
		{"flag", "@@OK[sha257]@@", `t:1:1: undefined variable "OK[sha257]" (did you mean OK[sha256]?)`},
		{"flag from a value", "@@OK[@@OK@@]@@", `t:1:1: undefined variable "OK[1]"`},
		{"flag with a slash", "@@OK[a/b]@@", `t:1:1: "OK[a/b]" is not a variable name (letters, digits, "_", "-" and "." are allowed, and a flag as in NAME[flag])`},
		{"empty flag", "@@OK[]@@", `t:1:1: "OK[]" is not a variable name (letters, digits, "_", "-" and "." are allowed, and a flag as in NAME[flag])`},
		{"text behind a flag", "@@OK[a]b@@", `t:1:1: "OK[a]b" is not a variable name (letters, digits, "_", "-" and "." are allowed, and a flag as in NAME[flag])`},
		{"flag not closed", "@@OK[a", `t:1:1: placeholder "@@OK" is not closed on its line`},
		{"flag of an undefined variable", "@@OK[@@NO@@]@@", `t:1:6: undefined variable "NO"`},
		{"all at once", "@@X@@\n@@OK\n@@A B@@", "t:1:1: undefined variable \"X\"\nt:2:1: placeholder \"@@OK\" is not closed on its line\nt:3:1: \"A B\" is not a variable name (letters, digits, \"_\", \"-\" and \".\" are allowed, and a flag as in NAME[flag])"},
		{"long name", "@@" + strings.Repeat("N", 300) + "@@", `t:1:1: undefined variable "` + strings.Repeat("N", 57) + `..."`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, err := template.Expand("t", []byte(tt.in), loop)
			if text != nil {
				t.Errorf("a text besides an error: %q", text.Bytes())
			}
			if got := flat(err); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// flat writes a list with its hints in parentheses.
func flat(err error) string {
	list, _ := err.(diag.List)
	lines := make([]string, len(list))
	for i, d := range list {
		lines[i] = d.Error()
		if d.Hint != "" {
			lines[i] += " (" + d.Hint + ")"
		}
	}
	return strings.Join(lines, "\n")
}

func TestExpandStringError(t *testing.T) {
	got, problems := template.ExpandString("@@MACHIN@@/@@VERSION@@", vars())
	if got != "" || len(problems) != 1 {
		t.Fatalf("got %q, %v", got, problems)
	}
	want := diag.Diagnostic{Msg: `undefined variable "MACHIN"`, Hint: "did you mean MACHINE?"}
	if problems[0] != want {
		t.Errorf("got %+v, want %+v", problems[0], want)
	}
}

func TestPos(t *testing.T) {
	src := "one @@MACHINE@@ two\n\t@@A_@@B@@@@!\n@@EMPTY@@x\n"
	text, err := template.Expand("f.in", []byte(src), vars())
	if err != nil {
		t.Fatal(err)
	}
	out := string(text.Bytes())
	tests := []struct {
		at   string
		plus int
		want string
	}{
		{"one", 0, "1:1"},
		{"one", 3, "1:4"},
		{"beaglebone", 0, "1:5"},
		{"beaglebone", 9, "1:5"},
		{" two", 0, "1:16"},
		{"two\n", 3, "1:20"},
		{"\tnested", 0, "2:1"},
		{"nested", 0, "2:2"},
		{"nested", 5, "2:2"},
		{"!", 0, "2:13"},
		{"x\n", 0, "3:10"},
		{"x\n", 2, "4:1"},
		{"x\n", 1000, "4:1"},
		{"one", -5, "1:1"},
	}
	for _, tt := range tests {
		pos := text.Pos(strings.Index(out, tt.at) + tt.plus)
		if got := pos.String(); got != "f.in:"+tt.want {
			t.Errorf("Pos of %q%+d = %s, want %s", tt.at, tt.plus, got, tt.want)
		}
	}
}

func TestPosWithoutPlaceholders(t *testing.T) {
	text, err := template.Expand("f", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := text.Pos(0).String(); got != "f:1:1" {
		t.Errorf("Pos of an empty file = %s", got)
	}
}

// Every variable doubles the next one: 2^40 bytes, were they written out.
func TestExpandBillionLaughs(t *testing.T) {
	v := template.Vars{"L40": "ha"}
	for i := range 40 {
		v[fmt.Sprint("L", i)] = fmt.Sprintf("@@L%d@@@@L%d@@", i+1, i+1)
	}
	_, err := template.Expand("t", []byte("\n@@L0@@"), v)
	want := "t:2:1: the expanded text is larger than 64 MiB"
	if got := flat(err); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, problems := template.ExpandString("@@L0@@", v); len(problems) != 1 {
		t.Errorf("got %v", problems)
	}
}

func TestExpandManyUsesOfALargeValue(t *testing.T) {
	v := template.Vars{"BIG": strings.Repeat("x", 1<<20)}
	_, err := template.Expand("t", []byte(strings.Repeat("@@BIG@@\n", 64)), v)
	if got := flat(err); got != "t:64:1: the expanded text is larger than 64 MiB" {
		t.Errorf("got %q", got)
	}
}

func TestExpandDepth(t *testing.T) {
	v := template.Vars{}
	for i := range 2 * template.MaxDepth {
		v[fmt.Sprint("V", i)] = fmt.Sprintf("@@V%d@@", i+1)
	}
	v[fmt.Sprint("V", 2*template.MaxDepth)] = "end"
	start := fmt.Sprintf("@@V%d@@", template.MaxDepth+1)
	if got, problems := template.ExpandString(start, v); got != "end" {
		t.Errorf("a chain of %d: %v", template.MaxDepth, problems)
	}
	_, problems := template.ExpandString("@@V0@@", v)
	if len(problems) != 1 || !strings.HasSuffix(problems[0].Msg, "variables refer to each other more than 64 deep") {
		t.Errorf("got %v", problems)
	}
}

// Long files and long lines take time in proportion to their length. The bound
// is generous; quadratic behaviour would take minutes.
func TestExpandLinear(t *testing.T) {
	tests := map[string]string{
		"long lines":       strings.Repeat("@@B@@ @@A_@@B@@@@ text ", 10_000),
		"many lines":       strings.Repeat("text @@MACHINE@@\n", 15_000),
		"empty values":     strings.Repeat("@@EMPTY@@", 25_000),
		"one letter each":  strings.Repeat("@@B@@", 50_000),
		"delimiters":       strings.Repeat("@", 250_000),
		"lone delimiters":  strings.Repeat("@@ ", 75_000),
		"no line ends":     strings.Repeat("x", 250_000) + "@@B@@",
		"one undefined":    "@@" + strings.Repeat("x", 250_000),
		"lines without it": strings.Repeat("\n", 250_000),
	}
	for name, src := range tests {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			if text, err := template.Expand("t", []byte(src), vars()); err == nil {
				text.Pos(len(text.Bytes()) / 2)
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("%d bytes took %v", len(src), took)
			}
		})
	}
}

func FuzzExpand(f *testing.F) {
	f.Add("@@A_@@B@@@@ @@", "1", "@@B@@")
	f.Add("x @@A@@@@@B@@", "@@", "@@B@@@")
	f.Add("@@A[@@B@@]@@\n@@A", "", "x\ny")
	f.Add(`{ filename = "f"; version = "@SWU_AUTO_VERSION"; sha256 = "@x" } # @@NO@@`, "1", "")
	f.Add(`a = $swupdate_get_size(@@B@@); b = "$swupdate_get_pkgvar(@@A@@)"; // $x(y)`, "f(1)", "#")
	f.Fuzz(func(t *testing.T, src, b, a1 string) {
		v := template.Vars{"A": "<@@A_1@@>", "B": b, "A_1": a1}
		source := template.Source{Vars: v, Packages: func(pkg, variable string) (string, error) { return pkg + "\"" + variable, nil }}
		text, err := source.Expand("t", []byte(src))
		again, problems := template.ExpandString(src, v)
		plain := !strings.ContainsAny(src+b+a1, `#/$"`)
		if plain && (err == nil) != (len(problems) == 0) {
			t.Fatalf("Expand: %v, ExpandString: %v", err, problems)
		}
		if err != nil {
			checkPositions(t, err.(diag.List), src)
			return
		}
		if plain && string(text.Bytes()) != again {
			t.Fatalf("Expand gives %q, ExpandString %q", text.Bytes(), again)
		}
		for i := range len(text.Bytes()) + 1 {
			checkPosition(t, text.Pos(i), src)
		}
		checkCalls(t, text)
	})
}

// checkCalls demands that the calls of a text are where they say, and that
// filling them changes nothing else.
func checkCalls(t *testing.T, text *template.Text) {
	t.Helper()
	again, err := text.Fill(func(c template.Call) (string, error) {
		if c.Arg == "" || text.Pos(c.Start) != c.Pos {
			t.Fatalf("call %+v stands at %v", c, text.Pos(c.Start))
		}
		return string(text.Bytes()[c.Start:c.End]), nil
	})
	if err != nil || string(again.Bytes()) != string(text.Bytes()) || !slices.Equal(again.Calls(), text.Calls()) {
		t.Fatalf("filled with its stand-ins, %q becomes %q, %v", text.Bytes(), again.Bytes(), err)
	}
}

func checkPositions(t *testing.T, list diag.List, src string) {
	t.Helper()
	for _, d := range list {
		checkPosition(t, d.Pos, src)
	}
}

// checkPosition demands that pos is inside src.
func checkPosition(t *testing.T, pos diag.Pos, src string) {
	t.Helper()
	lines := strings.Split(src, "\n")
	if pos.Line < 1 || pos.Line > len(lines) || pos.Col < 1 || pos.Col > len(lines[pos.Line-1])+1 {
		t.Fatalf("position %v is outside %q", pos, src)
	}
}

func ExampleExpand() {
	src := "version = \"@@VERSION@@\";\nfilename = \"@@IMAGE@@\";\n"
	text, err := template.Expand("sw-description.in", []byte(src), template.Vars{
		"VERSION": "2.4.0",
		"IMAGE":   "rootfs-@@VERSION@@.ext4",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s", text.Bytes())
	fmt.Println(text.Pos(len("version = \"2.4.0\";\nfilename = \"rootfs-2")))
	// Output:
	// version = "2.4.0";
	// filename = "rootfs-2.4.0.ext4";
	// sw-description.in:2:13
}

func ExampleExpand_errors() {
	_, err := template.Expand("sw-description.in", []byte("@@MACHIN@@ @@VERSION"), template.Vars{"MACHINE": "bbb"})
	fmt.Println(err)
	// Output:
	// sw-description.in:1:1: undefined variable "MACHIN"
	// sw-description.in:1:12: placeholder "@@VERSION" is not closed on its line
}
