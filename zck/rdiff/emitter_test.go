package rdiff

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"
)

// step is a call of an emitter: a literal, or a copy of n bytes at base.
type step struct {
	literal string
	base, n int64
}

func TestEmitter(t *testing.T) {
	for _, test := range []struct {
		name  string
		steps []step
		want  string
		stats Stats
	}{
		{"nothing", nil, "72730236 00", Stats{Size: 5}},
		{"literals join", []step{{literal: "ab"}, {literal: "c"}}, "72730236 03616263 00", Stats{Literals: 1, LiteralBytes: 3, Size: 9}},
		{"literals are cut", []step{{literal: "abcde"}, {literal: "fgh"}, {literal: "i"}}, "72730236 0461626364 0465666768 0169 00", Stats{Literals: 3, LiteralBytes: 9, Size: 17}},
		{"copies join", []step{{"", 5, 3}, {"", 8, 2}, {"", 10, 1}}, "72730236 450506 00", Stats{Copies: 1, CopyBytes: 6, BaseEnd: 11, Size: 8}},
		{"copies do not join", []step{{"", 8, 2}, {"", 5, 3}, {"", 9, 1}}, "72730236 450802 450503 450901 00", Stats{Copies: 3, CopyBytes: 6, BaseEnd: 10, Size: 14}},
		{"a literal between", []step{{"", 5, 3}, {literal: "a"}, {"", 8, 2}}, "72730236 450503 0161 450802 00", Stats{Literals: 1, LiteralBytes: 1, Copies: 2, CopyBytes: 5, BaseEnd: 10, Size: 13}},
		{"an empty literal between", []step{{"", 5, 3}, {}, {"", 9, 2}}, "72730236 450503 450902 00", Stats{Copies: 2, CopyBytes: 5, BaseEnd: 11, Size: 11}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			e := newEmitter(&out, 4)
			for _, s := range test.steps {
				if s.n > 0 {
					e.addCopy(s.base, s.n)
				} else {
					e.addLiteral([]byte(s.literal))
				}
			}
			stats, err := e.close()
			if err != nil || stats != test.stats || !bytes.Equal(out.Bytes(), unhex(t, test.want)) {
				t.Errorf("%s, %+v, %v; want %s, %+v", hex.EncodeToString(out.Bytes()), stats, err, test.want, test.stats)
			}
		})
	}
}

// A full disk ends the work early, and at the latest with the delta.
func TestEmitterErrors(t *testing.T) {
	full := errors.New("disk full")
	e := newEmitter(broken{full}, maxLiteral)
	if _, err := e.close(); err != full {
		t.Errorf("close: %v", err)
	}
	e = newEmitter(broken{full}, maxLiteral)
	if err := e.addLiteral(make([]byte, 5*maxLiteral)); err != full {
		t.Errorf("literal: %v", err)
	}
	if err := e.addCopy(0, 1); err != full {
		t.Errorf("copy: %v", err)
	}
}
