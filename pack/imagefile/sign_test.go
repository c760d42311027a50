package imagefile

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
	"github.com/fwpack/fwpack/sign"
)

// resign signs a file anew and returns the new one.
func resign(t testing.TB, data []byte, o SignOptions) (*File, *SignReport) {
	t.Helper()
	r, err := mustRead(t, data).Resign(o)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	report, err := seal(r, out)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(out)
	if err != nil {
		t.Fatal(err)
	}
	return f, report
}

// seal lets the key at hand sign, and writes the file.
func seal(r *Resigning, out string) (*SignReport, error) {
	signature, err := r.Sign()
	if err != nil {
		return nil, err
	}
	return r.Seal(context.Background(), signature, out)
}

// Any key takes the place of any other, in every kind of file, and nothing else
// changes.
func TestResign(t *testing.T) {
	names := []string{"rsa2048", "rsa3072", "ec-p256", "ec-p384", "ed25519"}
	second := slot
	second.ImageOffset = 0x1000
	for _, from := range names {
		o := everything(t)
		o.Signing.Signer = signer(t, from)
		image := build(t, o)
		for _, to := range names {
			for kind, data := range map[string][]byte{
				"bare":          image,
				"padded":        pad(t, slot, image, mcuboot.MarkConfirm),
				"second sector": pad(t, second, image, mcuboot.MarkPad),
				"hex":           hexOf(t, map[uint32][]byte{0x8000: image, 0x10001208: {1}}),
				"sparse":        sparse(t, 0xc000, image, slot, mcuboot.MarkConfirm),
				"dump":          hexOf(t, map[uint32][]byte{0xc000: pad(t, slot, image, mcuboot.MarkTest)}),
			} {
				before := mustRead(t, data)
				after, report := resign(t, data, SignOptions{Signer: signer(t, to), Trust: trust(t, from), Rand: random()})
				v := verify(t, after, VerifyOptions{Trust: trust(t, to)})
				if v.Verdict != Accepted || !report.Verified || report.Added.Published != "fwpack: testdata/keys/"+to+".pem" {
					t.Errorf("%s, %s to %s: %s, %+v\n%+v", kind, from, to, v.Verdict, report, v.Rules)
				}
				wantSame(t, kind+", "+from+" to "+to, before, after)
			}
		}
	}
}

// wantSame checks that two files differ in digest, key, signature and the signer of
// a boot record only.
func wantSame(t testing.TB, name string, before, after *File) {
	t.Helper()
	b, a := before.Image, after.Image
	if !bytes.Equal(b.Body, a.Body) || !bytes.Equal(b.HeaderPad, a.HeaderPad) || b.Header.Version != a.Header.Version || b.Header.Flags != a.Header.Flags {
		t.Errorf("%s: header or body differ", name)
	}
	if before.Address != after.Address || before.Offset != after.Offset || before.Format != after.Format {
		t.Errorf("%s: another place: %#x+%#x", name, after.Address, after.Offset)
	}
	if before.Trailer != nil {
		if after.Trailer == nil || len(after.Slot) != len(before.Slot) || !bytes.Equal(before.Slot[len(before.Slot)-100:], after.Slot[len(after.Slot)-100:]) {
			t.Errorf("%s: another trailer: %+v", name, after.Trailer)
		}
	}
	for _, kept := range []struct{ was, is []mcuboot.TLV }{{b.Protected, a.Protected}, {wrappedKeys(b), wrappedKeys(a)}} {
		if len(kept.was) != len(kept.is) {
			t.Fatalf("%s: %v, was %v", name, kept.is, kept.was)
		}
		for i, tlv := range kept.was {
			if tlv.Type != mcuboot.TLVBootRecord && (kept.is[i].Type != tlv.Type || !bytes.Equal(kept.is[i].Value, tlv.Value)) {
				t.Errorf("%s: %s differs", name, tlv.Type)
			}
		}
	}
	if after.memory != nil && strings.HasPrefix(name, "sparse") && len(after.memory.Segments()) != len(before.memory.Segments()) {
		t.Errorf("%s: holes are filled: %d segments", name, len(after.memory.Segments()))
	}
}

