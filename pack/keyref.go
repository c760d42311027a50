package pack

import (
	"fmt"
	"strings"
)

// Program is a key behind a signing program, see package sign/plugin.
type Program struct {
	Name      string // fwpack-sign-NAME
	Reference string // what the program knows the key by
}

// The forms of a reference that are no path.
const (
	pluginPrefix = "plugin:"
	pkcs11Prefix = "pkcs11:"
	pkcs11Name   = "pkcs11" // fwpack-sign-pkcs11 takes whole URIs
)

// ParseKeyReference reads what names a private key: plugin:NAME:REFERENCE, a
// pkcs11: URI (RFC 7512), for which the program fwpack-sign-pkcs11 signs, or the
// path of a PEM file, for which it returns nil.
func ParseKeyReference(reference string) (*Program, error) {
	switch {
	case strings.HasPrefix(reference, pluginPrefix):
		name, rest, _ := strings.Cut(strings.TrimPrefix(reference, pluginPrefix), ":")
		if name == "" || rest == "" {
			return nil, fmt.Errorf("key %q is not of the form plugin:NAME:REFERENCE", reference)
		}
		return &Program{Name: name, Reference: rest}, nil
	case strings.HasPrefix(reference, pkcs11Prefix):
		return &Program{Name: pkcs11Name, Reference: reference}, nil
	}
	return nil, nil
}
