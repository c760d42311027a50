package tomlpos

import (
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

const document = `# a comment with [brackets] and = signs
schema = 1
[project]   # [not.a.table]
name = "gate\"way" # x = 1
  "quoted key" = 'C:\'
dotted.sub."x y" = 2

[vars]
DEPLOY = { env = "DIR", default = "a,b}" }
text = """
[looks.like] = "a table"
"quoted" end"""""
raw = '''
x = '1' ''''

[[artifact]]
file = "a"
list = [ "x", # one ]
  'y', [1, 2], { k = "v" } ]
[[artifact]]
file = "b"
[[artifact.part]]
n = 1
[[artifact.part]]
n = 2
[artifact.part.sub]
deep = 1979-05-27T07:32:00Z
`

func TestScanPlaces(t *testing.T) {
	places := Scan([]byte(document))
	for path, want := range map[string][2]string{ // what stands at the key and at the value
		"schema":                       {"schema", "1"},
		"project":                      {"project]", "project]"},
		"project.name":                 {"name", `"gate`},
		`project."quoted key"`:         {`"quoted`, `'C:`},
		`project.dotted.sub."x y"`:     {"dotted.sub", "2"},
		"vars.DEPLOY":                  {"DEPLOY", "{"},
		"vars.DEPLOY.env":              {"env", `"DIR"`},
		"vars.DEPLOY.default":          {"default", `"a,b}"`},
		"vars.text":                    {"text", `"""`},
		"vars.raw":                     {"raw", "'''"},
		"artifact[0]":                  {"artifact]]", "artifact]]"},
		"artifact[0].list[0]":          {`"x"`, `"x"`},
		"artifact[0].list[1]":          {`'y'`, `'y'`},
		"artifact[0].list[2][1]":       {"2]", "2]"},
		"artifact[0].list[3].k":        {"k", `"v"`},
		"artifact[1].file":             {"file", `"b"`},
		"artifact[1].part[0].n":        {"n", "1"},
		"artifact[1].part[1].n":        {"n", "2"},
		"artifact[1].part[1].sub.deep": {"deep", "1979"},
	} {
		place, ok := places[path]
		if !ok {
			t.Errorf("%s: no place", path)
			continue
		}
		if !strings.HasPrefix(document[place.Key:], want[0]) || !strings.HasPrefix(document[place.Value:], want[1]) {
			t.Errorf("%s: key at %.12q, value at %.12q", path, document[place.Key:], document[place.Value:])
		}
	}
}

// Every key that the library decodes has a place.
func FuzzScan(f *testing.F) {
	f.Add(document)
	f.Add("a = [[1], ['''x]''']]\n[b.\"c.d\"]\ne.f = {g.h = 1}")
	f.Add("x = \"\"\"\\\"\"\"\"")
	f.Fuzz(func(t *testing.T, src string) {
		var values map[string]any
		places := Scan([]byte(src))
		if _, err := toml.Decode(src, &values); err != nil {
			return
		}
		checkPlaces(t, "", values, places)
	})
}

func checkPlaces(t *testing.T, path string, value any, places map[string]Place) {
	if _, ok := places[path]; !ok && path != "" {
		t.Fatalf("%s: no place", path)
	}
	switch value := value.(type) {
	case map[string]any:
		for key, v := range value {
			checkPlaces(t, Join(path, key), v, places)
		}
	case []map[string]any:
		for i, v := range value {
			checkPlaces(t, Index(path, i), v, places)
		}
	case []any:
		for i, v := range value {
			checkPlaces(t, Index(path, i), v, places)
		}
	}
}
