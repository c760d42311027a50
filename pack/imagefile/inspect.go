package imagefile

import (
	"crypto"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
)

// Inspection is what an image says of itself. Nothing in it has been verified but
// its digest.
type Inspection struct {
	Format    string  `json:"format"`            // "binary" or "intel-hex"
	Address   *uint32 `json:"address,omitempty"` // of the slot, in Intel HEX
	ByteOrder string  `json:"byte_order"`        // "little" or "big"

	Header     Header      `json:"header"`
	Digest     *Digest     `json:"digest"`         // nil where there is none
	Signatures []Signature `json:"signatures"`     // in the order of the file
	Keys       []NamedKey  `json:"keys"`           // likewise
	Encryption *Encryption `json:"encryption"`     // nil where the body is not encrypted
	Compressed string      `json:"compressed"`     // "" or "lzma2" and the like
	Protected  []TLV       `json:"protected_tlvs"` // hashed and signed with the image
	TLVs       []TLV       `json:"tlvs"`           // the others

	Dependencies    []Dependency `json:"dependencies"`
	BootRecord      *BootRecord  `json:"boot_record,omitempty"`
	SecurityCounter *uint32      `json:"security_counter,omitempty"`
	VendorID        string       `json:"vendor_id,omitempty"`
	ClassID         string       `json:"class_id,omitempty"`

	Trailer *Trailer `json:"trailer"` // nil where there is none
	Layout  []Region `json:"layout"`  // what is where in the slot, from begin to end
	// Problems are what is wrong with the image as far as can be told without a key.
	// In JSON they are those of the file, see package inspect.
	Problems []string `json:"-"`
}

// Header is the header of an image. Sizes are in bytes.
type Header struct {
	Version       string   `json:"version"`
	Flags         uint32   `json:"flags"`
	FlagNames     []string `json:"flag_names"`
	LoadAddress   uint32   `json:"load_address"`
	HeaderSize    int      `json:"header_size"`
	ImageSize     uint32   `json:"image_size"`
	ProtectedSize int      `json:"protected_size"`
}

// Digest is the digest that an image holds.
type Digest struct {
	Hash  string `json:"hash"`  // "sha256"
	Value string `json:"value"` // in hex, as "mcumgr image list" shows it
	// Matches is "yes", "no", or "unknown": of an encrypted body it is known with the
	// key only.
	Matches string `json:"matches"`
}

// Signature is a signature in an image.
type Signature struct {
	Type string `json:"type"` // as imgtool calls the TLV: "ED25519"
	Pure bool   `json:"pure"` // of the image itself instead of its digest
	Size int    `json:"size"` // in bytes
}

// NamedKey is how an image names a key that signed it.
type NamedKey struct {
	By        string `json:"by"` // "KEYHASH" or "PUBKEY"
	Value     string `json:"value"`
	Published string `json:"published,omitempty"` // where everybody can have the private half
}

// Encryption is how a body is encrypted.
type Encryption struct {
	Cipher  string   `json:"cipher"`   // "AES-128-CTR"
	KeyTLVs []string `json:"key_tlvs"` // how the AES key is wrapped: "ENCX25519"
	// Clear says that the body is not encrypted, for all the header says.
	Clear bool `json:"clear"`
	// Opened says that the key to decrypt it was given, and fits.
	Opened bool `json:"opened"`
}

// Dependency is another image that has to be there.
type Dependency struct {
	Image   uint8  `json:"image"`
	Version string `json:"version"` // at least
}

// BootRecord is what a measuring bootloader hands on.
type BootRecord struct {
	SoftwareType string `json:"software_type"`
	Version      string `json:"version"`
	SignerID     string `json:"signer_id"`
	Hash         string `json:"hash"`
}

// Inspect says what the image holds. key decrypts the body to check its digest;
// nil leaves an encrypted one unchecked. An image whose sizes contradict each
// other is an error, a *DamageError; what else is wrong is among the problems.
func (f *File) Inspect(key crypto.PrivateKey) (*Inspection, error) {
	img, err := f.readable()
	if err != nil {
		return nil, err
	}
	ins := &Inspection{
		Format: "binary", ByteOrder: img.ByteOrder.String(), Header: newHeader(img.Header),
		Signatures: []Signature{}, Keys: []NamedKey{}, Dependencies: []Dependency{}, Problems: []string{},
	}
	if f.Format == firmware.IntelHex {
		ins.Format, ins.Address = "intel-hex", &f.Address
	}
	ins.Protected, ins.TLVs = tlvsOf(img)
	ins.Compressed = compression(img.Header.Flags)
	ins.encryption(img)
	ins.digest(f, key)
	ins.signatures(img)
	ins.metadata(img)
	ins.Trailer = f.trailer()
	ins.Layout = f.layout()
	return ins, nil
}

func (ins *Inspection) problemf(format string, args ...any) {
	ins.Problems = append(ins.Problems, fmt.Sprintf(format, args...))
}

