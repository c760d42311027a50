package imagebuild

import (
	"strconv"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/profile"
)

// fromImage is the origin of what nobody says of the bootloader.
const fromImage = "the image itself"

// suggested is what an image lets its bootloader be taken for, in what the image
// was made for.
func suggested(img *mcuboot.Image) []profile.Setting {
	b := img.Bootloader()
	var list []profile.Setting
	add := func(key, value string) { list = append(list, profile.Setting{Key: key, Value: value, From: fromImage}) }
	add("hash", profile.HashName(b.Hash))
	add("pure", strconv.FormatBool(b.Pure))
	add("key-tlv", map[mcuboot.KeyTLV]string{mcuboot.NamedByHash: "keyhash", mcuboot.NamedInFull: "pubkey"}[b.KeyTLV])
	if name := profile.EncryptionName(b.EncryptionTLV); b.EncryptionTLV != 0 {
		add("encryption", name)
		add("aes-key-size", map[bool]string{false: "128", true: "256"}[b.AES256])
	}
	if b.Compression {
		add("compression", "true")
	}
	return list
}
