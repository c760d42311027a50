package pack

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/sign/plugin"
)

// programProject signs with the example program for openssl, which is told of
// the key by its file.
func programProject(t *testing.T, key, target string) (dir string, opt Options) {
	t.Helper()
	toml := project(t, "ec-p256", "")
	reference := filepath.ToSlash(keyFile(t, key+".pem"))
	toml = strings.Replace(toml, `key = "@@KEYS@@/ec-p256.pem"`, `key = "plugin:openssl:`+reference+`"`, 1)
	dir = files{
		"fwpack.toml":       toml,
		"data":              "data",
		"sw-description.in": `software = { version = "1"; hardware-compatibility = ["1.0"]; files = ({ filename = "data"; path = "` + target + `"; }); };`,
	}.write(t)
	programs, err := filepath.Abs("../examples/signers/openssl")
	if err != nil {
		t.Fatal(err)
	}
	opt = options(dir)
	opt.Programs = plugin.Options{Env: os.Environ(), Path: programs + string(os.PathListSeparator) + os.Getenv("PATH")}
	return dir, opt
}

// A signing program signs what Debian's client installs.
func TestConformanceProgram(t *testing.T) {
	reftool.Need(t, "swupdate", "openssl", "sh")
	target := filepath.Join(t.TempDir(), "target")
	dir, opt := programProject(t, "ec-p256", target)
	build(t, dir, opt)
	client := reftool.Client{Cert: keyFile(t, "ec-p256.crt")}
	if v := client.Install(t, filepath.Join(dir, "dist", "gw.swu")); !v.Accepted {
		t.Fatalf("refused: %s\n%s", v.Reason, v.Log)
	}
	sameFile(t, target, []byte("data"))
}

// A program with another key than the certificate's is noticed before anything
// is written, and so is one that is not there.
func TestConformanceProgramWrong(t *testing.T) {
	reftool.Need(t, "openssl", "sh")
	for _, test := range []struct{ key, path, want string }{
		{"ec-p384", "", "the program has another key"},
		{"ec-p256", "/nowhere", "fwpack-sign-openssl"},
	} {
		dir, opt := programProject(t, test.key, "/x")
		if test.path != "" {
			opt.Programs.Path = test.path
		}
		_, err := Build(context.Background(), plan(t, dir), opt)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.key, err, test.want)
		}
		if _, err := os.Stat(filepath.Join(dir, "dist", "gw.swu")); err == nil {
			t.Errorf("%s: there is an output", test.key)
		}
	}
}

// A program that signs and then ends with an error has not signed: the status
// counts.
func TestConformanceProgramEndsBadly(t *testing.T) {
	reftool.Need(t, "openssl", "sh")
	dir, opt := programProject(t, "ec-p256", "/x")
	programs := t.TempDir()
	script := "#!/bin/sh\nfwpack-sign-openssl \"$@\" || exit\n[ \"$1\" = describe-v1 ] || exit 3\n"
	if err := os.WriteFile(filepath.Join(programs, "fwpack-sign-late"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	opt.Programs.Path = programs + string(os.PathListSeparator) + opt.Programs.Path
	opt.Programs.Env = append(opt.Programs.Env, "PATH="+opt.Programs.Path)
	toml, err := os.ReadFile(filepath.Join(dir, "fwpack.toml"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "fwpack.toml"), []byte(strings.Replace(string(toml), "plugin:openssl:", "plugin:late:", 1)))
	_, err = Build(context.Background(), plan(t, dir), opt)
	if err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "dist", "gw.swu")); err == nil {
		t.Error("there is an output")
	}
}