func newHeader(h mcuboot.Header) Header {
	header := Header{
		Version: h.Version.String(), Flags: uint32(h.Flags), FlagNames: []string{},
		LoadAddress: h.LoadAddr, HeaderSize: int(h.Size), ImageSize: h.ImageSize, ProtectedSize: int(h.ProtectedSize),
	}
	if h.Flags != 0 {
		header.FlagNames = strings.Split(h.Flags.String(), "|")
	}
	return header
}

func compression(f mcuboot.Flags) string {
	switch {
	case f&mcuboot.FlagLZMA1 != 0:
		return "lzma1"
	case f&mcuboot.FlagLZMA2 != 0 && f&mcuboot.FlagARMThumb != 0:
		return "lzma2armthumb"
	case f&mcuboot.FlagLZMA2 != 0:
		return "lzma2"
	}
	return ""
}

func (ins *Inspection) encryption(img *mcuboot.Image) {
	if !img.Encrypted() {
		return
	}
	ins.Encryption = &Encryption{Cipher: "AES-128-CTR", KeyTLVs: []string{}}
	if img.Header.Flags&mcuboot.FlagAES256 != 0 {
		ins.Encryption.Cipher = "AES-256-CTR"
	}
	for _, tlv := range img.Unprotected {
		switch tlv.Type {
		case mcuboot.TLVEncRSA2048, mcuboot.TLVEncKW, mcuboot.TLVEncEC256, mcuboot.TLVEncX25519, mcuboot.TLVEncX25519SHA512:
			ins.Encryption.KeyTLVs = append(ins.Encryption.KeyTLVs, tlv.Type.String())
		}
	}
	if len(ins.Encryption.KeyTLVs) == 0 {
		ins.problemf("the body is encrypted, and no TLV has its key")
	}
}

// digest checks the digest, which needs the key where the body is encrypted.
func (ins *Inspection) digest(f *File, key crypto.PrivateKey) {
	hash, value := f.Image.StoredDigest()
	if hash == 0 {
		ins.problemf("no digest")
		return
	}
	ins.Digest = &Digest{Hash: hashName(hash), Value: hex.EncodeToString(value), Matches: "yes"}
	_, err := f.inClear(key)
	switch encrypted := (*EncryptedError)(nil); {
	case errors.As(err, &encrypted):
		ins.Digest.Matches = "unknown"
	case err != nil:
		ins.Digest.Matches = "no"
		ins.problemf("%s", strings.TrimPrefix(err.Error(), f.Name+": "))
	case ins.Encryption != nil:
		ins.Encryption.Clear = f.neverEncrypted()
		ins.Encryption.Opened = !ins.Encryption.Clear
	}
}

func (ins *Inspection) signatures(img *mcuboot.Image) {
	_, pure := mcuboot.Find(img.Unprotected, mcuboot.TLVSigPure)
	for _, tlv := range img.Unprotected {
		switch tlv.Type {
		case mcuboot.TLVKeyHash, mcuboot.TLVPubKey:
			ins.Keys = append(ins.Keys, NamedKey{tlv.Type.String(), hex.EncodeToString(tlv.Value), published(tlv)})
		case mcuboot.TLVRSA2048, mcuboot.TLVRSA3072, mcuboot.TLVECDSA224, mcuboot.TLVECDSA, mcuboot.TLVEd25519:
			ins.Signatures = append(ins.Signatures, Signature{tlv.Type.String(), pure, len(tlv.Value)})
		}
	}
}

// metadata reads what the protected TLVs say of the firmware.
func (ins *Inspection) metadata(img *mcuboot.Image) {
	dependencies, err := img.Dependencies()
	if err != nil {
		ins.problemf("%v", bare(err))
	}
	for _, d := range dependencies {
		ins.Dependencies = append(ins.Dependencies, Dependency{d.Image, d.Version.String()})
	}
	for _, tlv := range img.Protected {
		switch tlv.Type {
		case mcuboot.TLVBootRecord:
			ins.bootRecord(tlv.Value)
		case mcuboot.TLVSecurityCounter:
			ins.SecurityCounter = ins.number(img, tlv)
		case mcuboot.TLVVendorID:
			ins.VendorID = ins.identifier(tlv)
		case mcuboot.TLVClassID:
			ins.ClassID = ins.identifier(tlv)
		}
	}
}

func (ins *Inspection) bootRecord(value []byte) {
	r, err := mcuboot.ParseBootRecord(value)
	if err != nil {
		ins.problemf("%v", err)
		return
	}
	ins.BootRecord = &BootRecord{r.SoftwareType, r.Version, hex.EncodeToString(r.SignerID), hashName(r.Hash)}
}

func (ins *Inspection) number(img *mcuboot.Image, tlv mcuboot.TLV) *uint32 {
	n, ok := number(img, tlv)
	if !ok {
		ins.problemf("%s of %d bytes: want 4", tlv.Type, len(tlv.Value))
		return nil
	}
	return &n
}

func (ins *Inspection) identifier(tlv mcuboot.TLV) string {
	var id mcuboot.UUID
	if len(tlv.Value) != len(id) {
		ins.problemf("%s of %d bytes: want %d", tlv.Type, len(tlv.Value), len(id))
		return ""
	}
	return mcuboot.UUID(tlv.Value).String()
}