func wrappedKeys(img *mcuboot.Image) []mcuboot.TLV {
	var keys []mcuboot.TLV
	for _, tlv := range img.Unprotected {
		if tlv.Type >= mcuboot.TLVEncRSA2048 {
			keys = append(keys, tlv)
		}
	}
	return keys
}

// The same key makes the same file again, where signatures repeat.
func TestResignSameKey(t *testing.T) {
	for _, name := range []string{"ec-p256", "ec-p384", "ed25519"} {
		for _, data := range [][]byte{build(t, signedWith(t, name)), sparse(t, 0x8000, build(t, signedWith(t, name)), slot, mcuboot.MarkConfirm)} {
			f := mustRead(t, data)
			r, err := f.Resign(SignOptions{Signer: signer(t, name)})
			if err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(t.TempDir(), "out")
			if _, err := seal(r, out); err != nil {
				t.Fatal(err)
			}
			if again, err := os.ReadFile(out); err != nil || !bytes.Equal(again, data) {
				t.Errorf("%s, %s: other bytes, %v", name, f.Format, err)
			}
		}
	}
}

// An encrypted image is checked with its key, and keeps body and wrapped key.
func TestResignEncrypted(t *testing.T) {
	for _, size := range []int{128, 256} {
		o := encrypted(t, "ed25519")
		o.Encryption.KeySize = size
		data := pad(t, slot, build(t, o), mcuboot.MarkPad)
		_, err := mustRead(t, data).Resign(SignOptions{Signer: signer(t, "ec-p256")})
		if locked := (*EncryptedError)(nil); !errors.As(err, &locked) {
			t.Errorf("error %v", err)
		}
		_, err = mustRead(t, data).Resign(SignOptions{Signer: signer(t, "ec-p256"), DecryptionKey: signer(t, "ec-p256")})
		wantError(t, err, "holds no key for this type of key")
		after, _ := resign(t, data, SignOptions{Signer: signer(t, "ec-p256"), DecryptionKey: exchangeKey(t), Trust: trust(t, "ed25519")})
		wantSame(t, "encrypted", mustRead(t, data), after)
		if v := verify(t, after, VerifyOptions{Trust: trust(t, "ec-p256"), DecryptionKey: exchangeKey(t)}); v.Verdict != Accepted {
			t.Errorf("%+v", v.Rules)
		}
	}
	o := encrypted(t, "ed25519")
	o.Encryption.Clear = true
	after, _ := resign(t, build(t, o), SignOptions{Signer: signer(t, "ec-p256"), Trust: trust(t, "ed25519")})
	if v := verify(t, after, VerifyOptions{Trust: trust(t, "ec-p256")}); v.Verdict != Accepted {
		t.Errorf("clear: %+v", v.Rules)
	}
}

