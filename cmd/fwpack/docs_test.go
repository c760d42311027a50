package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/sign"
)

// inProcess runs a command line without a process of its own.
func inProcess(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errors bytes.Buffer
	status = run(context.Background(), args, surroundings{
		stdout: &out, stderr: &errors, now: time.Now, rand: rand.Reader,
		env: func(string) (string, bool) { return "", false },
		dir: os.Getwd, program: thisProgram,
	})
	return status, out.String(), errors.String()
}

// Every example builds, as a person would copy it.
func TestExamples(t *testing.T) {
	projects, err := filepath.Glob("../../examples/*/fwpack.toml")
	if err != nil || len(projects) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, project := range projects {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(filepath.Dir(project))); err != nil {
			t.Fatal(err)
		}
		status, stdout, stderr := inProcess(t, "build", "-f", filepath.Join(dir, "fwpack.toml"))
		if status != statusDone {
			t.Errorf("%s: status %d\n%s", project, status, stderr)
		}
		for output := range strings.Lines(stdout) {
			if status, _, stderr := inProcess(t, "inspect", strings.TrimSpace(output)); status != statusDone {
				t.Errorf("%s: status %d\n%s", output, status, stderr)
			}
		}
	}
}

// fenced returns the block of README.md that begins with the given line.
func fenced(t *testing.T, first string) string {
	t.Helper()
	return fencedIn(t, "README.md", first)
}

// fencedIn returns the block of a document that begins with the given line.
func fencedIn(t *testing.T, document, first string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", document))
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(data), "```") {
		if _, text, ok := strings.Cut(block, "\n"); ok && strings.HasPrefix(text, first) {
			return text
		}
	}
	t.Fatalf("%s has no block that begins with %q", document, first)
	return ""
}

// The smallest project of the README builds.
func TestReadmeProject(t *testing.T) {
	dir := t.TempDir()
	key, certificate, err := sign.NewDevelopmentKey("test", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"fwpack.toml":        fenced(t, "schema = 1"),
		"sw-description.in":  fenced(t, "software = {"),
		"keys/release.pem":   string(key),
		"keys/release.crt":   string(certificate),
		"deploy/rootfs.ext4": "a root file system",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	status, stdout, stderr := inProcess(t, "build", "-f", filepath.Join(dir, "fwpack.toml"))
	if want := filepath.Join(dir, "dist", "gateway-1.0.0.swu") + "\n"; status != statusDone || stdout != want {
		t.Errorf("status %d, output %q, want %q\n%s", status, stdout, want, stderr)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1 << 20: "1.0 MiB", 1<<20 - 1: "1.0 MiB", 1 << 30: "1.0 GiB", 1<<63 - 1: "8.0 EiB",
	} {
		if got := size(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestBar(t *testing.T) {
	want := "[###############...............]  50%  512.0 MiB of 1.0 GiB, 268 MB/s"
	if got := bar(512<<20, 1<<30, 2*time.Second); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := bar(0, 0, time.Second); got != "" {
		t.Errorf("nothing to do draws %q", got)
	}
}
