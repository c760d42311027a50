package pack

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/sign"
)

// files is a project on its way to disk: contents by path.
type files map[string]string

// write puts the files into a new folder, the test keys beside them.
func (f files) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, contents := range f {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(contents), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const testKeys = "../testdata/keys"

// project is a project file that signs with the given test key.
func project(t *testing.T, key, rest string) string {
	t.Helper()
	keys, err := filepath.Abs(testKeys)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`schema = 1
project = { name = "gw", version = "1.2.3" }
vars = { KEYS = '%s' }
[keys.release]
scheme = "cms"
key = "@@KEYS@@/%s.pem"
cert = "@@KEYS@@/%s.crt"
[keys.aes]
aes = { file = "device.aes" }
%s
[[bundle]]
name = "gw"
output = "gw.swu"
description = "sw-description.in"
sign = ["release"]
`, filepath.ToSlash(keys), key, key, rest)
}

const deviceAES = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 000102030405060708090a0b0c0d0e0f\n"

// plan loads and plans the project in dir.
func plan(t *testing.T, dir string) *Plan {
	t.Helper()
	project, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := project.Plan(Selection{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func options(dir string) Options {
	return Options{
		Out: filepath.Join(dir, "dist"), Rand: rand.Reader, Tool: "test",
		Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	}
}

// build builds the project in dir and returns the bundle's entries by name.
func build(t *testing.T, dir string, opt Options) (*Report, map[string][]byte) {
	t.Helper()
	report, err := Build(context.Background(), plan(t, dir), opt)
	if err != nil {
		t.Fatal(err)
	}
	return report, readBundle(t, filepath.Join(opt.Out, report.Outputs[0].File))
}

func readBundle(t *testing.T, path string) map[string][]byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	entries := map[string][]byte{}
	for r := swu.NewReader(f); ; {
		entry, err := r.Next()
		if err == io.EOF {
			return entries
		}
		if err != nil {
			t.Fatal(err)
		}
		if entries[entry.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

const mixedArtifacts = `
[[artifact]]
name = "plain"
file = "plain.bin"
[[artifact]]
name = "secret"
file = "plain.bin"
encrypt = "aes"
[[artifact]]
name = "packed"
file = "plain.bin"
compress = "zstd"
[[artifact]]
name = "both"
file = "plain.bin"
compress = "zlib"
encrypt = "aes"
[[artifact]]
name = "unused"
file = "nowhere.bin"
`

const mixedDescription = `// a comment stays
software =
{
	version = "@@VERSION@@"; # so does this
	hardware-compatibility = [ "1.0", "2.0" ];
	copy1 = { images: ( { filename = "both"; device = "/dev/a"; }, { filename = "plain"; device = "/dev/a"; } ); };
	copy2 = { images: ( { filename = "both"; device = "/dev/b"; }, { filename = "secret"; device = "/dev/b"; } ); };
	files = ( { filename = "packed"; path = "/x"; }, { filename = "beside.txt"; path = "/y"; }, { filename = "plain"; path = "/z"; } );
};
`

func mixedProject(t *testing.T, key string) files {
	return files{
		"fwpack.toml":       project(t, key, mixedArtifacts),
		"sw-description.in": mixedDescription,
		"plain.bin":         strings.Repeat("payload ", 50_000),
		"beside.txt":        "beside",
		"device.aes":        deviceAES,
	}
}

// Every kind of payload arrives whole, once, in the order of the description,
// whether it was written in place or spooled, and whatever the length of the
// signature turned out to be.
func TestBuildMixed(t *testing.T) {
	for _, key := range []string{"rsa2048", "ec-p256", "ec-p384", "ec-p521"} {
		dir := mixedProject(t, key).write(t)
		for range 8 { // ECDSA signatures have several lengths: the IVs make each build differ
			report, entries := build(t, dir, options(dir))
			checkMixed(t, report, entries)
		}
	}
}

func checkMixed(t *testing.T, report *Report, entries map[string][]byte) {
	t.Helper()
	var order []string
	for _, p := range report.Outputs[0].Payloads {
		order = append(order, p.Name)
		if got := hexDigest(entries[p.Name]); got != p.SHA256 {
			t.Errorf("%s: sha256 %s in the archive, %s in the report", p.Name, got, p.SHA256)
		}
		if !bytes.Contains(entries[swu.Description], []byte(p.SHA256)) {
			t.Errorf("%s: the description does not hold its sha256", p.Name)
		}
	}
	if got, want := strings.Join(order, " "), "both plain secret packed beside.txt"; got != want {
		t.Errorf("payloads are %s, want %s", got, want)
	}
	if want := strings.Repeat("payload ", 50_000); string(entries["plain"]) != want {
		t.Error("the stored payload is not its source")
	}
	if got := len(entries["secret"]); got != 400_016 {
		t.Errorf("the encrypted payload has %d bytes, want 400016", got)
	}
}

// What the author wrote stays byte for byte: taking the filled-in attributes
// out again gives the template.
func TestBuildKeepsTemplate(t *testing.T) {
	dir := mixedProject(t, "rsa2048").write(t)
	_, entries := build(t, dir, options(dir))
	description := string(entries[swu.Description])
	for _, want := range []string{
		"// a comment stays\nsoftware =\n{\n\tversion = \"1.2.3\"; # so does this\n",
		`device = "/dev/a"; `, `compressed = "zlib";`, `encrypted = true;`, `compressed = "zstd";`,
		`properties = { decompressed-size = "400000"; };`, `properties = { decrypted-size = "400000"; };`,
	} {
		if !strings.Contains(description, want) {
			t.Errorf("the description lacks %q:\n%s", want, description)
		}
	}
}

// The signature is by the key, over the description as it stands in the archive.
func TestBuildSignature(t *testing.T) {
	dir := mixedProject(t, "ec-p384").write(t)
	_, entries := build(t, dir, options(dir))
	pem, err := os.ReadFile(filepath.Join(testKeys, "ec-p384.crt"))
	if err != nil {
		t.Fatal(err)
	}
	roots, err := sign.ParseCertificates(pem)
	if err != nil {
		t.Fatal(err)
	}
	trust := sign.Trust{Roots: roots, Now: options(dir).Now}
	signers, err := sign.Verify(sign.SchemeCMS, entries[swu.Description], entries[swu.Signature], trust)
	if err != nil || len(signers) != 1 {
		t.Errorf("signers %v, error %v", signers, err)
	}
}

// Every build draws its own IVs, and the description holds them.
func TestBuildFreshIVs(t *testing.T) {
	dir := mixedProject(t, "rsa2048").write(t)
	seen := map[string]bool{}
	for range 3 {
		report, entries := build(t, dir, options(dir))
		for _, p := range report.Outputs[0].Payloads {
			if p.Encrypted == "" {
				continue
			}
			if p.Encrypted != "AES-256-CBC" || seen[p.IV] || !bytes.Contains(entries[swu.Description], []byte(`ivt = "`+p.IV+`"`)) {
				t.Errorf("%s: %s with IV %s", p.Name, p.Encrypted, p.IV)
			}
			seen[p.IV] = true
		}
	}
	if len(seen) != 6 {
		t.Errorf("%d IVs were drawn, want 6", len(seen))
	}
}

// With the same IVs any number of jobs gives the same bytes.
func TestBuildRepeats(t *testing.T) {
	dir := mixedProject(t, "ec-p256").write(t)
	var first []byte
	for _, jobs := range []int{1, 2, 3, 8} {
		opt := options(dir)
		opt.Jobs, opt.Rand = jobs, zeros{}
		build(t, dir, opt)
		data, err := os.ReadFile(filepath.Join(opt.Out, "gw.swu"))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = data
		}
		if !bytes.Equal(data, first) {
			t.Errorf("%d jobs give other bytes than 1", jobs)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// The report beside the outputs is the one that Build returns.
func TestBuildReport(t *testing.T) {
	dir := mixedProject(t, "rsa2048").write(t)
	report, _ := build(t, dir, options(dir))
	data, err := os.ReadFile(filepath.Join(dir, "dist", reportName))
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.MarshalIndent(report, "", "  ")
	if err != nil || string(data) != string(want)+"\n" {
		t.Errorf("error %v, file\n%s\nreturned\n%s", err, data, want)
	}
	out := report.Outputs[0]
	file, err := os.ReadFile(filepath.Join(dir, "dist", out.File))
	if err != nil || hexDigest(file) != out.SHA256 || int64(len(file)) != out.Size {
		t.Errorf("the report's digest or size of %s is wrong, error %v", out.File, err)
	}
	if out.Version != "1.2.3" || strings.Join(out.HardwareCompatibility, " ") != "1.0 2.0" {
		t.Errorf("version %q, hardware %q", out.Version, out.HardwareCompatibility)
	}
}

// A source that is not the file any more that was planned with is refused, and
// nothing is left behind.
func TestBuildSourceChanges(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"shorter": func(path string) error { return os.Truncate(path, 10) },
		"longer":  func(path string) error { return os.WriteFile(path, make([]byte, 500_000), 0o666) },
		"touched": func(path string) error { return os.Chtimes(path, time.Time{}, time.Unix(1, 0)) },
		"gone":    os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			dir := mixedProject(t, "rsa2048").write(t)
			p := plan(t, dir)
			if err := change(filepath.Join(dir, "plain.bin")); err != nil {
				t.Fatal(err)
			}
			_, err := Build(context.Background(), p, options(dir))
			if err == nil || !strings.Contains(err.Error(), "plain.bin") {
				t.Errorf("error %v", err)
			}
			checkEmpty(t, filepath.Join(dir, "dist"))
		})
	}
}

func checkEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		t.Errorf("%s was left behind", entry.Name())
	}
}

// An interrupted build says so and leaves nothing.
func TestBuildInterrupted(t *testing.T) {
	dir := mixedProject(t, "rsa2048").write(t)
	ctx, cancel := context.WithCancelCause(context.Background())
	opt := options(dir)
	opt.Jobs = 1
	opt.Packed = func(PackedPayload) { cancel(errors.New("a signal")) }
	_, err := Build(ctx, plan(t, dir), opt)
	if err == nil || err.Error() != "interrupted: a signal" {
		t.Errorf("error %v", err)
	}
	checkEmpty(t, opt.Out)
}

// Randomness that fails is noticed: no IV of zeros is ever used.
func TestBuildWithoutRandomness(t *testing.T) {
	dir := mixedProject(t, "rsa2048").write(t)
	opt := options(dir)
	opt.Rand = strings.NewReader("short")
	if _, err := Build(context.Background(), plan(t, dir), opt); err == nil || !strings.Contains(err.Error(), "drawing an IV") {
		t.Errorf("error %v", err)
	}
	checkEmpty(t, opt.Out)
}
