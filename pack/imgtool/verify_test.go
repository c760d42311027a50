package imgtool

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/sign/keygen"
)

// wantInvalid checks imgtool's verdict and the reason.
func wantInvalid(t testing.TB, err error, verdict, reason string) {
	t.Helper()
	wantError(t, err, reason)
	if invalid, ok := errors.AsType[*InvalidError](err); !ok || invalid.Verdict != verdict {
		t.Errorf("error %#v, want the verdict %q", err, verdict)
	}
}

func TestVerify(t *testing.T) {
	for _, name := range []string{"rsa2048", "rsa3072", "ec-p256", "ec-p384", "ed25519"} {
		o := signOptions(t)
		o.Key, o.Align, o.Confirm = testKey(name), 8, true
		mustSign(t, o)
		for _, key := range []string{testKey(name), testKey(name + ".pub")} {
			found, err := Verify(VerifyOptions{Image: o.Output, Key: key})
			if err != nil || found.Version != o.Version || found.Unchecked || found.Signature != nil || len(found.Digest) < 32 {
				t.Errorf("%s: %+v, %v", key, found, err)
			}
		}
		if found, err := Verify(VerifyOptions{Image: o.Output}); err != nil || !found.Unchecked {
			t.Errorf("%s without a key: %+v, %v", name, found, err)
		}
	}
}

// The forms of an image that a bootloader may ask for are all verified.
func TestVerifyForms(t *testing.T) {
	for name, change := range map[string]func(*SignOptions){
		"full key":   func(o *SignOptions) { o.FullKey = true },
		"padded DER": func(o *SignOptions) { o.Key, o.PadSignature = testKey("ec-p256"), true },
		"pure":       func(o *SignOptions) { o.Pure = true },
		"SHA-512":    func(o *SignOptions) { o.Hash, _ = ParseHash("512") },
		"odd header": func(o *SignOptions) { o.HeaderSize = 33 },
		"Intel HEX":  func(o *SignOptions) { o.Output, o.HexAddr = o.Output+".hex", ptr(uint32(0x8000)) },
	} {
		o := signOptions(t)
		o.Key = testKey("ed25519")
		change(&o)
		mustSign(t, o)
		found, err := Verify(VerifyOptions{Image: o.Output, Key: o.Key})
		if err != nil || (found.Signature != nil) != (name == "pure") {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}

func TestVerifyUnsigned(t *testing.T) {
	o := signOptions(t)
	mustSign(t, o)
	if found, err := Verify(VerifyOptions{Image: o.Output}); err != nil || found.Unchecked {
		t.Errorf("%+v, %v", found, err)
	}
	_, err := Verify(VerifyOptions{Image: o.Output, Key: testKey("ed25519")})
	wantInvalid(t, err, "No signature found for the given key", "signature: no KEYHASH that names the key")
}

func TestVerifyWrongKey(t *testing.T) {
	o := signOptions(t)
	o.Key = testKey("ed25519")
	mustSign(t, o)
	other := newKey(t, o.dir(), keygen.Ed25519)
	_, err := Verify(VerifyOptions{Image: o.Output, Key: other})
	wantInvalid(t, err, "No signature found for the given key", "none by a trusted key")
	_, err = Verify(VerifyOptions{Image: o.Output, Key: testKey("rsa2048")})
	wantInvalid(t, err, "Key type does not match TLV record", "signature: ")
	_, err = Verify(VerifyOptions{Image: o.Output, Key: testKey("none")})
	wantUsage(t, err, "none.pem")
	_, err = Verify(VerifyOptions{Image: o.Output + "x"})
	wantUsage(t, err, "out.binx")
	_, err = Verify(VerifyOptions{Image: o.Output, Key: newKey(t, o.dir(), keygen.X25519)})
	wantError(t, err, "does not sign")
}

// Each part of an image is covered by something.
func TestVerifyTampered(t *testing.T) {
	o := signOptions(t)
	o.Key, o.SecurityCounter = testKey("ed25519"), ptr(uint32(7))
	data := mustSign(t, o)
	const protected = 32 + 1000
	const plain = protected + 12
	for _, test := range []struct {
		at              int
		verdict, reason string
	}{
		{0, verdictMagic, "offset 0x0: magic"},
		{21, verdictHash, "digest"},                            // version
		{500, verdictHash, "the image has"},                    // body
		{protected, verdictTLV, "magic"},                       // of the area
		{protected + 2, verdictTLV, "protected area: 1 bytes"}, // its length
		{protected + 8, verdictHash, "digest"},                 // the security counter
		{plain, verdictTLV, "unprotected area: magic"},
		{plain + 8, verdictHash, "digest"},
		{plain + 4 + 36 + 4, verdictSignature, "none by a trusted key"}, // KEYHASH
		{len(data) - 1, verdictSignature, "ED25519 does not match the image"},
	} {
		tampered := append([]byte(nil), data...)
		tampered[test.at] ^= 1
		path := write(t, filepath.Join(o.dir(), "bad.bin"), tampered)
		_, err := Verify(VerifyOptions{Image: path, Key: o.Key})
		wantInvalid(t, err, test.verdict, test.reason)
		wantError(t, err, "bad.bin: ")
	}
}

// What imgtool takes, or stumbles over, and no bootloader does.
func TestVerifyMalformed(t *testing.T) {
	o := signOptions(t)
	data := mustSign(t, o)
	grown := append([]byte(nil), data...)
	binary.LittleEndian.PutUint16(grown[10:], 12) // protected size without an area
	noDigest := append([]byte(nil), data[:1032]...)
	noDigest = append(noDigest, 0x07, 0x69, 4, 0)
	for _, test := range []struct {
		data            []byte
		verdict, reason string
	}{
		{nil, verdictMagic, "offset 0x0"}, {data[:20], verdictMagic, "offset"}, {data[:500], verdictMagic, "image size"},
		{data[:1034], verdictTLV, "the image ends"}, {data[:1050], verdictTLV, "length"},
		{grown, verdictTLV, "protected area: magic"}, {noDigest, verdictHash, "no digest"},
	} {
		_, err := Verify(VerifyOptions{Image: write(t, filepath.Join(o.dir(), "bad.bin"), test.data)})
		wantInvalid(t, err, test.verdict, test.reason)
	}
}

func FuzzVerify(f *testing.F) {
	o := SignOptions{
		Input: write(f, filepath.Join(f.TempDir(), "in.bin"), body(50)), Output: filepath.Join(f.TempDir(), "out.bin"),
		Version: mcuboot.Version{Major: 1}, HeaderSize: 32, SlotSize: 0x1000, PadHeader: true, Pad: true, Key: edKey(f, f.TempDir()),
	}
	if _, err := Sign(o); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(o.Output)
	if err != nil {
		f.Fatal(err)
	}
	key := verifier{}
	if key.pub, key.kind, err = publicKey(o.Key, nil); err != nil {
		f.Fatal(err)
	}
	f.Add(data[:300])
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := verify(data, key); err != nil {
			if _, ok := errors.AsType[*InvalidError](err); !ok {
				t.Errorf("%v is no InvalidError", err)
			}
			return
		}
		if _, err := verify(data, verifier{}); err != nil {
			t.Errorf("valid with the key, and without: %v", err)
		}
	})
}
