package imagefile

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
	"github.com/fwpack/fwpack/sign"
)

// firmwareOf is the test firmware of the vectors in mcuboot/testdata.
func firmwareOf(n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(7*i + 3)
	}
	return data
}

func keyFile(name string) string { return filepath.Join("../../testdata/keys", name+".pem") }

// signer loads a key of testdata/keys.
func signer(t testing.TB, name string) crypto.Signer {
	t.Helper()
	data, err := os.ReadFile(keyFile(name))
	if err != nil {
		t.Fatal(err)
	}
	key, err := sign.ParsePrivateKey(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func trust(t testing.TB, names ...string) []TrustedKey {
	t.Helper()
	var files []string
	for _, name := range names {
		files = append(files, keyFile(name))
	}
	keys, err := ReadTrust(files)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// random is randomness that repeats.
func random() io.Reader { return rand.NewChaCha8([32]byte{1}) }

// exchangeKey is an X25519 key.
func exchangeKey(t testing.TB) *ecdh.PrivateKey {
	t.Helper()
	key, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{9}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// signedWith are options for an image that a key of testdata/keys signs.
func signedWith(t testing.TB, name string) mcuboot.Options {
	t.Helper()
	return mcuboot.Options{
		Version: mcuboot.Version{Major: 1, Minor: 2, Revision: 3, Build: 4}, HeaderSize: 64, PadHeader: true,
		Signing: mcuboot.Signing{Signer: signer(t, name), Rand: random()},
	}
}

// everything are options with every kind of TLV.
func everything(t testing.TB) mcuboot.Options {
	o := signedWith(t, "ed25519")
	counter := uint32(7)
	vendor, err := mcuboot.ParseVendorID("example.com")
	if err != nil {
		t.Fatal(err)
	}
	class, err := mcuboot.ParseClassID("board", &vendor)
	if err != nil {
		t.Fatal(err)
	}
	o.SecurityCounter, o.VendorID, o.ClassID = &counter, &vendor, &class
	o.BootRecord = new("SPE")
	o.Dependencies = []mcuboot.Dependency{{Image: 1, Version: mcuboot.Version{Major: 2}}}
	o.Custom = []mcuboot.TLV{{Type: 0xa0, Value: []byte{1, 2, 0xff}}, {Type: 0xab00, Value: []byte("hi")}}
	return o
}

// encrypted are options for an image whose body exchangeKey opens.
func encrypted(t testing.TB, name string) mcuboot.Options {
	o := signedWith(t, name)
	o.Encryption = &mcuboot.Encryption{Recipient: exchangeKey(t).PublicKey(), Rand: random()}
	return o
}

func compressed(t testing.TB, name string) mcuboot.Options {
	o := signedWith(t, name)
	o.Compression = &mcuboot.Compression{Compress: firmware.Compress}
	return o
}

// build returns the bytes of an image of a firmware of 4000 bytes.
func build(t testing.TB, o mcuboot.Options) []byte {
	t.Helper()
	return buildOf(t, 4000, o)
}

// buildOf is build for a firmware of n bytes.
func buildOf(t testing.TB, n int, o mcuboot.Options) []byte {
	t.Helper()
	img, err := mcuboot.Build(firmwareOf(n), o)
	if err != nil {
		t.Fatal(err)
	}
	data, err := img.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// slot is the one that the tests pad images for.
var slot = mcuboot.Slot{Size: 0x4000, Align: 8}

func pad(t testing.TB, s mcuboot.Slot, data []byte, m mcuboot.Mark) []byte {
	t.Helper()
	padded, err := s.Pad(data, m)
	if err != nil {
		t.Fatal(err)
	}
	return padded
}

// hexOf returns Intel HEX with runs of bytes at addresses.
func hexOf(t testing.TB, runs map[uint32][]byte) []byte {
	t.Helper()
	var memory firmware.Memory
	for addr, data := range runs {
		if err := memory.Add(addr, data, "test"); err != nil {
			t.Fatal(err)
		}
	}
	var text bytes.Buffer
	if err := memory.WriteHex(&text); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// sparse is an image at an address with the records of its trailer, as imgtool
// writes it, and one for option bytes far away.
func sparse(t testing.TB, addr uint32, data []byte, s mcuboot.Slot, m mcuboot.Mark) []byte {
	t.Helper()
	records, err := s.Records(m)
	if err != nil {
		t.Fatal(err)
	}
	runs := map[uint32][]byte{addr: data, 0x10001208: {1, 2, 3, 4}}
	for _, r := range records {
		runs[addr+uint32(r.Offset)] = r.Data
	}
	return hexOf(t, runs)
}

func mustRead(t testing.TB, data []byte) *File {
	t.Helper()
	f, err := Read("test.bin", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func wantError(t testing.TB, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}
