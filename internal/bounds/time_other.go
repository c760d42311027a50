//go:build !unix

package bounds

import "time"

var start = time.Now()

// processorTime is that of the clock, where nothing better is known.
func processorTime() time.Duration { return time.Since(start) }
