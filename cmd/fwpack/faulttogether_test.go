//go:build unix

package main

import (
	"fmt"
	"os/exec"
	"testing"
)

// TestFaultTogether lets two and four builds of both editions write to one folder
// at once. All of them succeed, and the outputs are those of one of them.
func TestFaultTogether(t *testing.T) {
	p := newFaultProject(t, binary(t))
	for round := range max(3, faultRuns(t)/25) {
		builds := make([]*exec.Cmd, 2+round%2*2)
		said := make([]fmt.Stringer, len(builds))
		for n := range builds {
			builds[n] = p.build(n % 2)
			said[n] = output(builds[n])
			if err := builds[n].Start(); err != nil {
				t.Fatal(err)
			}
		}
		for n, build := range builds {
			if err := build.Wait(); err != nil {
				t.Errorf("build %d of %d: %v\n%s", n, len(builds), err, said[n])
			}
		}
		edition := p.edition(t)
		if _, made := p.which(t, p.want[1-edition], edition); made != len(p.files) {
			t.Errorf("%d of %d outputs are those of the report", made, len(p.files))
		}
		if left := p.beside(t); len(left) > 0 {
			t.Errorf("left behind %q", left)
		}
	}
}
