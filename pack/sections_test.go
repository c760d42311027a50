//go:build !cgo || !libzstd

package pack

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/fwpack/fwpack/pack/cache"
	"github.com/fwpack/fwpack/pack/payload"
)

// sectionSize is that of zstd.
var sectionSize = int(payload.Spec{Compress: zstdCompress}.SectionSize())

// What is read ahead of a run is what the run tells of.
func TestSectionsOf(t *testing.T) {
	size := sectionSize
	source := bytes.Repeat([]byte("something to compress; "), 2*size/20)
	for _, length := range []int{0, 1, size - 1, size, size + 1, 2 * size} {
		var told [][sha256.Size]byte
		run := payload.Options{Section: func(s payload.Section) { told = append(told, s.Source) }}
		if _, err := payload.Run(t.Context(), io.Discard, bytes.NewReader(source[:length]), payload.Spec{Compress: zstdCompress}, run); err != nil {
			t.Fatal(err)
		}
		got, err := sectionsOf(t.Context(), bytes.NewReader(source), int64(length), int64(size), 2)
		if err != nil || !bytes.Equal(digestOfSections(got), digestOfSections(told)) {
			t.Errorf("%d bytes: %x, told %x, %v", length, got, told, err)
		}
	}
	if bytes.Equal(digestOfSections(nil), digestOfSections(make([][sha256.Size]byte, 1))) {
		t.Error("another number of sections has the same digest")
	}
}

func TestMarshalSections(t *testing.T) {
	want := []payload.Section{{Source: sha256.Sum256([]byte("a")), Size: 3}, {Size: 1 << 40}}
	data := marshalSections(want)
	if got := unmarshalSections(append(data, 1, 2, 3)); len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%v, want %v", got, want)
	}
}

// Where a large source has changed in one place the rest comes from the last build, and
// the bundle is the one that a build without a cache makes.
func TestCacheSections(t *testing.T) {
	size := sectionSize
	l := newCacheLab(t)
	l.write("a.bin", 3*size+1000, 1)
	l.build(l.cache, 1)
	changes := map[string]func(data []byte) []byte{
		"one byte": func(data []byte) []byte { data[size+5]++; return data },
		"shorter":  func(data []byte) []byte { return data[:2*size+7] },
		"longer":   func(data []byte) []byte { return append(data, data[:size]...) },
		"other":    func(data []byte) []byte { clear(data); return data },
		"touched":  func(data []byte) []byte { return data },
	}
	for _, name := range []string{"one byte", "touched", "shorter", "longer", "other"} {
		l.rewrite("a.bin", changes[name])
		if got, want := entriesIn(t, l.build(l.cache, 1))["a"], entriesIn(t, l.build(nil, 1))["a"]; !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, want %d", name, len(got), len(want))
		}
	}
}

// The sections are not compressed again: here the last build is said to have made
// something else of them.
func TestCacheTakesSections(t *testing.T) {
	size := sectionSize
	l := newCacheLab(t)
	l.write("a.bin", 3*size, 1)
	before := entriesIn(t, l.build(l.cache, 1))["a"]
	first := l.forge(func(kept []byte, sections []payload.Section) []byte {
		copy(kept, bytes.Repeat([]byte("forged"), int(sections[0].Size)/6))
		return kept
	})
	l.rewrite("a.bin", func(data []byte) []byte { data[2*size]++; return data })
	after := entriesIn(t, l.build(l.cache, 1))["a"]
	second := int64(len(before)) - first[2].Size
	if !bytes.HasPrefix(after, []byte("forgedforged")) || !bytes.Equal(after[first[0].Size:second], before[first[0].Size:second]) {
		t.Error("sections that have not changed were compressed again")
	}
	if bytes.Equal(after[second:], before[second:]) {
		t.Error("a section that has changed was not compressed again")
	}
}

// Where that has been damaged, everything is compressed again.
func TestCacheDamagedSections(t *testing.T) {
	l := newCacheLab(t)
	l.write("a.bin", 3*sectionSize, 1)
	l.build(l.cache, 1)
	path := l.kept(int64(sectionSize))
	data := readFile(t, path)
	data[100] ^= 1
	writeFile(t, path, data)
	l.rewrite("a.bin", func(data []byte) []byte { data[2*sectionSize]++; return data })
	if got, want := entriesIn(t, l.build(l.cache, 1))["a"], entriesIn(t, l.build(nil, 1))["a"]; !bytes.Equal(got, want) {
		t.Error("a damaged section is used")
	}
}

// forge puts something else in the place of the one payload with several sections, and
// returns these.
func (l *cacheLab) forge(change func(kept []byte, sections []payload.Section) []byte) (sections []payload.Section) {
	l.Helper()
	files, err := os.ReadDir(filepath.Join(l.cache.Dir(), "payloads"))
	if err != nil {
		l.Fatal(err)
	}
	for _, file := range files {
		name, err := hex.DecodeString(file.Name())
		if err != nil {
			continue
		}
		entry, ok := l.cache.Get(l.Context(), cache.Key(name))
		if !ok {
			l.Fatalf("%s is not there", file.Name())
		}
		var meta keptPayload
		if err := json.Unmarshal(entry.Meta(), &meta); err != nil {
			l.Fatal(err)
		}
		data := make([]byte, entry.Size())
		if _, err := entry.File().ReadAt(data, 0); err != nil {
			l.Fatal(err)
		}
		entry.Close()
		if made := unmarshalSections(meta.Sections); len(made) > 1 {
			sections = made
			data = change(data, made)
			if err := l.cache.Put(l.Context(), cache.Key(name), entry.Meta(), sha256.Sum256(data), bytes.NewReader(data)); err != nil {
				l.Fatal(err)
			}
		}
	}
	if sections == nil {
		l.Fatal("no payload has several sections")
	}
	return sections
}

// rewrite gives a file other content, and another time.
func (l *cacheLab) rewrite(name string, change func([]byte) []byte) {
	l.Helper()
	path := filepath.Join(l.dir, name)
	writeFile(l.T, path, change(readFile(l.T, path)))
}
