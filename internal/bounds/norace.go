//go:build !race

package bounds

const (
	raceFactor = 1
	raceMemory = 1
)
