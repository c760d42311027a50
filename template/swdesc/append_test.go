package swdesc

import (
	"strings"
	"testing"
)

// appendScript adds an entry to the list scripts of software.
func appendScript(t *testing.T, src string) string {
	t.Helper()
	doc, err := ParseAny([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	software, err := doc.Root.GetGroup("software")
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := software.EnsureList("scripts")
	if err != nil {
		t.Fatal(err)
	}
	group := scripts.AppendGroup(doc.Format)
	for _, s := range [][2]string{{"filename", "check"}, {"type", "preinstall"}} {
		if err := group.SetString(s[0], s[1]); err != nil {
			t.Fatal(err)
		}
	}
	if group.Path() != scripts.Path()+"["+string(rune('0'+scripts.Len()-1))+"]" {
		t.Errorf("path %s", group.Path())
	}
	again, err := ParseAny(doc.Bytes())
	if err != nil {
		t.Fatalf("%v\n%s", err, doc.Bytes())
	}
	if !Equal(again.Root, doc.Root) {
		t.Error("reads differently")
	}
	return string(doc.Bytes())
}

func TestAppendGroup(t *testing.T) {
	for name, c := range map[string][2]string{
		"no list": {
			"software = {\n\tversion = \"1\";\n};\n",
			"software = {\n\tversion = \"1\";\n\tscripts = (\n\t\t{ filename = \"check\"; type = \"preinstall\"; }\n\t);\n};\n",
		},
		"no list, one line": {
			`software = { version = "1"; };`,
			`software = { version = "1"; scripts = ( { filename = "check"; type = "preinstall"; } ); };`,
		},
		"empty": {
			"software: {\n  version: \"1\";\n  scripts: ();\n};\n",
			"software: {\n  version: \"1\";\n  scripts: ( { filename: \"check\"; type: \"preinstall\"; } );\n};\n",
		},
		"lines": {
			"software = {\n  scripts = (\n    { filename = \"a\" }, // first\n    { filename = \"b\" } // second\n  );\n}\n",
			"software = {\n  scripts = (\n    { filename = \"a\" }, // first\n    { filename = \"b\" }, // second\n    { filename = \"check\"; type = \"preinstall\"; }\n  );\n}\n",
		},
		"one line": {
			`software = { scripts = ({ filename = "a" }); }`,
			`software = { scripts = ({ filename = "a" }, { filename = "check"; type = "preinstall"; }); }`,
		},
		"half a line": {
			"software = {\r\n\tscripts = ({\r\n\t\tfilename = \"a\";\r\n\t});\r\n};\r\n",
			"software = {\r\n\tscripts = ({\r\n\t\tfilename = \"a\";\r\n\t}, { filename = \"check\"; type = \"preinstall\"; });\r\n};\r\n",
		},
		"JSON": {
			"{\n  \"software\": {\n    \"scripts\": [\n      { \"filename\": \"a\" }\n    ]\n  }\n}\n",
			"{\n  \"software\": {\n    \"scripts\": [\n      { \"filename\": \"a\" },\n      { \"filename\": \"check\", \"type\": \"preinstall\" }\n    ]\n  }\n}\n",
		},
		"JSON, empty": {
			`{"software": {"scripts": []}}`,
			`{"software": {"scripts": [ { "filename": "check", "type": "preinstall" } ]}}`,
		},
	} {
		if got := appendScript(t, c[0]); got != c[1] {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c[1])
		}
	}
}

func TestEnsureListRefuses(t *testing.T) {
	doc, err := ParseAny([]byte(`software = { scripts = "none"; };`))
	if err != nil {
		t.Fatal(err)
	}
	software, _ := doc.Root.GetGroup("software")
	if _, err := software.EnsureList("scripts"); err == nil || !strings.Contains(err.Error(), "software.scripts") {
		t.Errorf("error %v", err)
	}
	if _, err := software.EnsureList("a b"); err == nil {
		t.Error("a name with a blank")
	}
}
