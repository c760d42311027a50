package request

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/sign"
)

// firmware is what an image has signed: long enough that a request with it in
// base64 has a line to be noticed.
var firmware = bytes.Repeat([]byte("header, body, protected TLVs\x00\xff"), 5000)

var aboutImage = About{File: "sensor.unsigned.bin", Size: 4096, SHA256: strings.Repeat("cd", 32), Summary: []string{"version 1.7.0+12"}}

func sumOf(hash crypto.Hash, data []byte) []byte {
	h := hash.New()
	h.Write(data)
	return h.Sum(nil)
}

// imageCase is one of the ways that MCUboot has images signed.
type imageCase struct {
	name, key string
	hash      crypto.Hash
	pure      bool
	algorithm string
	salt      int
}

func imageCases() []imageCase {
	return []imageCase{
		{"RSA-2048", "rsa2048", crypto.SHA256, false, "rsa-pss", 32},
		{"RSA-3072", "rsa3072", crypto.SHA256, false, "rsa-pss", 32},
		{"P-256", "ec-p256", crypto.SHA256, false, "ecdsa", 0},
		{"P-256 with SHA-512", "ec-p256", crypto.SHA512, false, "ecdsa", 0},
		{"P-384", "ec-p384", crypto.SHA384, false, "ecdsa", 0},
		{"Ed25519", "ed25519", crypto.SHA256, false, "ed25519", 0},
		{"Ed25519 with SHA-512", "ed25519", crypto.SHA512, false, "ed25519", 0},
		{"Ed25519, pure", "ed25519", crypto.SHA512, true, "ed25519", 0},
	}
}

func (c imageCase) image() Image {
	image := Image{Hash: c.hash, Digest: sumOf(c.hash, firmware)}
	if c.pure {
		image.Whole = firmware
	}
	return image
}

func (c imageCase) request(t testing.TB) *Request {
	t.Helper()
	r, err := NewImage(elsewhere(t, "", c.key), c.image(), aboutImage, "/tmp/it's a request.json")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestImageMembers(t *testing.T) {
	for _, c := range imageCases() {
		r := c.request(t)
		if r.About.Kind != "mcuboot" || r.Required != 1 || len(r.Signers) != 1 || r.Scheme != "" || r.SigningTime != "" || r.Message != nil {
			t.Errorf("%s: %+v", c.name, r)
		}
		s := r.Signers[0]
		if s.Algorithm != c.algorithm || s.SaltLength != c.salt || strings.ReplaceAll(c.hash.String(), "SHA-", "sha") != s.Hash {
			t.Errorf("%s: %s %s, salt of %d bytes", c.name, s.Algorithm, s.Hash, s.SaltLength)
		}
		digest := sumOf(c.hash, firmware)
		want := digest
		if c.pure {
			want = firmware
		}
		if s.Digest != hex.EncodeToString(digest) || !bytes.Equal(s.Bytes, want) || s.Prehashed == c.pure {
			t.Errorf("%s: digest %s, %d bytes, prehashed %t", c.name, s.Digest, len(s.Bytes), s.Prehashed)
		}
	}
}

// The firmware leaves the house only where it has to be signed whole.
func TestImageKeepsFirmware(t *testing.T) {
	part := base64.StdEncoding.EncodeToString(firmware[:48])
	for _, c := range imageCases() {
		if data := encode(t, c.request(t)); bytes.Contains(data, []byte(part)) != c.pure || !c.pure && len(data) > 4096 {
			t.Errorf("%s: request of %d bytes", c.name, len(data))
		}
	}
}

func TestImageRoundTrip(t *testing.T) {
	for _, c := range imageCases() {
		r := c.request(t)
		again, err := Decode(encode(t, r))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if differences := again.Differences(r); differences != nil {
			t.Errorf("%s: differences: %s", c.name, differences)
		}
	}
}

func TestImageTampered(t *testing.T) {
	want := imageCases()[0].request(t)
	for difference, change := range map[string]func(*Request){
		`about.kind: says "swu", want "mcuboot"`:            func(r *Request) { r.About.Kind = KindBundle },
		`scheme: says "rsa-pss", want ""`:                   func(r *Request) { r.Scheme = sign.SchemeRSAPSS },
		`signers[0].prehashed: says false, want true`:       func(r *Request) { r.Signers[0].Prehashed = false },
		`signers[0].salt_length: says 20, want 32`:          func(r *Request) { r.Signers[0].SaltLength = 20 },
		`signers[0].bytes: says "ZWxzZQ==", want "`:         func(r *Request) { r.Signers[0].Bytes = []byte("else") },
		`signers[0].commands[2]: says "openssl", want "ope`: func(r *Request) { r.Signers[0].Commands[2] = "openssl" },
	} {
		got := imageCases()[0].request(t)
		change(got)
		again, err := Decode(encode(t, got))
		if err != nil {
			t.Errorf("%s: %v", difference, err)
			continue
		}
		if found := again.Differences(want); len(found) != 1 || !strings.HasPrefix(found[0], difference) {
			t.Errorf("differences %q, want %q", found, difference)
		}
	}
}

func TestImageRefuses(t *testing.T) {
	digest := sumOf(crypto.SHA256, firmware)
	exchange, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		key   sign.Key
		image Image
		want  string
	}{
		{elsewhere(t, "", "rsa2048"), Image{crypto.SHA1, digest, nil}, `key "rsa2048": image with hash SHA-1: want SHA-256, SHA-384 or SHA-512`},
		{elsewhere(t, "", "rsa2048"), Image{0, digest, nil}, `image with hash unknown hash value 0: want`},
		{elsewhere(t, "", "ec-p384"), Image{crypto.SHA384, digest, nil}, "digest of 32 bytes: want 48 of SHA-384"},
		{elsewhere(t, "", "rsa2048"), Image{crypto.SHA256, digest, firmware}, "RSA-2048 does not sign an image whole: want Ed25519"},
		{elsewhere(t, "", "ed25519"), Image{crypto.SHA256, digest, firmware[1:]}, "image of 149999 bytes: the digest is of another one"},
		{elsewhere(t, "", "ed25519"), Image{crypto.SHA256, digest, make([]byte, MaxWhole+1)}, "image of 16777217 bytes: at most 16777216 can be signed"},
		{sign.Key{Name: "x", Signer: sign.Elsewhere(exchange.PublicKey())}, Image{crypto.SHA256, digest, nil}, `key "x": X25519 does not sign images`},
		{sign.Key{Name: "x", Signer: sign.Elsewhere(7)}, Image{crypto.SHA256, digest, nil}, `key "x": x509: unsupported public key`},
	} {
		_, err := NewImage(test.key, test.image, aboutImage, "request.json")
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %q", err, test.want)
		}
	}
}

