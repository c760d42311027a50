//go:build !race

package bounds

const (
	raceFactor = 1
	raceMemory = 1
)

// Race tells whether the race detector is at work.
const Race = false
