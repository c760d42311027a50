//go:build unix

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fwpack/fwpack/pack"
)

// mishaps are what happens to an input between two instructions of a build.
var mishaps = []struct {
	name   string
	happen func(path string) error
}{
	{"written over", func(path string) error { return overwrite(path, 0, []byte("something else")) }},
	{"grows", func(path string) error { return overwrite(path, 1<<40, []byte("more")) }},
	{"shrinks", func(path string) error { return os.Truncate(path, 777) }},
	{"is emptied", func(path string) error { return os.Truncate(path, 0) }},
	{"is deleted", os.Remove},
	{"is replaced", func(path string) error { return replaceBy(path, noise(10_000, 99)) }},
	{"becomes a folder", func(path string) error {
		if err := os.Remove(path); err != nil {
			return err
		}
		return os.Mkdir(path, 0o777)
	}},
}

// overwrite writes data at an offset, at the end where that is farther away.
func overwrite(path string, offset int64, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	_, err = f.WriteAt(data, min(offset, info.Size()))
	return err
}

// replaceBy renames another file over the one at path.
func replaceBy(path string, data []byte) error {
	if err := os.WriteFile(path+".new", data, 0o666); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// TestFaultInput changes inputs under a build that is held at some moment. It then
// fails and leaves the outputs of the build before, or makes outputs that are right
// for what it has read.
func TestFaultInput(t *testing.T) {
	p := newFaultProject(t, binary(t))
	whole := timeOf(t, p)
	var ended [3]int
	for range max(1, faultRuns(t)/defaultFaultRuns) {
		for _, input := range []string{"big.bin", "data.bin", "small.bin", "zephyr.bin", "fwpack.toml"} {
			for n, mishap := range mishaps {
				path := filepath.Join(p.dir, input)
				content, before := read(t, path), p.state(t)
				how, said := p.held(t, n%2, rand.N(whole*2/3), func() error { return mishap.happen(path) })
				ended[how]++
				t.Run(input+" "+mishap.name, func(t *testing.T) { p.checkAfter(t, how, before, said) })
				if err := os.RemoveAll(path); err != nil {
					t.Fatal(err)
				}
				p.write(t, input, content)
			}
		}
	}
	t.Logf("%d builds were finished, %d failed", ended[finished], ended[failed])
	if ended[failed] == 0 {
		t.Error("nothing that happened to an input was noticed")
	}
}

// held builds an edition, and stops the build after a while for something to
// happen.
func (p *faultProject) held(t *testing.T, edition int, after time.Duration, meanwhile func() error) (outcome, string) {
	t.Helper()
	cmd := p.build(edition)
	said := output(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	cmd.Process.Signal(syscall.SIGSTOP)
	if err := meanwhile(); err != nil {
		t.Fatal(err)
	}
	cmd.Process.Signal(syscall.SIGCONT)
	return outcomeOf(t, cmd.Wait()), said.String()
}

// checkAfter judges what a build leaves whose inputs have changed.
func (p *faultProject) checkAfter(t *testing.T, how outcome, before map[string]digest, said string) {
	now := p.state(t)
	switch how {
	case killed:
		t.Fatalf("the build broke down\n%s", said)
	case failed:
		for name := range now {
			if now[name] != before[name] {
				t.Errorf("%s is another one after a build that failed\n%s", name, said)
			}
		}
		if said == "" || strings.Contains(said, "panic") {
			t.Errorf("the build says %q", said)
		}
	case finished:
		p.checkReport(t, now)
		p.verify(t)
	}
	if left := p.beside(t); len(left) > 0 {
		t.Errorf("%q were left behind", left)
	}
}

// checkReport holds the report against the files that it lists.
func (p *faultProject) checkReport(t *testing.T, now map[string]digest) {
	t.Helper()
	var report pack.Report
	if err := json.Unmarshal(read(t, filepath.Join(p.out, "artifacts.json")), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Outputs) != len(p.files)-1 {
		t.Errorf("the report lists %d files, %d are made", len(report.Outputs), len(p.files)-1)
	}
	for _, output := range report.Outputs {
		if digest := now[output.File]; output.SHA256 != hex.EncodeToString(digest[:]) {
			t.Errorf("%s is not the file that the report lists", output.File)
		}
	}
}

// verify lets fwpack prove a bundle of each kind, and the image.
func (p *faultProject) verify(t *testing.T) {
	t.Helper()
	image := read(t, filepath.Join(p.out, "sensor.bin"))
	if in := entriesOf(t, filepath.Join(p.out, "out-00.swu"))["sensor"]; !bytes.Equal(in, image) {
		t.Errorf("the image in the bundle has %d bytes and digest %x, the one beside it %d and %x", len(in), sha256.Sum256(in), len(image), sha256.Sum256(image))
	}
	for n := range 3 {
		cmd := exec.Command(p.fwpack, "check", filepath.Join(p.out, fmt.Sprintf("out-%02d.swu", n)))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("bundle %d: %v\n%s", n, err, out)
		}
	}
}