// The largest image that is signed whole has a request that can be read.
func TestImageLargest(t *testing.T) {
	whole := make([]byte, MaxWhole)
	r, err := NewImage(elsewhere(t, "", "ed25519"), Image{crypto.SHA512, sumOf(crypto.SHA512, whole), whole}, aboutImage, "request.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(encode(t, r)); err != nil {
		t.Error(err)
	}
}

// Requests for bundles are byte for byte what they were before there were others.
func TestBundleBytes(t *testing.T) {
	for _, c := range []struct {
		scheme sign.Scheme
		names  []string
		want   string
	}{
		{sign.SchemeCMS, []string{"rsa2048", "ec-p384"}, "4d6f36f5d1069bc85af7395b60e7378d9aee037003bda84176bb1b78ae5c8e62"},
		{sign.SchemeRSAPKCS1v15, []string{"rsa2048"}, "8f4ac9775db5d1a5d2e32cbe232762f279325e327b8b1f740587fe74d7e80cec"},
		{sign.SchemeRSAPSS, []string{"rsa3072"}, "9efbe49737fa2953f4a2e85da937421c19a8140cf510dfee11330347b3d748e7"},
	} {
		_, r := newRequest(t, c.scheme, c.names...)
		if sum := sha256.Sum256(encode(t, r)); hex.EncodeToString(sum[:]) != c.want {
			t.Errorf("%s: sha256 %x, want %s", c.scheme, sum, c.want)
		}
	}
}

// The commands, run as they stand by a shell, make signatures that crypto and
// openssl verify as MCUboot does.
func TestConformanceImageCommands(t *testing.T) {
	reftool.Need(t, "openssl", "sed", "od", "tr")
	for _, c := range imageCases() {
		t.Run(c.name, func(t *testing.T) {
			s := c.request(t).Signers[0]
			signature := runCommands(t, encode(t, c.request(t)), c.key, s.Digest, s.Commands)
			if !c.verifies(t, signature) {
				t.Error("crypto refuses the signature")
			}
			opensslVerifies(t, s, signature)
		})
	}
}

// verifies goes by what the bootloader does in boot/bootutil/src/image_rsa.c,
// image_ecdsa.c and image_ed25519.c.
func (c imageCase) verifies(t *testing.T, signature []byte) bool {
	t.Helper()
	public, err := sign.ParsePublicKey(readKey(t, c.key+".pub.pem"))
	if err != nil {
		t.Fatal(err)
	}
	digest := sumOf(c.hash, firmware)
	switch public := public.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPSS(public, c.hash, digest, signature, &rsa.PSSOptions{SaltLength: 32, Hash: c.hash}) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(public, digest, signature)
	case ed25519.PublicKey:
		if c.pure {
			return ed25519.Verify(public, firmware, signature)
		}
		return ed25519.Verify(public, digest, signature)
	}
	return false
}

// opensslVerifies goes by the firmware, where the request went by the digest.
func opensslVerifies(t *testing.T, s Signer, signature []byte) {
	t.Helper()
	dir := t.TempDir()
	message := firmware
	if s.Algorithm == "ed25519" {
		message = s.Bytes
	}
	for name, data := range map[string][]byte{"PUBLIC.pem": []byte(s.PublicKey), "signature": signature, "message": message} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"dgst", "-" + s.Hash, "-verify", "PUBLIC.pem", "-signature", "signature"}
	switch s.Algorithm {
	case "ed25519":
		args = []string{"pkeyutl", "-verify", "-pubin", "-inkey", "PUBLIC.pem", "-rawin", "-sigfile", "signature", "-in"}
	case "rsa-pss":
		args = append(args, "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", "-sigopt", "rsa_mgf1_md:sha256")
	}
	cmd := exec.Command("openssl", append(args, "message")...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("openssl: %v: %s", err, out)
	}
}
