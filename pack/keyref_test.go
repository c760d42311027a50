package pack

import (
	"strings"
	"testing"
)

func TestParseKeyReference(t *testing.T) {
	for reference, want := range map[string]*Program{
		"keys/release.pem": nil,
		"plugin:hsm:a:b":   {"hsm", "a:b"},
		"pkcs11:object=a":  {"pkcs11", "pkcs11:object=a"},
		"pkcs11:token=x;id=%01?pin-source=file:/run/pin&module-path=/usr/lib/m.so": {"pkcs11", "pkcs11:token=x;id=%01?module-path=/usr/lib/m.so&pin-source=file:/run/pin"},
		`pkcs11:object=a?module-path=C:/m.dll`:                                     {"pkcs11", "pkcs11:object=a?module-path=C:/m.dll"},
	} {
		got, err := ParseKeyReference(reference)
		if err != nil || (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("%q: %+v, %v: want %+v", reference, got, err, want)
		}
	}
}

func TestKeyReferenceRefused(t *testing.T) {
	for reference, want := range map[string]string{
		"plugin:hsm":                        "is not of the form plugin:NAME:REFERENCE",
		"plugin::a":                         "is not of the form plugin:NAME:REFERENCE",
		"pkcs11:object=a;type=cert":         "a key to sign with is type=private",
		"pkcs11:object=a?pin-value=1234":    "pin-value",
		"pkcs11:objekt=a":                   "objekt",
		"pkcs11:object=a?module-path=m.so":  "want an absolute path",
		"pkcs11:object=a?pin-source=|cmd":   "pin-source",
		"pkcs11:object=a?pin-source=file:x": "pin-source",
	} {
		_, err := ParseKeyReference(reference)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "1234") {
			t.Errorf("%q: error %v, want %q", reference, err, want)
		}
	}
	_, err := ParseKeyReference("pkcs11:object=a?pin-value=1234")
	if hintOf(err) == "" {
		t.Error("no hint for pin-value")
	}
}
