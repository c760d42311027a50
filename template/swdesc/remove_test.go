package swdesc_test

import (
	"fmt"
	"testing"
)

func TestRemove(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"line", "{\n\ta = 1;\n\tx = 2;\n\tb = 3;\n}", "{\n\ta = 1;\n\tb = 3;\n}"},
		{"first line", "{\n\tx = 1;\n\tb = 3;\n}", "{\n\tb = 3;\n}"},
		{"last line", "{\n\ta = 1;\n\tx = 3;\n}", "{\n\ta = 1;\n}"},
		{"only line", "{\n\tx = 3;\n}", "{\n}"},
		{"carriage returns", "{\r\n\ta = 1;\r\n\tx = 2;\r\n\tb = 3;\r\n}", "{\r\n\ta = 1;\r\n\tb = 3;\r\n}"},
		{"comment behind", "{\n\ta = 1; # a\n\tx = 2; # x /* */\n\t# b\n\tb = 3;\n}", "{\n\ta = 1; # a\n\t# b\n\tb = 3;\n}"},
		{"comments above", "{\n\ta = 1;\n\n\t# above\n\n\tx = 2;\n\n\tb = 3;\n}", "{\n\ta = 1;\n\n\t# above\n\n\n\tb = 3;\n}"},
		{"comment before, same line", "{\n\t/* x */ x = 2; // y\n\tb = 3;\n}", "{\n\t/* x */\n\tb = 3;\n}"},
		{"comment over lines behind", "{\n\tx = 2; /* one\n two */\n\tb = 3;\n}", "{\n\tb = 3;\n}"},
		{"comment inside", "{\n\tx /* 1 */ = /* 2 */ 2 // 3\n\t;\n\tb = 3;\n}", "{\n\tb = 3;\n}"},
		{"group over lines", "{\n\ta = 1;\n\tx = {\n\t\tc = 1;\n\t};\n\tb = 3;\n}", "{\n\ta = 1;\n\tb = 3;\n}"},
		{"last, comment behind", "{\n\ta = 1;\n\tx = 2; # x\n\t# end\n}", "{\n\ta = 1;\n\t# end\n}"},
		{"one line, first", `{ x = 1; b = 2; }`, `{ b = 2; }`},
		{"one line, middle", `{ a = 1;  x = 2; b = 3; }`, `{ a = 1;  b = 3; }`},
		{"one line, last", `{ a = 1; x = 2; }`, `{ a = 1; }`},
		{"one line, only", `{ x = 2; }`, `{ }`},
		{"no spaces, first", `{x=1;b=2;}`, `{b=2;}`},
		{"no spaces, last", `{a=1;x=2;}`, `{a=1;}`},
		{"no spaces, only", `{x=1}`, `{}`},
		{"comment before the next", `{ x = 1; /* b */ b = 2; }`, `{ /* b */ b = 2; }`},
		{"comment behind the last", `{ a = 1; /* x */ x = 1; /* y */ }`, `{ a = 1; /* x */ }`},
		{"shares its line with the one before", "{\n\ta = 1; x = 2; # x\n\tb = 3;\n}", "{\n\ta = 1;\n\tb = 3;\n}"},
		{"shares its line with the one behind", "{\n\tx = 1; b = 2; # b\n}", "{\n\tb = 2; # b\n}"},
		{"brace behind", "{\n\ta = 1;\n\tx = 2; }", "{\n\ta = 1; }"},
		{"brace behind, comment above", "{\n\ta = 1; // a\n\tx = 2; }", "{\n\ta = 1; // a\n\t}"},
		{"beside the brace", "{ x = 1;\n\tb = 2;\n}", "{\n\tb = 2;\n}"},
		{"separators", `{ a = 1, x = 2 }`, `{ a = 1 }`},
		{"separators on lines", "{\n a = 1,\n x = 2\n}", "{\n a = 1\n}"},
		{"separator with a comment", "{\n a = 1 /* a */,\n x = 2\n}", "{\n a = 1 /* a */,\n}"},
		{"terminator forgotten", "{\n a = 1;\n x = 2\n}", "{\n a = 1;\n}"},
		{"no terminators", `{ a = 1 x = 2 b = 3 }`, `{ a = 1 b = 3 }`},
		{"nothing but quotes", `{a="1"x="2"b=3}`, `{a="1";b=3}`},
		{"numbers would run together", `{a=1x="2"e5=3}`, `{a=1;e5=3}`},
		{"not there", `{ y = 1; }`, `{ y = 1; }`},
	}
	for _, tt := range tests {
		doc := parse(t, "g = "+tt.in)
		g, _ := doc.Root.GetGroup("g")
		had := g.Get("x") != nil
		if removed := g.Remove("x"); removed != had || g.Get("x") != nil {
			t.Errorf("%s: Remove says %v, want %v", tt.name, removed, had)
		}
		if got := string(doc.Bytes()); got != "g = "+tt.want {
			t.Errorf("%s: got\n%q\nwant\n%q", tt.name, got, "g = "+tt.want)
		}
		checkReparse(t, doc)
	}
}

