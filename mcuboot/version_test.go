package mcuboot

import "testing"

func TestParseVersion(t *testing.T) {
	for text, want := range map[string]Version{
		"7":                        {7, 0, 0, 0},
		"1.2":                      {1, 2, 0, 0},
		"1.2.3":                    {1, 2, 3, 0},
		"1.2.3+4":                  {1, 2, 3, 4},
		"0.0.0+0":                  {},
		"255.255.65535+4294967295": {255, 255, 65535, 4294967295},
	} {
		got, err := ParseVersion(text)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		var v Version
		if again := v.UnmarshalText([]byte(got.String())); again != nil || v != got {
			t.Errorf("%s: formatted as %s, which reads %v, %v", text, got, v, again)
		}
	}
}

func TestParseVersionRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "want MAJOR[.MINOR[.REVISION[+BUILD]]]",
		"v1.2":                   "want MAJOR",
		"1.2+4":                  "want MAJOR",
		"1.2.3.4":                "want MAJOR",
		"1.2.3-4":                "want MAJOR",
		"01.2":                   "want MAJOR",
		"1.2.3+":                 "want MAJOR",
		" 1":                     "want MAJOR",
		"256.0.0":                "major 256: want at most 255",
		"1.256.0":                "minor 256: want at most 255",
		"1.2.65536":              "revision 65536: want at most 65535",
		"1.2.3+4294967296":       "build number 4294967296: want at most 4294967295",
		"9999999999999999999999": "major 9999999999999999999999: want at most 255",
	} {
		_, err := ParseVersion(text)
		wantError(t, err, want)
	}
	v := Version{Major: 1}
	if err := v.UnmarshalText([]byte("x")); err == nil || v.Major != 1 {
		t.Errorf("unmarshalled x: %v, %v", v, err)
	}
}

func TestVersionCompare(t *testing.T) {
	ordered := []string{"0.0.0+9", "0.0.1", "0.0.2", "0.1.0", "0.2.0", "1.0.0", "1.0.0+1", "2.0.0"}
	for i, a := range ordered {
		for k, b := range ordered {
			v, _ := ParseVersion(a)
			w, _ := ParseVersion(b)
			if got := v.Compare(w); got < 0 != (i < k) || got == 0 != (i == k) {
				t.Errorf("%s against %s: %d", a, b, got)
			}
			if got := v.CompareRelease(w); got == 0 != (v.release() == w.release()) {
				t.Errorf("%s against %s without build number: %d", a, b, got)
			}
		}
	}
}

func TestSecurityCounterOfVersion(t *testing.T) {
	if got := (Version{1, 2, 3, 99}).SecurityCounter(); got != 0x01020003 {
		t.Errorf("counter %#x", got)
	}
	text, err := Version{1, 2, 3, 4}.MarshalText()
	if string(text) != "1.2.3+4" || err != nil {
		t.Errorf("marshalled %s, %v", text, err)
	}
}
