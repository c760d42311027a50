package plugin

import (
	"bytes"
	"strings"
	"testing"
)

func TestOutput(t *testing.T) {
	o := newOutput()
	for _, part := range []string{"a", "b\nc", "\nd"} {
		o.Write([]byte(part))
	}
	for _, want := range []string{"ab", "c"} {
		if line, ok := o.line(); !ok || string(line) != want {
			t.Errorf("line %q, %v, want %q", line, ok, want)
		}
	}
	if line, ok := o.line(); ok {
		t.Errorf("half a line: %q", line)
	}
	if rest := o.rest(); string(rest) != "d" || len(o.rest()) != 0 {
		t.Errorf("rest %q", rest)
	}
	if len(o.arrived) != 1 {
		t.Error("nobody is told of a line")
	}
}

func TestOutputBound(t *testing.T) {
	o := newOutput()
	if n, err := o.Write(make([]byte, maxOutput)); n != maxOutput || err != nil || o.overflowed() {
		t.Fatalf("%d bytes, %v", n, err)
	}
	for range 2 {
		if n, err := o.Write([]byte("x")); n != 0 || err == nil || !o.overflowed() {
			t.Errorf("%d bytes, %v, want none", n, err)
		}
	}
}

func TestCommentary(t *testing.T) {
	var shown bytes.Buffer
	c := commentary{name: "p", to: &shown}
	for _, part := range []string{"one\r\n\n  \ntw", "o\n", strings.Repeat("x", maxComment), "end"} {
		if n, err := c.Write([]byte(part)); n != len(part) || err != nil {
			t.Errorf("%d bytes, %v", n, err)
		}
	}
	c.flush()
	want := "p: one\np: two\np: " + strings.Repeat("x", maxComment) + "\np: end\n"
	if shown.String() != want || c.last != "end" {
		t.Errorf("shown %q, last %q", shown.String(), c.last)
	}
	quiet := commentary{name: "p"}
	quiet.Write([]byte("kept\n"))
	if quiet.last != "kept" {
		t.Errorf("last %q", quiet.last)
	}
}

func TestPrintable(t *testing.T) {
	for s, want := range map[string]string{
		"plain é":                "plain é",
		"\x1b[2J":                "\uFFFD[2J",
		"a\xffb":                 "a\uFFFDb",
		strings.Repeat("x", 201): strings.Repeat("x", 200) + " ...",
	} {
		if got := printable(s); got != want {
			t.Errorf("%q becomes %q, want %q", s, got, want)
		}
	}
}
