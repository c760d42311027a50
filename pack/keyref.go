package pack

import (
	"fmt"
	"path"
	"strings"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
)

// Program is a key behind a signing program, see package sign/plugin.
type Program struct {
	Name      string // fwpack-sign-NAME
	Reference string // what the program knows the key by
}

const (
	pluginPrefix = "plugin:"
	pkcs11Name   = "pkcs11" // fwpack-sign-pkcs11 takes whole URIs
)

// ParseKeyReference reads what names a private key: plugin:NAME:REFERENCE, a
// pkcs11: URI (RFC 7512), for which the program fwpack-sign-pkcs11 signs, or the
// path of a PEM file, for which it returns nil. Errors may have a method Hint, and
// never quote a URI, which may hold a PIN.
func ParseKeyReference(reference string) (*Program, error) {
	switch {
	case strings.HasPrefix(reference, pluginPrefix):
		name, rest, _ := strings.Cut(strings.TrimPrefix(reference, pluginPrefix), ":")
		if name == "" || rest == "" {
			return nil, fmt.Errorf("key %q is not of the form plugin:NAME:REFERENCE", reference)
		}
		return &Program{Name: name, Reference: rest}, nil
	case pkcs11uri.Is(reference):
		return parsePKCS11(reference)
	}
	return nil, nil
}

func parsePKCS11(reference string) (*Program, error) {
	uri, err := pkcs11uri.Parse(reference)
	if err != nil {
		return nil, err
	}
	if uri.Type != "" && uri.Type != pkcs11uri.TypePrivate {
		return nil, fmt.Errorf("pkcs11 URI: type=%s: a key to sign with is type=private", uri.Type)
	}
	if _, err := uri.PINFile(); err != nil {
		return nil, err
	}
	if uri.ModulePath != "" && !path.IsAbs(uri.ModulePath) && !hasDrive(uri.ModulePath) {
		return nil, fmt.Errorf("pkcs11 URI: module-path=%s: want an absolute path, as the program runs in a folder of its own", uri.ModulePath)
	}
	return &Program{Name: pkcs11Name, Reference: uri.String()}, nil
}

// hasDrive tells a path of Windows, wherever the project is read.
func hasDrive(path string) bool { return len(path) > 2 && path[1] == ':' }
