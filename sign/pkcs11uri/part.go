package pkcs11uri

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// part is the path or the query of a URI.
type part struct {
	name       string
	separator  string
	allowed    string // what may stand unescaped, beside unreserved
	kept       string // what String leaves unescaped, beside unreserved
	attributes []attribute
	vendor     func(*URI) *[]Vendor
	repeats    bool // vendors' attributes may
}

// The characters are pk11-path-res-avail and pk11-query-res-avail of RFC 7512,
// section 2.3.
const reserved = ":[]@!$'()*+,="

func pathPart() part {
	return part{
		name: "path", separator: ";", allowed: reserved + "&",
		attributes: pathAttributes(),
		vendor:     func(u *URI) *[]Vendor { return &u.PathVendor },
	}
}

func queryPart() part {
	return part{
		name: "query", separator: "&", allowed: reserved + "/?|", kept: "/:",
		attributes: queryAttributes(),
		vendor:     func(u *URI) *[]Vendor { return &u.QueryVendor },
		repeats:    true,
	}
}

func (p part) parse(u *URI, text string) error {
	if text == "" {
		return nil
	}
	seen := map[string]bool{}
	for item := range strings.SplitSeq(text, p.separator) {
		name, value, ok := strings.Cut(item, "=")
		if name == "pin-value" {
			return errPINValue()
		}
		if !ok {
			return fmt.Errorf("pkcs11 URI: %s: want NAME=VALUE between %q", p.name, p.separator)
		}
		if seen[name] && (!p.repeats || !isVendor(name)) {
			return fmt.Errorf("pkcs11 URI: attribute %s is there twice: want it once", name)
		}
		seen[name] = true
		if err := p.set(u, name, value); err != nil {
			return err
		}
	}
	return nil
}

// set decodes one attribute.
func (p part) set(u *URI, name, escaped string) error {
	at := slices.IndexFunc(p.attributes, func(a attribute) bool { return a.name == name })
	if at < 0 && !isVendor(name) {
		return p.unknown(name)
	}
	value, err := unescape(escaped, p.allowed)
	if err == nil && value == "" {
		err = errors.New("empty: want a value, or no such attribute")
	}
	if err == nil && at >= 0 {
		err = p.attributes[at].set(u, value)
	} else if err == nil {
		vendor := p.vendor(u)
		*vendor = append(*vendor, Vendor{name, value})
	}
	if err != nil {
		return fmt.Errorf("pkcs11 URI: attribute %s: %w", name, err)
	}
	return nil
}

func (p part) unknown(name string) error {
	msg := fmt.Sprintf("pkcs11 URI: attribute %q in the %s: want %s, or a name with x-", name, p.name, names(p.attributes))
	return &hintedError{msg, elsewhere(p, name)}
}

// elsewhere is the hint for a name that is misspelt or in the wrong part.
func elsewhere(p part, name string) string {
	for _, other := range []part{pathPart(), queryPart()} {
		known := slices.ContainsFunc(other.attributes, func(a attribute) bool { return a.name == name })
		if known && other.name == "query" {
			return name + " belongs behind the '?'"
		} else if known {
			return name + " belongs before the '?'"
		}
	}
	return diag.DidYouMean(name, nameList(p.attributes))
}

func (p part) format(u URI) string {
	var items []string
	for _, a := range p.attributes {
		if value := a.get(u); value != "" {
			items = append(items, a.name+"="+escape(value, p.kept, a.binary))
		}
	}
	for _, v := range *p.vendor(&u) {
		items = append(items, v.Name+"="+escape(v.Value, p.kept, false))
	}
	return strings.Join(items, p.separator)
}

// isVendor tells whether name is one that anybody may define: letters, digits,
// '-' and '_' behind "x-".
func isVendor(name string) bool {
	rest, ok := strings.CutPrefix(name, "x-")
	return ok && rest != "" && !strings.ContainsFunc(rest, func(r rune) bool {
		return r != '-' && r != '_' && (r > 'z' || !isAlphanumeric(byte(r)))
	})
}

func nameList(attributes []attribute) []string {
	var list []string
	for _, a := range attributes {
		list = append(list, a.name)
	}
	return list
}

func names(attributes []attribute) string { return strings.Join(nameList(attributes), ", ") }

// hintedError is an error with a way out.
type hintedError struct{ msg, hint string }

func (e *hintedError) Error() string { return e.msg }

// Hint says what to do; it may be "".
func (e *hintedError) Hint() string { return e.hint }

func errPINValue() error {
	return &hintedError{
		"pkcs11 URI: attribute pin-value: a PIN is not written into a URI, which ends in projects, logs and process lists",
		"say pin-source=file:/path, set FWPACK_PKCS11_PIN, or be asked at the terminal",
	}
}
