//go:build race

package bounds

// raceFactor is how much longer the race detector takes, and raceMemory how much more
// the heap holds: pools drop a part of what is put back, to find more races.
const (
	raceFactor = 20
	raceMemory = 2
)

// Race tells whether the race detector is at work.
const Race = true