// What the image was signed like it is signed like again, unless asked otherwise.
func TestResignForm(t *testing.T) {
	full, pure, long := signedWith(t, "ed25519"), signedWith(t, "ed25519"), signedWith(t, "ed25519")
	full.Signing.FullKey, pure.Signing.Pure, long.Signing.Hash = true, true, crypto.SHA512
	yes, no := true, false
	for _, test := range []struct {
		name string
		from mcuboot.Options
		o    SignOptions
		key  string
		want string
	}{
		{"the usual", signedWith(t, "ed25519"), SignOptions{}, "ec-p256", "SHA256 KEYHASH ECDSASIG"},
		{"SHA-384 comes", signedWith(t, "ed25519"), SignOptions{}, "ec-p384", "SHA384 KEYHASH ECDSASIG"},
		{"SHA-384 goes", signedWith(t, "ec-p384"), SignOptions{}, "rsa2048", "SHA256 KEYHASH RSA2048"},
		{"SHA-512 asked for", signedWith(t, "ed25519"), SignOptions{Hash: crypto.SHA512}, "ed25519", "SHA512 KEYHASH ED25519"},
		{"SHA-512 stays", long, SignOptions{}, "ec-p256", "SHA512 KEYHASH ECDSASIG"},
		{"SHA-512 goes", long, SignOptions{}, "rsa3072", "SHA256 KEYHASH RSA3072"},
		{"SHA-256 asked for", long, SignOptions{Hash: crypto.SHA256}, "ed25519", "SHA256 KEYHASH ED25519"},
		{"full stays", full, SignOptions{}, "rsa2048", "SHA256 PUBKEY RSA2048"},
		{"full goes", full, SignOptions{FullKey: &no}, "rsa2048", "SHA256 KEYHASH RSA2048"},
		{"full comes", signedWith(t, "rsa2048"), SignOptions{FullKey: &yes}, "ed25519", "SHA256 PUBKEY ED25519"},
		{"pure stays", pure, SignOptions{}, "ed25519", "SHA512 SIG_PURE KEYHASH ED25519"},
		{"pure goes", pure, SignOptions{}, "ec-p256", "SHA512 KEYHASH ECDSASIG"},
		{"pure comes", signedWith(t, "rsa2048"), SignOptions{Pure: true}, "ed25519", "SHA512 SIG_PURE KEYHASH ED25519"},
		{"stripped", long, SignOptions{}, "", "SHA512"},
		{"signed for the first time", mcuboot.Options{PadHeader: true}, SignOptions{}, "ec-p256", "SHA256 KEYHASH ECDSASIG"},
	} {
		if test.key != "" {
			test.o.Signer, test.o.Rand = signer(t, test.key), random()
		}
		after, report := resign(t, build(t, test.from), test.o)
		if got := names(after.Image.Unprotected); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
		if (report.Added == nil) != (test.key == "") {
			t.Errorf("%s: added %+v", test.name, report.Added)
		}
		if test.key == "" {
			continue
		}
		if v := verify(t, after, VerifyOptions{Trust: trust(t, test.key)}); v.Verdict != Accepted {
			t.Errorf("%s: %+v", test.name, v.Rules)
		}
	}
}

func names(tlvs []mcuboot.TLV) string {
	var all []string
	for _, tlv := range tlvs {
		all = append(all, tlv.Type.String())
	}
	return strings.Join(all, " ")
}

