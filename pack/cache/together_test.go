package cache

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/stamp"
)

// These make the test binary a process that uses the cache in the folder that they
// name, until it is killed: one that fills and trims it, and one that is stuck in the
// middle of a payload.
const (
	togetherVariable = "FWPACK_TEST_CACHE"
	stuckVariable    = "FWPACK_TEST_CACHE_STUCK"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(togetherVariable); dir != "" {
		fmt.Println("begun")
		workForever(Open(dir, Limits{Size: togetherLimit, Now: time.Now}))
	}
	if dir := os.Getenv(stuckVariable); dir != "" {
		Open(dir, Limits{}).Put(context.Background(), NewKey("stuck"), nil, [32]byte{}, io.MultiReader(strings.NewReader("half"), stuck{}))
	}
	os.Exit(m.Run())
}

func workForever(c *Cache) {
	for {
		if err := work(c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// stuck is read once, says so, and does not return.
type stuck struct{}

func (stuck) Read([]byte) (int, error) {
	fmt.Println("begun")
	select {}
}

const (
	togetherKeys  = 6
	togetherSize  = 100_000 // of a payload, in bytes
	togetherLimit = 3 * togetherSize
)

// work does once what builds do: it looks for payloads, makes those that are not
// there, remembers and trims. It returns what must not happen.
func work(c *Cache) error {
	for i := range togetherKeys {
		key, data := NewKey("together", fmt.Sprint(i)), bytes.Repeat([]byte{byte(i)}, togetherSize)
		if e, ok := c.Get(context.Background(), key); ok {
			err := compare(e, data)
			e.Close()
			if err != nil {
				return err
			}
			continue
		}
		if err := c.Put(context.Background(), key, nil, sha256.Sum256(data), dribble{bytes.NewReader(data)}); err != nil {
			return err
		}
		seen := stamp.Stamp{Size: int64(i) + 1}
		if err := c.NoteDigest(fmt.Sprint("/", i), "", seen, [32]byte{byte(i)}); err != nil {
			return err
		}
		if got, ok := c.Digest(fmt.Sprint("/", i), "", seen); ok && got != [32]byte{byte(i)} {
			return fmt.Errorf("note %d is damaged", i)
		}
	}
	_, err := c.Trim(context.Background(), 0, time.Now())
	return err
}

// compare reads an entry whole.
func compare(e *Entry, want []byte) error {
	got, err := io.ReadAll(io.LimitReader(e.File(), e.Size()))
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) || e.SHA256() != sha256.Sum256(want) {
		return fmt.Errorf("an entry of %d bytes is not what was put", len(got))
	}
	return nil
}

// dribble reads in small pieces, for a kill to come between.
type dribble struct{ r io.Reader }

func (d dribble) Read(p []byte) (int, error) {
	return d.r.Read(p[:min(len(p), 2000)])
}

func TestTogether(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			c := Open(dir, Limits{Size: togetherLimit, Now: time.Now})
			for range 15 {
				if err := work(c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	settle(t, Open(dir, Limits{Size: togetherLimit}))
}

// TestFaultKilled kills processes in the middle: whatever they leave, others work on,
// and the next Trim takes it away.
func TestFaultKilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	c := Open(dir, Limits{Size: togetherLimit, Now: time.Now})
	for round := range 8 {
		var killed []*exec.Cmd
		for range 3 {
			killed = append(killed, start(t, togetherVariable+"="+dir))
		}
		for range 3 {
			if err := work(c); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(time.Duration(round) * time.Millisecond)
		for _, cmd := range killed {
			cmd.Process.Kill()
			if err := cmd.Wait(); cmd.ProcessState.ExitCode() == 1 {
				t.Errorf("a worker ended by itself: %v\n%s", err, cmd.Stderr)
			}
		}
	}
	settle(t, c)
}

// TestFaultKilledWriting: a payload that is being written is no leftover, until its
// process is gone.
func TestFaultKilledWriting(t *testing.T) {
	c, key := filled(t), NewKey("stuck")
	put(t, c, key, "old", noon)
	cmd := start(t, stuckVariable+"="+c.Dir())
	trim := func(want int) {
		t.Helper()
		removed, err := c.Trim(context.Background(), 0, noon)
		if err != nil || removed.Leftovers != want || removed.Payloads != 0 {
			t.Errorf("removed %+v, %v, want %d leftovers", removed, err, want)
		}
		wantHit(t, c, key, "old")
	}
	trim(0)
	cmd.Process.Kill()
	cmd.Wait()
	trim(1)
	trim(0)
}

// start starts such a process, and waits until it works.
func start(t *testing.T, env string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), env)
	cmd.Stderr = new(bytes.Buffer)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	if _, err := io.ReadFull(out, make([]byte, len("begun\n"))); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// settle trims when all is quiet: no leftovers, and no more than the limit.
func settle(t *testing.T, c *Cache) {
	t.Helper()
	if _, err := c.Trim(context.Background(), 0, time.Now()); err != nil {
		t.Error(err)
	}
	u, err := c.Usage()
	if err != nil || u.Bytes > togetherLimit || u.Bytes == 0 {
		t.Errorf("usage %+v, %v", u, err)
	}
	for _, folder := range folders {
		entries, err := os.ReadDir(filepath.Join(c.Dir(), folder))
		if err != nil {
			t.Error(err)
		}
		for _, entry := range entries {
			if !isKey(entry.Name()) {
				t.Errorf("%s holds %s", folder, entry.Name())
			}
		}
	}
}
