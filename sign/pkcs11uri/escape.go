package pkcs11uri

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// unescape decodes %XX, and refuses what must have been written so.
func unescape(text, allowed string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '%':
			decoded, err := hex.DecodeString(text[i+1 : min(i+3, len(text))])
			if err != nil || len(decoded) != 1 {
				return "", fmt.Errorf("byte %d: want two hex digits after '%%'; '%%' itself is %%25", i+1)
			}
			b.WriteByte(decoded[0])
			i += 2
		case isUnreserved(c) || strings.IndexByte(allowed, c) >= 0:
			b.WriteByte(c)
		default:
			return "", badCharacter(text, i)
		}
	}
	return b.String(), nil
}

func badCharacter(text string, at int) error {
	r, size := utf8.DecodeRuneInString(text[at:])
	return fmt.Errorf("byte %d: %q must be written %s", at+1, r, escape(text[at:at+size], "", true))
}

// escape writes text with %XX for all but unreserved and kept characters, or
// for all where it is binary.
func escape(text, kept string, binary bool) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if !binary && (isUnreserved(c) || strings.IndexByte(kept, c) >= 0) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// isUnreserved is RFC 3986, section 2.3.
func isUnreserved(c byte) bool {
	return isAlphanumeric(c) || strings.IndexByte("-._~", c) >= 0
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
