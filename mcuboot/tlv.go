package mcuboot

import (
	"fmt"
	"slices"
)

// TLVType says what the value of a TLV is.
type TLVType uint16

// The types of TLV (IMAGE_TLV_...) that MCUboot 2.4 knows. Those from
// TLVDependency on stand in the protected area, the others in the unprotected.
const (
	TLVKeyHash         TLVType = 0x01 // KEYHASH: hash of the public key
	TLVPubKey          TLVType = 0x02 // PUBKEY: the public key itself
	TLVSHA256          TLVType = 0x10
	TLVSHA384          TLVType = 0x11
	TLVSHA512          TLVType = 0x12
	TLVRSA2048         TLVType = 0x20 // RSA2048_PSS
	TLVECDSA224        TLVType = 0x21 // of the past
	TLVECDSA           TLVType = 0x22 // ECDSA_SIG: DER, P-256 or P-384
	TLVRSA3072         TLVType = 0x23 // RSA3072_PSS
	TLVEd25519         TLVType = 0x24
	TLVSigPure         TLVType = 0x25 // SIG_PURE: one byte 1; the signature is not of the digest
	TLVEncRSA2048      TLVType = 0x30 // image key by RSA-OAEP
	TLVEncKW           TLVType = 0x31 // image key by AES key wrap
	TLVEncEC256        TLVType = 0x32 // image key by ECIES on P-256
	TLVEncX25519       TLVType = 0x33 // image key by ECIES on X25519 with SHA-256
	TLVEncX25519SHA512 TLVType = 0x34 // the same with SHA-512
	TLVDependency      TLVType = 0x40
	TLVSecurityCounter TLVType = 0x50 // SEC_CNT: u32
	TLVBootRecord      TLVType = 0x60 // CBOR
	TLVDecompSize      TLVType = 0x70 // u32: size of the body when decompressed
	TLVDecompSHA       TLVType = 0x71 // digest of the image when decompressed
	TLVDecompSignature TLVType = 0x72
	TLVCompDecSize     TLVType = 0x73 // u32: size of the compressed body when decrypted
	TLVVendorID        TLVType = 0x74 // UUID_VID
	TLVClassID         TLVType = 0x75 // UUID_CID

	// Custom types are everything between these two, both included.
	MinCustomTLV TLVType = 0x00a0
	MaxCustomTLV TLVType = 0xfffe
)

// String returns imgtool's name of t, such as "SHA256", or the number in hex.
func (t TLVType) String() string {
	for _, known := range tlvNames() {
		if known.t == t {
			return known.name
		}
	}
	return fmt.Sprintf("%#x", uint16(t))
}

// Known tells whether t is one of MCUboot's own types.
func (t TLVType) Known() bool {
	return slices.ContainsFunc(tlvNames(), func(known tlvName) bool { return known.t == t })
}

type tlvName struct {
	t    TLVType
	name string
}

func tlvNames() []tlvName {
	return []tlvName{
		{TLVKeyHash, "KEYHASH"}, {TLVPubKey, "PUBKEY"},
		{TLVSHA256, "SHA256"}, {TLVSHA384, "SHA384"}, {TLVSHA512, "SHA512"},
		{TLVRSA2048, "RSA2048"}, {TLVECDSA224, "ECDSA224"}, {TLVECDSA, "ECDSASIG"}, {TLVRSA3072, "RSA3072"},
		{TLVEd25519, "ED25519"}, {TLVSigPure, "SIG_PURE"},
		{TLVEncRSA2048, "ENCRSA2048"}, {TLVEncKW, "ENCKW"}, {TLVEncEC256, "ENCEC256"},
		{TLVEncX25519, "ENCX25519"}, {TLVEncX25519SHA512, "ENCX25519_SHA512"},
		{TLVDependency, "DEPENDENCY"}, {TLVSecurityCounter, "SEC_CNT"}, {TLVBootRecord, "BOOT_RECORD"},
		{TLVDecompSize, "DECOMP_SIZE"}, {TLVDecompSHA, "DECOMP_SHA"}, {TLVDecompSignature, "DECOMP_SIGNATURE"},
		{TLVCompDecSize, "COMP_DEC_SIZE"}, {TLVVendorID, "UUID_VID"}, {TLVClassID, "UUID_CID"},
	}
}

// encode returns the two bytes of t. Big-endian images write MCUboot's own types
// the little-endian way and only custom ones big-endian (imgtool 2.4), so that a
// few custom types cannot be told from MCUboot's.
func (t TLVType) encode(o ByteOrder) ([2]byte, error) {
	low, high := byte(t), byte(t>>8)
	switch {
	case o == LittleEndian || t < MinCustomTLV:
		return [2]byte{low, high}, nil
	case low == 0 && TLVType(high) < MinCustomTLV:
		return [2]byte{}, fmt.Errorf("TLV type %#x: reads as %#x in a big-endian image", uint16(t), high)
	}
	return [2]byte{high, low}, nil
}

