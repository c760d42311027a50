package payload

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

func TestCompressCheck(t *testing.T) {
	for _, test := range []struct {
		compress Compress
		want     string
	}{
		{Compress{}, ""},
		{Compress{None, 3}, "level 3 without a compression; zlib, zstd and lz4 have levels"},
		{Compress{"brotli", 0}, `unknown compression "brotli"; none, zlib, zstd, xz and lz4 are allowed`},
		{Compress{Zlib, 0}, ""},
		{Compress{Zlib, 1}, ""},
		{Compress{Zlib, 9}, ""},
		{Compress{Zlib, 10}, "zlib level 10 is not reached by this build; 1 to 9 are"},
		{Compress{Zstd, 0}, ""},
		{Compress{Zstd, 9}, ""},
		{Compress{Zstd, 10}, "zstd level 10 is not reached by this build; 1 to 9 are"},
		{Compress{Zstd, -5}, "zstd level -5 is not reached by this build; 1 to 9 are"},
		{Compress{XZ, 0}, ""},
		{Compress{XZ, 6}, "xz level 6 is not reached by this build; it has one level, leave the level out"},
		{Compress{LZ4, 3}, ""},
		{Compress{LZ4, 4}, "lz4 level 4 is not reached by this build; 1 to 3 are"},
	} {
		got := ""
		if err := test.compress.Check(); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%+v: %q, want %q", test.compress, got, test.want)
		}
	}
}

// TestLevelSettings holds that every level Check accepts has an effort.
func TestLevelSettings(t *testing.T) {
	for level := 1; level <= zstdCodec().max; level++ {
		if _, ok := zstdEffort(level); !ok {
			t.Errorf("no zstd effort for level %d", level)
		}
	}
	for level := 1; level <= zlibCodec().max; level++ {
		if effort, ok := zlibEffort(level); !ok || effort < level {
			t.Errorf("zlib level %d is lowered to %d, %v", level, effort, ok)
		}
	}
	for _, level := range []int{-1, 0, 10} {
		if _, ok := zstdEffort(level); ok {
			t.Errorf("zstd level %d has an effort", level)
		}
		if _, ok := zlibEffort(level); ok {
			t.Errorf("zlib level %d has an effort", level)
		}
	}
}

// TestOpenUnchecked has the encoders opened with what Check would refuse.
func TestOpenUnchecked(t *testing.T) {
	for _, c := range []Compress{{"brotli", 0}, {Zstd, 19}, {Zlib, 12}} {
		if _, err := c.open(&bytes.Buffer{}, 2); err == nil || !strings.HasPrefix(err.Error(), "internal: ") {
			t.Errorf("%+v: error is %v", c, err)
		}
	}
}

func TestEncoder(t *testing.T) {
	const version = `(v[0-9]+\.[0-9]+\.[0-9]+|\(unknown version\))`
	for _, test := range []struct {
		compress Compress
		want     string
	}{
		{Compress{}, ""},
		{Compress{Method: "brotli"}, ""},
		{Compress{Zstd, 0}, "github.com/klauspost/compress " + version + " zstd level 3"},
		{Compress{Zstd, 9}, "github.com/klauspost/compress " + version + " zstd level 9"},
		{Compress{Zlib, 0}, "github.com/klauspost/pgzip " + version + " github.com/klauspost/compress " + version + " zlib level 6"},
		{Compress{XZ, 0}, "github.com/ulikunitz/xz " + version + " xz"},
		{Compress{LZ4, 0}, "github.com/pierrec/lz4/v4 " + version + " lz4 level 1"},
	} {
		got := test.compress.Encoder()
		if !regexp.MustCompile("^" + test.want + "$").MatchString(got) {
			t.Errorf("%+v: %q does not match %q", test.compress, got, test.want)
		}
	}
}

func TestModuleVersion(t *testing.T) {
	if got := moduleVersion("example.com/not/in/here"); got != "(unknown version)" {
		t.Errorf("version is %q", got)
	}
}

func TestCompressionText(t *testing.T) {
	for _, text := range []string{"none", "zlib", "zstd", "xz", "lz4"} {
		var c Compression = "before"
		if err := c.UnmarshalText([]byte(text)); err != nil {
			t.Error(err)
		}
		if c.String() != text {
			t.Errorf("%q comes back as %q", text, c)
		}
		if out, err := c.MarshalText(); err != nil || string(out) != text {
			t.Errorf("%q is marshalled as %q, %v", text, out, err)
		}
	}
	for _, text := range []string{"", "gzip", "ZSTD", "zstd ", "true"} {
		var c Compression
		want := `unknown compression "` + text + `"; none, zlib, zstd, xz and lz4 are allowed`
		if err := c.UnmarshalText([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: error is %v", text, err)
		}
	}
}

func TestCompressJSON(t *testing.T) {
	for _, test := range []struct {
		compress Compress
		want     string
	}{
		{Compress{}, `{"method":"none"}`},
		{Compress{Zstd, 5}, `{"method":"zstd","level":5}`},
	} {
		if out, err := json.Marshal(test.compress); err != nil || string(out) != test.want {
			t.Errorf("%+v is %s, %v", test.compress, out, err)
		}
	}
}

func TestMagic(t *testing.T) {
	for _, m := range []Compression{None, Zlib, Zstd, XZ, LZ4} {
		out, _ := run(t, strings.NewReader("some text"), Spec{Compress: Compress{Method: m}}, Options{})
		if got := Magic(out[:6]); got != m {
			t.Errorf("%s output is taken for %s", m, got)
		}
	}
	for _, prefix := range []string{"", "\x1f", "\x1f\x8b", "\x28\xb5\x2f", "\xfd7zXZ", "\x02\x21\x4c\x18\x00\x00"} {
		if got := Magic([]byte(prefix)); got != None {
			t.Errorf("%q is taken for %s", prefix, got)
		}
	}
}

// TestZlibHeader holds that nothing of the moment or the machine is recorded.
func TestZlibHeader(t *testing.T) {
	out, _ := run(t, strings.NewReader("some text"), Spec{Compress: Compress{Method: Zlib}}, Options{})
	const want = "\x1f\x8b\x08\x00" + "\x00\x00\x00\x00" // magic, deflate, no flags; MTIME 0
	if !bytes.HasPrefix(out, []byte(want)) || out[9] != 255 {
		t.Errorf("header is % x", out[:10])
	}
}
