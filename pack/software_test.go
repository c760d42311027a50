package pack

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc"
)

// declare is a project file whose one bundle is declared by rest.
func declare(rest string) string {
	return `schema = 1
project = { name = "gw", version = "2.4.0" }
vars = { MACHINE = "b1" }
[[artifact]]
name = "rootfs"
file = "rootfs.img"
[[artifact]]
name = "app"
file = "app.bin"
[[artifact]]
name = "packed"
file = "app.bin"
compress = "zstd"
[[artifact]]
name = "setup.sh"
file = "setup.sh"
[[bundle]]
name = "gw"
output = "gw.swu"
` + rest
}

// declaredProject is a folder with the project and all that it packs.
func declaredProject(t *testing.T, rest string) string {
	t.Helper()
	return files{
		"fwpack.toml": declare(rest), "rootfs.img": "rootfs", "app.bin": "app", "setup.sh": "#!/bin/sh\n",
		"beside.txt": "beside", "hooks.lua": "function hook(image)\n\treturn true, \"a\\\\b\"\nend\n", "packed.gz": "\x1f\x8b\x08\x00",
	}.write(t)
}

// described plans a bundle and returns its description before anything is
// filled in.
func declaredDescription(t *testing.T, rest string) string {
	t.Helper()
	return string(plan(t, declaredProject(t, rest)).Bundles[0].Description)
}

// What is declared is written as a description that a person would have
// written.
func TestSoftware(t *testing.T) {
	tests, err := filepath.Glob("testdata/software/*.toml")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests: %v", err)
	}
	for _, file := range tests {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".toml"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := declaredDescription(t, string(src))
			golden := strings.TrimSuffix(file, ".toml") + ".golden"
			if os.Getenv("UPDATE_GOLDEN") == "1" {
				writeFile(t, golden, []byte(got))
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

var _ = swdesc.Libconfig
