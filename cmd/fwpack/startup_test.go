package main

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

// TestStartup: what every run of fwpack makes before it looks at its arguments
// stays small. A megabyte takes as long as a firmware takes to sign.
func TestStartup(t *testing.T) {
	const maxBytes = 100 << 10 // of one package
	cmd := exec.Command("imgtool", "version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if out, err := cmd.Output(); err != nil || string(out) != "2.4.0\n" {
		t.Fatalf("%v, %s%s", err, out, stderr.Bytes())
	}
	line := regexp.MustCompile(`(?m)^init (github\.com/fwpack/\S+) .* (\d+) bytes, \d+ allocs$`)
	inits := line.FindAllStringSubmatch(stderr.String(), -1)
	if len(inits) < 3 {
		t.Fatalf("%d packages with an initialization:\n%s", len(inits), stderr.Bytes())
	}
	for _, m := range inits {
		if n, err := strconv.Atoi(m[2]); err != nil || n > maxBytes {
			t.Errorf("%s: initialized with %s bytes, want at most %d: make what it needs when it is asked for", m[1], m[2], maxBytes)
		}
	}
}
