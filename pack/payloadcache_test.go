package pack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/stamp"
	"github.com/fwpack/fwpack/pack/cache"
	"github.com/fwpack/fwpack/pack/payload"
)

// cachedProject has payloads of all kinds that are kept, and one that is not.
const cachedProject = `schema = 1
[project]
name = "p"
version = "1"
[keys.device]
aes = { file = "device.aes" }
[[artifact]]
name = "a"
file = "a.bin"
compress = "zstd"
[[artifact]]
name = "b"
file = "b.bin"
encrypt = "device"
[[artifact]]
name = "c"
file = "c.bin"
compress = "zlib"
encrypt = "device"
[[artifact]]
name = "d"
file = "d.bin"
[[bundle]]
name = "p"
output = "p.swu"
description = "d.in"
`

const cachedDescription = `software = {
  version = "1";
  images = (
    { filename = "a"; type = "raw"; device = "/dev/a"; },
    { filename = "b"; type = "raw"; device = "/dev/b"; },
    { filename = "c"; type = "raw"; device = "/dev/c"; },
    { filename = "d"; type = "raw"; device = "/dev/d"; }
  );
};
`

var zstdCompress = payload.Compress{Method: payload.Zstd}

// cacheLab is a project beside a cache.
type cacheLab struct {
	*testing.T
	dir   string
	cache *cache.Cache
}

func newCacheLab(t *testing.T) *cacheLab {
	l := &cacheLab{t, files{
		"fwpack.toml": cachedProject, "d.in": cachedDescription,
		"device.aes": strings.Repeat("0123456789abcdef", 4) + " " + strings.Repeat("0", 32),
	}.write(t), nil}
	l.cache = cache.Open(filepath.Join(t.TempDir(), "cache"), cache.Limits{})
	for i, name := range []string{"a", "b", "c", "d"} {
		l.write(name+".bin", 100_000+i, uint64(i))
	}
	return l
}

// write writes a file and makes it look an hour old.
func (l *cacheLab) write(name string, size int, seed uint64) {
	l.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(r.IntN(20))
	}
	writeFile(l.T, filepath.Join(l.dir, name), data)
	l.touch(name, -time.Hour)
}

// touch gives the file another time. That of its inode is now, whatever it is
// given: builds are made a minute later for that.
func (l *cacheLab) touch(name string, age time.Duration) {
	l.Helper()
	when := time.Now().Add(age).Truncate(time.Second).Add(time.Millisecond)
	if err := os.Chtimes(filepath.Join(l.dir, name), when, when); err != nil {
		l.Fatal(err)
	}
}

// build returns the bundle. Its IVs follow from seed.
func (l *cacheLab) build(c *cache.Cache, seed byte) []byte {
	l.Helper()
	project, err := Load(filepath.Join(l.dir, "fwpack.toml"), Inputs{})
	if err != nil {
		l.Fatal(err)
	}
	plan, err := project.Plan(Selection{})
	if err != nil {
		l.Fatal(err)
	}
	out := l.TempDir()
	_, err = Build(context.Background(), plan, Options{
		Out: out, Rand: rand.NewChaCha8([32]byte{seed}), Now: time.Now().Add(time.Minute), Cache: c,
		Warn: func(err error) { l.Errorf("warning: %v", err) },
	})
	if err != nil {
		l.Fatal(err)
	}
	bundle, err := os.ReadFile(filepath.Join(out, "p.swu"))
	if err != nil {
		l.Fatal(err)
	}
	return bundle
}

// Encrypted payloads keep their IV, so that a second build makes the same bytes.
func TestCacheRepeats(t *testing.T) {
	l := newCacheLab(t)
	first := l.build(l.cache, 1)
	if other := l.build(nil, 2); bytes.Equal(first, other) {
		t.Fatal("without a cache another IV makes the same bundle")
	}
	if !bytes.Equal(first, l.build(nil, 1)) {
		t.Error("with a cache that is empty the bundle is another one than without")
	}
	if !bytes.Equal(first, l.build(l.cache, 2)) {
		t.Error("the second build made something else")
	}
	l.touch("a.bin", -2*time.Hour) // the same content
	if !bytes.Equal(first, l.build(l.cache, 3)) {
		t.Error("with new times of a source the build made something else")
	}
}

