package payload

import (
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// written leaves the output for source in a file and returns its name.
func written(t *testing.T, source []byte, spec Spec) string {
	t.Helper()
	out, _ := run(t, bytes.NewReader(source), spec, Options{})
	suffix := map[Compression]string{Zlib: ".gz", Zstd: ".zst", XZ: ".xz", LZ4: ".lz4"}
	file := filepath.Join(t.TempDir(), "payload"+suffix[spec.Compress.Method])
	if err := os.WriteFile(file, out, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// output runs a program and returns what it writes.
func output(t *testing.T, program string, args ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, &stderr)
	}
	return stdout.Bytes()
}

func TestConformanceDecompress(t *testing.T) {
	for _, test := range []struct {
		tool     string
		compress Compress
	}{
		{"gzip", Compress{Zlib, 0}}, {"gzip", Compress{Zlib, 1}}, {"gzip", Compress{Zlib, 9}},
		{"zstd", Compress{Zstd, 0}}, {"zstd", Compress{Zstd, 1}}, {"zstd", Compress{Zstd, 5}}, {"zstd", Compress{Zstd, 9}},
		{"xz", Compress{XZ, 0}},
		{"lz4", Compress{LZ4, 0}}, {"lz4", Compress{LZ4, 3}},
	} {
		t.Run(name(Spec{Compress: test.compress}), func(t *testing.T) {
			reftool.Need(t, test.tool)
			sizes := []int{0, 1, 100_000, 200_000}
			if test.compress.Level == 0 && test.compress.Method != XZ {
				sizes = append(sizes, 9<<20)
			}
			for _, size := range sizes {
				source := sample(size)
				file := written(t, source, Spec{Compress: test.compress})
				output(t, test.tool, "-q", "-t", file)
				if got := output(t, test.tool, "-q", "-d", "-c", file); !bytes.Equal(got, source) {
					t.Errorf("%s makes %d other bytes of %d", test.tool, len(got), size)
				}
			}
		})
	}
}

func TestConformanceXZStream(t *testing.T) {
	reftool.Need(t, "xz")
	file := written(t, sample(300_000), Spec{Compress: Compress{Method: XZ}})
	list := string(output(t, "xz", "--robot", "-l", file))
	if !strings.Contains(list, "\nfile\t1\t1\t") || !strings.Contains(list, "CRC64") {
		t.Errorf("xz -l does not list one stream of one block with CRC64:\n%s", list)
	}
}

func TestConformanceDecrypt(t *testing.T) {
	reftool.Need(t, "openssl")
	for _, digits := range []string{key128, key192, key256} {
		key, iv, err := ParseAESKey([]byte(digits + " " + someIV))
		if err != nil {
			t.Fatal(err)
		}
		encrypt := Encrypt{Key: key, IV: [16]byte(iv)}
		cipher := strings.ToLower("-" + encrypt.Cipher())
		for _, size := range []int{0, 1, 16, 1<<20 + 3} {
			source := sample(size)
			file := written(t, source, Spec{Encrypt: &encrypt})
			got := output(t, "openssl", "enc", "-d", cipher, "-K", digits, "-iv", someIV, "-nosalt", "-in", file)
			if !bytes.Equal(got, source) {
				t.Errorf("%s: openssl makes %d other bytes of %d", encrypt.Cipher(), len(got), size)
			}
		}
	}
}

// TestConformanceKeyFile reads what openssl prints.
func TestConformanceKeyFile(t *testing.T) {
	reftool.Need(t, "openssl")
	for cipher, size := range map[string]int{"-aes-128-cbc": 16, "-aes-192-cbc": 24, "-aes-256-cbc": 32} {
		file := output(t, "openssl", "enc", cipher, "-P", "-pbkdf2", "-pass", "pass:test only")
		key, iv, err := ParseAESKey(file)
		if err != nil {
			t.Errorf("%s: %v", cipher, err)
			continue
		}
		if len(key.bytes()) != size || len(iv) != 16 || !strings.Contains(strings.ToLower(string(file)), hex.EncodeToString(iv)) {
			t.Errorf("%s: %s and an IV of %d bytes", cipher, key, len(iv))
		}
	}
}
