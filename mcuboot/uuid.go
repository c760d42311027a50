package mcuboot

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// UUID is a vendor or class identifier (RFC 9562), in the order it is written.
type UUID [16]byte

// uuidText are the two spellings that imgtool takes for a UUID as it is.
var uuidText = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32})$`)
})

// String formats u in lower case, as 8-4-4-4-12 digits.
func (u UUID) String() string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// ParseVendorID returns the UUID that text is, with dashes or without, or else
// the one that text names: text is a domain then, "example.com", and the UUID is
// of version 5 (RFC 9562, section 5.5) in the name space of domains.
func ParseVendorID(text string) (UUID, error) {
	dns := UUID{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}
	return parseID(text, &dns)
}

// ParseClassID returns the UUID that text is, or else the one that it names
// among those of vendor, which is nil where there is none.
func ParseClassID(text string, vendor *UUID) (UUID, error) {
	return parseID(text, vendor)
}

func parseID(text string, space *UUID) (UUID, error) {
	if uuidText().MatchString(text) {
		var u UUID
		_, err := hex.Decode(u[:], []byte(strings.ReplaceAll(text, "-", "")))
		return u, err
	}
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return UUID{}, fmt.Errorf("identifier %q: want a UUID or printable text", text)
	}
	if space == nil {
		return UUID{}, fmt.Errorf("identifier %q: a class that is no UUID needs a vendor", text)
	}
	return space.named(text), nil
}

// named returns the UUID of version 5 for name in the name space u.
func (u UUID) named(name string) UUID {
	digest := sha1.Sum(append(u[:], name...))
	named := UUID(digest[:16])
	named[6] = named[6]&0x0f | 5<<4
	named[8] = named[8]&0x3f | 2<<6
	return named
}
