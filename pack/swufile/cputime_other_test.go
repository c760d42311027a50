//go:build !unix

package swufile

import "time"

var began = time.Now()

// cpuTime is the time that has passed, where nobody tells how much of it this
// process has used.
func cpuTime() time.Duration { return time.Since(began) }
