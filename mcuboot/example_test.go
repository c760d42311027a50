package mcuboot_test

import (
	"crypto"
	"crypto/ed25519"
	"fmt"
	"log"

	"github.com/fwpack/fwpack/mcuboot"
)

// key stands for a key that was loaded from a file, or is in a token.
func key() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
}

func Example() {
	version, err := mcuboot.ParseVersion("1.7.0+12")
	if err != nil {
		log.Fatal(err)
	}
	img, err := mcuboot.Build([]byte("firmware"), mcuboot.Options{
		Version:    version,
		HeaderSize: 0x200,
		PadHeader:  true,
		Signing:    mcuboot.Signing{Signer: key()},
	})
	if err != nil {
		log.Fatal(err)
	}
	data, err := img.MarshalBinary()
	if err != nil {
		log.Fatal(err)
	}
	slot, err := mcuboot.Slot{Size: 0x8000}.Pad(data, mcuboot.MarkTest)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("image of %d bytes in a slot of %d\n", len(data), len(slot))

	report, err := mcuboot.Verify(slot, mcuboot.Bootloader{
		Mode:       mcuboot.SwapMove,
		SlotSize:   0x8000,
		SectorSize: 0x1000,
		Keys:       []crypto.PublicKey{key().Public()},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("accepted: %t, upgrade: %s\n%s", report.Accepted(), report.Upgrade, report)
	// Output:
	// image of 664 bytes in a slot of 32768
	// accepted: true, upgrade: test
	// header            passed     version 1.7.0+12, flags 0x0
	// bootable          passed
	// TLV structure     passed     0 protected, 3 unprotected
	// size              passed     23912 bytes free
	// allow-list        passed
	// hash              passed     SHA256 0029be089e8f9816922d1b29b52c999a93ad85a24a22979f40c1eeb4808a195c
	// signature         passed     ed25519
	// dependencies      passed     none
	// trailer           passed     test
}

// The key may be on another machine: what it has to sign goes there, and the
// signature comes back.
func ExampleToBeSigned() {
	r, err := mcuboot.ToBeSigned([]byte("firmware"), mcuboot.Options{
		PadHeader: true,
		Signing:   mcuboot.Signing{PublicKey: key().Public()},
	})
	if err != nil {
		log.Fatal(err)
	}
	signature := ed25519.Sign(key(), r.Message())

	img, err := r.Attach(signature)
	if err != nil {
		log.Fatal(err)
	}
	for _, tlv := range img.Unprotected {
		fmt.Printf("%-8s %d bytes\n", tlv.Type, len(tlv.Value))
	}
	// Output:
	// SHA256   32 bytes
	// KEYHASH  32 bytes
	// ED25519  64 bytes
}

func ExampleSlot_Fit() {
	img, err := mcuboot.Build(make([]byte, 30000), mcuboot.Options{PadHeader: true})
	if err != nil {
		log.Fatal(err)
	}
	fit, err := mcuboot.Slot{Size: 0x8000, Align: 8}.Fit(img)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(fit.Err())
	fmt.Print(fit)
	// Output:
	// mcuboot: 33192 bytes: 424 more than the slot of 32768 has
	// header area                32
	// body                    30000
	// unprotected TLVs           40
	// swap status              3072
	// swap size                   8
	// swap info                   8
	// copy done                   8
	// image ok                    8
	// magic                      16
	// together                33192
	// slot                    32768
	// too much                  424
}

func ExampleImage_Sign() {
	old, err := mcuboot.Build([]byte("firmware"), mcuboot.Options{PadHeader: true})
	if err != nil {
		log.Fatal(err)
	}
	data, err := old.MarshalBinary()
	if err != nil {
		log.Fatal(err)
	}

	img, rest, err := mcuboot.Parse(data)
	if err != nil {
		log.Fatal(err)
	}
	signed, err := img.Sign(mcuboot.Signing{Signer: key()})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d bytes, signed %d; %d behind it\n", img.Size(), signed.Size(), len(rest))
	// Output:
	// 80 bytes, signed 184; 0 behind it
}
