package pack

import (
	"bytes"
	"context"
	"crypto"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/plugin"
	"github.com/fwpack/fwpack/sign/request"
)

// imageKey is a way in which MCUboot's bootloader verifies an image.
type imageKey struct {
	name, key string
	hash      crypto.Hash
	pure      bool
}

func imageKeys() []imageKey {
	return []imageKey{
		{"RSA-2048", "rsa2048", crypto.SHA256, false},
		{"RSA-3072", "rsa3072", crypto.SHA256, false},
		{"P-256", "ec-p256", crypto.SHA256, false},
		{"P-256 with SHA-512", "ec-p256", crypto.SHA512, false},
		{"P-384", "ec-p384", crypto.SHA384, false},
		{"Ed25519", "ed25519", crypto.SHA256, false},
		{"Ed25519 with SHA-512", "ed25519", crypto.SHA512, false},
		{"Ed25519, pure", "ed25519", crypto.SHA512, true},
	}
}

// imageBody is firmware of a size that a line for a signing program with all of
// it is long.
var imageBody = bytes.Repeat([]byte("firmware"), 32<<10)

func publicKey(t *testing.T, name string) crypto.PublicKey {
	t.Helper()
	text, err := os.ReadFile(keyFile(t, name+".pub.pem"))
	if err != nil {
		t.Fatal(err)
	}
	public, err := sign.ParsePublicKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return public
}

// bootloaderTakes wants a bootloader with that key to boot the image.
func bootloaderTakes(t *testing.T, img *mcuboot.Image, s mcuboot.Signing, public crypto.PublicKey) {
	t.Helper()
	data, err := img.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	report, err := mcuboot.Verify(data, mcuboot.Bootloader{
		Mode: mcuboot.SingleSlot, SlotSize: 1 << 20, SectorSize: 4096, Primary: true,
		Keys: []crypto.PublicKey{public}, Hash: s.Hash, Pure: s.Pure,
	})
	if err != nil {
		t.Fatal(err)
	}
	if !report.Accepted() {
		t.Errorf("refused:\n%s", report)
	}
}

// An image is signed by the example program for openssl, whatever the key.
func TestConformanceImageProgram(t *testing.T) {
	reftool.Need(t, "openssl", "sh", "sed", "tr")
	programs, err := filepath.Abs("../examples/signers/openssl")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range imageKeys() {
		t.Run(c.name, func(t *testing.T) {
			public := publicKey(t, c.key)
			opt := plugin.Options{Path: programs, Env: os.Environ(), TempDir: t.TempDir(), Public: public}
			key, err := plugin.Open(context.Background(), "openssl", filepath.ToSlash(keyFile(t, c.key+".pem")), opt)
			if err != nil {
				t.Fatal(err)
			}
			s := mcuboot.Signing{Signer: key, Hash: c.hash, Pure: c.pure}
			img, err := mcuboot.Build(imageBody, mcuboot.Options{PadHeader: true, Signing: s})
			if err != nil {
				t.Fatal(err)
			}
			if err := key.Close(); err != nil {
				t.Error(err)
			}
			bootloaderTakes(t, img, s, public)
		})
	}
}

// An image is signed elsewhere by what a request for it says, and by nothing
// else.
func TestConformanceImageRequest(t *testing.T) {
	reftool.Need(t, "openssl", "sh", "sed", "od", "tr")
	for _, c := range imageKeys() {
		t.Run(c.name, func(t *testing.T) {
			public := publicKey(t, c.key)
			s := mcuboot.Signing{PublicKey: public, Hash: c.hash, Pure: c.pure}
			waiting, err := mcuboot.ToBeSigned(imageBody, mcuboot.Options{PadHeader: true, Signing: s})
			if err != nil {
				t.Fatal(err)
			}
			ask := request.Image{Hash: waiting.Hash, Digest: waiting.Digest}
			if c.pure {
				ask.Whole = waiting.Payload
			}
			r, err := request.NewImage(sign.Key{Name: "mcu", Signer: sign.Elsewhere(public)}, ask, request.About{File: "sensor.bin"}, "sensor.request.json")
			if err != nil {
				t.Fatal(err)
			}
			img, err := waiting.Attach(signedElsewhere(t, r, c.key))
			if err != nil {
				t.Fatal(err)
			}
			bootloaderTakes(t, img, s, public)
		})
	}
}

// signedElsewhere runs the commands of a request beside the private key.
func signedElsewhere(t *testing.T, r *request.Request, key string) []byte {
	t.Helper()
	dir := t.TempDir()
	data, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	private, err := os.ReadFile(keyFile(t, key+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "sensor.request.json"), data)
	writeFile(t, filepath.Join(dir, "PRIVATE.pem"), private)
	cmd := exec.Command("sh", "-ec", strings.Join(r.Signers[0].Commands, "\n"))
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), r.Signers[0].Digest) {
		t.Fatalf("%v: %s", err, out)
	}
	signature, err := os.ReadFile(filepath.Join(dir, "signature"))
	if err != nil {
		t.Fatal(err)
	}
	return signature
}
