package swdesc_test

import (
	"testing"

	"github.com/fwpack/fwpack/template/swdesc"
)

func TestEditsJSON(t *testing.T) {
	tests := []struct {
		name, in string
		edit     func(*swdesc.Group) error
		want     string
	}{
		{
			"lines", "{\n      \"filename\": \"f\",\n      \"type\": \"raw\"\n    }", fill,
			"{\n      \"filename\": \"f\",\n      \"sha256\": \"ab\",\n      \"encrypted\": true,\n      \"ivt\": \"0f\",\n      \"type\": \"raw\",\n" +
				"      \"properties\": {\n        \"decompressed-size\": \"12\",\n        \"decrypted-size\": \"34\"\n      }\n    }",
		},
		{
			"tabs and carriage returns", "{\r\n\t\"filename\" : \"f\",\r\n\t\"type\" : \"raw\"\r\n}", fill,
			"{\r\n\t\"filename\" : \"f\",\r\n\t\"sha256\" : \"ab\",\r\n\t\"encrypted\" : true,\r\n\t\"ivt\" : \"0f\",\r\n\t\"type\" : \"raw\",\r\n" +
				"\t\"properties\" : {\r\n\t\t\"decompressed-size\" : \"12\",\r\n\t\t\"decrypted-size\" : \"34\"\r\n\t}\r\n}",
		},
		{
			"one line", `{ "filename": "f", "type": "raw" }`, fill,
			`{ "filename": "f", "sha256": "ab", "encrypted": true, "ivt": "0f", "type": "raw", "properties": { "decompressed-size": "12", "decrypted-size": "34" } }`,
		},
		{
			"no spaces", `{"filename":"f","type":"raw"}`, set("x", "y"),
			`{"filename":"f","type":"raw","x":"y"}`,
		},
		{"only setting", `{"filename": "f"}`, set("sha256", "ab"), `{"filename": "f", "sha256": "ab"}`},
		{"empty object", `{}`, set("x", "y"), `{ "x": "y" }`},
		{"empty object on lines", "{\n}", set("x", "y"), "{\n  \"x\": \"y\"\n}"},
		{
			"aligned", "{\n  \"filename\"  : \"f\",\n  \"type\"      : \"raw\"\n}", set("x", "y"),
			"{\n  \"filename\"  : \"f\",\n  \"type\"      : \"raw\",\n  \"x\"         : \"y\"\n}",
		},
		{
			"commas begin lines", "{ \"a\": 1\n, \"b\": 2\n}", set("x", "y"),
			"{ \"a\": 1\n, \"b\": 2,\n  \"x\": \"y\"\n}",
		},
		{"replaced", `{ "x" : "old" , "y": 1 }`, set("x", "new"), `{ "x" : "new" , "y": 1 }`},
		{"same value", `{ "x": "\u0041" }`, set("x", "A"), `{ "x": "\u0041" }`},
		{"null replaced", `{ "x": null }`, set("x", "A"), `{ "x": "A" }`},
		{
			"numbers", `{ "a": 1 }`,
			func(g *swdesc.Group) error { return first(g.SetInt("a", 1<<31), g.SetInt("b", -5)) },
			`{ "a": 2147483648, "b": -5 }`,
		},
		{"names", `{ "a": 1 }`, set("my.\"board\"\n", "x"), `{ "a": 1, "my.\"board\"\n": "x" }`},
		{
			"escapes", `{}`, set("x", "a\"b\\c\n\r\t\f\b\x01\x1f\x7f/é😀"),
			`{ "x": "a\"b\\c\n\r\t\f\b\u0001\u001f\u007f/é😀" }`,
		},
		{
			"groups in new groups", "{\n  \"a\": 1\n}",
			func(g *swdesc.Group) error {
				b, err := g.EnsureGroup("b")
				if err != nil {
					return err
				}
				c, err := b.EnsureGroup("c")
				return first(err, c.SetInt("d", 1), b.SetBool("e", false), g.SetInt("f", 3))
			},
			"{\n  \"a\": 1,\n  \"b\": {\n    \"c\": {\n      \"d\": 1\n    },\n    \"e\": false\n  },\n  \"f\": 3\n}",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := parseJSON(t, tt.in)
			if err := tt.edit(doc.Root); err != nil {
				t.Fatal(err)
			}
			if got := string(doc.Bytes()); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			checkReparse(t, doc)
			again := parseJSON(t, string(doc.Bytes()))
			if err := tt.edit(again.Root); err != nil || string(again.Bytes()) != string(doc.Bytes()) {
				t.Errorf("edited once more it is\n%s\n%v", again.Bytes(), err)
			}
		})
	}
}

// Entries of a list are laid out as their neighbours are, whatever their depth.
func TestEditEntriesJSON(t *testing.T) {
	doc := parseJSON(t, entriesJSON(2))
	for g := range doc.Groups() {
		if g.Get("filename") != nil {
			if err := fillPlain(g); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := `      {
        "filename": "f0",
        "sha256": "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f",
        "type": "raw",
        "size": 1099511627776,
        "encrypted": true,
        "device": "/dev/mmcblk0",
        "properties": {
          "decompressed-size": "12"
        },
        "version": "a\"b\\c\n\r\t\f\u0001\u001f\u007f é @@"
      },
`
	text := string(doc.Bytes())
	if at := len("{\n  \"software\": {\n    \"version\": \"1\",\n    \"images\": [\n"); text[at:at+len(want)] != want {
		t.Errorf("got\n%s\nwant\n%s", text[at:], want)
	}
	checkReparse(t, doc)
}

func TestEditErrorsJSON(t *testing.T) {
	src := `{"o": {}, "a": [1], "s": "x"}`
	tests := []struct {
		name string
		edit func(*swdesc.Group) error
		want string
	}{
		{"object", set("o", "x"), "o is a group, not a string"},
		{"array", func(g *swdesc.Group) error { return g.SetInt("a", 1) }, "a is an array, not an integer"},
		{"not an object", func(g *swdesc.Group) error { _, err := g.EnsureGroup("s"); return err }, "s is a string, not a group"},
		{"NUL", set("s", "a\x00b"), "value of s has a NUL byte at offset 1"},
		{"not UTF-8", set("s", "é\xffb"), "value of s is not UTF-8 at offset 2"},
		{"name", set("a\xff", "x"), `"a\xff" cannot name a setting: it is not UTF-8 at offset 1`},
		{"name with NUL", func(g *swdesc.Group) error { _, err := g.EnsureGroup("\x00"); return err }, `"\x00" cannot name a setting: it has a NUL byte at offset 0`},
	}
	for _, tt := range tests {
		doc := parseJSON(t, src)
		if err := tt.edit(doc.Root); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
		if got := string(doc.Bytes()); got != src {
			t.Errorf("%s: a refused edit changed the document: %s", tt.name, got)
		}
	}
}

// An integer that devices read wrongly is written anew, with its L.
func TestSetIntOverflowing(t *testing.T) {
	doc := parse(t, "a = 3000000000; b = 5; c = 3000000000L;")
	for _, name := range []string{"a", "c"} {
		if err := doc.Root.SetInt(name, 3_000_000_000); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := string(doc.Bytes()), "a = 3000000000L; b = 5; c = 3000000000L;"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
