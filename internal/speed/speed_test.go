package speed

import (
	"crypto/sha256"
	"testing"
)

func digest(times int) func() {
	data := make([]byte, 4<<20)
	return func() {
		for range times {
			sha256.Sum256(data)
		}
	}
}

// TestSpeedItself: half as much again is noticed, a tenth is not.
func TestSpeedItself(t *testing.T) {
	Check(t, 1, digest(11), digest(10))
	Check(t, 2, digest(10), digest(10))
	mine, theirs := took(digest(15)), took(digest(10))
	if ratio := mine.Seconds() / theirs.Seconds(); ratio < 1.1 {
		t.Errorf("15 against 10 of the same is %.2f", ratio)
	}
}
