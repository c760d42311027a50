package pkcs11uri

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// attribute is a name that RFC 7512 defines. get returns "" where it is missing.
type attribute struct {
	name   string
	binary bool
	set    func(*URI, string) error
	get    func(URI) string
}

// pathAttributes are in the order in which String writes them: what people look
// for comes first.
func pathAttributes() []attribute {
	return []attribute{
		text("token", func(u *URI) *string { return &u.Token }),
		text("serial", func(u *URI) *string { return &u.Serial }),
		text("manufacturer", func(u *URI) *string { return &u.Manufacturer }),
		text("model", func(u *URI) *string { return &u.Model }),
		{"slot-id", false, setSlotID, getSlotID},
		text("slot-manufacturer", func(u *URI) *string { return &u.SlotManufacturer }),
		text("slot-description", func(u *URI) *string { return &u.SlotDescription }),
		text("library-manufacturer", func(u *URI) *string { return &u.LibraryManufacturer }),
		text("library-description", func(u *URI) *string { return &u.LibraryDescription }),
		{"library-version", false, setLibraryVersion, func(u URI) string { return u.LibraryVersion }},
		text("object", func(u *URI) *string { return &u.Object }),
		{"id", true, setID, func(u URI) string { return string(u.ID) }},
		{"type", false, setType, func(u URI) string { return string(u.Type) }},
	}
}

func queryAttributes() []attribute {
	return []attribute{
		text("module-path", func(u *URI) *string { return &u.ModulePath }),
		text("module-name", func(u *URI) *string { return &u.ModuleName }),
		text("pin-source", func(u *URI) *string { return &u.PINSource }),
	}
}

// text is an attribute of any text.
func text(name string, field func(*URI) *string) attribute {
	set := func(u *URI, value string) error {
		if !utf8.ValidString(value) {
			return errors.New("not UTF-8: want text")
		}
		*field(u) = value
		return nil
	}
	return attribute{name, false, set, func(u URI) string { return *field(&u) }}
}

func setID(u *URI, value string) error {
	u.ID = []byte(value)
	return nil
}

func setSlotID(u *URI, value string) error {
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil || !digits(value) {
		return fmt.Errorf("%q: want a number", value)
	}
	u.SlotID = &n
	return nil
}

func getSlotID(u URI) string {
	if u.SlotID == nil {
		return ""
	}
	return strconv.FormatUint(*u.SlotID, 10)
}

func setLibraryVersion(u *URI, value string) error {
	major, minor, dotted := strings.Cut(value, ".")
	if !digits(major) || dotted && !digits(minor) {
		return fmt.Errorf("%q: want a number, or two with a dot between", value)
	}
	u.LibraryVersion = value
	return nil
}

func setType(u *URI, value string) error {
	if !slices.Contains(Types(), Type(value)) {
		return fmt.Errorf("%q: want private, public, cert, secret-key or data", value)
	}
	u.Type = Type(value)
	return nil
}

func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
