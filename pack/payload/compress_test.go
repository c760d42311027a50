package payload

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"
)

func TestCompressCheck(t *testing.T) {
	checkLevels(t, map[Compress]string{
		{}:            "",
		{None, 3}:     "level 3 without a compression does nothing",
		{"brotli", 0}: `unknown compression "brotli"; none, zlib, zstd, xz and lz4 are allowed`,
		{Zlib, 0}:     "",
		{Zlib, 1}:     "",
		{Zlib, 9}:     "",
		{Zlib, 10}:    "zlib level 10 is not reached by this build; 1 to 9 are",
		{LZ4, 3}:      "",
		{LZ4, 4}:      "lz4 level 4 is not reached by this build; 1 to 3 are",
	})
}

// checkLevels holds what Check says, "" where it accepts.
func checkLevels(t *testing.T, levels map[Compress]string) {
	t.Helper()
	for compress, want := range levels {
		got := ""
		if err := compress.Check(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%+v: %q, want %q", compress, got, want)
		}
	}
}

// TestZlibEffort holds that every level Check accepts has an effort.
func TestZlibEffort(t *testing.T) {
	for level := 1; level <= zlibCodec().max; level++ {
		if effort, ok := zlibEffort(level); !ok || effort < level {
			t.Errorf("zlib level %d is lowered to %d, %v", level, effort, ok)
		}
	}
	for _, level := range []int{-1, 0, 10} {
		if _, ok := zlibEffort(level); ok {
			t.Errorf("zlib level %d has an effort", level)
		}
	}
}

// TestOpenUnchecked has the encoders opened with what Check would refuse.
func TestOpenUnchecked(t *testing.T) {
	for _, c := range []Compress{{"brotli", 0}, {Zstd, 20}, {Zlib, 12}} {
		if _, err := c.open(into(io.Discard), Options{}); err == nil || !strings.HasPrefix(err.Error(), "internal: ") {
			t.Errorf("%+v: error is %v", c, err)
		}
	}
}

// aModule matches the version of a module.
const aModule = `(v[0-9]+\.[0-9]+\.[0-9]+|\(unknown version\))`

func TestEncoder(t *testing.T) {
	checkEncoders(t, map[Compress]string{
		{}:                 "",
		{Method: "brotli"}: "",
		{Zlib, 0}:          "github.com/klauspost/pgzip " + aModule + " github.com/klauspost/compress " + aModule + " zlib level 6",
		{LZ4, 0}:           "github.com/pierrec/lz4/v4 " + aModule + " lz4 level 1",
	})
}

// checkEncoders holds the names of encoders against patterns.
func checkEncoders(t *testing.T, encoders map[Compress]string) {
	t.Helper()
	for compress, want := range encoders {
		if got := compress.Encoder(); !regexp.MustCompile("^" + want + "$").MatchString(got) {
			t.Errorf("%+v: %q does not match %q", compress, got, want)
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
