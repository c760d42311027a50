package rdiff

import (
	"bytes"
	"context"
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// unhex turns "72 73" into bytes.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	p, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// noise returns n bytes that do not repeat themselves.
func noise(seed byte, n int) []byte {
	p := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(p)
	return p
}

// prose returns n bytes that repeat themselves a lot.
func prose(seed byte, n int) []byte {
	r := rand.New(rand.NewChaCha8([32]byte{seed, 1}))
	words := strings.Fields("base delta literal copy block weak strong sum signature the of a and basis\n")
	var b bytes.Buffer
	for b.Len() < n {
		b.WriteString(words[r.IntN(len(words))] + " ")
	}
	return b.Bytes()[:n]
}

// join joins parts in one new slice.
func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// pair is a base and what it becomes.
type pair struct {
	name        string
	base, image []byte
}

// pairs are the changes that a delta has to get right.
func pairs() []pair {
	n, other, p, zeros := noise(1, 300_000), noise(2, 200_000), prose(3, 150_000), make([]byte, 1<<20)
	return []pair{
		{"both empty", nil, nil},
		{"empty base", nil, p},
		{"empty image", p, nil},
		{"equal", n, n},
		{"equal, a segment and a byte", noise(4, segmentSize+1), noise(4, segmentSize+1)},
		{"one byte", []byte{1}, []byte{2}},
		{"one byte inserted", n, join(n[:100_001], []byte{7}, n[100_001:])},
		{"one byte removed", n, join(n[:100_001], n[100_002:])},
		{"one byte changed", n, join(n[:100_001], []byte{n[100_001] + 1}, n[100_002:])},
		{"byte in front", n, join([]byte{7}, n)},
		{"byte behind", n, join(n, []byte{7})},
		{"front cut", n, n[777:]},
		{"end cut", n, n[:len(n)-777]},
		{"halves swapped", n, join(n[150_000:], n[:150_000])},
		{"pieces moved", n, join(n[200_000:210_000], n[5_000:100_000], n[210_000:], n[:4_999])},
		{"doubled", n, join(n, n)},
		{"nothing in common", n, other},
		{"shorter than an anchor", []byte("0123456789"), []byte("012345678x")},
		{"exactly a block", n[:256], n[:256]},
		{"prose edited", p, join(p[:70_000], []byte("edited"), p[70_005:])},
		{"prose to prose", p, prose(9, 150_000)},
		{"zeros to more zeros", zeros[:100_000], zeros},
		{"zeros to fewer zeros", zeros, zeros[:99_999]},
		{"zeros between", join(zeros, n, zeros), join(zeros[:5_000], n, zeros, n[:1_000], zeros[:70])},
		{"zeros from noise", n, zeros[:50_000]},
		{"noise from zeros", zeros[:50_000], n},
		{"erased flash", join(bytes.Repeat([]byte{0xff}, 40_000), p), join(p, bytes.Repeat([]byte{0xff}, 80_000))},
		{"period of three", bytes.Repeat([]byte("abc"), 50_000), join([]byte("b"), bytes.Repeat([]byte("abc"), 70_000))},
		{"across segments", noise(5, 3*segmentSize), join(noise(5, 3*segmentSize)[12_345:], noise(6, 500_000))},
	}
}

// smallPairs are those without the pairs that only make Encode's segments meet.
func smallPairs() []pair {
	return slices.DeleteFunc(pairs(), func(p pair) bool { return len(p.base) > segmentSize })
}

// patched applies delta to base.
func patched(t testing.TB, base, delta []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	stats, err := Patch(context.Background(), &out, bytes.NewReader(base), bytes.NewReader(delta), PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if stats.Result() != int64(out.Len()) || stats.Size != int64(len(delta)) {
		t.Errorf("stats %+v of a delta of %d bytes that makes %d", stats, len(delta), out.Len())
	}
	return out.Bytes()
}

// encoded is Encode on slices.
func encoded(t testing.TB, base, image []byte, opts EncodeOptions) ([]byte, Stats) {
	t.Helper()
	var out bytes.Buffer
	stats, err := Encode(context.Background(), &out, bytes.NewReader(base), bytes.NewReader(image), opts)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), stats
}

// signed is WriteSignature on slices.
func signed(t testing.TB, base []byte, opts SignatureOptions) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := WriteSignature(context.Background(), &out, bytes.NewReader(base), int64(len(base)), opts); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// wantError fails unless err says want; "" is no error.
func wantError(t testing.TB, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}
