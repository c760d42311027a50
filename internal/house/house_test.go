package house

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/fwpack/fwpack/"

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-pgo=off", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// room is the top-level folder of one of our packages, "" for others'.
func room(importPath string) string {
	path, ours := strings.CutPrefix(importPath, module)
	if !ours {
		return ""
	}
	name, _, _ := strings.Cut(path, "/")
	return name
}

// allowed says which rooms a room may import. The format libraries know nothing
// of each other; pack joins them; cmd is the only one to know people.
var allowed = map[string][]string{
	"zck":      {"zck", "internal"},
	"mcuboot":  {"mcuboot", "internal"},
	"template": {"template", "internal"},
	"sign":     {"sign", "internal"},
	"internal": {"internal"},
	"pack":     {"pack", "zck", "mcuboot", "template", "sign", "internal"},
	"examples": {"examples"},
	"testdata": {},
	"cmd":      {"cmd", "pack", "zck", "mcuboot", "template", "sign", "examples", "internal"},
}

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		from := room(p.ImportPath)
		rooms, known := allowed[from]
		if !known {
			t.Errorf("%s: no rule says what the folder %s may import", p.ImportPath, from)
		}
		for _, imported := range p.Imports {
			if to := room(imported); to != "" && !slices.Contains(rooms, to) {
				t.Errorf("%s imports %s: %s may import %s only", p.ImportPath, imported, from, strings.Join(rooms, ", "))
			}
		}
	}
}

// cmd holds no format knowledge: of internal it uses diagnostics alone.
func TestCmdUsesNoCodecs(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			if room(p.ImportPath) == "cmd" && room(imported) == "internal" && imported != module+"internal/diag" {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

// Only cmd ends the process or speaks to people by itself, and reads what comes
// from outside; tests and their helpers aside.
func TestImpurities(t *testing.T) {
	forbidden := []string{"os.Exit(", "os.Getenv(", "os.LookupEnv(", "os.Getwd(", "os.Stdout", "os.Stderr", "time.Now(", "log.Fatal", "func init("}
	for _, file := range sources(t) {
		if room := strings.SplitN(file.path, "/", 2)[0]; room == "cmd" || room == "testdata" || strings.HasPrefix(file.path, "internal/reftool/") || strings.HasPrefix(file.path, "internal/bounds/") {
			continue
		}
		for _, word := range forbidden {
			if strings.Contains(file.code, word) {
				t.Errorf("%s uses %s", file.path, strings.TrimSuffix(word, "("))
			}
		}
	}
}
