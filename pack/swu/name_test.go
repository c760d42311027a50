package swu

import (
	"strings"
	"testing"
)

func TestCheckName(t *testing.T) {
	for name, want := range map[string]string{
		"a":                       "",
		"rootfs-1.0.ext4.zst.enc": "",
		"größe mit blank":         "",
		"...":                     "",
		".hidden":                 "",
		"\xff\xfe":                "",
		`back\slash`:              "",
		strings.Repeat("n", 250):  "",
		"":                        "entry without a name",
		".":                       `entry name "." is a folder`,
		"..":                      `entry name ".." is a folder`,
		"/":                       `entry name "/" contains a slash`,
		"/etc/passwd":             `entry name "/etc/passwd" contains a slash`,
		"../../etc/passwd":        `entry name "../../etc/passwd" contains a slash`,
		"./a":                     `entry name "./a" contains a slash`,
		"a/":                      `entry name "a/" contains a slash`,
		"a\x00b":                  `entry name "a\x00b" contains a control character`,
		"a\nb":                    `entry name "a\nb" contains a control character`,
		"\x1b[2J":                 `entry name "\x1b[2J" contains a control character`,
		"\u0085":                  `entry name "\u0085" contains a control character`,
		"\x7f":                    `entry name "\x7f" contains a control character`,
		Description:               `artifact name "sw-description" is reserved`,
		Signature:                 `artifact name "sw-description.sig" is reserved`,
		"TRAILER!!!":              `artifact name "TRAILER!!!" is reserved`,
		strings.Repeat("ä", 126):  `entry name of 252 bytes, at most 250 are allowed ("` + strings.Repeat("ä", 40) + `" and so on)`,
	} {
		got := ""
		if err := CheckName(name); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("CheckName(%.20q) = %q, want %q", name, got, want)
		}
	}
}

func TestSizes(t *testing.T) {
	for _, test := range []struct {
		h           Header
		head, entry int64
	}{
		{Header{Name: "a"}, 112, 112},
		{Header{Name: "abc", Size: 1}, 116, 120},
		{Header{Name: Description, Size: 4}, 128, 132},
		{Header{Name: "a", Size: MaxSize}, 112, 112 + 1<<32},
	} {
		if got := HeadSize(test.h.Name); got != test.head {
			t.Errorf("HeadSize(%q) = %d, want %d", test.h.Name, got, test.head)
		}
		if got := EntrySize(test.h); got != test.entry {
			t.Errorf("EntrySize(%+v) = %d, want %d", test.h, got, test.entry)
		}
	}
}

func TestSum(t *testing.T) {
	data := strings.Repeat("The quick brown fox.\xff", 999)
	var want uint32
	for _, b := range []byte(data) {
		want += uint32(b)
	}
	if got := sumOf(data); got != want {
		t.Errorf("sum %d, want %d", got, want)
	}
	var sum Sum
	for i := range len(data) {
		sum.Write([]byte(data[i : i+1]))
	}
	if got := sum.Sum32(); got != want {
		t.Errorf("sum byte by byte %d, want %d", got, want)
	}
}
