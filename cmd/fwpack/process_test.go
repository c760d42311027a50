//go:build unix

package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/pack/swu"
)

// binary builds fwpack for tests that need a process of their own, without the
// compiler's profile: it costs minutes and proves nothing here.
func binary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fwpack")
	if out, err := exec.Command("go", "build", "-pgo=off", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// quickstart copies the example into dir.
func quickstart(t *testing.T, dir string) {
	t.Helper()
	if err := os.CopyFS(dir, os.DirFS("../../examples/quickstart")); err != nil {
		t.Fatal(err)
	}
}

// edit replaces text in a file.
func edit(t *testing.T, path, old, replacement string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(old)) {
		t.Fatalf("%s does not hold %q", path, old)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(data, []byte(old), []byte(replacement)), 0o666); err != nil {
		t.Fatal(err)
	}
}

// surrounding is what must not show in an output.
type surrounding struct {
	dir   string
	umask string
	env   []string
	mtime time.Time
	args  []string
}

var surroundingsToTry = []surrounding{
	{"a", "022", []string{"TZ=UTC", "LC_ALL=C", "GOMAXPROCS=1"}, time.Unix(1, 0), nil},
	{"quite/another folder", "077", []string{"TZ=Asia/Kolkata", "LC_ALL=de_DE.UTF-8", "GOMAXPROCS=4"}, time.Unix(1_600_000_000, 1), []string{"-j", "7"}},
}