func TestRemoveFromFile(t *testing.T) {
	for in, want := range map[string]string{
		"x = 1;\nb = 2;\n":               "b = 2;\n",
		"# licence\nx = 1;\nb = 2;\n":    "# licence\nb = 2;\n",
		"/* c */ x = 1;\nb = 2;\n":       "/* c */\nb = 2;\n",
		"a = 1;\nx = 2;\n":               "a = 1;\n",
		"a = 1;\nx = 2":                  "a = 1;",
		"a = 1;\n# c\nx = 2":             "a = 1;\n# c\n",
		"x = 1;\n":                       "",
		"x = 1;\r\n\r\nb = 2;\r\n":       "\r\nb = 2;\r\n",
		"x = 1; # c\n# d\n":              "# d\n",
		"x = 1; b = 2;\n":                "b = 2;\n",
		"a = 1;\nx = 1; /* d\n */\n\n":   "a = 1;\n\n",
		"a = 1; x = 2; // d\n// end\n":   "a = 1;\n// end\n",
		"a = 1; // a\nx = 2; // d\n\n\n": "a = 1; // a\n\n\n",
	} {
		doc := parse(t, in)
		doc.Root.Remove("x")
		if got := string(doc.Bytes()); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
		checkReparse(t, doc)
	}
}

func TestRemoveJSON(t *testing.T) {
	for in, want := range map[string]string{
		"{\n  \"a\": 1,\n  \"x\": 2,\n  \"b\": 3\n}\n":        "{\n  \"a\": 1,\n  \"b\": 3\n}\n",
		"{\n  \"x\": 1,\n  \"b\": 3\n}\n":                     "{\n  \"b\": 3\n}\n",
		"{\n  \"a\": 1,\n  \"x\": {\n    \"c\": []\n  }\n}\n": "{\n  \"a\": 1\n}\n",
		"{\n  \"x\": 1\n}\n":                                  "{\n}\n",
		`{"a": 1, "x": 2, "b": 3}`:                            `{"a": 1, "b": 3}`,
		`{"a":1,"x":2}`:                                       `{"a":1}`,
		`{"x":1,"b":2}`:                                       `{"b":2}`,
		`{ "x" : 1 }`:                                         `{ }`,
		`{ "a" : 1 , "x" : 2 }`:                               `{ "a" : 1 }`,
		"{ \"a\": 1\n, \"x\": 2\n, \"b\": 3\n}":               "{ \"a\": 1\n, \"b\": 3\n}",
		"{ \"a\": 1\n, \"x\": 2\n}":                           "{ \"a\": 1\n}",
		"{\r\n\t\"a\": 1,\r\n\t\"x\": 2\r\n}\r\n":             "{\r\n\t\"a\": 1\r\n}\r\n",
		"{\n  \"a\": 1,\n  \"x\": 2 }":                        "{\n  \"a\": 1 }",
		"{ \"x\": 2,\n  \"b\": 3 }":                           "{\n  \"b\": 3 }",
		"{\n  \"a\": 1, \"x\": 2,\n  \"b\": [ 1 ]\n}":         "{\n  \"a\": 1,\n  \"b\": [ 1 ]\n}",
	} {
		doc := parseJSON(t, in)
		if !doc.Root.Remove("x") || doc.Root.Remove("x") {
			t.Errorf("%q: removed not exactly once", in)
		}
		if got := string(doc.Bytes()); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
		checkReparse(t, doc)
	}
}

// What is added and removed again leaves no trace.
func TestRemoveWhatWasAdded(t *testing.T) {
	for _, src := range []string{
		"{\n\ta = 1; # a\n\tb = 3;\n}", "{ a = 1; b = 2; }", "{a=1;b=2;}", "{\r\n a = 1,\r\n b = 2\r\n}", "{ a = 1, b = 2 }", "{\n\ta = 1;\n\t# end\n}",
	} {
		doc := parse(t, "g = "+src)
		g, _ := doc.Root.GetGroup("g")
		if err := g.SetInt("x", 5); err != nil {
			t.Fatal(err)
		}
		g.Remove("x")
		if got := string(doc.Bytes()); got != "g = "+src {
			t.Errorf("%q becomes %q", src, got)
		}
	}
	for _, src := range []string{"{\n  \"a\": 1,\n  \"b\": 2\n}\n", `{"a":1,"b":2}`, `{ "a": 1 }`} {
		doc := parseJSON(t, src)
		if err := doc.Root.SetInt("x", 5); err != nil {
			t.Fatal(err)
		}
		doc.Root.Remove("x")
		if got := string(doc.Bytes()); got != src {
			t.Errorf("%q becomes %q", src, got)
		}
	}
}

// A group with many settings finds them by name after some are gone.
func TestRemoveMany(t *testing.T) {
	doc := parse(t, many("s%d = 1;\n", 40))
	for i := 0; i < 40; i += 2 {
		doc.Root.Remove(fmt.Sprint("s", i))
	}
	for i := range 40 {
		if found := doc.Root.Get(fmt.Sprint("s", i)) != nil; found != (i%2 == 1) {
			t.Errorf("s%d found: %v", i, found)
		}
	}
	if doc.Root.Len() != 20 {
		t.Errorf("%d settings are left", doc.Root.Len())
	}
	checkReparse(t, doc)
}
