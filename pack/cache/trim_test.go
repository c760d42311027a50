package cache

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/stamp"
)

// filled returns a cache with three payloads of 1000 bytes, used one to three hours
// ago, and a source and, an hour younger, a record each of yesterday and of two months
// ago.
func filled(t *testing.T) *Cache {
	t.Helper()
	c := fresh(t)
	for i, name := range []string{"one", "two", "three"} {
		put(t, c, NewKey(name), strings.Repeat("x", 1000), noon.Add(-time.Duration(i+1)*time.Hour))
	}
	for name, days := range map[string]int{"/new": 1, "/old": 60} {
		if err := errors.Join(c.NoteDigest(name, "", stamp.Stamp{Size: 1}, [32]byte{}), c.PutRecord(NewKey(name), nil)); err != nil {
			t.Fatal(err)
		}
		setUsed(t, c, sources, noteKey(name, ""), noon.AddDate(0, 0, -days))
		setUsed(t, c, records, NewKey(name), noon.AddDate(0, 0, -days).Add(time.Hour))
	}
	return c
}

// sizeOfEntry is that of a payload of 1000 bytes with a note of 2.
const sizeOfEntry = 1000 + 2 + int64(trailerSize)

func TestUsage(t *testing.T) {
	c := fresh(t)
	if u, err := c.Usage(); err != nil || u != (Usage{Dir: c.Dir(), Limit: DefaultSize}) {
		t.Errorf("usage of no folder: %+v, %v", u, err)
	}
	c = filled(t)
	u, err := c.Usage()
	small := 2*int64(32+stampSize+32) + 2*32
	if err != nil || u.Payloads != 3 || u.Sources != 2 || u.Records != 2 || u.Bytes != 3*sizeOfEntry+small {
		t.Errorf("usage %+v, %v", u, err)
	}
	if !u.Oldest.Equal(noon.AddDate(0, 0, -60)) || !u.Newest.Equal(noon.Add(-time.Hour)) {
		t.Errorf("uses from %v to %v", u.Oldest, u.Newest)
	}
}

func TestTrim(t *testing.T) {
	for _, test := range []struct {
		name  string
		limit int64
		want  Removed
		kept  string
	}{
		{"default", 0, Removed{Sources: 1, Records: 1}, "one two three"},
		{"one too many", 3*sizeOfEntry - 1, Removed{Payloads: 1, Sources: 1, Records: 1}, "one two"},
		{"one left", 2*sizeOfEntry - 1, Removed{Payloads: 2, Sources: 1, Records: 1}, "one"},
		{"none left", sizeOfEntry, Removed{Payloads: 3, Sources: 1, Records: 1}, ""},
		{"the small rest", 100, Removed{Payloads: 3, Sources: 2, Records: 1}, ""},
		{"nothing", 1, Removed{Payloads: 3, Sources: 2, Records: 2}, ""},
	} {
		c := filled(t)
		before, _ := c.Usage()
		got, err := c.Trim(context.Background(), test.limit, noon)
		after, _ := c.Usage()
		if got.Bytes != before.Bytes-after.Bytes {
			t.Errorf("%s: %d bytes are gone, of %d %d are left", test.name, got.Bytes, before.Bytes, after.Bytes)
		}
		got.Bytes = 0
		if err != nil || got != test.want {
			t.Errorf("%s: removed %+v, %v, want %+v", test.name, got, err, test.want)
		}
		for _, name := range []string{"one", "two", "three"} {
			e, ok := c.Get(context.Background(), NewKey(name))
			if ok {
				e.Close()
			}
			if kept := strings.Contains(test.kept, name); ok != kept {
				t.Errorf("%s: payload %s is there: %v", test.name, name, ok)
			}
		}
	}
}

// A use dated in the future was at an unknown time.
func TestTrimFuture(t *testing.T) {
	c := fresh(t)
	put(t, c, NewKey("a"), "a", noon.AddDate(1, 0, 0))
	put(t, c, NewKey("b"), "b", noon.AddDate(-1, 0, 0))
	if _, err := c.Trim(context.Background(), 2+int64(trailerSize)+1, noon); err != nil {
		t.Fatal(err)
	}
	wantMiss(t, c, NewKey("a"))
	wantHit(t, c, NewKey("b"), "b")
}

func TestTrimStops(t *testing.T) {
	c := filled(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if removed, err := c.Trim(ctx, 1, noon); !errors.Is(err, context.Canceled) || removed != (Removed{}) {
		t.Errorf("removed %+v, %v", removed, err)
	}
}

// What a killed writer left goes; what is not ours stays.
func TestTrimLeftovers(t *testing.T) {
	c := filled(t)
	for _, name := range []string{"payloads/.x.fwpack-0123456789abcdef", ".CACHEDIR.TAG.fwpack-0123456789abcdef", "payloads/readme", "notes.txt"} {
		writeFile(t, filepath.Join(c.Dir(), name), []byte("x"))
	}
	removed, err := c.Trim(context.Background(), 1, noon)
	if err != nil || removed.Leftovers != 2 {
		t.Errorf("removed %+v, %v", removed, err)
	}
	wantFiles(t, c, tagName, "notes.txt", "payloads/readme")
}

func TestClear(t *testing.T) {
	c := fresh(t)
	if err := c.Clear(); err != nil {
		t.Errorf("clear of no folder: %v", err)
	}
	c = filled(t)
	for range 2 {
		if err := c.Clear(); err != nil {
			t.Fatal(err)
		}
		wantFiles(t, c, tagName)
	}
	put(t, c, NewKey("a"), "data", noon)
	wantHit(t, c, NewKey("a"), "data")
}

// A folder that is something else is neither filled nor cleared.
func TestNotACache(t *testing.T) {
	others := map[string]string{
		"notes.txt":                     "mine",
		tagName:                         tagMark + "# This file is a cache directory tag created by cargo.\n",
		"payloads/" + NewKey().String(): "mine",
	}
	for name, text := range others {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, name), []byte(text))
		c := Open(dir, Limits{})
		_, usage := c.Usage()
		_, trim := c.Trim(context.Background(), 1, noon)
		for what, err := range map[string]error{
			"usage": usage, "trim": trim, "clear": c.Clear(), "record": c.PutRecord(NewKey(), nil),
			"put": c.Put(context.Background(), NewKey(), nil, [32]byte{}, strings.NewReader("")),
		} {
			if err == nil || !strings.HasPrefix(err.Error(), "cache "+dir+": not a cache of fwpack's: the folder holds ") {
				t.Errorf("%s with %s: %v", what, name, err)
			}
		}
		wantFiles(t, c, name)
	}
}

// An empty folder becomes a cache, also when a process was killed as it began one.
func TestEmptyFolder(t *testing.T) {
	c := Open(t.TempDir(), Limits{})
	writeFile(t, filepath.Join(c.Dir(), ".CACHEDIR.TAG.fwpack-0123456789abcdef"), nil)
	if err := c.PutRecord(NewKey(), nil); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(filepath.Join(c.Dir(), tagName))
	if err != nil || !strings.HasPrefix(string(text), "Signature: 8a477f597d28d172789f06886806bc55") {
		t.Errorf("tag %q, %v", text, err)
	}
}
