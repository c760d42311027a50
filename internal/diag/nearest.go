package diag

// Nearest returns the one of names that a typing slip most likely turned into
// name, or "" where none is close: at most a third of the letters may differ,
// but one may in names of two letters, too.
func Nearest(name string, names []string) string {
	best, bestDistance := "", len(name)/3+1
	if len(name) == 2 {
		bestDistance = 2
	}
	for _, candidate := range names {
		if d := distance(name, candidate, bestDistance); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// DidYouMean phrases Nearest as a hint; it is "" where nothing is close.
func DidYouMean(name string, names []string) string {
	if best := Nearest(name, names); best != "" {
		return "did you mean " + best + "?"
	}
	return ""
}

// distance is how many letters must be changed, added, dropped or swapped with
// their neighbour to turn a into b (optimal string alignment, in bytes), or
// limit where the lengths alone already differ by that much.
func distance(a, b string, limit int) int {
	if abs(len(a)-len(b)) >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+differ(a[i], b[j]))
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func differ(a, b byte) int {
	if a == b {
		return 0
	}
	return 1
}

func abs(n int) int {
	return max(n, -n)
}
