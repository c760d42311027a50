package diff

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/x509"
	"encoding/pem"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/sign"
)

const testKeys = "../../testdata/keys"

func signer(t testing.TB, name string) crypto.Signer {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(testKeys, name+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := sign.ParsePrivateKey(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// options are those of an image that a test key signs.
func options(t testing.TB, key string) mcuboot.Options {
	t.Helper()
	return mcuboot.Options{
		Version: mcuboot.Version{Major: 1, Minor: 2}, HeaderSize: 64, PadHeader: true,
		Signing: mcuboot.Signing{Signer: signer(t, key), Rand: rand.NewChaCha8([32]byte{1})},
	}
}

// build returns an image of n bytes of firmware.
func build(t testing.TB, n int, key string, change ...func(*mcuboot.Options)) []byte {
	t.Helper()
	o := options(t, key)
	for _, c := range change {
		c(&o)
	}
	img, err := mcuboot.Build(pseudo(n, 1), o)
	if err != nil {
		t.Fatal(err)
	}
	data, err := img.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestImages(t *testing.T) {
	plain := build(t, 9000, "ed25519")
	padded := func(m mcuboot.Mark) []byte {
		slot := mcuboot.Slot{Size: 0x4000, Align: 8}
		data, err := slot.Pad(plain, m)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	counter := uint32(7)
	for name, c := range map[string]struct {
		old, new []byte
		want     string // of what is no detail, digests left out
	}{
		"version": {plain, build(t, 9000, "ed25519", func(o *mcuboot.Options) { o.Version.Minor = 3 }), `
			~ version 1.2.0+0 > 1.3.0+0`},
		"key": {plain, build(t, 9000, "ec-p256"), `
			~ KEYHASH`},
		"TLVs": {plain, build(t, 9000, "ed25519", func(o *mcuboot.Options) {
			o.SecurityCounter = &counter
			o.Custom = []mcuboot.TLV{{Type: 0xa0, Value: []byte("hello")}, {Type: 0xa1}}
			o.Dependencies = []mcuboot.Dependency{{Image: 1, Version: mcuboot.Version{Major: 2}}, {Image: 2, Version: mcuboot.Version{Major: 3}}}
		}), `
			+ protected 0xa0 > hello
			+ protected 0xa1 > empty
			+ protected DEPENDENCY #2 > image 2, 3.0.0+0 or later
			+ protected DEPENDENCY > image 1, 2.0.0+0 or later
			+ protected SEC_CNT > 7`},
		"flags and address": {plain, build(t, 9000, "ed25519", func(o *mcuboot.Options) { o.LoadAddr = 0x20000000 }), `
			~ flags > RAM_LOAD
			~ load address 0x0 > 0x20000000`},
		"trailer": {padded(mcuboot.MarkPad), padded(mcuboot.MarkConfirm), `
			~ trailer: image ok unset > set`},
	} {
		t.Run(name, func(t *testing.T) {
			d := compare(t, c.old, c.new, Options{})
			got := briefImage(d.Content.Image)
			if d.Kind != KindImage || !d.Different || strings.ReplaceAll(got, "+ flags", "~ flags") != sortedLines(c.want) {
				t.Errorf("got\n%s\nwant\n%s", got, sortedLines(c.want))
			}
			if d.Content.Image.Body != nil {
				t.Errorf("body: %+v", d.Content.Image.Body)
			}
		})
	}
}

// briefImage is what is no detail, without digests.
func briefImage(img *Image) string {
	var lines []string
	for _, c := range img.Changes {
		switch {
		case c.Detail || strings.HasPrefix(c.Name, "SHA"):
		case c.Name == "KEYHASH":
			lines = append(lines, marks[c.Mark]+" KEYHASH")
		default:
			lines = append(lines, briefChange(c))
		}
	}
	return sortedLines(strings.Join(lines, "\n"))
}

// The body is compared by blocks, in the clear where the key is given.
func TestImageBody(t *testing.T) {
	d := compare(t, build(t, 9000, "ed25519"), build(t, 9001, "ed25519"), Options{})
	if b := d.Content.Image.Body; b == nil || b.Same != 2 || b.Fresh != 1 || b.FreshLen != 809 || b.Gone != 1 {
		t.Errorf("%s", form(t, d.Content.Image))
	}
	key, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{9}, 32))
	if err != nil {
		t.Fatal(err)
	}
	encrypted := func(n int, seed byte) []byte {
		return build(t, n, "ed25519", func(o *mcuboot.Options) {
			o.Encryption = &mcuboot.Encryption{Recipient: key.PublicKey(), Rand: rand.NewChaCha8([32]byte{seed})}
		})
	}
	// Encrypted anew it is the same image.
	for _, o := range []Options{{}, {Keys: keysOf(t, key)}} {
		d = compare(t, encrypted(9000, 1), encrypted(9000, 2), o)
		if d.Different || len(d.Content.Image.Changes) == 0 {
			t.Errorf("%s", form(t, d))
		}
		d = compare(t, encrypted(9000, 1), encrypted(9001, 2), o)
		body := d.Content.Image.Body
		if !d.Different || (body != nil) != (o.Keys != nil) || (len(d.Content.Image.Notes) == 0) != (o.Keys != nil) {
			t.Errorf("%s", form(t, d))
		}
		if body != nil && body.Same != 2 {
			t.Errorf("%+v", body)
		}
	}
}

// ECDSA signs otherwise each time, and that is a detail.
func TestSignedAnew(t *testing.T) {
	old := build(t, 100, "ec-p256")
	new := bytes.Clone(old)
	new[len(new)-1] ^= 1
	d := compare(t, old, new, Options{})
	if c := d.Content.Image.Changes; d.Different || len(c) != 1 || c[0].Name != "ECDSASIG" || !c[0].Detail {
		t.Errorf("%s", form(t, d))
	}
}

// keysOf is what a file with the private key opens.
func keysOf(t testing.TB, key any) *swufile.Keys {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := swufile.ReadKeys([]string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
