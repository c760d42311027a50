package swufile

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/pack/swutest"
)

var testKeys = filepath.Join("..", "..", "testdata", "keys")

func key(name string) string { return filepath.Join(testKeys, name) }

const (
	aesDigits   = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	ivDigits    = "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
	otherDigits = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
)

// pack packs text for a payload; aes is a key in hex, "" for none.
func pack(t testing.TB, text string, method payload.Compression, aes string) string {
	t.Helper()
	spec := payload.Spec{Compress: payload.Compress{Method: method}}
	if aes != "" {
		spec.Encrypt = &payload.Encrypt{Key: aesKeyOf(t, aes), IV: [16]byte(unhex(t, ivDigits))}
	}
	var out bytes.Buffer
	if _, err := payload.Run(context.Background(), &out, strings.NewReader(text), spec, payload.Options{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func aesKeyOf(t testing.TB, digits string) payload.AESKey {
	t.Helper()
	key, err := payload.NewAESKey(unhex(t, digits))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func unhex(t testing.TB, digits string) []byte {
	t.Helper()
	data, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func sha256Of(data string) string {
	sum := sha256.Sum256([]byte(data))
	return hex.EncodeToString(sum[:])
}

// image is an entry of images for a payload.
func image(name, data, more string) string {
	return fmt.Sprintf("{ filename = %q; type = \"raw\"; device = \"/dev/sda1\"; sha256 = %q; %s }", name, sha256Of(data), more)
}

func describe(images ...string) string {
	return "software = {\n\tversion = \"1.0\";\n\thardware-compatibility = [ \"1.0\" ];\n\timages: (\n\t" + strings.Join(images, ",\n\t") + "\n\t);\n}\n"
}

// unsigned is a bundle with the description and members.
func unsigned(t testing.TB, description string, members ...swutest.Member) []byte {
	t.Helper()
	return swutest.Archive(t, append([]swutest.Member{{Name: swu.Description, Data: description}}, members...)...)
}

// signed is the same with the signature of the test key.
func signed(t testing.TB, description string, members ...swutest.Member) []byte {
	t.Helper()
	all := []swutest.Member{{Name: swu.Description, Data: description}, {Name: swu.Signature, Data: swutest.Sign(t, testKeys, description)}}
	return swutest.Archive(t, append(all, members...)...)
}

func read(t testing.TB, bundle []byte, o Options) *File {
	t.Helper()
	f, err := Read(context.Background(), "test.swu", bytes.NewReader(bundle), o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// keysOf reads keys that are written down here, or in the folder of test keys.
func keysOf(t testing.TB, keys ...string) *Keys {
	t.Helper()
	dir := t.TempDir()
	var files []string
	for i, k := range keys {
		if !strings.HasSuffix(k, ".pem") {
			path := filepath.Join(dir, fmt.Sprint(i))
			if err := os.WriteFile(path, []byte(k), 0o600); err != nil {
				t.Fatal(err)
			}
			k = path
		}
		files = append(files, k)
	}
	read, err := ReadKeys(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	return read
}
