package diff

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/bounds"
	opened "github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/zck"
)

// samples are two files of each kind.
func samples(t testing.TB) map[Kind][2][]byte {
	zstd := raw + ` compressed = "zstd";`
	bundle := func(version string, seed byte) []byte {
		return signed(t, version, member{"a-" + version, packed(t, pseudo(70_000, seed), opened.Zstd, ""), zstd},
			member{"mcu", build(t, 100+int(seed), "ed25519"), raw}, member{"zck", zchunkOf(t, pseudo(20_000, seed), zck.Options{}), raw})
	}
	return map[Kind][2][]byte{
		KindBundle:      {bundle("1.0", 1), bundle("1.1", 2)},
		KindImage:       {build(t, 100, "ed25519"), build(t, 101, "ec-p256")},
		KindZchunk:      {zchunkOf(t, pseudo(100_000, 1), zck.Options{}), zchunkOf(t, pseudo(90_000, 1), zck.Options{})},
		KindDescription: {[]byte(describe("1", member{"a", []byte("a"), raw})), []byte(describe("2", member{"a", []byte("b"), raw}))},
		KindData:        {pseudo(70_000, 1), pseudo(60_000, 1)},
	}
}

// Whatever is in a file, the comparison ends soon.
func TestHostile(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for kind, pair := range samples(t) {
		for range 60 {
			changed := bytes.Clone(pair[1])
			for range 1 + r.IntN(3) {
				switch at := r.IntN(min(len(changed), 3000)); r.IntN(3) {
				case 0:
					changed[at] = byte(r.Uint32())
				case 1:
					copy(changed[at:], [][]byte{{0xff, 0xff, 0xff, 0xff}, []byte("ffffffff"), []byte("00000000"), {0, 0, 0, 0}}[r.IntN(4)])
				default:
					changed = changed[:max(1, len(changed)-r.IntN(min(len(changed), 600)))]
				}
			}
			bounds.Check(t, string(kind), func() {
				d, err := Compare(context.Background(), input("old", pair[0]), input("new", changed), Options{Jobs: 1})
				if (d == nil) == (err == nil) {
					t.Errorf("%s: %v and %v", kind, d, err)
				}
			})
		}
	}
}

// What puffs up, or is a crowd, is followed no further than it takes.
func TestHostileBundles(t *testing.T) {
	puffed := func(value byte) []byte {
		data := packed(t, bytes.Repeat([]byte{value}, 140<<20), opened.Zstd, "")
		return signed(t, "1", member{"a", data, raw + ` compressed = "zstd";`}, member{"b", data, raw + ` compressed = "zstd";`})
	}
	crowd := func(seed int) []byte {
		var members []member
		for i := range 2000 {
			members = append(members, member{fmt.Sprintf("f%d", i), fmt.Appendf(nil, "%d", i*seed), raw})
		}
		return signed(t, "1", members...)
	}
	for name, pair := range map[string][2][]byte{
		"puffed": {puffed(1), puffed(2)},
		"crowd":  {crowd(1), crowd(2)},
	} {
		var d *Difference
		bounds.Check(t, name, func() { d = mustCompare(t, input("old", pair[0]), input("new", pair[1]), Options{Jobs: 1}) })
		if !d.Different {
			t.Errorf("%s: not different", name)
		}
		if name == "puffed" && (len(d.Payloads) != 2 || d.Payloads[0].Content != nil || !strings.HasPrefix(d.Payloads[0].Notes[0], "decompresses to more than ")) {
			t.Errorf("%s", form(t, d.Payloads))
		}
	}
}

// Two files compare without a panic, and each with itself without a difference.
func FuzzCompare(f *testing.F) {
	for _, pair := range samples(f) {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, old, new []byte) {
		d, err := Compare(context.Background(), input("old", old), input("new", new), Options{Jobs: 1})
		if err == nil && d.Kind == "" {
			t.Error("no kind")
		}
		if d, err := Compare(context.Background(), input("a", new), input("b", new), Options{Jobs: 1}); err == nil && d.Different {
			t.Error("a file is different from itself")
		}
	})
}
