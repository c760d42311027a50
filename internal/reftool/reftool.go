// Package reftool finds the reference programs that conformance tests ask.
// It is for tests only.
package reftool

import (
	"os"
	"os/exec"
	"testing"
)

// Need skips the test where one of the tools is not on PATH. Where
// FWPACK_REQUIRE_TOOLS=1 is set, as in CI, a missing tool fails the test
// instead, so that a skipped comparison cannot go unnoticed.
func Need(t testing.TB, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err == nil {
			continue
		}
		Missing(t, tool+" is not installed")
	}
}

// Missing skips the test for the given reason, or fails it where
// FWPACK_REQUIRE_TOOLS=1 demands that nothing is skipped.
func Missing(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("FWPACK_REQUIRE_TOOLS") == "1" {
		t.Fatalf("%s, and FWPACK_REQUIRE_TOOLS=1 demands it", reason)
	}
	t.Skip(reason)
}
