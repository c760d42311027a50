//go:build unix

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// obstacle is what may stand where an output belongs.
type obstacle struct {
	name    string
	put     func(path, elsewhere string) error
	refused string // empty where the build replaces it
}

// What is refused is refused before anything is signed; what is replaced leaves
// what it points to alone.
var obstacles = []obstacle{
	{"folder", func(path, _ string) error { return os.Mkdir(path, 0o777) }, "is a folder, a file is wanted"},
	{"folder with files", func(path, elsewhere string) error { return os.CopyFS(path, os.DirFS(elsewhere)) }, "is a folder, a file is wanted"},
	{"pipe", func(path, _ string) error { return syscall.Mkfifo(path, 0o666) }, "is not a regular file and cannot be replaced"},
	{"link to a folder", func(path, elsewhere string) error { return os.Symlink(elsewhere, path) }, "is a folder, a file is wanted"},
	{"link to a device", func(path, _ string) error { return os.Symlink(os.DevNull, path) }, "is not a regular file and cannot be replaced"},
	{"link to itself", func(path, _ string) error { return os.Symlink(path, path) }, syscall.ELOOP.Error()},
	{"link to a file", func(path, elsewhere string) error { return os.Symlink(filepath.Join(elsewhere, "file"), path) }, ""},
	{"link to nothing", func(path, elsewhere string) error { return os.Symlink(filepath.Join(elsewhere, "none"), path) }, ""},
	{"file that is read-only", func(path, _ string) error { return os.WriteFile(path, []byte("mine"), 0o400) }, ""},
}

// TestFaultOutput puts things in the way of outputs of each kind.
func TestFaultOutput(t *testing.T) {
	p := newSmallProject(t)
	edit(t, filepath.Join(p.dir, "fwpack.toml"), `scheme = "cms", key = "`, `scheme = "cms", key = "plugin:slow:`)
	marker := filepath.Join(t.TempDir(), "signing")
	late := []string{"data.zck", "sensor.bin", "sensor.zip", "artifacts.json"}
	for n, obstacle := range obstacles {
		for _, name := range []string{"out-23.swu", late[n%len(late)]} {
			p.rebuild(t, 0)
			p.env = nil
			if obstacle.refused != "" {
				p.env = []string{signingVariable + "=" + marker} // a signature would leave a trace
			}
			t.Run(name+" is a "+obstacle.name, func(t *testing.T) { p.obstruct(t, name, obstacle) })
			p.env = nil
			if _, err := os.Stat(marker); !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("%s is a %s: found out after a signature", name, obstacle.name)
			}
			if err := os.RemoveAll(filepath.Join(p.out, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// obstruct builds with something in the way of the output called name.
func (p *faultProject) obstruct(t *testing.T, name string, o obstacle) {
	before, path, elsewhere := p.state(t), filepath.Join(p.out, name), t.TempDir()
	mine := filepath.Join(elsewhere, "file")
	if err := errors.Join(os.WriteFile(mine, []byte("mine"), 0o666), os.Remove(path), o.put(path, elsewhere)); err != nil {
		t.Fatal(err)
	}
	cmd := p.build(1)
	said := output(cmd)
	how := outcomeOf(t, cmd.Run())
	if o.refused != "" {
		if want := `create "dist/` + name + `": ` + o.refused; how != failed || !strings.Contains(said.String(), want) {
			t.Errorf("outcome %d\n%swant %s", how, said, want)
		}
		p.wantOthers(t, name, before)
	} else if _, made := p.which(t, before, 1); how != finished || made != len(before) {
		t.Errorf("outcome %d, %d outputs are new\n%s", how, made, said)
	}
	if data := read(t, mine); string(data) != "mine" {
		t.Errorf("what is elsewhere holds %q", data)
	}
	if left := p.beside(t); len(left) > 0 {
		t.Errorf("left behind %q", left)
	}
}

// wantOthers wants all outputs but one to be as they were.
func (p *faultProject) wantOthers(t *testing.T, but string, before map[string]digest) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(p.out, but)); err != nil {
		t.Fatal(err)
	}
	p.write(t, filepath.Join("dist", but), nil)
	now := p.state(t)
	for name := range now {
		if name != but && now[name] != before[name] {
			t.Errorf("%s is another one", name)
		}
	}
}
