package imgtool

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
)

// body is the test firmware of the vectors in mcuboot/testdata.
func body(n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(7*i + 3)
	}
	return data
}

func write(t testing.TB, path string, data []byte) string {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// testKey is the path of a key in testdata/keys.
func testKey(name string) string { return filepath.Join("../../testdata/keys", name+".pem") }

// edKey writes the key with the seed 00 01 .. 1f.
func edKey(t testing.TB, dir string) string {
	t.Helper()
	seed := make([]byte, ed25519.SeedSize)
	for i := range seed {
		seed[i] = byte(i)
	}
	data, err := keygen.MarshalPrivateKey(ed25519.NewKeyFromSeed(seed), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, filepath.Join(dir, "ed.pem"), data)
}

// newKey makes a key of the given type.
func newKey(t testing.TB, dir string, kind keygen.Type) string {
	t.Helper()
	path := filepath.Join(dir, string(kind)+".pem")
	if err := Keygen(KeygenOptions{Key: path, Type: kind, Rand: random()}); err != nil {
		t.Fatal(err)
	}
	return path
}

func random() *rand.ChaCha8 { return rand.NewChaCha8([32]byte{1}) }

// signOptions are those of the first vector, for an image in a folder of its own.
func signOptions(t testing.TB) SignOptions {
	t.Helper()
	dir := t.TempDir()
	return SignOptions{
		Input:      write(t, filepath.Join(dir, "in.bin"), body(1000)),
		Output:     filepath.Join(dir, "out.bin"),
		Version:    mcuboot.Version{Major: 1, Minor: 2, Revision: 3, Build: 4},
		HeaderSize: 32, SlotSize: 0x4000, PadHeader: true, Rand: random(),
	}
}

// dir is the folder that the options' files are in.
func (o *SignOptions) dir() string { return filepath.Dir(o.Input) }

// mustSign signs and returns the output.
func mustSign(t testing.TB, o SignOptions) []byte {
	t.Helper()
	if _, err := Sign(o); err != nil {
		t.Fatal(err)
	}
	return read(t, o.Output)
}

func mustParse(t testing.TB, data []byte) *mcuboot.Image {
	t.Helper()
	img, _, err := mcuboot.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// wantUsage checks that err is a UsageError with the given text.
func wantUsage(t testing.TB, err error, want string) {
	t.Helper()
	wantError(t, err, want)
	if _, ok := errors.AsType[*UsageError](err); !ok {
		t.Errorf("error %v is no UsageError", err)
	}
}

func wantError(t testing.TB, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}

func wantBytes(t testing.TB, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("got %d bytes, want other %d:\n%.400q\n%.400q", len(got), len(want), got, want)
	}
}

// passphrase answers for every key.
func passphrase(text string) Passphrases {
	return func(string) sign.PassphraseFunc {
		return func() ([]byte, error) { return []byte(text), nil }
	}
}
