//go:build !unix

package bounds

import "time"

var start = time.Now()

// ProcessorTime is that of the clock, where nothing better is known.
func ProcessorTime() time.Duration { return time.Since(start) }
