package pack

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/pack/cache"
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
// given: opt.Now is put into the future for that.
func (l *cacheLab) touch(name string, age time.Duration) {
	l.Helper()
	when := time.Now().Add(age).Truncate(time.Second).Add(time.Millisecond)
	if err := os.Chtimes(filepath.Join(l.dir, name), when, when); err != nil {
		l.Fatal(err)
	}
}

// build returns the bundle, and how many source bytes were processed or recalled.
func (l *cacheLab) build(c *cache.Cache, seed uint64) []byte {
	l.Helper()
	var r [32]byte
	r[0] = byte(seed)
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
		Out: out, Rand: rand.NewChaCha8(r), Now: time.Now().Add(time.Minute), Cache: c,
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
