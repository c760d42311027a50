package frame

import (
	"math/rand/v2"
	"testing"
)

var fields = map[string]*field{"literals": &literalField, "length": &matchField, "offsets": &offsetField}

// sum is how many states shares have.
func sum(shares []int16) (total int) {
	for _, p := range shares {
		total += int(max(p, -p))
	}
	return total
}

// The predefined distributions fill their tables, and the codes have no gap.
func TestFields(t *testing.T) {
	for name, f := range fields {
		if sum(f.standard) != 1<<f.standLog || len(f.standard) != f.symbols {
			t.Errorf("%s: %d shares for %d codes make %d", name, len(f.standard), f.symbols, sum(f.standard))
		}
	}
	for n, next := uint32(0), uint32(1); next < MaxSize; n, next = n+1, next+1 {
		if a, b := literalCode(n), literalCode(next); b < a || b > a+1 || b >= 36 {
			t.Fatalf("codes %d and %d of %d literals and one more", a, b, n)
		}
		if a, b := matchCode(n), matchCode(next); b < a || b > a+1 || b >= 53 {
			t.Fatalf("codes %d and %d of matches of %d and one more", a, b, n)
		}
	}
}

// Shares fill the table whatever is counted, and who was counted has one.
func TestNormalize(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		for name, f := range fields {
			tab := table{field: f}
			n := 0
			for range 2 + r.IntN(f.symbols-1) {
				count := 1 + r.IntN(1<<r.IntN(14))
				tab.counts[r.IntN(f.symbols)] += uint32(count)
				n += count
			}
			tab.log = tab.accuracy(n)
			tab.normalize(n)
			if tab.log < 5 || tab.log > f.log || sum(tab.norm[:f.symbols]) != 1<<tab.log {
				t.Fatalf("%s: log %d, shares %v of %v", name, tab.log, tab.norm, tab.counts)
			}
			for s, count := range tab.counts[:f.symbols] {
				if (count > 0) != (tab.norm[s] != 0) {
					t.Fatalf("%s: code %d is there %d times and has %d", name, s, count, tab.norm[s])
				}
			}
		}
	}
}

// Offsets that were used lately are written as 1, 2 and 3 (RFC 8878, section
// 3.1.1.5).
func TestRecent(t *testing.T) {
	r := recent{1, 4, 8}
	for i, test := range []struct {
		offset     uint32
		noLiterals bool
		want       uint32
	}{
		{4, false, 2}, {4, false, 1}, {8, false, 3}, // 8, 4, 1
		{100, false, 103}, {99, true, 3}, {100, true, 1}, // 100, 99, 8
		{8, true, 2}, {8, true, 11}, {8, false, 1},
	} {
		if got := r.value(test.offset, test.noLiterals); got != test.want {
			t.Errorf("%d: offset %d is written as %d, not %d", i, test.offset, got, test.want)
		}
	}
}
