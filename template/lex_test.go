package template

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc"
)

func kindName(k tokenKind) string {
	return [...]string{"sign", "word", "string", "comment"}[k]
}

// tokens writes what the lexer makes of src.
func tokens(src string) string {
	var out []string
	l := newLexer(src)
	for t, ok := l.next(); ok; t, ok = l.next() {
		out = append(out, fmt.Sprintf("%s %q", kindName(t.kind), src[t.start:t.end]))
	}
	return strings.Join(out, ", ")
}

func TestTokens(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"blanks", " \t\r\n", ""},
		{"setting", "a-b.c = 0x1L;", `word "a-b.c", sign "=", word "0x1L", sign ";"`},
		{"string", `"a b"`, `string "\"a b\""`},
		{"strings side by side", `"a""b"`, `string "\"a\"", string "\"b\""`},
		{"string of lines", "\"a\n# b\"", `string "\"a\n# b\""`},
		{"escaped quote", `"a\"b" c`, `string "\"a\\\"b\"", word "c"`},
		{"escaped backslash", `"a\\" c`, `string "\"a\\\\\"", word "c"`},
		{"string is not closed", `"a b`, `string "\"a b"`},
		{"string ends in a backslash", `"a\`, `string "\"a\\"`},
		{"string is a quote", `"`, `string "\""`},
		{"comments", "#a\n//b\n/*c\n*/d", `comment "#a", comment "//b", comment "/*c\n*/", word "d"`},
		{"comment with line end of Windows", "#a\r\nb", `comment "#a\r", word "b"`},
		{"comment at the end", "a//", `word "a", comment "//"`},
		{"comment is not closed", "/* a", `comment "/* a"`},
		{"comment is half closed", "/*/", `comment "/*/"`},
		{"shortest comment", "/**/a", `comment "/**/", word "a"`},
		{"comments do not nest", "/* /* */ a */", `comment "/* /* */", word "a", sign "*", sign "/"`},
		{"quote in a comment", "# \"\na", `comment "# \"", word "a"`},
		{"slash alone", "/ a", `sign "/", word "a"`},
		{"JSON has no comments", `{"a": 1} # //`, `sign "{", string "\"a\"", sign ":", word "1", sign "}", sign "#", sign "/", sign "/"`},
		{"JSON behind blanks", "\n {#", `sign "{", sign "#"`},
		{"other bytes", "é@$", `sign "\xc3", sign "\xa9", sign "@", sign "$"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tokens(tt.in); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestContent(t *testing.T) {
	tests := []struct {
		in, want string
		closed   bool
	}{
		{`"a"`, "a", true},
		{`""`, "", true},
		{`"`, "", false},
		{`"a`, "a", false},
		{`"\"`, `\"`, false},
		{`"\\"`, `\\`, true},
		{`"\\\"`, `\\\"`, false},
	}
	for _, tt := range tests {
		l := newLexer(tt.in)
		token, _ := l.next()
		start, end, closed := l.content(token)
		if got := tt.in[start:end]; got != tt.want || closed != tt.closed {
			t.Errorf("content of %s is %q, %v", tt.in, got, closed)
		}
	}
}

func TestComments(t *testing.T) {
	const src = "a = \"#\"; # b\n/* c */ d = 1; // e"
	var got []string
	for _, c := range comments(src) {
		got = append(got, src[c.start:c.end])
	}
	if want := []string{"# b", "/* c */", "// e"}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzLexer: tokens come in order and leave out nothing but blanks; where the
// parser of descriptions accepts a text, it means the same without its comments.
func FuzzLexer(f *testing.F) {
	for _, s := range []string{"a = \"#\"; # b\n", "a = 1; /* \" */ b : \"//\\\"\";", "// a\n", "a = ( { b = [ 1 ]; } );", "{\"a\": \"\\\\\"}", "\"", "/*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		done := 0
		l := newLexer(src)
		for tok, ok := l.next(); ok; tok, ok = l.next() {
			if tok.start < done || tok.end <= tok.start || strings.Trim(src[done:tok.start], " \t\r\n") != "" {
				t.Fatalf("token at %d to %d behind %d of %q", tok.start, tok.end, done, src)
			}
			done = tok.end
		}
		if strings.Trim(src[done:], " \t\r\n") != "" {
			t.Fatalf("%q is left of %q", src[done:], src)
		}
		checkWithoutComments(t, src)
	})
}

func checkWithoutComments(t *testing.T, src string) {
	t.Helper()
	doc, err := swdesc.Parse([]byte(src))
	if err != nil {
		return
	}
	bare := []byte(src)
	for _, c := range comments(src) {
		copy(bare[c.start:c.end], strings.Repeat(" ", c.end-c.start))
	}
	again, err := swdesc.Parse(bare)
	if err != nil {
		t.Fatalf("%q is no description without its comments: %v", src, err)
	}
	if got, want := settings(again), settings(doc); got != want {
		t.Fatalf("%q without its comments is %s, not %s", src, got, want)
	}
}

// settings writes the names and the places of all settings.
func settings(doc *swdesc.Document) string {
	var b strings.Builder
	for group := range doc.Groups() {
		for _, s := range group.Settings() {
			fmt.Fprintf(&b, "%s at %d; ", s.Name(), s.Value().Offset())
		}
	}
	return b.String()
}
