package swdesc_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/template/swdesc"
)

// fill writes into g what a build fills in, in an order that differs from the one
// in which it is to appear.
func fill(g *swdesc.Group) error {
	p, err := g.EnsureGroup("properties")
	for _, e := range []error{
		err,
		g.SetString("ivt", "0f"),
		g.SetBool("encrypted", true),
		p.SetString("decompressed-size", "12"),
		g.SetString("sha256", "ab"),
		p.SetString("decrypted-size", "34"),
	} {
		if e != nil {
			return e
		}
	}
	return nil
}

func TestEdits(t *testing.T) {
	tests := []struct {
		name, in string
		edit     func(*swdesc.Group) error
		want     string
	}{
		{
			"lines with tabs",
			"{\n\t\tfilename = \"f\";\n\t\ttype = \"raw\";\n\t}", fill,
			"{\n\t\tfilename = \"f\";\n\t\tsha256 = \"ab\";\n\t\tencrypted = true;\n\t\tivt = \"0f\";\n\t\ttype = \"raw\";\n" +
				"\t\tproperties = {\n\t\t\tdecompressed-size = \"12\";\n\t\t\tdecrypted-size = \"34\";\n\t\t};\n\t}",
		},
		{
			"comments stay with their setting",
			"{\n  # the file\n  filename = \"f\"; # as built\n  /* how */ type = \"raw\"; /* really */ // yes\n  # end\n}", set("sha256", "ab"),
			"{\n  # the file\n  filename = \"f\"; # as built\n  sha256 = \"ab\";\n  /* how */ type = \"raw\"; /* really */ // yes\n  # end\n}",
		},
		{
			"last setting with comments behind",
			"{\n  filename = \"f\"; # as built\n  # end\n}", set("sha256", "ab"),
			"{\n  filename = \"f\"; # as built\n  sha256 = \"ab\";\n  # end\n}",
		},
		{
			"comment over several lines",
			"{\n  filename = \"f\"; /* one\n  two */\n  type = \"raw\";\n}", set("sha256", "ab"),
			"{\n  filename = \"f\"; /* one\n  two */\n  sha256 = \"ab\";\n  type = \"raw\";\n}",
		},
		{
			"carriage returns",
			"{\r\n  filename : \"f\",\r\n  type : \"raw\",\r\n}\r\n", fill,
			"{\r\n  filename : \"f\",\r\n  sha256 : \"ab\",\r\n  encrypted : true,\r\n  ivt : \"0f\",\r\n  type : \"raw\",\r\n" +
				"  properties : {\r\n    decompressed-size : \"12\",\r\n    decrypted-size : \"34\",\r\n  },\r\n}\r\n",
		},
		{
			"one line",
			`{ filename = "f"; type = "raw"; }`, fill,
			`{ filename = "f"; sha256 = "ab"; encrypted = true; ivt = "0f"; type = "raw"; properties = { decompressed-size = "12"; decrypted-size = "34"; }; }`,
		},
		{
			"one line without spaces",
			`{filename="f";type="raw";}`, fill,
			`{filename="f";sha256="ab";encrypted=true;ivt="0f";type="raw";properties={ decompressed-size="12"; decrypted-size="34"; };}`,
		},
		{
			"one line without terminators",
			`{ filename = "f" type = "raw" }`, set("sha256", "ab"),
			`{ filename = "f" sha256 = "ab" type = "raw" }`,
		},
		{
			"nothing but quotes between settings",
			`{filename="f"type="raw"}`, set("sha256", "ab"),
			`{filename="f" sha256="ab";type="raw"}`,
		},
		{
			"separators, none behind the last",
			`{ filename = "f", type = "raw" }`, set("x", "y"),
			`{ filename = "f", type = "raw", x = "y" }`,
		},
		{
			"separators on lines",
			"{\n filename = \"f\",\n type = \"raw\"\n}", set("x", "y"),
			"{\n filename = \"f\",\n type = \"raw\",\n x = \"y\"\n}",
		},
		{
			"only setting on its line, no terminator",
			`{filename = "f"}`, set("sha256", "ab"),
			`{filename = "f"; sha256 = "ab"}`,
		},
		{
			"terminator forgotten on the last line",
			"{\n filename = \"f\";\n type = \"raw\"\n}", set("x", "y"),
			"{\n filename = \"f\";\n type = \"raw\"\n x = \"y\";\n}",
		},
		{
			"no terminators on lines",
			"{\n filename = \"f\"\n type = \"raw\"\n}", fill,
			"{\n filename = \"f\"\n sha256 = \"ab\"\n encrypted = true\n ivt = \"0f\"\n type = \"raw\"\n" +
				" properties = {\n  decompressed-size = \"12\";\n  decrypted-size = \"34\";\n }\n}",
		},
		{
			"aligned with spaces",
			"{\n  filename        = \"f\";\n  type            = \"raw\";\n}", fill,
			"{\n  filename        = \"f\";\n  sha256          = \"ab\";\n  encrypted       = true;\n  ivt             = \"0f\";\n  type            = \"raw\";\n" +
				"  properties      = {\n    decompressed-size = \"12\";\n    decrypted-size = \"34\";\n  };\n}",
		},
		{
			"first setting beside the brace",
			"{ filename = \"f\";\n  type = \"raw\";\n}", set("sha256", "ab"),
			"{ filename = \"f\";\n  sha256 = \"ab\";\n  type = \"raw\";\n}",
		},
		{
			"only setting beside the brace",
			"{ filename = \"f\";\n}", set("sha256", "ab"),
			"{ filename = \"f\";\n\tsha256 = \"ab\";\n}",
		},
		{
			"brace behind the last setting",
			"{ filename = \"f\";\n  type = \"raw\"; }", set("x", "y"),
			"{ filename = \"f\";\n  type = \"raw\";\n  x = \"y\"; }",
		},
		{
			"two on a line",
			"{\n  filename = \"f\"; type = \"raw\";\n  path = \"/\";\n}", fill,
			"{\n  filename = \"f\"; sha256 = \"ab\"; encrypted = true; ivt = \"0f\"; type = \"raw\";\n  path = \"/\";\n" +
				"  properties = {\n    decompressed-size = \"12\";\n    decrypted-size = \"34\";\n  };\n}",
		},
		{
			"behind the last of its family",
			"{\n compressed = \"zlib\";\n filename = \"f\";\n}", fill,
			"{\n compressed = \"zlib\";\n encrypted = true;\n ivt = \"0f\";\n filename = \"f\";\n sha256 = \"ab\";\n" +
				" properties = {\n  decompressed-size = \"12\";\n  decrypted-size = \"34\";\n };\n}",
		},
		{
			"version behind name",
			"{\n name = \"n\";\n filename = \"f\";\n}", set("version", "1"),
			"{\n name = \"n\";\n version = \"1\";\n filename = \"f\";\n}",
		},
		{
			"group there already",
			"{ filename = \"f\"; properties: {\n  url = [ \"x\" ];\n} }",
			func(g *swdesc.Group) error { return fill(g) },
			"{ filename = \"f\"; sha256 = \"ab\"; encrypted = true; ivt = \"0f\"; properties: {\n  url = [ \"x\" ];\n" +
				"  decompressed-size = \"12\";\n  decrypted-size = \"34\";\n} }",
		},
		{"empty group", "{}", set("x", "y"), `{ x = "y"; }`},
		{"empty group with a blank", "{ }", set("x", "y"), `{ x = "y"; }`},
		{"empty group with a comment", "{ /* none */ }", set("x", "y"), `{ /* none */ x = "y"; }`},
		{"empty group on lines", "{\n  # none\n  }", set("x", "y"), "{\n      x = \"y\";\n  # none\n  }"},
		{"replaced", `{ x = /* a */ "old" /* b */; # c` + "\n}", set("x", "new"), `{ x = /* a */ "new" /* b */; # c` + "\n}"},
		{"parts replaced", "{ x = \"a\" # b\n \"c\"; }", set("x", "new"), `{ x = "new"; }`},
		{"same value", `{ x = "\x41" "b"; }`, set("x", "Ab"), `{ x = "\x41" "b"; }`},
		{
			"other kind, no room", `{x="1"y="2"}`,
			func(g *swdesc.Group) error { return g.SetBool("x", true) },
			`{x=true;y="2"}`,
		},
		{
			"replaced twice", `{ x = 1; }`,
			func(g *swdesc.Group) error { return first(g.SetString("x", "a"), g.SetInt("x", 2), g.SetInt("x", 2)) },
			`{ x = 2; }`,
		},
		{
			"equal numbers and booleans", `{ x = 0x10L; y = TRUE; }`,
			func(g *swdesc.Group) error { return first(g.SetInt("x", 16), g.SetBool("y", true)) },
			`{ x = 0x10L; y = TRUE; }`,
		},
		{
			"other kinds", `{ x = 1; y = "1"; z = true; f = 1.0; }`,
			func(g *swdesc.Group) error {
				return first(g.SetString("x", "1"), g.SetInt("y", 1), g.SetInt("z", 1), g.SetInt("f", 1))
			},
			`{ x = "1"; y = 1; z = 1; f = 1; }`,
		},
		{
			"numbers", `{}`,
			func(g *swdesc.Group) error {
				return first(g.SetInt("a", 1<<31-1), g.SetInt("b", 1<<31), g.SetInt("c", -1<<31), g.SetInt("d", -1<<31-1))
			},
			`{ a = 2147483647; b = 2147483648L; c = -2147483648; d = -2147483649L; }`,
		},
		{
			"escapes", `{}`, set("x", "a\"b\\c\n\r\t\f\x01\x1f\x7f\x80é"),
			"{ x = \"a\\\"b\\\\c\\n\\r\\t\\f\\x01\\x1f\\x7f\x80é\"; }",
		},
		{
			"groups in new groups", "{\n\ta = 1;\n}",
			func(g *swdesc.Group) error {
				b, err := g.EnsureGroup("b")
				if err != nil {
					return err
				}
				c, err := b.EnsureGroup("c")
				return first(err, c.SetInt("d", 1), b.SetInt("e", 2), g.SetInt("f", 3))
			},
			"{\n\ta = 1;\n\tb = {\n\t\tc = {\n\t\t\td = 1;\n\t\t};\n\t\te = 2;\n\t};\n\tf = 3;\n}",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := parse(t, "g = "+tt.in)
			g, err := doc.Root.GetGroup("g")
			if err != nil {
				t.Fatal(err)
			}
			if err := tt.edit(g); err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimPrefix(string(doc.Bytes()), "g = "); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			checkReparse(t, doc)
			again := parse(t, string(doc.Bytes()))
			g, _ = again.Root.GetGroup("g")
			if err := tt.edit(g); err != nil || tt.name != "replaced twice" && string(again.Bytes()) != string(doc.Bytes()) {
				t.Errorf("edited once more it is\n%s\n%v", again.Bytes(), err)
			}
		})
	}
}