// Of what has changed there is another payload, of all else the same one.
func TestCacheOneChanged(t *testing.T) {
	l := newCacheLab(t)
	before := entriesIn(t, l.build(l.cache, 1))
	l.write("c.bin", 100_002, 77)
	after := entriesIn(t, l.build(l.cache, 2))
	for _, name := range []string{"a", "b", "c", "d"} {
		if same := bytes.Equal(before[name], after[name]); same != (name != "c") {
			t.Errorf("%s is the same: %v", name, same)
		}
	}
	if !bytes.Equal(after["c"], entriesIn(t, l.build(l.cache, 3))["c"]) {
		t.Error("the changed payload was not kept")
	}
}

// A large source that was copied, touched or changed back is known again by what it
// holds: the encrypted payload keeps its IV.
func TestCacheKnownAgain(t *testing.T) {
	const size = sharedSize + 100
	l := newCacheLab(t)
	l.write("c.bin", size, 7)
	first := entriesIn(t, l.build(l.cache, 1))["c"]
	l.write("c.bin", size, 8)
	if bytes.Equal(first, entriesIn(t, l.build(l.cache, 2))["c"]) {
		t.Error("another source makes the same payload")
	}
	l.write("c.bin", size, 7)
	if !bytes.Equal(first, entriesIn(t, l.build(l.cache, 3))["c"]) {
		t.Error("a source that was changed back is not known")
	}
	copied := newCacheLab(t)
	copied.cache = l.cache
	copied.write("c.bin", size, 7)
	if !bytes.Equal(first, entriesIn(t, copied.build(copied.cache, 4))["c"]) {
		t.Error("a copy elsewhere is not known")
	}
}

// A file that another one's sample stands for is not taken for it.
func TestCacheSameSample(t *testing.T) {
	const size = 4 * sharedSize
	l := newCacheLab(t)
	l.write("c.bin", size, 7)
	first := entriesIn(t, l.build(l.cache, 1))["c"]
	path := filepath.Join(l.dir, "c.bin")
	data := readFile(t, path)
	data[sampleBlock+1]++ // between two blocks of the sample
	before := sampleOfFile(t, path)
	writeFile(t, path, data)
	if sampleOfFile(t, path) != before {
		t.Fatal("the sample is another one")
	}
	second := entriesIn(t, l.build(l.cache, 2))["c"]
	if bytes.Equal(first, second) || !bytes.Equal(second, entriesIn(t, l.build(nil, 2))["c"]) {
		t.Error("a file was taken for another with the same sample")
	}
}

