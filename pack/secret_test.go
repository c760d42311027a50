package pack

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecretRead(t *testing.T) {
	dir := t.TempDir()
	for name, contents := range map[string]string{"secret": "from file\r\n", "empty": "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(contents), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := func(name string) (string, bool) { return "from env", name == "SET" }
	for _, test := range []struct {
		secret Secret
		env    func(string) (string, bool)
		want   string
		err    string
	}{
		{Secret{Env: "SET"}, env, "from env", ""},
		{Secret{Env: "UNSET"}, env, "", "environment variable UNSET is not set"},
		{Secret{Env: "SET"}, nil, "", "environment variable SET is not set"},
		{Secret{File: filepath.Join(dir, "secret")}, nil, "from file", ""},
		{Secret{File: filepath.Join(dir, "empty")}, nil, "", "empty is empty"},
		{Secret{File: filepath.Join(dir, "none")}, nil, "", "none"},
		{Secret{Command: []string{"go", "no-such-verb"}, Dir: dir}, nil, "", "command go: exit status"},
		{Secret{Command: []string{"fwpack-no-such-program"}, Dir: dir}, nil, "", "command fwpack-no-such-program: "},
	} {
		got, err := test.secret.read(context.Background(), Options{Env: test.env})
		if string(got) != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: %q, error %v, want %q, %q", test.secret, got, err, test.want, test.err)
		}
	}
}

// A command runs in the folder of the project, wherever fwpack was called.
func TestSecretCommandFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module here\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Secret{Command: []string{"go", "list", "-m"}, Dir: dir}.read(context.Background(), Options{})
	if err != nil || string(got) != "here" {
		t.Errorf("%q, error %v", got, err)
	}
}