func set(name, value string) func(*swdesc.Group) error {
	return func(g *swdesc.Group) error { return g.SetString(name, value) }
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func parse(t testing.TB, src string) *swdesc.Document {
	t.Helper()
	doc, err := swdesc.Parse([]byte(src))
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return doc
}

func TestEditRoot(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", `x = "y";` + "\n"},
		{"# c\n", "# c\n" + `x = "y";` + "\n"},
		{"a = 1;\n", "a = 1;\nx = \"y\";\n"},
		{"a = 1; # c\n\n", "a = 1; # c\nx = \"y\";\n\n"},
		{"a = 1", `a = 1; x = "y"`},
		{"\na = 1", "\na = 1\nx = \"y\""},
	}
	for _, tt := range tests {
		doc := parse(t, tt.in)
		if err := doc.Root.SetString("x", "y"); err != nil {
			t.Fatal(err)
		}
		if got := string(doc.Bytes()); got != tt.want {
			t.Errorf("%q becomes %q, want %q", tt.in, got, tt.want)
		}
		checkReparse(t, doc)
	}
}

func TestEditErrors(t *testing.T) {
	src := `g = { group = {}; list = (); array = []; s = "x"; };`
	tests := []struct {
		name string
		edit func(*swdesc.Group) error
		want string
	}{
		{"group", set("group", "x"), "g.group is a group, not a string"},
		{"list", func(g *swdesc.Group) error { return g.SetBool("list", true) }, "g.list is a list, not a boolean"},
		{"array", func(g *swdesc.Group) error { return g.SetInt("array", 1) }, "g.array is an array, not an integer"},
		{"not a group", func(g *swdesc.Group) error { _, err := g.EnsureGroup("s"); return err }, "g.s is a string, not a group"},
		{"no name", set("", "x"), `"" cannot name a setting: ` + nameHint},
		{"dotted name", set("a.b", "x"), `"a.b" cannot name a setting: ` + nameHint},
		{"digit", func(g *swdesc.Group) error { _, err := g.EnsureGroup("1"); return err }, `"1" cannot name a setting: ` + nameHint},
		{"boolean", set("True", "x"), `"True" cannot name a setting: it is a value`},
		{"NUL", set("s", "a\x00b"), "value of s has a NUL byte at offset 1"},
	}
	for _, tt := range tests {
		doc := parse(t, src)
		g, _ := doc.Root.GetGroup("g")
		if err := tt.edit(g); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
		if got := string(doc.Bytes()); got != src {
			t.Errorf("%s: a refused edit changed the document: %s", tt.name, got)
		}
	}
}

