package pkgdata

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fwpack/fwpack/internal/reftool"
)

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		``:             "",
		`plain`:        "plain",
		`a\nb\tc\r`:    "a\nb\tc\r",
		`\\n`:          `\n`,
		`\'\"`:         `'"`,
		`\xe9\u20AC`:   "é€",
		`\U0001f600`:   "😀",
		`\`:            `\`,
		`a\`:           `a\`,
		`\x`:           `\x`,
		`\xg0`:         `\xg0`,
		`\u12`:         `\u12`,
		`\U00110000`:   `\U00110000`,
		`\N{DASH} \q`:  `\N{DASH} \q`,
		`\\\\\\\\tail`: `\\\\tail`,
	} {
		if got := unescape(in); got != want {
			t.Errorf("unescape(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	got := parse([]byte("A: 1\r\nB:pkg:  2 \nC:\nD:\t x: y\nno\n: z\nE F: 1\nA: last"))
	want := map[string]string{"A": "last", "B:pkg": "2 ", "C": "", "D": "x: y"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// escapePython is what Python's unicode_escape codec writes.
func escapePython(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r >= 0x7f && r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		case r > 0xff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// What Python's codec writes, which OpenEmbedded uses, is read back.
func TestConformanceUnicodeEscape(t *testing.T) {
	reftool.Need(t, "python3")
	want := "plain \\ \" ' \n\t\r\v\f\a\b\x00\x7f é € 😀 \\n \\u1234"
	script := "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read().decode().encode('unicode_escape'))"
	cmd := exec.Command("python3", "-c", script)
	cmd.Stdin = strings.NewReader(want)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := unescape(string(out)); got != want {
		t.Errorf("%s becomes %q, want %q", out, got, want)
	}
	if got := escapePython(want); got != string(out) {
		t.Errorf("the tests escape as %s, Python as %s", got, out)
	}
}

func TestLargeFile(t *testing.T) {
	dir := t.TempDir()
	file, err := os.Create(filepath.Join(dir, "big"))
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Truncate(maxFile + 1); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Folder(dir).Value("big", "PV"); err == nil || err.Error() != "big has more than 64 MiB" {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("PV: 1.0\nPKG:a: b\nX_a: \\u20ac\\x\n"), "a\nb\\", "a")
	f.Add([]byte(":\n::\n \\"), "é\x00", "")
	f.Fuzz(func(t *testing.T, data []byte, value, pkg string) {
		values := parse(data)
		for key := range values {
			if _, ok := lookup(values, pkg, key); !ok {
				t.Fatalf("%q is there and not found", key)
			}
		}
		if utf8.ValidString(value) {
			if got := unescape(escapePython(value)); got != value {
				t.Fatalf("%q becomes %q", value, got)
			}
		}
	})
}
