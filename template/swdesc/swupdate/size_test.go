package swupdate

import "testing"

func TestParseOffset(t *testing.T) {
	old, recent := Release{2022, 12}, Newest()
	for _, test := range []struct {
		text      string
		release   Release
		n         int64
		ok, exact bool
	}{
		{"0", old, 0, true, true}, {"7", recent, 7, true, true}, {"010", old, 8, true, true}, {"0x10", recent, 16, true, true}, {"0X1f", old, 31, true, true},
		{"16K", recent, 16384, true, true}, {"16k", old, 16384, true, true}, {"16Ki", old, 16384, true, true}, {"16KiB", old, 16384, true, true},
		{"16kb", old, 16384, true, false}, {"16kb", recent, 16384, true, false}, {"1K5", old, 1024, true, false}, {"0x1K", old, 1024, true, true},
		{"2M", old, 2 << 20, true, true}, {"3G", recent, 3 << 30, true, true}, {"2m", old, 2, true, false}, {"2m", recent, 2 << 20, true, true},
		{"1g", old, 1, true, false}, {"1g", recent, 1 << 30, true, true},
		{"1.5K", old, 1, true, false}, {"1.5K", recent, 1, false, false}, {"1T", old, 1, true, false}, {"1T", recent, 1, false, false},
		{"08", old, 0, true, false}, {"0x", old, 0, true, false}, {"0xg", old, 0, true, false}, {"0xg", recent, 0, false, false}, {"0b11", old, 0, true, false},
		{" 7", old, 7, true, false}, {"+7", old, 7, true, false}, {"7 ", old, 7, true, false}, {"\t\n 7", old, 7, true, false},
		{"", old, 0, true, false}, {"K", old, 0, false, false}, {"-1", old, 0, false, false}, {" ", old, 0, false, false}, {"++5", old, 0, false, false}, {"x", recent, 0, false, false},
		{"9223372036854775807", old, 1<<63 - 1, true, true}, {"9223372036854775808", old, 0, false, false}, {"8796093022207M", old, 8796093022207 << 20, true, true}, {"8796093022208M", old, 0, false, false},
		{"1m", Release{}, 1 << 20, true, true},
	} {
		if n, ok, exact := ParseOffset(test.text, test.release); n != test.n && test.ok || ok != test.ok || exact != test.exact {
			t.Errorf("%q in %v: got %d, %v, %v", test.text, test.release, n, ok, exact)
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "4096": 4096, "0x1000": 4096, "64K": 65536, "64k": 65536, "2MiB": 2 << 20, "1G": 1 << 30, "00": 0} {
		if n, ok := ParseSize(text); n != want || !ok {
			t.Errorf("%q: got %d, %v", text, n, ok)
		}
	}
	for _, text := range []string{"", " 1", "1 ", "+1", "-1", "1m", "1g", "1kb", "1KB", "1.5K", "1T", "08", "0x", "K", "1e3", "9223372036854775808", "8589934592G"} {
		if n, ok := ParseSize(text); ok {
			t.Errorf("%q: got %d", text, n)
		}
	}
}

func TestTrueProperty(t *testing.T) {
	for text, want := range map[string]bool{"true": true, "TRUE": true, "True": false, "1": false, "yes": false, "": false, "true ": false} {
		if TrueProperty(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

func FuzzParseOffset(f *testing.F) {
	for _, s := range []string{"", "0", "0x1K", "16KiB", "1.5M", "+ 1", "99999999999999999999G"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := ParseSize(s); ok {
			for _, r := range Releases() {
				if m, ok, exact := ParseOffset(s, r); m != n || !ok || !exact {
					t.Errorf("%q: %d, and %d, %v, %v in %v", s, n, m, ok, exact, r)
				}
			}
		}
		for _, r := range []Release{Oldest(), Newest()} {
			if n, ok, exact := ParseOffset(s, r); n < 0 || exact && !ok {
				t.Errorf("%q in %v: %d, %v, %v", s, r, n, ok, exact)
			}
		}
	})
}
