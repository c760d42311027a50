// Package pkcs11uri reads and writes the pkcs11: URIs of RFC 7512, which name a
// key on a token.
//
// Parse first; String writes a URI back. MatchLibrary, MatchSlot, MatchToken and
// MatchObject compare a URI with what a PKCS #11 module tells, and PINFile says
// where the PIN is. The package opens no module and reads no file.
//
// # Layout
//
//	pkcs11:token=release;object=firmware;id=%01;type=private?module-path=/usr/lib/softhsm/libsofthsm2.so
//
// Attributes of the path stand between ';', those of the query between '&'. A
// value consists of letters, digits, some punctuation and %XX. An attribute that
// is missing matches anything, so that "pkcs11:" names every object of every
// token.
//
// Three things that the RFC leaves to its reader are refused here: a value that
// is empty, an attribute that neither RFC 7512 defines nor begins with "x-", and
// pin-value, as a secret belongs neither into a project nor onto a command line.
package pkcs11uri

import (
	"fmt"
	"strings"
)

// maxLength bounds a URI, in bytes.
const maxLength = 4096

const scheme = "pkcs11:"

// URI is a parsed URI. Texts are decoded UTF-8; "" stands for an attribute that
// is missing. The zero URI is "pkcs11:".
type URI struct {
	// The token: what PKCS #11 calls CK_TOKEN_INFO.
	Token, Manufacturer, Model, Serial string

	// The slot that the token is in. Slots are numbered anew where readers come
	// and go; SlotID is nil where it is missing.
	SlotManufacturer, SlotDescription string
	SlotID                            *uint64

	// The module: what PKCS #11 calls CK_INFO. LibraryVersion is "2" or "2.6".
	LibraryManufacturer, LibraryDescription, LibraryVersion string

	// The object: CKA_LABEL, CKA_ID and CKA_CLASS.
	Object string
	ID     []byte
	Type   Type

	// The query: the module's file, or its name without folder, prefix "lib" and
	// suffix, and where the PIN is (PINFile reads it).
	ModulePath, ModuleName, PINSource string

	// What others have defined, in order; their names begin with "x-".
	PathVendor, QueryVendor []Vendor
}

// Vendor is an attribute that RFC 7512 does not define.
type Vendor struct{ Name, Value string }

// Type is a class of objects. The zero Type is missing.
type Type string

// The types of RFC 7512, section 2.3.
const (
	TypePrivate   Type = "private"
	TypePublic    Type = "public"
	TypeCert      Type = "cert"
	TypeSecretKey Type = "secret-key"
	TypeData      Type = "data"
)

// Types returns every type.
func Types() []Type {
	return []Type{TypePrivate, TypePublic, TypeCert, TypeSecretKey, TypeData}
}

// Is tells whether text means to be such a URI: whether it begins with the
// scheme, in lower case.
func Is(text string) bool { return strings.HasPrefix(text, scheme) }

// Parse reads a URI of at most 4096 bytes. Its errors name the attribute and what
// is allowed, never what a pin-value is, and have a method Hint where there is a
// way out. Whoever shows an error beside the URI shows that PIN by himself.
func Parse(text string) (URI, error) {
	var u URI
	switch {
	case !Is(text):
		return u, fmt.Errorf("not a pkcs11 URI: want %sNAME=VALUE;NAME=VALUE", scheme)
	case len(text) > maxLength:
		return u, fmt.Errorf("pkcs11 URI of %d bytes: want at most %d", len(text), maxLength)
	}
	path, query, asked := strings.Cut(text[len(scheme):], "?")
	if asked && query == "" {
		return u, fmt.Errorf("pkcs11 URI: nothing after '?': want %s", names(queryAttributes()))
	}
	if err := pathPart().parse(&u, path); err != nil {
		return URI{}, err
	}
	if err := queryPart().parse(&u, query); err != nil {
		return URI{}, err
	}
	return u, nil
}

// String writes u as Parse reads it: attributes in a fixed order, every byte of
// the id and every other byte that is not a letter, a digit or one of "-._~" as
// %XX; the query keeps "/" and ":", too. That may be longer than what was read.
func (u URI) String() string {
	text := scheme + pathPart().format(u)
	if query := queryPart().format(u); query != "" {
		text += "?" + query
	}
	return text
}
