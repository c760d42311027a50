package zck

import (
	"bytes"
	"math"
	"testing"
)

func TestCompint(t *testing.T) {
	for _, test := range []struct {
		value uint64
		want  string
	}{
		{0, "\x80"},
		{1, "\x81"},
		{127, "\xff"},
		{128, "\x00\x81"},
		{300, "\x2c\x82"},
		{131072, "\x00\x00\x88"},
		{1<<21 - 1, "\x7f\x7f\xff"},
		{1 << 21, "\x00\x00\x00\x81"},
		{math.MaxInt64, "\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\xff"},
		{math.MaxUint64, "\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x81"},
	} {
		got := appendCompint(nil, test.value)
		if string(got) != test.want || compintLen(test.value) != len(got) {
			t.Errorf("%d: %x of length %d, want %x", test.value, got, compintLen(test.value), test.want)
		}
		if test.value > math.MaxInt64 {
			continue
		}
		d := newDecoder(bytes.NewReader(got))
		if back := d.compint("number", math.MaxInt64); d.err != nil || uint64(back) != test.value || d.off != int64(len(got)) {
			t.Errorf("%x reads as %d (%v), %d bytes", got, back, d.err, d.off)
		}
	}
}

func TestCompintErrors(t *testing.T) {
	for _, test := range []struct{ input, want string }{
		{"", "zck: offset 0x0: number: the file ends"},
		{"\x00\x00", "zck: offset 0x2: number: the file ends"},
		{"\x01\x80", "zck: offset 0x0: number: an integer in more bytes than it needs"},
		{"\x80\x00", ""},
		{"\x65\x80", "zck: offset 0x0: number: an integer in more bytes than it needs"},
		{"\xe5", "zck: offset 0x0: number: 101, at most 100 is allowed"},
		{"\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x81", "zck: offset 0x0: number: 18446744073709551615, at most 100 is allowed"},
		{"\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x82", "zck: offset 0x0: number: an integer of more than 64 bits"},
		{"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x81", "zck: offset 0x0: number: an integer of more than 64 bits"},
	} {
		d := newDecoder(bytes.NewReader([]byte(test.input)))
		d.compint("number", 100)
		if got := message(d.err); got != test.want {
			t.Errorf("%x: %q, want %q", test.input, got, test.want)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