// decodeTLVType is the inverse of encode. It is not ok with the two bytes that no
// type is written as: one of MCUboot's own, truly big-endian.
func decodeTLVType(b []byte, o ByteOrder) (t TLVType, ok bool) {
	if o == LittleEndian || b[1] == 0 && TLVType(b[0]) < MinCustomTLV {
		return TLVType(LittleEndian.reader().Uint16(b)), true
	}
	t = TLVType(BigEndian.reader().Uint16(b))
	return t, t >= MinCustomTLV
}

// TLV is an entry of one of an image's two areas.
type TLV struct {
	Type  TLVType
	Value []byte // at most 65535 bytes, less what the others of its area take
}

// Find returns the first TLV of type t.
func Find(tlvs []TLV, t TLVType) (TLV, bool) {
	i := slices.IndexFunc(tlvs, func(tlv TLV) bool { return tlv.Type == t })
	if i < 0 {
		return TLV{}, false
	}
	return tlvs[i], true
}

const (
	areaInfoSize   = 4      // magic and length
	tlvInfoSize    = 4      // type and length
	maxAreaSize    = 0xffff // the length is 16 bits wide
	protectedArea  = areaMagic(0x6908)
	unprotectArea  = areaMagic(0x6907)
	fieldProtected = "protected area"
	fieldPlain     = "unprotected area"
)

// areaMagic begins an area (IMAGE_TLV_PROT_INFO_MAGIC, IMAGE_TLV_INFO_MAGIC).
type areaMagic uint16

func (m areaMagic) String() string {
	if m == protectedArea {
		return fieldProtected
	}
	return fieldPlain
}

// areaSize returns the size of the area that tlvs make.
func areaSize(tlvs []TLV) int {
	size := areaInfoSize
	for _, tlv := range tlvs {
		size += tlvInfoSize + len(tlv.Value)
	}
	return size
}

func appendArea(b []byte, m areaMagic, tlvs []TLV, o ByteOrder) ([]byte, error) {
	size := areaSize(tlvs)
	if size > maxAreaSize {
		return nil, fmt.Errorf("%s: %d bytes: want at most %d", m, size, maxAreaSize)
	}
	b = o.order().AppendUint16(b, uint16(m))
	b = o.order().AppendUint16(b, uint16(size))
	for _, tlv := range tlvs {
		t, err := tlv.Type.encode(o)
		if err != nil {
			return nil, fmt.Errorf("%s: %v", m, err)
		}
		b = append(b, t[:]...)
		b = o.order().AppendUint16(b, uint16(len(tlv.Value)))
		b = append(b, tlv.Value...)
	}
	return b, nil
}

// parseArea reads the area that begins at offset of data, and returns where it
// ends.
func parseArea(data []byte, offset int, m areaMagic, o ByteOrder) (tlvs []TLV, end int, err error) {
	r, rest := o.reader(), data[offset:]
	if len(rest) < areaInfoSize {
		return nil, 0, malformed(offset, m.String(), "the image ends: want %d bytes", areaInfoSize)
	}
	if got := r.Uint16(rest); got != uint16(m) {
		return nil, 0, malformed(offset, m.String(), "magic %#04x: want %#04x", got, uint16(m))
	}
	size := int(r.Uint16(rest[2:]))
	if size < areaInfoSize || size > len(rest) {
		return nil, 0, malformed(offset+2, m.String(), "length %d: want %d to %d", size, areaInfoSize, len(rest))
	}
	tlvs, err = parseEntries(rest[areaInfoSize:size], offset+areaInfoSize, m, o)
	return tlvs, offset + size, err
}

// parseEntries reads the entries that fill data, which begins at offset of the
// image.
func parseEntries(data []byte, offset int, m areaMagic, o ByteOrder) ([]TLV, error) {
	var tlvs []TLV
	for at := 0; at < len(data); {
		rest := data[at:]
		if len(rest) < tlvInfoSize {
			return nil, malformed(offset+at, m.String(), "%d bytes behind the last TLV: want none", len(rest))
		}
		t, ok := decodeTLVType(rest, o)
		if !ok {
			return nil, malformed(offset+at, m.String(), "TLV type % x: imgtool writes %02x 00", rest[:2], rest[1])
		}
		size := int(o.reader().Uint16(rest[2:]))
		if size > len(rest)-tlvInfoSize {
			return nil, malformed(offset+at+2, m.String(), "TLV of %d bytes: %d are left", size, len(rest)-tlvInfoSize)
		}
		end := tlvInfoSize + size
		tlvs = append(tlvs, TLV{t, rest[tlvInfoSize:end:end]})
		at += end
	}
	return tlvs, nil
}
