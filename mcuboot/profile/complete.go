package profile

import (
	"strconv"

	"github.com/fwpack/fwpack/mcuboot"
)

// FromImage is the origin of what nobody says of the bootloader.
const FromImage = "the image itself"

// Complete returns the profile with what an image lets its bootloader be taken for,
// where p does not say it: its hash, how the key is named, how bodies are encrypted
// and compressed.
func (p *Profile) Complete(img *mcuboot.Image) (*Profile, error) {
	full := p.Clone()
	for _, s := range suggested(img) {
		if full.Has(s.Key) {
			continue
		}
		if err := full.Set(s); err != nil {
			return nil, err
		}
	}
	return full, nil
}

func suggested(img *mcuboot.Image) []Setting {
	b := img.Bootloader()
	var list []Setting
	add := func(key, value string) { list = append(list, Setting{Key: key, Value: value, From: FromImage}) }
	if b.Hash != 0 {
		add("hash", HashName(b.Hash))
	}
	add("pure", strconv.FormatBool(b.Pure))
	add("key-tlv", map[mcuboot.KeyTLV]string{mcuboot.NamedByHash: "keyhash", mcuboot.NamedInFull: "pubkey"}[b.KeyTLV])
	if name := EncryptionName(b.EncryptionTLV); b.EncryptionTLV != 0 {
		add("encryption", name)
		add("aes-key-size", map[bool]string{false: "128", true: "256"}[b.AES256])
	}
	if b.Compression {
		add("compression", "true")
	}
	return list
}
