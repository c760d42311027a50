package diff

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/zck"
)

func input(name string, data []byte) Input {
	return Input{Name: name, ReaderAt: bytes.NewReader(data), Size: int64(len(data))}
}

// compare compares two files, wants nothing to be different of either with itself,
// and wants the same from the other side.
func compare(t testing.TB, old, new []byte, o Options) *Difference {
	t.Helper()
	d := mustCompare(t, input("old", old), input("new", new), o)
	back := mustCompare(t, input("new", new), input("old", old), o)
	if got, want := form(t, orderedDifference(back)), form(t, orderedDifference(mirror(d))); got != want {
		t.Errorf("back\n%s\nwant\n%s", got, want)
	}
	for _, same := range [][]byte{old, new} {
		self := mustCompare(t, input("a", same), input("b", same), o)
		if self.Different || self.Content != nil || self.Description != nil || self.Payloads != nil || self.Archive != nil || self.Signature != nil {
			t.Errorf("of itself: %s", form(t, self))
		}
	}
	return d
}

func mustCompare(t testing.TB, old, new Input, o Options) *Difference {
	t.Helper()
	d, err := Compare(context.Background(), old, new, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func form(t testing.TB, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// mirror is a difference seen from the other side. What would be downloaded depends on
// the direction, and is left out.
func mirror(d *Difference) *Difference {
	m := *d
	m.Old, m.New = d.New, d.Old
	if d.Description != nil {
		m.Description = mirrorDescription(d.Description)
	}
	m.Signature, m.Archive = mirrorChanges(d.Signature), mirrorChanges(d.Archive)
	m.Content = mirrorContent(d.Content)
	m.Payloads, m.Notes = nil, nil
	for _, p := range d.Payloads {
		p.Mark, p.Old, p.New, p.Content = opposite[p.Mark], p.New, p.Old, mirrorContent(p.Content)
		if p.Was != "" {
			p.Name, p.Was = p.Was, p.Name
		}
		m.Payloads = append(m.Payloads, p)
	}
	return &m
}

func mirrorContent(c *Content) *Content {
	if c == nil {
		return nil
	}
	m := *c
	m.Notes, m.Files = nil, nil
	for _, f := range c.Files {
		m.Files = append(m.Files, ChangedFile{f.Name, f.GoneLen, f.FreshLen})
	}
	m.Blocks = mirrorBlocks(c.Blocks)
	if c.Image != nil {
		m.Image = &Image{Changes: mirrorChanges(c.Image.Changes), Body: mirrorBlocks(c.Image.Body)}
	}
	if c.Zchunk != nil {
		k := c.Zchunk.Chunks
		m.Zchunk = &Zchunk{Changes: mirrorChanges(c.Zchunk.Changes), Chunks: Chunks{k.New, k.Old, k.Gone, k.Fresh, k.GoneLen, k.FreshLen}}
	}
	return &m
}

func mirrorBlocks(b *Blocks) *Blocks {
	if b == nil {
		return nil
	}
	return &Blocks{
		Size: b.Size, Old: b.New, New: b.Old, Same: b.Same, Moved: b.Old - b.Same - b.Gone,
		Fresh: b.Gone, Gone: b.Fresh, FreshLen: b.GoneLen, GoneLen: b.FreshLen,
	}
}

// orderedDifference drops what depends on the direction: downloads, notes, and the
// order of what is listed.
func orderedDifference(d *Difference) *Difference {
	o := *d
	o.Notes = nil
	o.Content = without(d.Content)
	if d.Description != nil {
		o.Description = sortedDescription(d.Description)
	}
	o.Signature, o.Archive = sortedChanges(d.Signature), sortedChanges(d.Archive)
	o.Payloads = sortedPayloads(d.Payloads)
	return &o
}

func without(c *Content) *Content {
	if c == nil {
		return nil
	}
	o := *c
	o.Download, o.Notes = nil, nil
	if c.Image != nil {
		o.Image = &Image{Changes: sortedChanges(c.Image.Changes), Body: c.Image.Body}
	}
	return &o
}

// pseudo is content that repeats, of n bytes.
func pseudo(n int, seed byte) []byte {
	data := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(data)
	return data
}

func TestBlocks(t *testing.T) {
	block := func(names string) []byte {
		var data []byte
		for _, name := range []byte(names) {
			data = append(data, bytes.Repeat([]byte{name}, BlockSize)...)
		}
		return data
	}
	tail := []byte("tail")
	for name, c := range map[string]struct {
		old, new []byte
		want     Blocks
	}{
		"one is changed":      {block("abcd"), block("abxd"), Blocks{Old: 4, New: 4, Same: 3, Fresh: 1, Gone: 1, FreshLen: 4096, GoneLen: 4096}},
		"one is put in front": {block("abc"), block("xabc"), Blocks{Old: 3, New: 4, Moved: 3, Fresh: 1, FreshLen: 4096}},
		"two change places":   {block("ab"), block("ba"), Blocks{Old: 2, New: 2, Moved: 2}},
		"copies":              {block("a"), block("aaa"), Blocks{Old: 1, New: 3, Same: 1, Moved: 2}},
		"a tail":              {append(block("a"), tail...), append(block("a"), "tails"...), Blocks{Old: 2, New: 2, Same: 1, Fresh: 1, Gone: 1, FreshLen: 5, GoneLen: 4}},
		"from nothing":        {nil, tail, Blocks{New: 1, Fresh: 1, FreshLen: 4}},
	} {
		t.Run(name, func(t *testing.T) {
			d := compare(t, c.old, c.new, Options{})
			c.want.Size = BlockSize
			if d.Kind != KindData || !d.Different || *d.Content.Blocks != c.want {
				t.Errorf("got %+v, want %+v", *d.Content.Blocks, c.want)
			}
		})
	}
}

// What is written in pieces of any size falls into the same blocks.
func TestBlockListPieces(t *testing.T) {
	data := pseudo(5*BlockSize+17, 1)
	want := blocksOf(data)
	r := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		l := &blockList{}
		for rest := data; len(rest) > 0; {
			n := 1 + r.IntN(min(len(rest), 3*BlockSize))
			l.Write(rest[:n])
			rest = rest[n:]
		}
		if b := compareBlocks(want, l.finish()); b.Same != 6 || b.New != 6 {
			t.Fatalf("%+v", b)
		}
	}
	room := 5
	l := &blockList{room: &room}
	l.Write(data)
	if l.finish(); !l.full || l.digests != nil || compareBlocks(want, l) != nil {
		t.Error("more blocks than there is room for were kept")
	}
}

// The download is the one that a forecast of the files tells.
func TestDataDownload(t *testing.T) {
	old := pseudo(1<<20, 1)
	new := append(append(bytes.Clone(old[:1<<19]), pseudo(100_000, 2)...), old[1<<19:]...)
	d := compare(t, old, new, Options{})
	z := d.Content.Download
	if z == nil || z.Full != int64(len(new)) || z.MissingRaw < 100_000 || z.MissingRaw > 300_000 || z.Missing < z.MissingRaw || !z.Exact {
		t.Errorf("%+v", z)
	}
	if b := d.Content.Blocks; b.Same != 128 || b.Old != 256 || b.New != 281 {
		t.Errorf("%+v", b)
	}
}

func TestZchunk(t *testing.T) {
	old := pseudo(1<<20, 1)
	new := append(bytes.Clone(old[:900_000]), pseudo(50_000, 2)...)
	d := compare(t, zchunkOf(t, old, zck.Options{}), zchunkOf(t, new, zck.Options{}), Options{})
	z := d.Content.Zchunk
	if d.Kind != KindZchunk || !d.Different || z.Chunks.Fresh == 0 || z.Chunks.Fresh == z.Chunks.New || z.Chunks.FreshLen < 50_000 {
		t.Fatalf("%s", form(t, d))
	}
	if c := z.Changes[0]; c.Name != "image size" || c.Old != "1048576" || c.New != "950000" {
		t.Errorf("%+v", c)
	}
	if w := d.Content.Download; w.MissingRaw != z.Chunks.FreshLen || w.Chunks != z.Chunks.Fresh || !w.Exact || !w.HeaderExact {
		t.Errorf("download %+v", w)
	}
	// Another level makes other stored chunks of the same image.
	d = compare(t, zchunkOf(t, bytes.Repeat(old[:50_000], 10), zck.Options{}), zchunkOf(t, bytes.Repeat(old[:50_000], 10), zck.Options{Level: zck.LevelFastest}), Options{})
	if d.Different && d.Content.Zchunk.Chunks.Fresh > 0 {
		t.Errorf("%s", form(t, d))
	}
	// Without the digests of raw chunks no device finds anything.
	d = compare(t, zchunkOf(t, old, zck.Options{}), zchunkOf(t, old, zck.Options{StoredOnly: true}), Options{})
	if w := d.Content.Download; w.Chunks != d.Content.Zchunk.Chunks.New {
		t.Errorf("download %+v", w)
	}
	// SWUpdate compares SHA-256 only.
	d = compare(t, zchunkOf(t, old, zck.Options{}), zchunkOf(t, old, zck.Options{ChunkHash: zck.SHA512}), Options{})
	if d.Content.Download != nil || len(d.Content.Notes) != 1 || !strings.Contains(d.Content.Notes[0], "SHA-512") {
		t.Errorf("%s", form(t, d.Content))
	}
}

func zchunkOf(t testing.TB, image []byte, o zck.Options) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := zck.Create(context.Background(), &out, bytes.NewReader(image), o); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestKinds(t *testing.T) {
	image := build(t, 100, "ed25519")
	files := map[Kind][]byte{
		KindData: []byte("anything"), KindImage: image, KindZchunk: zchunkOf(t, []byte("x"), zck.Options{}),
		KindDescription: []byte(`software = { version = "1"; };`),
	}
	for a, old := range files {
		for b, new := range files {
			_, err := Compare(context.Background(), input("a", old), input("b", new), Options{})
			var kinds *KindError
			if (a != b) != errors.As(err, &kinds) {
				t.Errorf("%s and %s: %v", a, b, err)
			}
			if a != b && (kinds.OldKind != a || kinds.NewKind != b) {
				t.Errorf("%s and %s: %v", a, b, err)
			}
		}
	}
	for _, data := range []string{"", "software", "{}", ":10", strings.Repeat("\xff", 9000), strings.Repeat("\x00", 9000), ":00000001FF\n"} {
		if d := mustCompare(t, input("a", []byte(data)), input("b", []byte(data)), Options{}); d.Kind != KindData {
			t.Errorf("%.10q is %s", data, d.Kind)
		}
	}
	_, err := Compare(context.Background(), input("old.bin", files[KindData]), input("new.zck", files[KindZchunk]), Options{})
	if want := "old.bin is plain data, and new.zck is a zchunk file: two of one kind can be compared"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

// What begins like an image or a zchunk file and is none is an error, which names it.
func TestDamaged(t *testing.T) {
	image := build(t, 100, "ed25519")
	damaged := bytes.Clone(image)
	damaged[8], damaged[9] = 0xff, 0xff // the size of the header
	_, err := Compare(context.Background(), input("old", image), input("new", damaged), Options{})
	if damage := (*imagefile.DamageError)(nil); !errors.As(err, &damage) || !strings.HasPrefix(err.Error(), "new: ") {
		t.Errorf("%v", err)
	}
	file := zchunkOf(t, pseudo(1000, 1), zck.Options{})
	cut := file[:60]
	_, err = Compare(context.Background(), input("old", file), input("new", cut), Options{})
	if format := (*zck.FormatError)(nil); !errors.As(err, &format) || !strings.HasPrefix(err.Error(), "new: ") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Compare(ctx, input("a", file), input("b", cut), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
