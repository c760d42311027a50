package pkcs11uri

import (
	"reflect"
	"strings"
	"testing"
)

func number(n uint64) *uint64 { return &n }

// The examples of RFC 7512, section 3, and what modules and tools print.
func TestParse(t *testing.T) {
	for _, test := range []struct {
		text, canonical string
		want            URI
	}{
		{"pkcs11:", "pkcs11:", URI{}},
		{"pkcs11:object=my-pubkey;type=public", "pkcs11:object=my-pubkey;type=public", URI{Object: "my-pubkey", Type: TypePublic}},
		{"pkcs11:object=my-key;type=private?pin-source=file:/etc/token", "pkcs11:object=my-key;type=private?pin-source=file:/etc/token",
			URI{Object: "my-key", Type: TypePrivate, PINSource: "file:/etc/token"}},
		{"pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;model=1.0;object=my-certificate;type=cert;id=%69%95%3E%5C%F4%BD%EC%91;serial=",
			"", URI{}},
		{"pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;model=1.0;object=my-certificate;type=cert;id=%69%95%3E%5C%F4%BD%EC%91",
			"pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil%2C%20Inc.;model=1.0;object=my-certificate;id=%69%95%3E%5C%F4%BD%EC%91;type=cert",
			URI{Token: "The Software PKCS#11 Softtoken", Manufacturer: "Snake Oil, Inc.", Model: "1.0", Object: "my-certificate",
				Type: TypeCert, ID: []byte("\x69\x95\x3e\x5c\xf4\xbd\xec\x91")}},
		{"pkcs11:slot-description=Sun%20Metaslot", "pkcs11:slot-description=Sun%20Metaslot", URI{SlotDescription: "Sun Metaslot"}},
		{"pkcs11:library-manufacturer=Snake%20Oil,%20Inc.;library-description=Soft%20Token%20Library;library-version=1.23",
			"pkcs11:library-manufacturer=Snake%20Oil%2C%20Inc.;library-description=Soft%20Token%20Library;library-version=1.23",
			URI{LibraryManufacturer: "Snake Oil, Inc.", LibraryDescription: "Soft Token Library", LibraryVersion: "1.23"}},
		{"pkcs11:slot-id=007;slot-manufacturer=Snake%20Oil%2c", "pkcs11:slot-id=7;slot-manufacturer=Snake%20Oil%2C",
			URI{SlotID: number(7), SlotManufacturer: "Snake Oil,"}},
		{"pkcs11:slot-id=18446744073709551615", "pkcs11:slot-id=18446744073709551615", URI{SlotID: number(1<<64 - 1)}},
		{"pkcs11:token=Software%20PKCS%2311%20softtoken;x-muppet=cookie%5Emonster!", "pkcs11:token=Software%20PKCS%2311%20softtoken;x-muppet=cookie%5Emonster%21",
			URI{Token: "Software PKCS#11 softtoken", PathVendor: []Vendor{{"x-muppet", "cookie^monster!"}}}},
		{"pkcs11:id=a&b?module-path=/a/b.so&x-a=1&x-a=2", "pkcs11:id=%61%26%62?module-path=/a/b.so&x-a=1&x-a=2",
			URI{ID: []byte("a&b"), ModulePath: "/a/b.so", QueryVendor: []Vendor{{"x-a", "1"}, {"x-a", "2"}}}},
		{"pkcs11:?module-name=softhsm2", "pkcs11:?module-name=softhsm2", URI{ModuleName: "softhsm2"}},
		{"pkcs11:token=%C3%A9;library-version=2", "pkcs11:token=%C3%A9;library-version=2", URI{Token: "é", LibraryVersion: "2"}},
	} {
		u, err := Parse(test.text)
		if test.canonical == "" {
			if err == nil || err.Error() != "pkcs11 URI: attribute serial: empty: want a value, or no such attribute" {
				t.Errorf("%s: %v", test.text, err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(u, test.want) {
			t.Errorf("%s: %+v, %v; want %+v", test.text, u, err, test.want)
		}
		if got := u.String(); got != test.canonical {
			t.Errorf("%s: String is %s, want %s", test.text, got, test.canonical)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, test := range []struct{ text, want, hint string }{
		{"", "not a pkcs11 URI: want pkcs11:NAME=VALUE;NAME=VALUE", ""},
		{"PKCS11:token=a", "not a pkcs11 URI", ""},
		{"keys/release.pem", "not a pkcs11 URI", ""},
		{"pkcs11:token=" + strings.Repeat("a", 4096), "pkcs11 URI of 4109 bytes: want at most 4096", ""},
		{"pkcs11:token=a?", "nothing after '?': want module-path, module-name, pin-source", ""},
		{"pkcs11:token", `path: want NAME=VALUE between ";"`, ""},
		{"pkcs11:token=a;", `path: want NAME=VALUE between ";"`, ""},
		{"pkcs11:?module-path", `query: want NAME=VALUE between "&"`, ""},
		{"pkcs11:token=a;token=b", "attribute token is there twice: want it once", ""},
		{"pkcs11:x-a=a;x-a=b", "attribute x-a is there twice", ""},
		{"pkcs11:?module-name=a&module-name=a", "attribute module-name is there twice", ""},
		{"pkcs11:tokne=a", `attribute "tokne" in the path: want token, serial, manufacturer, model, slot-id, slot-manufacturer, ` +
			`slot-description, library-manufacturer, library-description, library-version, object, id, type, or a name with x-`, "token"},
		{"pkcs11:module-path=/a.so", `attribute "module-path" in the path`, "module-path belongs behind the '?'"},
		{"pkcs11:?token=a", `attribute "token" in the query: want module-path, module-name, pin-source, or a name with x-`, "token belongs before the '?'"},
		{"pkcs11:vendor=a", `attribute "vendor" in the path`, ""},
		{"pkcs11:x-=a", `attribute "x-" in the path`, ""},
		{"pkcs11:x-é=a", `in the path`, ""},
		{"pkcs11:token=a b", "attribute token: byte 2: ' ' must be written %20", ""},
		{"pkcs11:token=é", "attribute token: byte 1: 'é' must be written %C3%A9", ""},
		{"pkcs11:token=a/b", "attribute token: byte 2: '/' must be written %2F", ""},
		{"pkcs11:token=a%", "attribute token: byte 2: want two hex digits after '%'; '%' itself is %25", ""},
		{"pkcs11:token=%4", "byte 1: want two hex digits", ""},
		{"pkcs11:id=%xy", "attribute id: byte 1: want two hex digits", ""},
		{"pkcs11:token=%FF", "attribute token: not UTF-8: want text", ""},
		{"pkcs11:slot-id=a", `attribute slot-id: "a": want a number`, ""},
		{"pkcs11:slot-id=+1", `attribute slot-id: "+1": want a number`, ""},
		{"pkcs11:slot-id=18446744073709551616", "want a number", ""},
		{"pkcs11:library-version=a", `attribute library-version: "a": want a number, or two with a dot between`, ""},
		{"pkcs11:library-version=1.", "want a number, or two", ""},
		{"pkcs11:type=key", `attribute type: "key": want private, public, cert, secret-key or data`, ""},
		{"pkcs11:token=a?pin-value=4711", "attribute pin-value: a PIN is not written into a URI", "say pin-source=file:/path"},
		{"pkcs11:pin-value=4711", "attribute pin-value: a PIN is not written into a URI", "say pin-source=file:/path"},
	} {
		u, err := Parse(test.text)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.text, err, test.want)
			continue
		}
		if strings.Contains(err.Error(), "4711") || !reflect.DeepEqual(u, URI{}) {
			t.Errorf("%s: %v, %+v", test.text, err, u)
		}
		hint := ""
		if h, ok := err.(interface{ Hint() string }); ok {
			hint = h.Hint()
		}
		if test.hint == "" != (hint == "") || !strings.Contains(hint, test.hint) {
			t.Errorf("%s: hint %q, want %q", test.text, hint, test.hint)
		}
	}
}

func TestIs(t *testing.T) {
	for text, want := range map[string]bool{"pkcs11:": true, "pkcs11:token=a": true, "pkcs11": false, "plugin:pkcs11:x": false} {
		if Is(text) != want {
			t.Errorf("Is(%q) is %v", text, !want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"pkcs11:", "pkcs11:token=a%20b;id=%00%ff;type=private?module-path=/a&x-b=1&x-b=2", "pkcs11:slot-id=01;library-version=1.02;x-c=%FF",
		"pkcs11:?pin-source=file:/a", "pkcs11:token=", "pkcs11:?pin-value=1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := Parse(text)
		if err != nil {
			return
		}
		canonical := u.String()
		if len(canonical) > maxLength {
			return // written with more %XX than it was read with
		}
		again, err := Parse(canonical)
		if err != nil || !reflect.DeepEqual(u, again) || again.String() != canonical {
			t.Errorf("%q: %+v; %q: %+v, %v", text, u, canonical, again, err)
		}
		if path, err := u.PINFile(); err == nil && path != "" && !isAbsolute(path) {
			t.Errorf("%q: PIN in %q", text, path)
		}
	})
}
