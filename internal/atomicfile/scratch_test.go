package atomicfile

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// scratchVariable makes the test binary a process that has a scratch folder.
const scratchVariable = "FWPACK_TEST_SCRATCH"

// scratchForever makes a scratch folder with a file in it, says where it is, and
// waits to be killed.
func scratchForever(parent string) {
	dir, _, err := Scratch(parent, "test")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "file"), nil, 0o600)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(filepath.Base(dir))
	bufio.NewReader(os.Stdin).ReadByte()
	os.Exit(0)
}

// scratch makes a scratch folder and checks that it is empty and private.
func scratch(t *testing.T, parent string) (dir string, remove func()) {
	t.Helper()
	dir, remove, err := Scratch(parent, "test")
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, dir)
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		onUnix(t)
		t.Errorf("mode %#o", mode)
	}
	return dir, remove
}

func TestScratch(t *testing.T) {
	parent := t.TempDir()
	dir, remove := scratch(t, parent)
	if !scratchName.MatchString(filepath.Base(dir)) {
		t.Errorf("nobody would know %q", dir)
	}
	mustWrite(t, filepath.Join(dir, "file"), "data")
	other, removeOther := scratch(t, parent)
	wantFile(t, filepath.Join(dir, "file"), "data")
	remove()
	wantNames(t, parent, filepath.Base(other))
	removeOther()
	wantNames(t, parent)
	if _, _, err := Scratch(filepath.Join(parent, "none"), "test"); err == nil {
		t.Error("a scratch folder in no folder")
	}
}

// What a killed process leaves goes with the next scratch folder, and not before.
func TestScratchAfterKill(t *testing.T) {
	onUnix(t)
	parent := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), scratchVariable+"="+parent)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	line, _, err := bufio.NewReader(out).ReadLine()
	if err != nil || !scratchName.Match(line) {
		t.Fatalf("process says %q, %v", line, err)
	}
	_, remove := scratch(t, parent)
	remove()
	wantNames(t, parent, string(line))
	cmd.Process.Kill()
	cmd.Wait()
	_, remove = scratch(t, parent)
	remove()
	wantNames(t, parent)
}

// What has another name, is a file or a link stays.
func TestScratchLeavesTheRest(t *testing.T) {
	onUnix(t)
	parent, elsewhere := t.TempDir(), t.TempDir()
	mustWrite(t, filepath.Join(elsewhere, "file"), "mine")
	if err := os.Symlink(elsewhere, filepath.Join(parent, "fwpack-sign-0123456789abcdef")); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, filepath.Join(parent, "fwpack-sign-fedcba9876543210"), "mine")
	if err := os.Mkdir(filepath.Join(parent, "fwpack-sign-12345"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, remove := scratch(t, parent)
	remove()
	wantNames(t, parent, "fwpack-sign-0123456789abcdef", "fwpack-sign-12345", "fwpack-sign-fedcba9876543210")
	wantNames(t, elsewhere, "file")
}

// Many at once do not take each other's folders.
func TestScratchRace(t *testing.T) {
	parent := t.TempDir()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 50 {
				dir, remove, err := Scratch(parent, "test")
				if err != nil {
					t.Error(err)
					continue
				}
				if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
					t.Error(err)
				}
				remove()
			}
		})
	}
	group.Wait()
	wantNames(t, parent)
}
