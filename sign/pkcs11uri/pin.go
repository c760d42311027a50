package pkcs11uri

import (
	"net/url"
	"strings"
)

// PINFile returns the absolute path of the file that pin-source names, or ""
// where there is no pin-source. It may be a path or a file: URI; commands, which
// RFC 7512 has as an example, are refused, as who may write a reference may not
// run programs.
func (u URI) PINFile() (string, error) {
	if u.PINSource == "" {
		return "", nil
	}
	path := u.PINSource
	if strings.HasPrefix(path, "file:") {
		parsed, err := url.Parse(path)
		if err != nil || parsed.Host != "" && parsed.Host != "localhost" || parsed.RawQuery != "" || parsed.Fragment != "" {
			return "", errPINSource()
		}
		path = parsed.Path
	}
	if !isAbsolute(path) || strings.ContainsRune(path, 0) {
		return "", errPINSource()
	}
	return path, nil
}

func errPINSource() error {
	return &hintedError{
		"pkcs11 URI: attribute pin-source: want file:/path or an absolute path",
		"the file has the PIN in one line",
	}
}

// isAbsolute goes by the text alone, so that a project means the same on every
// system: /path, or C:\path and C:/path.
func isAbsolute(path string) bool {
	drive := len(path) > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/')
	return strings.HasPrefix(path, "/") || drive
}
