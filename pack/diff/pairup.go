package diff

// pass is one way to tell that two things belong together: they have the same key, of
// which "" is none.
type pass[T any] struct{ old, new func(T) string }

// pairUp finds out which things belong together, by one pass after the other, the
// first with the first of the same key. For each new thing it returns the place of the
// old one, -1 for none, and the places of the old ones that are left.
func pairUp[T any](old, new []T, passes []pass[T]) (partners, left []int) {
	partners = make([]int, len(new))
	for i := range partners {
		partners[i] = -1
	}
	taken := make([]bool, len(old))
	for _, p := range passes {
		waiting := map[string][]int{}
		for i, thing := range old {
			if key := p.old(thing); !taken[i] && key != "" {
				waiting[key] = append(waiting[key], i)
			}
		}
		for i, thing := range new {
			if partners[i] >= 0 {
				continue
			}
			key := p.new(thing)
			if first := waiting[key]; len(first) > 0 {
				partners[i], taken[first[0]], waiting[key] = first[0], true, first[1:]
			}
		}
	}
	for i := range old {
		if !taken[i] {
			left = append(left, i)
		}
	}
	return partners, left
}
