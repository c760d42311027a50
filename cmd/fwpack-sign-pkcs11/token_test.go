package main

import (
	"testing"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
)

func TestChoose(t *testing.T) {
	a, b, twin := newToken("a"), newToken("b"), newToken("b")
	b.Serial, twin.Serial = "b1", "b2"
	blank := newToken("")
	blank.flags = 0
	for _, test := range []struct {
		text string
		slot uint
		err  string
	}{
		{"pkcs11:token=a", 0, ""},
		{"pkcs11:serial=b2", 3, ""},
		{"pkcs11:token=b;slot-id=1", 1, ""},
		{"pkcs11:token=a;library-description=fake%20module;library-version=2.40", 0, ""},
		{"pkcs11:token=x", 0, `token "x" is absent: tokens present are "a" (serial "1234", slot-id 0), "b" (serial "b1", slot-id 1), "b" (serial "b2", slot-id 3)`},
		{"pkcs11:token=a;serial=9", 0, `token "a" has other attributes: tokens present are "a" (serial "1234"`},
		{"pkcs11:serial=9", 0, "the token is absent: tokens present are"},
		{"pkcs11:token=b", 0, `2 tokens fit: want token, serial or slot-id of one of "b" (serial "b1", slot-id 1), "b" (serial "b2", slot-id 3)`},
		{"pkcs11:slot-id=2", 0, "the token is absent"}, // not initialised
		{"pkcs11:library-manufacturer=x", 0, `module /fake.so is "fake module" by "fwpack", version 2.40: not the one that the library attributes name`},
	} {
		uri, err := pkcs11uri.Parse(test.text)
		must(t, uri, err)
		m := &module{"/fake.so", newFake(a, b, blank, twin)}
		slot, _, err := m.choose(uri)
		if test.err != "" {
			wantError(t, err, test.err)
		} else if err != nil || slot != test.slot {
			t.Errorf("%s: slot %d, %v; want %d", test.text, slot, err, test.slot)
		}
	}
	m := &module{"/fake.so", newFake()}
	_, _, err := m.choose(pkcs11uri.URI{Token: "a"})
	wantError(t, err, `token "a" is absent: module /fake.so has no token`)
}
