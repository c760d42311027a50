package inputs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// lab is a folder with a file that has been there for long.
func lab(t *testing.T) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	file = filepath.Join(dir, "file")
	write(t, file, "content")
	return dir, file
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

// later is a clock for which everything here is old.
func later() time.Time { return time.Now().Add(time.Minute) }

func noEnv(string) (string, bool) { return "", false }

// Whatever happens to something that was noted is seen, also after the snapshot was
// written and read.
func TestChanged(t *testing.T) {
	for name, test := range map[string]struct {
		change func(dir, file string) error
		want   string // the base of what has changed
	}{
		"nothing":           {func(_, _ string) error { return nil }, ""},
		"written":           {func(_, file string) error { return os.WriteFile(file, []byte("CONTENT"), 0o666) }, "file"},
		"touched":           {func(_, file string) error { return os.Chtimes(file, time.Time{}, time.Unix(1, 0)) }, "file"},
		"removed":           {func(_, file string) error { return os.Remove(file) }, "file"},
		"replaced":          {replace, "file"},
		"appeared":          {func(dir, _ string) error { return os.WriteFile(filepath.Join(dir, "absent"), nil, 0o666) }, "absent"},
		"appeared, folder":  {func(dir, _ string) error { return os.Mkdir(filepath.Join(dir, "absent"), 0o777) }, "absent"},
		"name in a folder":  {func(dir, _ string) error { return os.WriteFile(filepath.Join(dir, "folder", "new"), nil, 0o666) }, "folder"},
		"match of pattern":  {func(dir, _ string) error { return os.WriteFile(filepath.Join(dir, "b.crt"), nil, 0o666) }, "*.crt"},
		"no such pattern":   {func(dir, _ string) error { return os.WriteFile(filepath.Join(dir, "b.pem"), nil, 0o666) }, ""},
		"folder for a file": {folderFor, "file"},
	} {
		dir, file := lab(t)
		if err := os.Mkdir(filepath.Join(dir, "folder"), 0o777); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "a.crt"), "")
		log := New(later)
		log.Note(file, filepath.Join(dir, "absent"), filepath.Join(dir, "folder"), "")
		if _, err := log.Glob(filepath.Join(dir, "*.crt")); err != nil {
			t.Fatal(err)
		}
		snapshot, sure := log.Snapshot()
		if !sure {
			t.Errorf("%s: not sure", name)
		}
		if err := test.change(dir, file); err != nil {
			t.Fatal(err)
		}
		got := again(t, snapshot).Changed(noEnv)
		if got != "" {
			got = filepath.Base(got)
		}
		if got != test.want {
			t.Errorf("%s: %q has changed, want %q", name, got, test.want)
		}
	}
}

func replace(dir, file string) error {
	other := filepath.Join(dir, "other")
	if err := os.WriteFile(other, []byte("content"), 0o666); err != nil {
		return err
	}
	return os.Rename(other, file)
}

func folderFor(_, file string) error {
	if err := os.Remove(file); err != nil {
		return err
	}
	return os.Mkdir(file, 0o777)
}

// again is the snapshot written and read.
func again(t *testing.T, s Snapshot) Snapshot {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var read Snapshot
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

func TestEnv(t *testing.T) {
	values := map[string]string{"A": "secret", "EMPTY": ""}
	lookup := func(name string) (string, bool) { v, ok := values[name]; return v, ok }
	log := New(later)
	for _, name := range []string{"A", "EMPTY", "NONE"} {
		got, ok := log.Env(lookup)(name)
		if want, there := lookup(name); got != want || ok != there {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
	snapshot, _ := log.Snapshot()
	if data, err := json.Marshal(snapshot); err != nil || strings.Contains(string(data), "secret") {
		t.Errorf("%v: %s", err, data)
	}
	if got := again(t, snapshot).Changed(lookup); got != "" {
		t.Errorf("%s has changed", got)
	}
	for name, change := range map[string]func(){
		"A":     func() { values["A"] = "other" },
		"EMPTY": func() { delete(values, "EMPTY") },
		"NONE":  func() { values["NONE"] = "" },
	} {
		before := values
		values = map[string]string{"A": "secret", "EMPTY": ""}
		change()
		if got := again(t, snapshot).Changed(lookup); got != "$"+name {
			t.Errorf("%s: %q has changed", name, got)
		}
		values = before
	}
}

// What was written just now is waited for, where the file system tells times finely.
func TestSettles(t *testing.T) {
	_, file := lab(t)
	log := New(time.Now)
	log.Note(file)
	if _, sure := log.Snapshot(); !sure {
		t.Error("not sure of a file that was written just now")
	}
	when := time.Now().Truncate(time.Second)
	if err := os.Chtimes(file, when, when); err != nil {
		t.Fatal(err)
	}
	future := New(func() time.Time { return when.Add(-time.Hour) })
	future.Note(file)
	if _, sure := future.Snapshot(); sure {
		t.Error("sure of a file from the future")
	}
}

// Of a device or a pipe nobody can tell what comes out of it.
func TestUnsure(t *testing.T) {
	device, restless := New(later), New(later)
	device.Note(os.DevNull)
	restless.Unsure()
	for name, log := range map[string]*Log{"device": device, "unsure": restless} {
		if _, sure := log.Snapshot(); sure {
			t.Errorf("%s: sure", name)
		}
	}
}

func TestPaths(t *testing.T) {
	dir, file := lab(t)
	log := New(later)
	log.Note(file, filepath.Join(dir, "absent"), dir)
	snapshot, _ := log.Snapshot()
	if got := snapshot.Paths(); !slices.Equal(got, []string{file}) {
		t.Errorf("%q", got)
	}
}

// The nil Log looks, and notes nothing.
func TestNil(t *testing.T) {
	_, file := lab(t)
	var log *Log
	log.Note(file)
	log.Unsure()
	if data, err := log.ReadFile(file); err != nil || string(data) != "content" {
		t.Errorf("%q, %v", data, err)
	}
	if info, err := log.Stat(file); err != nil || info.Size() != 7 {
		t.Errorf("%v, %v", info, err)
	}
	if matches, err := log.Glob(file); err != nil || len(matches) != 1 {
		t.Errorf("%q, %v", matches, err)
	}
	if log.Env(nil) != nil {
		t.Error("an environment out of none")
	}
}