func sampleOfFile(t *testing.T, path string) cache.Key {
	t.Helper()
	data := readFile(t, path)
	key, err := sampleOf(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// The first block and the last count, and the size.
func TestSample(t *testing.T) {
	data := bytes.Repeat([]byte("firmware"), 1<<20)
	seen := map[cache.Key]bool{}
	note := func(data []byte, want bool) {
		t.Helper()
		key, err := sampleOf(bytes.NewReader(data), int64(len(data)))
		if err != nil || seen[key] != want {
			t.Errorf("seen before: %v, %v", seen[key], err)
		}
		seen[key] = true
	}
	note(data, false)
	note(bytes.Clone(data), true)
	for _, at := range []int{0, sampleBlock - 1, len(data) - sampleBlock, len(data) - 1, (len(data) - sampleBlock) / (sampleBlocks - 1)} {
		changed := bytes.Clone(data)
		changed[at]++
		note(changed, false)
	}
	note(data[8:], false)
	if _, err := sampleOf(bytes.NewReader(data[8:]), int64(len(data))); err == nil {
		t.Error("a file that ends early has a sample")
	}
}

// A source is not read where the cache knows its digest: here it is told a wrong one.
func TestCacheTrustsStamps(t *testing.T) {
	l := newCacheLab(t)
	first := l.build(l.cache, 1)
	for i, spec := range []payload.Spec{{Compress: zstdCompress}, {Encrypt: &payload.Encrypt{}}} {
		name := []string{"a.bin", "b.bin"}[i]
		path := filepath.Join(l.dir, name)
		was := sourceDigest{name: path, section: spec.SectionSize(), stamp: stampOf(t, path)}
		if err := was.read(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		l.write(name, int(was.stamp.Size), 99)
		if err := l.cache.NoteDigest(path, was.kind(), stampOf(t, path), [32]byte(was.digest)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first, l.build(l.cache, 2)) {
		t.Error("a file was read")
	}
}

func stampOf(t *testing.T, path string) stamp.Stamp {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return stamp.Of(info)
}

// A damaged entry is not used, wherever the damage is, and gets replaced.
func TestCacheDamage(t *testing.T) {
	l := newCacheLab(t)
	first := entriesIn(t, l.build(l.cache, 1))
	entries, err := filepath.Glob(filepath.Join(l.cache.Dir(), "payloads", "*"))
	if err != nil || len(entries) != 3 {
		t.Fatalf("%q, %v", entries, err)
	}
	for _, path := range entries {
		data := readFile(t, path)
		data[len(data)/2] ^= 1
		writeFile(t, path, data)
	}
	second := l.build(l.cache, 1)
	for name, want := range first {
		if name != "sw-description" && !bytes.Equal(want, entriesIn(t, second)[name]) {
			t.Errorf("%s is another one", name)
		}
	}
	if !bytes.Equal(second, l.build(l.cache, 2)) {
		t.Error("the damaged entries were not replaced")
	}
}

// A payload that is too large to be read twice shows its damage only when it is
// written. It is made again all the same, and replaces the damaged one.
func TestCacheLargeDamage(t *testing.T) {
	l := newCacheLab(t)
	l.write("a.bin", 4*sharedSize, 1)
	first := entriesIn(t, l.build(l.cache, 1))["a"]
	if len(first) <= sharedSize {
		t.Fatalf("a payload of %d bytes is small", len(first))
	}
	for _, place := range []int{0, len(first) / 2, len(first) - 1} {
		path := l.kept(int64(len(first)))
		data := readFile(t, path)
		data[place] ^= 1
		writeFile(t, path, data)
		l.touch("d.bin", time.Duration(place)) // so that there is something to build
		if second := entriesIn(t, l.build(l.cache, 1))["a"]; !bytes.Equal(first, second) {
			t.Errorf("byte %d: it is used", place)
		}
		data[place] ^= 1
		if !bytes.Equal(data, readFile(t, l.kept(int64(len(first))))) {
			t.Errorf("byte %d: the damaged entry was not replaced", place)
		}
	}
}

// kept is the file of the payload of at least size bytes.
func (l *cacheLab) kept(size int64) string {
	l.Helper()
	files, err := filepath.Glob(filepath.Join(l.cache.Dir(), "payloads", "*"))
	if err != nil {
		l.Fatal(err)
	}
	for _, path := range files {
		if stampOf(l.T, path).Size >= size {
			return path
		}
	}
	l.Fatalf("no payload of %d bytes is kept", size)
	return ""
}

// entriesIn are the files in a bundle by name.
func entriesIn(t *testing.T, bundle []byte) map[string][]byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.swu")
	writeFile(t, path, bundle)
	return readBundle(t, path)
}

// Deltas are kept as well: the file for the server, and the patch.
func TestCacheDeltas(t *testing.T) {
	for name, artifact := range map[string]string{
		"zchunk": fmt.Sprintf(zchunkArtifact, "data-{sha256}.zck", `, bases = ["old.img"]`),
		"rdiff":  "[[artifact]]\nname = \"data\"\nfile = \"new.img\"\ncompress = \"zstd\"\ndelta = { kind = \"rdiff\", base = \"old.img\", rdiffbase = \"/dev/sda2\" }\n",
	} {
		dir := deltaFiles(t, artifact, plainDescription).write(t)
		opt := options(dir)
		opt.Cache, opt.Now = cache.Open(filepath.Join(t.TempDir(), "cache"), cache.Limits{}), time.Now().Add(time.Minute)
		opt.Warn = func(err error) { t.Errorf("%s: warning: %v", name, err) }
		first, entries := build(t, dir, options(dir))
		for run := range 4 {
			if run == 3 { // with a damaged entry
				kept := must(filepath.Glob(filepath.Join(opt.Cache.Dir(), "payloads", "*")))
				data := readFile(t, kept[0])
				data[len(data)/3] ^= 1
				writeFile(t, kept[0], data)
			}
			report, again := build(t, dir, opt)
			if want, got := must(json.Marshal(first)), must(json.Marshal(report)); !bytes.Equal(got, want) {
				t.Errorf("%s, run %d:\n%s\nwant\n%s", name, run, got, want)
			}
			if !bytes.Equal(again["data"], entries["data"]) || !bytes.Equal(again["sw-description"], entries["sw-description"]) {
				t.Errorf("%s, run %d: another bundle", name, run)
			}
		}
		kept, err := filepath.Glob(filepath.Join(opt.Cache.Dir(), "payloads", "*"))
		if err != nil || len(kept) != 1 {
			t.Errorf("%s: %q, %v", name, kept, err)
		}
		old := readFile(t, filepath.Join(dir, "old.img")) // another base, another patch
		old[100] ^= 1
		writeFile(t, filepath.Join(dir, "old.img"), old)
		build(t, dir, opt)
		if kept, _ = filepath.Glob(filepath.Join(opt.Cache.Dir(), "payloads", "*")); len(kept) != 2 {
			t.Errorf("%s: with another base %d entries", name, len(kept))
		}
	}
}

// An image is signed anew and is the same; encrypted for the bundle it stays the same,
// too.
func TestCacheImage(t *testing.T) {
	dir := bundledProject(t, "ed25519", bundledImage, "[[artifact]]\nname = \"mcu\"\nimage = \"sensor\"\nencrypt = \"aes\"\n",
		`{ filename = "mcu"; type = "raw"; device = "/dev/a"; }`, nil)
	opt := options(dir)
	opt.Cache = cache.Open(filepath.Join(t.TempDir(), "cache"), cache.Limits{})
	_, first := build(t, dir, opt)
	opt.Rand = rand.NewChaCha8([32]byte{1})
	_, second := build(t, dir, opt)
	opt.Cache = nil
	_, other := build(t, dir, opt)
	if !bytes.Equal(first["mcu"], second["mcu"]) || bytes.Equal(first["mcu"], other["mcu"]) {
		t.Errorf("with the cache the same: %v, without: %v", bytes.Equal(first["mcu"], second["mcu"]), bytes.Equal(first["mcu"], other["mcu"]))
	}
}

// A payload that is written in place behind one out of the cache arrives whole,
// whatever the length of the signature turns out to be.
func TestCacheBeforePlace(t *testing.T) {
	for _, key := range []string{"ec-p256", "ec-p521"} {
		dir := files{
			"fwpack.toml": project(t, key, "[[artifact]]\nname = \"a\"\nfile = \"a.bin\"\ncompress = \"zstd\"\n"+
				"[[artifact]]\nname = \"d\"\nfile = \"d.bin\"\n"),
			"sw-description.in": `software = { version = "1"; images = ( { filename = "a"; device = "/dev/a"; }, { filename = "d"; device = "/dev/d"; } ); };`,
			"device.aes":        deviceAES,
			"a.bin":             strings.Repeat("of the cache ", 1000),
		}.write(t)
		opt := options(dir)
		opt.Now = time.Now().Add(time.Minute)
		opt.Cache = cache.Open(filepath.Join(t.TempDir(), "cache"), cache.Limits{})
		for i := range 30 {
			want := strings.Repeat(fmt.Sprintf("build %d ", i), 100)
			writeFile(t, filepath.Join(dir, "d.bin"), []byte(want))
			if _, entries := build(t, dir, opt); string(entries["d"]) != want {
				t.Fatalf("%s, build %d: the payload is another one", key, i)
			}
		}
	}
}
