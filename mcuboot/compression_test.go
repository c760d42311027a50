package mcuboot_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
)

// TestCompressedImage: LZMA2 in, out and judged, in the clear and encrypted.
func TestCompressedImage(t *testing.T) {
	body := []byte(strings.Repeat("all the firmware there is, and once more: ", 500))
	private, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	for _, armThumb := range []bool{false, true} {
		for _, encrypt := range []bool{false, true} {
			o := mcuboot.Options{
				PadHeader:   true,
				Compression: &mcuboot.Compression{Compress: firmware.Compress, ARMThumb: armThumb},
				Signing:     mcuboot.Signing{Signer: key()},
			}
			if encrypt {
				o.Encryption = &mcuboot.Encryption{Recipient: private.Public(), Rand: rand.NewChaCha8([32]byte{})}
			}
			img, err := mcuboot.Build(body, o)
			if err != nil {
				t.Fatal(err)
			}
			b := img.Bootloader()
			b.SlotSize, b.Keys, b.Decompress = 0x8000, []crypto.PublicKey{key().Public()}, firmware.Decompress
			if encrypt {
				b.EncryptionKey = private
			}
			data, err := img.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			report, err := mcuboot.Verify(data, b)
			if err != nil || !report.Accepted() {
				t.Errorf("ARM Thumb %t, encrypted %t: %v\n%s", armThumb, encrypt, err, report)
			}
			if size := len(report.Image.Body); size > 1000 || report.Image.Body[0] != 0x0a || report.Image.Body[1] != 0x66 {
				t.Errorf("body of %d bytes begins with % x", size, report.Image.Body[:2])
			}
		}
	}
}
