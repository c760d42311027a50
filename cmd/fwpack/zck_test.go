package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fwpack/fwpack/internal/reftool"
)

// imageText is size bytes of lines that look by chance, the same for a seed.
func imageText(seed uint64, size int) []byte {
	r := rand.New(rand.NewPCG(seed, 0))
	var b bytes.Buffer
	for b.Len() < size {
		fmt.Fprintf(&b, "line %d of the file %d\n", r.IntN(1000000), r.IntN(50))
	}
	return b.Bytes()[:size]
}

// cmdImage is "image FILE SEED SIZE...": FILE has the begins of so many texts, one
// for each seed with its size.
func cmdImage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args)%2 == 0 {
		ts.Fatalf("usage: image FILE SEED SIZE...")
	}
	var data []byte
	for i := 1; i < len(args); i += 2 {
		seed, err := strconv.ParseUint(args[i], 10, 64)
		ts.Check(err)
		size, err := strconv.Atoi(args[i+1])
		ts.Check(err)
		data = append(data, imageText(seed, size)...)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o666))
}

// reference runs a reference tool in a folder.
func reference(t *testing.T, dir, tool string, args ...string) string {
	t.Helper()
	cmd := exec.Command(tool, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", tool, args, err, out)
	}
	return string(out)
}

// mustRun runs fwpack and returns what it prints.
func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	status, stdout, stderr := inProcess(t, args...)
	if status != statusDone {
		t.Fatalf("fwpack %v: status %d\n%s", args, status, stderr)
	}
	return stdout
}

// What inspect prints is what zck_read_header prints, to the last byte.
func TestConformanceInspectZck(t *testing.T) {
	reftool.Need(t, "zck", "zck_read_header", "unzck")
	dir := t.TempDir()
	image, dict := filepath.Join(dir, "image"), filepath.Join(dir, "dict")
	for name, data := range map[string][]byte{image: imageText(1, 700000), dict: imageText(1, 3000), filepath.Join(dir, "empty"): nil} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i, args := range [][]string{
		{image}, {image, "--hash", "sha512", "--chunk-hash", "sha512"}, {image, "--stored-only"}, {image, "--dict", dict},
		{image, "--stored-only", "--chunk-hash", "sha512", "--dict", dict}, {image, "--compression", "none"}, {filepath.Join(dir, "empty")},
	} {
		file := filepath.Join(dir, fmt.Sprintf("%d.zck", i))
		mustRun(t, append([]string{"zck", "create", "-o", file}, args...)...)
		mustRun(t, "zck", "header", file, "-o", file+".zhr", "--detached")
		for _, file := range []string{file, file + ".zhr"} {
			for _, flags := range [][]string{nil, {"-c"}} {
				want := reference(t, dir, "zck_read_header", append(flags, file)...)
				if got := mustRun(t, append([]string{"zck", "inspect", file}, flags...)...); got != want {
					t.Errorf("%v of %v\n%.3000s", flags, args, diff.Diff("zck_read_header", []byte(want), "inspect", []byte(got)))
				}
			}
		}
		reference(t, dir, "zck_read_header", "-f", file)
		reference(t, dir, "unzck", "--header", file) // writes N.zhr
		ours, err := os.ReadFile(file + ".zhr")
		if err != nil {
			t.Fatal(err)
		}
		if theirs, err := os.ReadFile(strings.TrimSuffix(file, "zck") + "zhr"); err != nil || !bytes.Equal(ours, theirs) {
			t.Errorf("%v: another detached header, %v", args, err)
		}
	}
}

// rdiff makes the same signatures and deltas, and applies ours.
func TestConformanceDelta(t *testing.T) {
	reftool.Need(t, "rdiff")
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	old := imageText(2, 900000)
	for name, data := range map[string][]byte{"old": old, "new": append(imageText(3, 70000), old[4321:]...)} {
		if err := os.WriteFile(path(name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ ours, theirs []string }{
		{nil, nil},
		{[]string{"--hash", "md4", "--rolling", "rollsum", "--block-length", "512"}, []string{"-H", "md4", "-R", "rollsum", "-b", "512"}},
		{[]string{"--strong-length", "-1"}, []string{"-S", "-1"}},
	} {
		mustRun(t, append([]string{"delta", "signature", path("old"), "-o", path("our.sig")}, test.ours...)...)
		reference(t, dir, "rdiff", append(test.theirs, "-f", "signature", "old", "their.sig")...)
		mustRun(t, "delta", "create", "--signature", path("our.sig"), path("new"), "-o", path("our.delta"))
		reference(t, dir, "rdiff", "-f", "delta", "their.sig", "new", "their.delta")
		for ours, theirs := range map[string]string{"our.sig": "their.sig", "our.delta": "their.delta"} {
			sameFile(t, path(ours), path(theirs))
		}
	}
	mustRun(t, "delta", "create", path("old"), path("new"), "-o", path("direct"))
	reference(t, dir, "rdiff", "-f", "patch", "old", "direct", "back")
	sameFile(t, path("back"), path("new"))
	mustRun(t, "delta", "patch", path("old"), path("their.delta"), "-o", path("back"))
	sameFile(t, path("back"), path("new"))
}

func sameFile(t *testing.T, a, b string) {
	t.Helper()
	one, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	if two, err := os.ReadFile(b); err != nil || !bytes.Equal(one, two) {
		t.Errorf("%s and %s differ, %v", filepath.Base(a), filepath.Base(b), err)
	}
}
