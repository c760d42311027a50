package main

import (
	"crypto"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
)

// testImages has a token sign MCUboot images, which are verified as a bootloader
// does it.
func (h *softHSM) testImages(t *testing.T) {
	for _, test := range []struct {
		object string
		hash   crypto.Hash
		pure   bool
	}{
		{"rsa2048", crypto.SHA256, false},
		{"rsa3072", crypto.SHA256, false},
		{"p256", crypto.SHA256, false},
		{"p256", crypto.SHA512, false},
		{"p384", crypto.SHA384, false},
		{"ed", crypto.SHA256, false},
		{"ed", crypto.SHA512, false},
		{"ed", crypto.SHA512, true},
	} {
		key := h.open(t, h.uri("token=release;object="+test.object))
		img, err := mcuboot.Build(make([]byte, 1000), mcuboot.Options{
			PadHeader: true, Signing: mcuboot.Signing{Signer: key, Hash: test.hash, Pure: test.pure},
		})
		if err != nil {
			t.Errorf("%+v: %v", test, err)
			continue
		}
		if err := key.Close(); err != nil {
			t.Error(err)
		}
		data, err := img.MarshalBinary()
		must(t, data, err)
		report, err := mcuboot.Verify(data, mcuboot.Bootloader{
			Mode: mcuboot.SingleSlot, SlotSize: 1 << 16, SectorSize: 4096, Primary: true,
			Keys: []crypto.PublicKey{key.Public()}, Hash: test.hash, Pure: test.pure,
		})
		if err != nil || !report.Accepted() {
			t.Errorf("%+v: %v\n%s", test, err, report)
		}
	}
}
