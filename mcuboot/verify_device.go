package mcuboot

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// The rules here hold an image against what the device has.

func (j *judge) counter() (string, error) {
	got, err := j.number(TLVSecurityCounter)
	if err != nil {
		return "", err
	}
	for _, want := range []*uint32{j.b.SecurityCounter, j.b.InstalledCounter} {
		if want != nil && got < *want {
			return "", fmt.Errorf("%d: the device has %d", got, *want)
		}
	}
	return fmt.Sprint(got), nil
}

func (j *judge) vendor() (string, error) { return j.identifier(TLVVendorID, *j.b.VendorID) }

func (j *judge) class() (string, error) { return j.identifier(TLVClassID, *j.b.ClassID) }

func (j *judge) identifier(t TLVType, want UUID) (string, error) {
	tlv, ok := Find(j.img.Protected, t)
	switch {
	case !ok:
		return "", fmt.Errorf("no %s", t)
	case len(tlv.Value) != len(want):
		return "", fmt.Errorf("%s of %d bytes: want %d", t, len(tlv.Value), len(want))
	case !bytes.Equal(tlv.Value, want[:]):
		return "", fmt.Errorf("%s: the device is %s", UUID(tlv.Value), want)
	}
	return want.String(), nil
}

func (j *judge) bootRecord() (string, error) {
	tlv, ok := Find(j.img.Protected, TLVBootRecord)
	switch {
	case !ok:
		return "", errors.New("none, and this bootloader measures")
	case len(tlv.Value) > j.b.MaxBootRecord:
		return "", fmt.Errorf("%d bytes: want at most %d", len(tlv.Value), j.b.MaxBootRecord)
	}
	return "", nil
}

// compare compares versions as the bootloader does.
func (j *judge) compare(v, w Version) int {
	if j.b.BuildNumbers {
		return v.Compare(w)
	}
	return v.CompareRelease(w)
}

func (j *judge) version() (string, error) {
	v := j.img.Header.Version
	if j.compare(v, *j.b.Installed) < 0 {
		return "", fmt.Errorf("%s: the device has %s", v, j.b.Installed)
	}
	return v.String(), nil
}

func (j *judge) dependencies() (string, error) {
	dependencies, err := j.img.Dependencies()
	if err != nil {
		return "", bareText(err)
	}
	if len(dependencies) == 0 {
		return "none", nil
	}
	if j.b.Images == nil {
		return "", uncheckedError("the versions of the other images are not known")
	}
	for _, d := range dependencies {
		v, ok := j.b.Images[d.Image]
		if !ok {
			return "", fmt.Errorf("image %d: the device has no such", d.Image)
		}
		if j.compare(v, d.Version) < 0 {
			return "", fmt.Errorf("image %d is %s: want at least %s", d.Image, v, d.Version)
		}
	}
	return fmt.Sprintf("%d, all there", len(dependencies)), nil
}

// bareText returns err without the name of the package.
func bareText(err error) error {
	return errors.New(strings.TrimPrefix(err.Error(), "mcuboot: "))
}

func (j *judge) hasAddress() bool {
	xip := j.b.Mode == DirectXIP && j.img.Header.Flags&FlagROMFixed != 0
	return j.b.VerifyAddress || j.b.CheckLoadAddr || j.b.Mode == RAMLoad || xip
}

func (j *judge) address() (string, error) {
	if j.b.Mode == RAMLoad {
		return j.inRAM()
	}
	if j.b.Flash == nil {
		return "", uncheckedError("the address of the slot is not known")
	}
	h := j.img.Header
	if j.b.Mode == DirectXIP && h.Flags&FlagROMFixed != 0 && h.LoadAddr != j.b.Flash.Start {
		return "", fmt.Errorf("fixed at %#x: the slot begins at %#x", h.LoadAddr, j.b.Flash.Start)
	}
	if j.b.CheckLoadAddr && !j.b.Flash.contains(h.LoadAddr, 1) {
		return "", fmt.Errorf("load address %#x: want it in the slot, %s", h.LoadAddr, j.b.Flash)
	}
	return j.resetVector()
}

// resetVector checks the second word of the body, which on an Arm Cortex-M is the
// address of the first instruction.
func (j *judge) resetVector() (string, error) {
	const at = 4
	switch {
	case !j.b.VerifyAddress:
		return "", nil
	case j.clear == nil:
		return "", errEncrypted
	case len(j.clear.Body) < at+4:
		return "", fmt.Errorf("body of %d bytes: has no reset vector", len(j.clear.Body))
	}
	vector := j.img.ByteOrder.reader().Uint32(j.clear.Body[at:])
	if !j.b.Flash.contains(vector, 1) {
		return "", fmt.Errorf("reset vector %#x: want it in the slot, %s", vector, j.b.Flash)
	}
	return fmt.Sprintf("reset vector %#x", vector), nil
}

func (j *judge) inRAM() (string, error) {
	h := j.img.Header
	switch {
	case h.Flags&FlagRAMLoad == 0:
		return "", errors.New("no flag RAM_LOAD")
	case j.b.RAM == nil:
		return "", uncheckedError("the place of the RAM is not known")
	case uint64(j.img.Size()) > 1<<32-1 || !j.b.RAM.contains(h.LoadAddr, uint32(j.img.Size())):
		return "", fmt.Errorf("%d bytes at %#x: want them in RAM, %s", j.img.Size(), h.LoadAddr, j.b.RAM)
	}
	return fmt.Sprintf("at %#x", h.LoadAddr), nil
}

// trailer reads what the trailer asks for. Without one, something on the device
// has to write it, which is the usual way.
func (j *judge) trailer() (string, error) {
	trailer, err := ParseTrailer(j.rest, j.img.ByteOrder)
	if err != nil {
		if j.b.Revert {
			return "", errors.New("none: this bootloader takes images with one only")
		}
		return "none", nil
	}
	if want := j.b.slot().maxAlign(); trailer.MaxAlign != want {
		return "", fmt.Errorf("for a maximal alignment of %d: this bootloader has %d", trailer.MaxAlign, want)
	}
	end := len(j.first) + len(j.data)
	if size := j.slotSize(); size != 0 && end != size {
		return "", fmt.Errorf("ends at %d: the slot ends at %d", end, size)
	}
	if !j.b.Mode.copies() {
		return "", nil
	}
	j.report.Upgrade = UpgradeTest
	if trailer.ImageOK == imageOK || j.b.Mode == OverwriteOnly { // which has nothing to go back to
		j.report.Upgrade = UpgradePermanent
	}
	return string(j.report.Upgrade), nil
}
