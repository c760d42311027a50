//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/reftool"
)

// buildRules are how a person would call fwpack from a build system.
var buildRules = map[string]struct{ file, text string }{
	"make": {"Makefile", `
dist/gateway-1.0.0.swu:
	@echo built; %s build --depfile out.d
-include out.d
`},
	"ninja": {"build.ninja", `
rule fwpack
  command = echo built; %s build --depfile out.d
  depfile = out.d
build dist/gateway-1.0.0.swu: fwpack
`},
}

// make and ninja find out from the file of dependencies when there is something to do.
func TestConformanceDepfile(t *testing.T) {
	reftool.Need(t, "make", "ninja")
	fwpack := binary(t)
	for tool, rule := range buildRules {
		dir := t.TempDir()
		quickstart(t, dir)
		if err := os.Rename(filepath.Join(dir, "deploy"), filepath.Join(dir, "$a #b")); err != nil {
			t.Fatal(err)
		}
		edit(t, filepath.Join(dir, "fwpack.toml"), `default = "deploy"`, `default = "$a #b"`)
		writeAt(t, filepath.Join(dir, rule.file), fmt.Appendf(nil, rule.text, fwpack))
		want := func(when string, work bool) {
			t.Helper()
			cmd := exec.Command(tool)
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			if err != nil || strings.Contains(string(out), "built") != work {
				t.Errorf("%s, %s: want work %v\n%v\n%s", tool, when, work, err, out)
			}
		}
		want("at first", true)
		want("once more", false)
		for _, name := range []string{"fwpack.toml", "sw-description.in", "$a #b/rootfs.ext4", "keys/release.crt", "check-power.sh"} {
			now := time.Now()
			if err := os.Chtimes(filepath.Join(dir, name), now, now); err != nil {
				t.Fatal(err)
			}
			want("with a new "+name, true)
			want("after that", false)
		}
		edit(t, filepath.Join(dir, "sw-description.in"), "check-power.sh", "check-energy.sh")
		if err := os.Rename(filepath.Join(dir, "check-power.sh"), filepath.Join(dir, "check-energy.sh")); err != nil {
			t.Fatal(err)
		}
		want("with a file that has another name", true)
	}
}
