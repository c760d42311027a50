package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

func TestStage(t *testing.T) {
	dir := t.TempDir()
	s, err := Stage(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(s, "spooled"); err != nil {
		t.Fatal(err)
	}
	if !s.named {
		wantNames(t, dir)
	}
	if _, err := s.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if back, err := io.ReadAll(s); err != nil || string(back) != "spooled" {
		t.Errorf("read back %q, %v", back, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	wantNames(t, dir)
	if err := s.Close(); err == nil {
		t.Error("second close is no error")
	}
}

// TestStageNamed goes the way of systems that keep the name of an open file.
func TestStageNamed(t *testing.T) {
	dir := t.TempDir()
	f, err := createNew(dir, "spool")
	if err != nil {
		t.Fatal(err)
	}
	s := &Spool{File: f, named: true}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	wantNames(t, dir)
}

func TestStageRefuses(t *testing.T) {
	_, err := Stage(filepath.Join(t.TempDir(), "none"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "stage: in folder ") {
		t.Errorf("stage in a missing folder: %v", err)
	}
}

func TestStageIsSwept(t *testing.T) {
	dir := t.TempDir()
	f, err := createNew(dir, "spool")
	if err != nil {
		t.Fatal(err)
	}
	f.Close() // killed before the name was gone
	sweep(t, dir, filepath.Base(f.Name()))
}
