package signers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// programs are the signing programs in this folder.
func programs(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("*/fwpack-sign-*")
	if err != nil || len(found) < 6 {
		t.Fatalf("programs %q, %v", found, err)
	}
	return found
}

// The strictest shell that is common accepts them, by POSIX alone.
func TestConformanceSyntax(t *testing.T) {
	t.Parallel()
	reftool.Need(t, "dash")
	for _, file := range programs(t) {
		if out, err := exec.Command("dash", "-n", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", file, err, out)
		}
	}
}

func TestConformanceShellcheck(t *testing.T) {
	t.Parallel()
	reftool.Need(t, "shellcheck")
	if out, err := exec.Command("shellcheck", programs(t)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// Each program is short enough to be read, can be run, is in the list of the
// documentation, and says beside it how a project names its key.
func TestFolders(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../../docs/signing-plugins.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range programs(t) {
		folder, name := filepath.Split(file)
		folder = strings.TrimSuffix(folder, "/")
		if name != "fwpack-sign-"+folder {
			t.Errorf("%s: want fwpack-sign-%s", file, folder)
		}
		text, err := os.ReadFile(file)
		if lines := strings.Count(string(text), "\n"); err != nil || lines > 95 {
			t.Errorf("%s: %d lines, %v", file, lines, err)
		}
		if !strings.Contains(string(docs), "examples/signers/"+folder+"/") {
			t.Errorf("%s: not in the list of the documentation", folder)
		}
		if folder == "openssl" {
			continue // explained by the documentation
		}
		readme, err := os.ReadFile(filepath.Join(folder, "README.md"))
		if lines := strings.Count(string(readme), "\n"); err != nil || lines > 30 {
			t.Errorf("%s: README.md of %d lines, %v", folder, lines, err)
		}
		if !strings.Contains(string(readme), `"plugin:`+folder+`:`) {
			t.Errorf("%s: README.md does not show a key", folder)
		}
	}
}
