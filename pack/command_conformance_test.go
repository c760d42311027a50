package pack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/sign/plugin"
)

// commandProject signs with a command of swugenerator's or meta-swupdate's kind,
// given as the TOML of its key.
func commandProject(t *testing.T, signing, target string) (dir string, opt Options) {
	t.Helper()
	toml := strings.Replace(project(t, "ec-p256", ""), `key = "@@KEYS@@/ec-p256.pem"`, signing, 1)
	dir = files{
		"fwpack.toml":       toml,
		"data":              "data",
		"tool/sign":         "#!/bin/sh\nexec openssl cms -sign -binary -outform DER -in \"$3\" -out \"$4\" -signer \"$1.crt\" -inkey \"$2.pem\"\n",
		"sw-description.in": `software = { version = "1"; hardware-compatibility = ["1.0"]; files = ({ filename = "data"; path = "` + target + `"; }); };`,
	}.write(t)
	if err := os.Chmod(filepath.Join(dir, "tool/sign"), 0o755); err != nil {
		t.Fatal(err)
	}
	opt = options(dir)
	opt.Programs = plugin.Options{Env: os.Environ(), Path: os.Getenv("PATH")}
	return dir, opt
}

// Commands that were written for other bundle makers sign what Debian's client
// installs.
func TestConformanceCommand(t *testing.T) {
	reftool.Need(t, "swupdate", "openssl", "sh")
	for _, signing := range []string{
		`command = ["tool/sign", "@@KEYS@@/ec-p256", "@@KEYS@@/ec-p256"]`,
		`command = ["sh", "-c", "openssl cms -sign -binary -outform DER -in sw-description -out sw-description.sig -signer @@KEYS@@/ec-p256.crt -inkey @@KEYS@@/ec-p256.pem"]
command-style = "working-directory"`,
	} {
		target := filepath.Join(t.TempDir(), "target")
		dir, opt := commandProject(t, signing, target)
		build(t, dir, opt)
		client := reftool.Client{Cert: keyFile(t, "ec-p256.crt")}
		if v := client.Install(t, filepath.Join(dir, "dist", "gw.swu")); !v.Accepted {
			t.Fatalf("%s: refused: %s\n%s", signing, v.Reason, v.Log)
		}
		sameFile(t, target, []byte("data"))
	}
}

func TestConformanceCommandWrong(t *testing.T) {
	reftool.Need(t, "openssl", "sh")
	for want, arguments := range map[string]string{
		`key "release": command .*: is by none of the keys expected`: `"@@KEYS@@/ec-p384", "@@KEYS@@/ec-p384"`,
		`key "release": command sign: signing: `:                     `"@@KEYS@@/ec-p256", "@@KEYS@@/nobody"`,
	} {
		dir, opt := commandProject(t, fmt.Sprintf(`command = ["tool/sign", %s]`, arguments), "/x")
		_, err := Build(context.Background(), plan(t, dir), opt)
		before, after, _ := strings.Cut(want, ".*")
		if err == nil || !strings.Contains(err.Error(), before) || !strings.Contains(err.Error(), after) {
			t.Errorf("%s: got %v, want %q", arguments, err, want)
		}
		if _, err := os.Stat(filepath.Join(dir, "dist", "gw.swu")); err == nil {
			t.Errorf("%s: there is an output", arguments)
		}
	}
}
