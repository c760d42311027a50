package payload

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// AESKey is a key of 128, 192 or 256 bits. It is not printable: every way of
// formatting it says "AES-256 key". The zero AESKey is no key at all.
type AESKey struct {
	secret *hidden
}

// hidden keeps the bytes of a key behind two pointers. In a struct that holds an
// AESKey in an unexported field, fmt calls no methods; it then prints what the
// first pointer leads to for some verbs, but only the address of the second.
type hidden struct {
	bytes *[]byte
}

// ParseAESKey reads a key file in one of the two forms in use:
//
//   - SWUpdate's (its option -K): key and IV in hexadecimal, separated by white
//     space; what follows is ignored, as SWUpdate does. The IV may be missing.
//   - Lines "key=..." and "iv=...", as "openssl enc -P" prints them and
//     meta-swupdate reads them. The IV may be missing; "salt=..." is ignored.
//
// The IV is nil where the file has none, else 16 bytes. Errors name the line and
// never quote the file.
func ParseAESKey(data []byte) (key AESKey, iv []byte, err error) {
	if err := checkKeyFile(data); err != nil {
		return AESKey{}, nil, err
	}
	words := pairWords
	if bytes.IndexByte(data, '=') >= 0 {
		words = namedWords
	}
	keyWord, ivWord, err := words(string(data))
	if err != nil {
		return AESKey{}, nil, err
	}
	secret, err := keyWord.decode("key", 16, 24, 32)
	if err != nil {
		return AESKey{}, nil, err
	}
	if ivWord.text != "" {
		if iv, err = ivWord.decode("IV", 16); err != nil {
			return AESKey{}, nil, err
		}
	}
	return AESKey{&hidden{&secret}}, iv, nil
}

// maxKeyFile is generous: the longest useful file has some 150 bytes.
const maxKeyFile = 4096

// checkKeyFile refuses files that are plainly something else.
func checkKeyFile(data []byte) error {
	text := bytes.TrimSpace(data)
	switch {
	case len(text) == 0:
		return errors.New("AES key file is empty; a key of 32, 48 or 64 hexadecimal digits is needed")
	case len(data) > maxKeyFile:
		return fmt.Errorf("%d bytes are no AES key file; %d are allowed", len(data), maxKeyFile)
	case bytes.HasPrefix(text, []byte("-----BEGIN")):
		return errors.New("line 1: a PEM file is no AES key file; a key in hexadecimal is needed")
	case bytes.HasPrefix(text, []byte("pkcs11:")):
		return errors.New("line 1: a pkcs11: URI only names a key; the key itself is needed to encrypt")
	}
	return nil
}

// keyWord is a piece of a key file and its line.
type keyWord struct {
	text string
	line int
}

// decode decodes hexadecimal digits that make one of the sizes in bytes.
func (w keyWord) decode(what string, sizes ...int) ([]byte, error) {
	data, err := hex.DecodeString(w.text)
	for _, size := range sizes {
		if len(w.text) == 2*size && err == nil {
			return data, nil
		}
	}
	if strings.Trim(w.text, "0123456789abcdefABCDEF") != "" {
		return nil, fmt.Errorf("line %d: the %s has characters that are not hexadecimal digits", w.line, what)
	}
	return nil, fmt.Errorf("line %d: the %s has %d hexadecimal digits; %s are allowed", w.line, what, len(w.text), digits(sizes))
}

// digits lists the allowed numbers of hexadecimal digits.
func digits(sizes []int) string {
	var list []string
	for _, size := range sizes {
		list = append(list, fmt.Sprint(2*size))
	}
	if n := len(list); n > 1 {
		return strings.Join(list[:n-1], ", ") + " or " + list[n-1]
	}
	return list[0]
}

// pairWords finds the two words of SWUpdate's form.
func pairWords(text string) (key, iv keyWord, err error) {
	var words []keyWord
	for i, line := range strings.Split(text, "\n") {
		for _, word := range strings.Fields(line) {
			words = append(words, keyWord{word, i + 1})
		}
	}
	if len(words) == 1 {
		return words[0], keyWord{}, nil
	}
	return words[0], words[1], nil
}

// namedWords finds the values of the lines "key=..." and "iv=...".
func namedWords(text string) (key, iv keyWord, err error) {
	found := map[string]keyWord{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, value, err := namedLine(line)
		if err != nil {
			return keyWord{}, keyWord{}, fmt.Errorf("line %d: %w", i+1, err)
		}
		if first, ok := found[name]; ok {
			return keyWord{}, keyWord{}, fmt.Errorf("line %d: %s= is there twice, first in line %d", i+1, name, first.line)
		}
		found[name] = keyWord{value, i + 1}
	}
	if _, ok := found["key"]; !ok {
		return keyWord{}, keyWord{}, errors.New("no key= line in the AES key file")
	}
	return found["key"], found["iv"], nil
}

// namedLine splits one line; openssl writes a blank before some of its "=".
func namedLine(line string) (name, value string, err error) {
	name, value, _ = strings.Cut(line, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if name != "key" && name != "iv" && name != "salt" {
		return "", "", errors.New("no line of an AES key file; key=, iv= and salt= are allowed")
	}
	if value == "" {
		return "", "", fmt.Errorf("nothing follows %s=", name)
	}
	return name, value, nil
}

// Reveal returns the key in hexadecimal digits, for the one place that may hold
// it: the attribute aes-key of a description that is encrypted itself.
func (k AESKey) Reveal() string { return hex.EncodeToString(k.bytes()) }

// NewAESKey returns the key with these 16, 24 or 32 bytes.
func NewAESKey(secret []byte) (AESKey, error) {
	switch len(secret) {
	case 16, 24, 32:
		secret = bytes.Clone(secret)
		return AESKey{&hidden{&secret}}, nil
	}
	return AESKey{}, fmt.Errorf("AES key of %d bytes; 16, 24 or 32 are allowed", len(secret))
}

func (k AESKey) isZero() bool { return k.secret == nil }

func (k AESKey) bytes() []byte {
	if k.isZero() {
		return nil
	}
	return *k.secret.bytes
}

// String says which kind of key k is.
func (k AESKey) String() string {
	if k.isZero() {
		return "no AES key"
	}
	return fmt.Sprintf("AES-%d key", 8*len(k.bytes()))
}

// GoString is String: %#v does not show the key either.
func (k AESKey) GoString() string { return k.String() }

// MarshalText is String, for JSON and for logs.
func (k AESKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// fingerprintDomain keeps a fingerprint apart from any other hash of the key.
const fingerprintDomain = "fwpack AES key fingerprint 1\x00"

// Fingerprint returns 32 hexadecimal digits by which a record can name the key
// without giving it away. It is empty for the zero AESKey.
func (k AESKey) Fingerprint() string {
	if k.isZero() {
		return ""
	}
	sum := sha256.Sum256(append([]byte(fingerprintDomain), k.bytes()...))
	return hex.EncodeToString(sum[:16])
}
