package rdiff

import (
	"encoding/hex"
	"math"
	"testing"
)

func TestAppendLiteral(t *testing.T) {
	for _, test := range []struct {
		n    int64
		want string
	}{
		{1, "01"}, {64, "40"}, {65, "4141"}, {255, "41ff"}, {256, "420100"}, {65535, "42ffff"},
		{65536, "4300010000"}, {math.MaxUint32, "43ffffffff"}, {math.MaxUint32 + 1, "440000000100000000"},
		{math.MaxInt64, "447fffffffffffffff"},
	} {
		if got := hex.EncodeToString(appendLiteral(nil, test.n)); got != test.want {
			t.Errorf("%d: %s, want %s", test.n, got, test.want)
		}
	}
}

func TestAppendCopy(t *testing.T) {
	for _, test := range []struct {
		off, n int64
		want   string
	}{
		{0, 1, "450001"}, {255, 255, "45ffff"}, {255, 256, "46ff0100"}, {256, 1, "49010001"},
		{65535, 65536, "4bffff00010000"}, {65536, 65535, "4e00010000ffff"},
		{math.MaxUint32, math.MaxUint32, "4fffffffffffffffff"},
		{0, math.MaxUint32 + 1, "48000000000100000000"},
		{math.MaxUint32 + 1, math.MaxUint32 + 1, "5400000001000000000000000100000000"},
	} {
		if got := hex.EncodeToString(appendCopy(nil, test.off, test.n)); got != test.want {
			t.Errorf("%d, %d: %s, want %s", test.off, test.n, got, test.want)
		}
	}
}

func TestKind(t *testing.T) {
	for kind, want := range map[Kind]string{Literal: "literal", Copy: "copy", 0: "unknown"} {
		if got := kind.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