// buildIn builds a copy of the quickstart in one of the surroundings and
// returns the output folder.
func buildIn(t *testing.T, fwpack string, s surrounding, change func(dir string)) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), s.dir)
	quickstart(t, dir)
	change(dir)
	for _, name := range []string{"deploy/rootfs.ext4", "check-power.sh", "sw-description.in"} {
		if err := os.Chtimes(filepath.Join(dir, name), s.mtime, s.mtime); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("sh", append([]string{"-c", `umask "$0"; exec "$@"`, s.umask, fwpack, "build", "--no-cache"}, s.args...)...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), s.env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return filepath.Join(dir, "dist")
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Without encryption the example gives the same bytes in all surroundings.
func TestReproducible(t *testing.T) {
	fwpack := binary(t)
	plain := func(dir string) { edit(t, filepath.Join(dir, "fwpack.toml"), "encrypt = \"device\"\n", "") }
	var first []byte
	for _, s := range surroundingsToTry {
		out := buildIn(t, fwpack, s, plain)
		data := append(read(t, filepath.Join(out, "gateway-1.0.0.swu")), read(t, filepath.Join(out, "artifacts.json"))...)
		if first == nil {
			first = data
		}
		if !bytes.Equal(data, first) {
			t.Errorf("%+v gives other bytes than %+v", s, surroundingsToTry[0])
		}
	}
}

// With encryption two builds differ in the IV and in what follows from it, and
// in nothing else.
func TestReproducibleButForIV(t *testing.T) {
	fwpack := binary(t)
	var descriptions, payloads []string
	for _, s := range surroundingsToTry {
		out := buildIn(t, fwpack, s, func(string) {})
		description, payload := withoutIV(t, out)
		descriptions, payloads = append(descriptions, description), append(payloads, payload)
	}
	if descriptions[0] != descriptions[1] {
		t.Errorf("descriptions differ:\n%s\n%s", descriptions[0], descriptions[1])
	}
	if payloads[0] != payloads[1] {
		t.Error("decrypted payloads differ")
	}
}

// withoutIV returns the description less IV and digests, and the plaintext of
// the encrypted payload.
func withoutIV(t *testing.T, out string) (description, payload string) {
	t.Helper()
	var report pack.Report
	if err := json.Unmarshal(read(t, filepath.Join(out, "artifacts.json")), &report); err != nil {
		t.Fatal(err)
	}
	secret := strings.Fields(string(read(t, "../../examples/quickstart/keys/device.aes")))[0]
	key, err := hex.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	iv, err := hex.DecodeString(report.Outputs[0].Payloads[0].IV)
	if err != nil {
		t.Fatal(err)
	}
	entries := entriesOf(t, filepath.Join(out, report.Outputs[0].File))
	data := entries["rootfs"]
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(data, data)
	digits := regexp.MustCompile(`"[0-9a-f]{32,64}"`)
	return digits.ReplaceAllString(string(entries[swu.Description]), `"..."`), string(data)
}

func entriesOf(t *testing.T, path string) map[string][]byte {
	t.Helper()
	entries := map[string][]byte{}
	for r := swu.NewReader(bytes.NewReader(read(t, path))); ; {
		entry, err := r.Next()
		if err == io.EOF {
			return entries
		}
		if err != nil {
			t.Fatal(err)
		}
		if entries[entry.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

// A build that is told to stop leaves the old output or the new one, and no
// other file; a build that is killed leaves nothing that outlives the next.
func TestFaultInterrupted(t *testing.T) {
	fwpack := binary(t)
	dir := t.TempDir()
	quickstart(t, dir)
	big := make([]byte, 24<<20)
	if _, err := rand.NewChaCha8([32]byte{1}).Read(big); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "deploy/rootfs.ext4"), big, 0o666); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := buildUntil(fwpack, dir, nil, 0); err != nil {
		t.Fatal(err)
	}
	whole := time.Since(begun)
	for i := range 18 {
		signal := []os.Signal{syscall.SIGTERM, os.Interrupt, syscall.SIGKILL}[i%3]
		err := buildUntil(fwpack, dir, signal, rand.N(whole*5/4))
		if signal == syscall.SIGKILL { // what it left goes with the next whole build
			if err = buildUntil(fwpack, dir, nil, 0); err != nil {
				t.Fatal(err)
			}
		}
		checkDist(t, dir, err)
	}
}

// buildUntil builds the project in dir and sends the signal after a while.
func buildUntil(fwpack, dir string, signal os.Signal, after time.Duration) error {
	cmd := exec.Command(fwpack, "build", "-f", filepath.Join(dir, "fwpack.toml"))
	if err := cmd.Start(); err != nil {
		return err
	}
	if signal != nil {
		time.Sleep(after)
		cmd.Process.Signal(signal) // it may have ended
	}
	return cmd.Wait()
}

// checkDist expects the two outputs, complete, and the exit status of a failure.
func checkDist(t *testing.T, dir string, err error) {
	t.Helper()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() != statusFailed && exit.Sys().(syscall.WaitStatus).Signal() <= 0 {
		t.Errorf("exit status %d", exit.ExitCode())
	}
	entries, err := os.ReadDir(filepath.Join(dir, "dist"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); name != "gateway-1.0.0.swu" && name != "artifacts.json" {
			t.Errorf("%s was left behind", name)
		}
	}
	entriesOf(t, filepath.Join(dir, "dist", "gateway-1.0.0.swu"))
}

// A full disk ends the build with one line, and what was there stays.
func TestConformanceDiskFull(t *testing.T) {
	dir, small := t.TempDir(), tmpfs(t, "512k")
	fwpack := binary(t)
	quickstart(t, dir)
	build := exec.Command(fwpack, "build", "-f", filepath.Join(dir, "fwpack.toml"), "-o", small)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	before := read(t, filepath.Join(small, "gateway-1.0.0.swu"))
	big := make([]byte, 4<<20)
	rand.NewChaCha8([32]byte{}).Read(big)
	if err := os.WriteFile(filepath.Join(dir, "deploy/rootfs.ext4"), big, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, compress := range []string{"zstd", "none"} {
		edit(t, filepath.Join(dir, "fwpack.toml"), `compress = "zstd"`, `compress = "`+compress+`"`)
		build = exec.Command(fwpack, "build", "-f", filepath.Join(dir, "fwpack.toml"), "-o", small)
		out, _ := build.CombinedOutput()
		if build.ProcessState.ExitCode() != statusFailed || !strings.Contains(string(out), "no space left on device") {
			t.Errorf("exit status %d\n%s", build.ProcessState.ExitCode(), out)
		}
		if entries, err := os.ReadDir(small); err != nil || len(entries) != 2 {
			t.Errorf("left behind: %v, %v", entries, err)
		}
		if !bytes.Equal(read(t, filepath.Join(small, "gateway-1.0.0.swu")), before) {
			t.Error("the previous output is gone")
		}
	}
}

// withoutRights runs fwpack as somebody who may not write everywhere: root, as
// in a container, is nobody for that long.
func withoutRights(t *testing.T, fwpack, dir string) (status int, stderr string) {
	t.Helper()
	cmd := exec.Command(fwpack, "build")
	cmd.Dir = dir
	if os.Geteuid() == 0 {
		const nobody = 65534
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// Files that cannot be read and folders that cannot be written are named, and
// nothing is left behind.
func TestWithoutRights(t *testing.T) {
	top := t.TempDir()
	for _, dir := range []string{filepath.Dir(top), top} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	fwpack, dir := filepath.Join(top, "fwpack"), filepath.Join(top, "project")
	if err := os.WriteFile(fwpack, read(t, binary(t)), 0o755); err != nil {
		t.Fatal(err)
	}
	quickstart(t, dir)
	for path, mode := range map[string]os.FileMode{"keys/release.pem": 0o644, "keys/device.aes": 0o644, "dist": 0o555} {
		if path == "dist" {
			if err := os.Mkdir(filepath.Join(dir, path), 0o777); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(filepath.Join(dir, path), mode); err != nil {
			t.Fatal(err)
		}
	}
	status, stderr := withoutRights(t, fwpack, dir)
	if want := `create "dist/gateway-1.0.0.swu": in folder "dist": permission denied`; status != statusFailed || !strings.Contains(stderr, want) {
		t.Errorf("status %d\n%s", status, stderr)
	}
	if err := os.Chmod(filepath.Join(dir, "deploy/rootfs.ext4"), 0); err != nil {
		t.Fatal(err)
	}
	status, stderr = withoutRights(t, fwpack, dir)
	if want := `fwpack.toml:22:8: artifact "rootfs": open deploy/rootfs.ext4: permission denied`; status != statusUsage || !strings.HasPrefix(stderr, want) {
		t.Errorf("status %d\n%s", status, stderr)
	}
	if entries, err := os.ReadDir(filepath.Join(dir, "dist")); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if err := errors.Join(os.Chmod(filepath.Join(dir, "deploy/rootfs.ext4"), 0o644), os.Chmod(filepath.Join(dir, "dist"), 0o755)); err != nil {
		t.Fatal(err)
	}
	if err := buildUntil(fwpack, dir, nil, 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "dist"), 0o555); err != nil {
		t.Fatal(err)
	}
	before := read(t, filepath.Join(dir, "dist/gateway-1.0.0.swu"))
	if status, stderr := withoutRights(t, fwpack, dir); status != statusFailed {
		t.Errorf("status %d\n%s", status, stderr)
	}
	checkDist(t, dir, nil)
	if !bytes.Equal(read(t, filepath.Join(dir, "dist/gateway-1.0.0.swu")), before) {
		t.Error("the previous output is another one")
	}
}

// writeAt writes a file, and the folders above it.
func writeAt(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}
