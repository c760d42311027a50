package main

import (
	"math"
	"path/filepath"
	"runtime"
	"testing"
)

// withEnv makes surroundings of an environment.
func withEnv(env map[string]string) surroundings {
	return surroundings{env: func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}}
}

func TestUserCacheDir(t *testing.T) {
	home := t.TempDir()
	for _, test := range []struct {
		system string
		env    map[string]string
		want   string
	}{
		{"linux", map[string]string{"HOME": home}, filepath.Join(home, ".cache")},
		{"freebsd", map[string]string{"HOME": home}, filepath.Join(home, ".cache")},
		{"darwin", map[string]string{"HOME": home}, filepath.Join(home, "Library", "Caches")},
		{"windows", map[string]string{"HOME": "/x", "LocalAppData": home}, home},
		{"linux", map[string]string{"HOME": "/x", "XDG_CACHE_HOME": home}, home},
		{"linux", map[string]string{"HOME": home, "XDG_CACHE_HOME": "cache"}, filepath.Join(home, ".cache")},
		{"linux", map[string]string{"HOME": "home"}, ""},
		{"linux", map[string]string{"HOME": ""}, ""},
		{"linux", nil, ""},
		{"windows", map[string]string{"HOME": home}, ""},
	} {
		if got, ok := withEnv(test.env).userCacheDir(test.system); got != test.want || ok != (test.want != "") {
			t.Errorf("%s, %v: %q, %v, want %q", test.system, test.env, got, ok, test.want)
		}
	}
}

// The defaults are those of the standard library.
func TestCacheDir(t *testing.T) {
	base := filepath.Join(t.TempDir(), "base")
	env := map[string]string{"HOME": base, "LocalAppData": base}
	below := map[string]string{"windows": "", "darwin": filepath.Join("Library", "Caches")}
	system, ok := below[runtime.GOOS]
	if !ok {
		system = ".cache"
	}
	want := func(flag, dir string) {
		t.Helper()
		if got, ok := withEnv(env).cacheDir(flag); got != dir || ok != (dir != "") {
			t.Errorf("--cache %q, %v: %q, %v, want %q", flag, env, got, ok, dir)
		}
	}
	want("", filepath.Join(base, system, "fwpack"))
	env["XDG_CACHE_HOME"] = filepath.Join(base, "xdg")
	want("", filepath.Join(base, "xdg", "fwpack"))
	env["FWPACK_CACHE_DIR"] = "mine"
	want("", "mine")
	want("flag", "flag")
	env = nil
	want("", "")
	want("flag", "flag")
	if c, err := withEnv(nil).openCache(""); c != nil || err != nil {
		t.Errorf("a cache without a folder: %v, %v", c, err)
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1, "1048576": 1 << 20, "384K": 384 << 10, "5M": 5 << 20, "10G": 10 << 30, "10GiB": 10 << 30, "2T": 2 << 40, "1KiB": 1 << 10,
		"9223372036854775807": math.MaxInt64, "8388607T": 8388607 << 40,
	} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "0G", "-1", "+1", "G", "iB", "10iB", "10GB", "10g", "10 G", "1.5G", "0x10", "1_000", "1KK", "1KiBiB", "8388608T", "9223372036854775808", "99999999999999999999"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q is taken for %d", text, got)
		}
	}
}
