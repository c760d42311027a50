//go:build race

package bounds

// raceFactor is how much longer the race detector takes.
const raceFactor = 20
