//go:build unix

package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The tests called TestFault hold real builds against what may go wrong around
// them: the process is killed, the disk is full, inputs change, outputs are in the
// way. After each, every output is the old one or the new one, byte for byte, and
// what lies beside them goes with the next build.
//
// All of them together take less than a minute. FWPACK_FAULT_RUNS says how many
// builds are killed, and how finely a disk is filled up; 200 where it is not set:
//
//	FWPACK_FAULT_RUNS=5000 go test -pgo=off -run Fault -timeout 2h ./cmd/fwpack
const defaultFaultRuns = 200

func faultRuns(t *testing.T) int {
	t.Helper()
	value := os.Getenv("FWPACK_FAULT_RUNS")
	if value == "" {
		return defaultFaultRuns
	}
	runs, err := strconv.Atoi(value)
	if err != nil || runs < 1 {
		t.Fatalf("FWPACK_FAULT_RUNS=%q: want a number from 1", value)
	}
	return runs
}

// faultBundles is how many bundles the project has, so that signing and renaming
// take a while.
const faultBundles = 24

// faultProject is a project on disk, and what its two editions are to look like.
// They differ in every output, and are the same bytes each time.
type faultProject struct {
	fwpack, dir string
	out         string // the folder of the outputs
	env         []string
	files       []string             // names of the outputs
	want        [2]map[string]digest // by edition and file
}

type digest = [sha256.Size]byte

// newFaultProject writes a project with what occurs in others: bundles with
// payloads in place and spooled, a delta with its own output, an image and a zip.
func newFaultProject(t *testing.T, fwpack string) *faultProject {
	t.Helper()
	dir := t.TempDir()
	p := &faultProject{fwpack: fwpack, dir: dir, out: filepath.Join(dir, "dist"), files: []string{"artifacts.json", "sensor.bin", "sensor.zip", "data.zck"}}
	keys, err := filepath.Abs("../../testdata/keys")
	if err != nil {
		t.Fatal(err)
	}
	var project strings.Builder
	fmt.Fprintf(&project, faultHead, keys, keys, keys)
	for n := range faultBundles {
		p.files = append(p.files, fmt.Sprintf("out-%02d.swu", n))
		holds := []string{"sensor", "big", "data", "small"}[min(n, 3)]
		handler := map[string]string{"data": "delta"}[holds]
		fmt.Fprintf(&project, faultBundle, n, n, holds, cmp.Or(handler, "raw"))
	}
	p.write(t, "fwpack.toml", []byte(project.String()))
	for name, size := range map[string]int{"small.bin": 10_000, "big.bin": 3 << 20, "data.bin": 1 << 20, "zephyr.bin": 20_000} {
		p.write(t, name, noise(size, byte(size)))
	}
	for edition := range p.want {
		p.rebuild(t, edition)
		p.want[edition] = p.state(t)
	}
	return p
}

// newSmallProject is a faultProject with small files. What is written later is
// larger than what was written before.
func newSmallProject(t *testing.T) *faultProject {
	t.Helper()
	p := newFaultProject(t, binary(t))
	for name, size := range map[string]int{"small.bin": 100, "big.bin": 600, "data.bin": 400, "zephyr.bin": 4000} {
		p.write(t, name, noise(size, byte(size)))
	}
	for edition := range p.want {
		p.rebuild(t, edition)
		p.want[edition] = p.state(t)
	}
	return p
}

const faultHead = `schema = 1
project = { name = "fault", version = "1.0.@@EDITION@@" }
vars = { EDITION = "0" }
keys.release = { scheme = "cms", key = "%s/rsa2048.pem", cert = "%s/rsa2048.crt" }
keys.mcu = { key = "%s/ed25519.pem" }
[[artifact]]
name = "small"
file = "small.bin"
[[artifact]]
name = "big"
file = "big.bin"
compress = "zstd"
[[artifact]]
name = "data"
file = "data.bin"
delta = { url = "https://updates.example.com/data.zck", source = "/dev/sda1", chain = "raw", output = "data.zck" }
[[image]]
name = "sensor"
input = "zephyr.bin"
output = "sensor.bin"
version = "1.0.@@EDITION@@"
sign = "mcu"
header-size = 0x200
slot-size = "64K"
align = 8
pad-header = true
board = "a"
soc = "b"
slot-address = 0x10000
[[dfu]]
name = "zip"
output = "sensor.zip"
images = ["sensor"]
`

const faultBundle = `[[bundle]]
name = "b%d"
output = "out-%02d.swu"
sign = ["release"]
[bundle.software]
hardware-compatibility = ["1.0"]
[[bundle.software.images]]
artifact = "%s"
type = "%s"
device = "/dev/sdb1"
`

// noise is n bytes that do not compress, the same for each seed.
func noise(n int, seed byte) []byte {
	data := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(data)
	return data
}

func (p *faultProject) write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// build is a build of one edition, not yet started.
func (p *faultProject) build(edition int, args ...string) *exec.Cmd {
	cmd := exec.Command(p.fwpack, append([]string{"build", "--var", fmt.Sprintf("EDITION=%d", edition)}, args...)...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), p.env...)
	return cmd
}

// rebuild builds the edition to its end.
func (p *faultProject) rebuild(t *testing.T, edition int) {
	t.Helper()
	if out, err := p.build(edition).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// state returns the digests of the outputs, all of which must be there.
func (p *faultProject) state(t *testing.T) map[string]digest {
	t.Helper()
	now := map[string]digest{}
	for _, name := range p.files {
		now[name] = sha256.Sum256(read(t, filepath.Join(p.out, name)))
	}
	return now
}

// beside lists what is in the output folder and no output.
func (p *faultProject) beside(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(p.out)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if !slices.Contains(p.files, entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	return names
}

// outcome is how a build ended.
type outcome int

const (
	finished outcome = iota // status 0
	failed                  // status 1 or 2
	killed                  // by a signal
)

func outcomeOf(t *testing.T, err error) outcome {
	t.Helper()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return finished
	case !errors.As(err, &exit):
		t.Fatal(err)
	case exit.Sys().(syscall.WaitStatus).Signaled():
		return killed
	case exit.ExitCode() != statusFailed && exit.ExitCode() != statusUsage:
		t.Errorf("exit status %d", exit.ExitCode())
	}
	return failed
}

// which tells how many of the outputs are as they were before, and how many are
// those of the edition. Any other is an error.
func (p *faultProject) which(t *testing.T, before map[string]digest, edition int) (old, made int) {
	t.Helper()
	now := p.state(t)
	for name, digest := range now {
		switch digest {
		case p.want[edition][name]: // data.zck is the same in both
			made++
			if digest == before[name] {
				old++
			}
		case before[name]:
			old++
		default:
			t.Errorf("%s is neither the old one nor the new one", name)
		}
	}
	if report := now["artifacts.json"]; report == p.want[edition]["artifacts.json"] && made < len(now) {
		t.Errorf("artifacts.json is new, and %d of %d outputs are", made, len(now))
	}
	return old, made
}

// edition tells which one artifacts.json is of.
func (p *faultProject) edition(t *testing.T) int {
	t.Helper()
	for edition := range p.want {
		if sha256.Sum256(read(t, filepath.Join(p.out, "artifacts.json"))) == p.want[edition]["artifacts.json"] {
			return edition
		}
	}
	t.Fatal("artifacts.json is of no edition")
	return 0
}

// until waits for something to happen to a build.
func until(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !happened(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

// output is what a build says, for a reader that comes later.
func output(cmd *exec.Cmd) *bytes.Buffer {
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	return &said
}
