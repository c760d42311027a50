package pack

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "1024": 1024, "0x10": 16, "3K": 3 << 10, "2m": 2 << 20, "1G": 1 << 30} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "K", "1.5K", "12kb", "99999999999999999999", "9999999999999999K"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q is taken for %d", text, got)
		}
	}
}

// What the container cannot hold is refused before a byte of it is read. Less
// than that, by a byte, is planned.
func TestPlanTooLarge(t *testing.T) {
	const limit = 1<<32 - 1
	for _, test := range []struct {
		name, artifact string
		size           int64
		want           string
	}{
		{"stored", "", limit, ""},
		{"stored, one more", "", limit + 1, `artifact "big": 4294967296 bytes after processing, and an archive entry holds at most 4294967295 (4 GiB - 1)`},
		{"encrypted", `encrypt = "aes"`, limit - 16, ""},
		{"encrypted, one block more", `encrypt = "aes"`, limit - 15, `artifact "big": 4294967296 bytes after processing`},
		{"compressed may fit", `compress = "zstd"`, 2 * limit, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := files{
				"fwpack.toml":       project(t, "rsa2048", "[[artifact]]\nname = \"big\"\nfile = \"big.bin\"\n"+test.artifact),
				"sw-description.in": `software = { version = "1"; images = ({ filename = "big"; device = "/dev/x"; }); };`,
				"device.aes":        deviceAES,
				"big.bin":           "",
			}.write(t)
			if err := os.Truncate(filepath.Join(dir, "big.bin"), test.size); err != nil {
				reftool.Missing(t, fmt.Sprintf("no sparse file of this size is to be had: %v", err))
			}
			loaded, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = loaded.Plan(Selection{})
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// A plan says what will be done, and holds no secret.
func TestPlanString(t *testing.T) {
	dir := mixedProject(t, "rsa2048").write(t)
	p := plan(t, dir)
	for i := range p.Payloads {
		p.Payloads[i].File = filepath.Base(p.Payloads[i].File)
	}
	p.Bundles[0].Template = filepath.Base(p.Bundles[0].Template)
	want := `gw 1.2.3

gw.swu  from sw-description.in
  signed by release
  both  400000 bytes of plain.bin, zlib, encrypted with aes
  plain  400000 bytes of plain.bin
  secret  400000 bytes of plain.bin, encrypted with aes
  packed  400000 bytes of plain.bin, zstd
  beside.txt  6 bytes of beside.txt
`
	if got := p.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A file that is compressed already is packed as it is where the description
// says so, and only then.
func TestPlanPrecompressed(t *testing.T) {
	const gzipMagic = "\x1f\x8b\x08\x00rest"
	for _, test := range []struct{ contents, compressed, want string }{
		{gzipMagic, `"zlib"`, ""},
		{gzipMagic, "true", ""},
		{gzipMagic, `"zstd"`, `compressed is "zstd", but`},
		{"plain", `"zlib"`, `compressed is "zlib", but`},
		{"plain", "false", ""},
		{"", `"zlib"`, `compressed is "zlib", but`},
	} {
		dir := files{
			"fwpack.toml":       project(t, "rsa2048", ""),
			"sw-description.in": `software = { version = "1"; images = ({ filename = "data.gz"; device = "/dev/x"; compressed = ` + test.compressed + `; }); };`,
			"data.gz":           test.contents,
		}.write(t)
		loaded, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := loaded.Plan(Selection{})
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q as %s: error %v, want %q", test.contents, test.compressed, err, test.want)
		}
		if err == nil && test.compressed != "false" && p.Payloads[0].Precompressed != "zlib" {
			t.Errorf("%q as %s: %+v", test.contents, test.compressed, p.Payloads[0])
		}
	}
}
