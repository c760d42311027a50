package mcuboot

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxSoftwareType is the length of a boot record's software type, in characters.
const MaxSoftwareType = 12

// BootRecord is what a measuring bootloader hands on about an image: the claims
// of a software component in a PSA attestation token (RFC 9783, section 4.4.1),
// as CBOR (RFC 8949).
type BootRecord struct {
	SoftwareType string // at most MaxSoftwareType characters
	Version      string // without the build number
	SignerID     []byte // KeyHash of the signer, or 32 zeros
	Hash         crypto.Hash
}

// The keys of the map, in imgtool's order. The measurement comes last: the
// bootloader writes the image's digest over the last bytes.
const (
	claimType        = 1
	claimVersion     = 4
	claimSigner      = 5
	claimDescription = 6
	claimMeasurement = 2

	cborMapOf5 = 0xa5

	// maxClaim is what a length of one byte allows, far beyond any digest.
	maxClaim = 255
)

// MarshalBinary returns the value of the BOOT_RECORD TLV. The measurement in it
// is zeros.
func (r BootRecord) MarshalBinary() ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	b := []byte{cborMapOf5}
	b = appendText(append(b, claimType), r.SoftwareType)
	b = appendText(append(b, claimVersion), r.Version)
	b = appendBytes(append(b, claimSigner), r.SignerID)
	b = appendText(append(b, claimDescription), hashName(r.Hash))
	return appendBytes(append(b, claimMeasurement), make([]byte, r.Hash.Size())), nil
}

func (r BootRecord) check() error {
	n := utf8.RuneCountInString(r.SoftwareType)
	switch {
	case n > MaxSoftwareType:
		return fmt.Errorf("software type %q: %d characters: want at most %d", r.SoftwareType, n, MaxSoftwareType)
	case !utf8.ValidString(r.SoftwareType) || !utf8.ValidString(r.Version):
		return fmt.Errorf("software type %q, version %q: want UTF-8", r.SoftwareType, r.Version)
	case len(r.Version) > maxClaim || len(r.SignerID) > maxClaim:
		return fmt.Errorf("version of %d bytes, signer of %d: want at most %d", len(r.Version), len(r.SignerID), maxClaim)
	}
	_, err := hashTLV(r.Hash)
	return err
}

// hashName is "SHA256" for SHA-256.
func hashName(hash crypto.Hash) string {
	return strings.ReplaceAll(hash.String(), "-", "")
}

const (
	cborBytes = 2 << 5
	cborText  = 3 << 5
	oneByte   = 24 // as the additional information: the length follows in a byte
)

func appendText(b []byte, text string) []byte {
	return append(appendLength(b, cborText, len(text)), text...)
}

func appendBytes(b, data []byte) []byte {
	return append(appendLength(b, cborBytes, len(data)), data...)
}

// appendLength begins a string of at most maxClaim bytes.
func appendLength(b []byte, major byte, n int) []byte {
	if n < oneByte {
		return append(b, major|byte(n))
	}
	return append(b, major|oneByte, byte(n))
}

// errRecord is the error of a record in another form than MarshalBinary's.
var errRecord = errors.New("boot record: want the map that imgtool writes")

// ParseBootRecord reads the value of a BOOT_RECORD TLV. It takes exactly the
// form that MarshalBinary and imgtool write, which is not all of CBOR.
func ParseBootRecord(value []byte) (BootRecord, error) {
	rest, ok := bytes.CutPrefix(value, []byte{cborMapOf5, claimType})
	if !ok {
		return BootRecord{}, errRecord
	}
	var fields [4][]byte
	majors := [4]byte{cborText, cborText, cborBytes, cborText}
	next := [4]byte{claimVersion, claimSigner, claimDescription, claimMeasurement}
	for i := range fields {
		if fields[i], rest, ok = cutString(rest, majors[i]); !ok || len(rest) == 0 || rest[0] != next[i] {
			return BootRecord{}, errRecord
		}
		rest = rest[1:]
	}
	r := BootRecord{SoftwareType: string(fields[0]), Version: string(fields[1]), SignerID: fields[2]}
	for _, hash := range KeyType(0).hashes(false) {
		if hashName(hash) == string(fields[3]) {
			r.Hash = hash
		}
	}
	if again, err := r.MarshalBinary(); err != nil || !bytes.Equal(again, value) {
		return BootRecord{}, errRecord
	}
	return r, nil
}

// cutString takes a string of the major type off b.
func cutString(b []byte, major byte) (s, rest []byte, ok bool) {
	if len(b) < 1 || b[0]&^0x1f != major {
		return nil, nil, false
	}
	n, b := int(b[0]&0x1f), b[1:]
	if n == oneByte && len(b) > 0 {
		n, b = int(b[0]), b[1:]
	}
	if n > len(b) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}