func TestResignRefuses(t *testing.T) {
	image := build(t, signedWith(t, "ed25519"))
	damaged := bytes.Clone(image)
	damaged[500] ^= 1
	bare, err := mcuboot.Build(firmwareOf(100), mcuboot.Options{PadHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	bare.Unprotected = nil
	noDigest, err := bare.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		data []byte
		o    SignOptions
		want string
	}{
		{"damaged", damaged, SignOptions{Signer: signer(t, "ed25519")}, "SHA256 digest"},
		{"cut off", image[:3000], SignOptions{Signer: signer(t, "ed25519")}, "image size"},
		{"no digest", noDigest, SignOptions{Signer: signer(t, "ed25519")}, "no digest to check the image by"},
		{"compressed", build(t, compressed(t, "ed25519")), SignOptions{Signer: signer(t, "ed25519")}, "holds a second signature"},
		{"untrusted", image, SignOptions{Signer: signer(t, "ed25519"), Trust: trust(t, "ec-p256")}, "signature: none by a trusted key of type ecdsa-p256"},
		{"unsigned", build(t, mcuboot.Options{PadHeader: true}), SignOptions{}, "is not signed: there is no signature to strip"},
		{"hash", image, SignOptions{Signer: signer(t, "rsa2048"), Hash: crypto.SHA512}, "hash SHA-512 with a key of type rsa-2048"},
		{"pure", image, SignOptions{Signer: signer(t, "rsa2048"), Pure: true}, "pure"},
		{"pure and stripped", image, SignOptions{Pure: true}, "an unsigned image names no key"},
		{"key", image, SignOptions{Signer: signer(t, "rsa4096")}, "RSA key of 4096 bits"},
	} {
		_, err := mustRead(t, test.data).Resign(test.o)
		wantError(t, err, test.want)
		wantError(t, err, "test.bin: ")
	}
}

// Where what follows leaves no room for a longer signature, nothing is written.
func TestResignNoRoom(t *testing.T) {
	image := build(t, signedWith(t, "ed25519"))
	tight := mcuboot.Slot{Size: len(image) + 3120 + 40}
	for name, data := range map[string][]byte{
		"data":        append(bytes.Clone(image), "something else"...),
		"bare magic":  append(bytes.Clone(image), pad(t, slot, nil, mcuboot.MarkPad)[0x4000-48:]...),
		"status":      append(append(bytes.Clone(image), bytes.Repeat([]byte{0xff}, 40)...), firmwareOf(500)...),
		"hex":         hexOf(t, map[uint32][]byte{0: image, uint32(len(image)) + 20: firmwareOf(30)}),
		"last byte":   hexOf(t, map[uint32][]byte{uint32(-len(image)): image}),
		"hex trailer": sparse(t, 0, image, mcuboot.Slot{Size: (len(image) + 96 + 7) / 8 * 8, OverwriteOnly: true}, mcuboot.MarkPad),
	} {
		r, err := mustRead(t, data).Resign(SignOptions{Signer: signer(t, "rsa2048"), Rand: random()})
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if _, err = seal(r, filepath.Join(dir, "out")); err == nil {
			t.Errorf("%s: signed", name)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("%s: left %v", name, left)
		}
	}
	// The status area is empty in a fresh slot, and nobody knows its size.
	if after, _ := resign(t, pad(t, tight, image, mcuboot.MarkPad), SignOptions{Signer: signer(t, "rsa2048"), Rand: random()}); after.Trailer == nil {
		t.Error("the trailer is lost")
	}
}

// A longer signature may close a hole to the byte.
func TestResignClosesHole(t *testing.T) {
	o := signedWith(t, "ed25519")
	image := build(t, o)
	o.Signing.Signer = signer(t, "rsa2048")
	next := uint32(len(build(t, o)))
	after, _ := resign(t, hexOf(t, map[uint32][]byte{0: image, next: firmwareOf(20)}), SignOptions{Signer: signer(t, "rsa2048"), Rand: random()})
	if len(after.memory.Segments()) != 1 || !bytes.Equal(after.Rest, firmwareOf(20)) {
		t.Errorf("%d bytes behind the image", len(after.Rest))
	}
}

// A name that says another format than the file has is refused.
func TestResignName(t *testing.T) {
	r, err := mustRead(t, build(t, signedWith(t, "ed25519"))).Resign(SignOptions{Signer: signer(t, "ed25519")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = seal(r, filepath.Join(t.TempDir(), "out.hex"))
	wantError(t, err, "is binary and stays so")
}

// A key that is elsewhere signs what ToBeSigned says.
func TestResignElsewhere(t *testing.T) {
	image := build(t, encrypted(t, "ed25519"))
	key := signer(t, "ec-p256")
	r, err := mustRead(t, image).Resign(SignOptions{Signer: sign.Elsewhere(key.Public()), DecryptionKey: exchangeKey(t)})
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.bin")
	_, err = seal(r, out)
	wantError(t, err, "the private key is elsewhere")
	_, err = r.Seal(context.Background(), make([]byte, 70), out)
	wantError(t, err, "test.bin: ")
	signature, err := key.Sign(nil, r.ToBeSigned().Digest, crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Seal(context.Background(), signature, out); err != nil {
		t.Fatal(err)
	}
	f, err := Open(out)
	if err != nil {
		t.Fatal(err)
	}
	if v := verify(t, f, VerifyOptions{Trust: trust(t, "ec-p256"), DecryptionKey: exchangeKey(t)}); v.Verdict != Accepted {
		t.Errorf("%+v", v.Rules)
	}
}

// The start address of a hex file stays.
func TestResignStart(t *testing.T) {
	memory := firmware.Memory{Start: firmware.Start{Kind: firmware.StartLinear, Value: 0x8041}}
	if err := memory.Add(0x8000, build(t, signedWith(t, "rsa2048")), ""); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := memory.WriteHex(&text); err != nil {
		t.Fatal(err)
	}
	after, _ := resign(t, text.Bytes(), SignOptions{Signer: signer(t, "ed25519")})
	if after.memory.Start != memory.Start || after.Address != 0x8000 {
		t.Errorf("start %v", after.memory.Start)
	}
}
