package pkcs11uri

import (
	"bytes"
	"strconv"
	"strings"
)

// Library is what a module says of itself in CK_INFO.
type Library struct {
	Manufacturer, Description string
	Major, Minor              uint8
}

// Slot is what a module says of a slot.
type Slot struct {
	ID                        uint64
	Manufacturer, Description string
}

// Token is what a token says of itself in CK_TOKEN_INFO. The blanks that PKCS #11
// fills its fields with are left off.
type Token struct {
	Label, Manufacturer, Model, Serial string
}

// MatchLibrary tells whether u's attributes fit the module. A version without a
// minor number means minor number 0 (RFC 7512, section 2.3).
func (u URI) MatchLibrary(l Library) bool {
	return fits(u.LibraryManufacturer, l.Manufacturer) &&
		fits(u.LibraryDescription, l.Description) &&
		(u.LibraryVersion == "" || sameVersion(u.LibraryVersion, l))
}

func sameVersion(want string, l Library) bool {
	major, minor, dotted := strings.Cut(want, ".")
	if !dotted {
		minor = "0"
	}
	return sameNumber(major, l.Major) && sameNumber(minor, l.Minor)
}

func sameNumber(text string, n uint8) bool {
	value, err := strconv.ParseUint(text, 10, 8)
	return err == nil && uint8(value) == n
}

// MatchSlot tells whether u's attributes fit the slot.
func (u URI) MatchSlot(s Slot) bool {
	return (u.SlotID == nil || *u.SlotID == s.ID) &&
		fits(u.SlotManufacturer, s.Manufacturer) && fits(u.SlotDescription, s.Description)
}

// MatchToken tells whether u's attributes fit the token.
func (u URI) MatchToken(t Token) bool {
	return fits(u.Token, t.Label) && fits(u.Manufacturer, t.Manufacturer) &&
		fits(u.Model, t.Model) && fits(u.Serial, t.Serial)
}

// MatchObject tells whether u's object and id fit an object's CKA_LABEL and
// CKA_ID. The type is the caller's to look at: a key has up to three objects.
func (u URI) MatchObject(label string, id []byte) bool {
	return fits(u.Object, label) && (len(u.ID) == 0 || bytes.Equal(u.ID, id))
}

func fits(want, is string) bool { return want == "" || want == is }