func TestOffsetsAfterEdits(t *testing.T) {
	doc := parse(t, `a = 1; g = { filename = "f"; type = "raw"; };`)
	g, _ := doc.Root.GetGroup("g")
	if err := first(g.SetString("type", "flash"), fill(g)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"filename": 13, "type": 29, "sha256": 13, "ivt": 13, "properties": 29} {
		if got := g.Get(name).Offset(); got != want {
			t.Errorf("%s has offset %d, want %d", name, got, want)
		}
	}
	if got := g.Get("type").Value().Offset(); got != 36 {
		t.Errorf("the value of type has offset %d, want 36", got)
	}
}

// entries is a description with n images of a few lines each.
func entries(n int) string {
	var b strings.Builder
	b.WriteString("software = {\n\tversion = \"1\";\n\timages: (\n")
	for i := range n {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, "\t\t{\n\t\t\tfilename = \"f%d\"; # file\n\t\t\ttype = \"raw\";\n\t\t\tdevice = \"/dev/mmcblk%d\";\n\t\t}", i, i)
	}
	b.WriteString("\n\t);\n}\n")
	return b.String()
}

// Edits cost time in proportion to their number, many entries or many settings
// in one group. The bound allows for a busy machine; BenchmarkFill has the
// measure.
func TestEditsLinear(t *testing.T) {
	start := time.Now()
	doc := parse(t, entries(3_000))
	for g := range doc.Groups() {
		if g.Get("filename") != nil {
			if err := fill(g); err != nil {
				t.Fatal(err)
			}
		}
	}
	checkReparse(t, doc)
	doc = parse(t, "g = {};")
	g, _ := doc.Root.GetGroup("g")
	for i := range 5_000 {
		if err := g.SetInt(fmt.Sprint("s", i), int64(i)); err != nil {
			t.Fatal(err)
		}
	}
	checkReparse(t, doc)
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}

func BenchmarkParse(b *testing.B) {
	src := []byte(entries(13_000))
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if _, err := swdesc.Parse(src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFill(b *testing.B) {
	src := entries(10_000)
	for b.Loop() {
		b.StopTimer()
		doc := parse(b, src)
		b.StartTimer()
		for g := range doc.Groups() {
			if g.Get("filename") != nil {
				_ = fill(g)
			}
		}
		doc.Bytes()
	}
}
