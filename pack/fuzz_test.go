package pack

import (
	"os"
	"path/filepath"
	"testing"
)

// Whatever a project file holds, Load and Plan come to an end without a panic.
func FuzzLoad(f *testing.F) {
	f.Add("schema = 1\nproject = { name = \"a\", version = \"1\" }\n[[bundle]]\nname = \"b\"\noutput = \"b.swu\"\ndescription = \"d\"\n", "software = { images = ({ filename = \"d\"; }); };")
	f.Add("schema = 1\n[vars]\nA = \"@@A@@\"\n[keys.k]\naes = { env = \"X\" }\n[[artifact]]\nname = \"@@A@@\"\nfile = 1\n", "@@A@@")
	f.Fuzz(func(t *testing.T, toml, description string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "d"), []byte(description), 0o666); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "fwpack.toml")
		if err := os.WriteFile(path, []byte(toml), 0o666); err != nil {
			t.Fatal(err)
		}
		if project, err := Load(path, Inputs{}); err == nil {
			project.Plan(Selection{})
		}
	})
}
