package main

import (
	"crypto"
	"crypto/elliptic"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
)

// A login that fails says what the token says, and happens once.
func TestLoginRefuses(t *testing.T) {
	for _, test := range []struct {
		change func(*fakeToken)
		want   string
		logins int
	}{
		{func(f *fakeToken) { f.pin = "other" }, `token "t": the PIN is wrong; it is not tried again`, 1},
		{func(f *fakeToken) { f.pin, f.afterLogin = "other", flagCountLow }, "the PIN is wrong; it is not tried again: few tries are left before it is locked", 1},
		{func(f *fakeToken) { f.pin, f.afterLogin = "other", flagCountLow|flagFinalTry }, "not tried again: one try is left before it is locked", 1},
		{func(f *fakeToken) { f.pin, f.afterLogin = "other", flagLocked }, "not tried again: it is locked now", 1},
		{func(f *fakeToken) { f.loginError = codePINLengthRange }, "the PIN is wrong", 1},
		{func(f *fakeToken) { f.loginError = codePINLocked }, "the PIN is locked: it must be unblocked with the token's own tools", 1},
		{func(f *fakeToken) { f.loginError = codePINExpired }, "the PIN has expired", 1},
		{func(f *fakeToken) { f.loginError = codePINNotSet }, "the token has no user PIN yet", 1},
		{func(f *fakeToken) { f.loginError = 0x30 }, `token "t": log in: CKR_FAKE (0x30)`, 1},
		{func(f *fakeToken) { f.flags |= flagLocked }, "the PIN is locked", 0},
		{func(f *fakeToken) { f.flags |= flagFinalTry }, "one try is left before the PIN is locked, and one from pin-source or FWPACK_PKCS11_PIN is not risked", 0},
	} {
		f := newFake(newToken("t", pair(t, newKey(t, elliptic.P256()), "a", 1)...))
		test.change(f.tokens[0])
		p, _, _ := testProgram(f)
		k, _, err := p.open("pkcs11:")
		must(t, k, err)
		_, err = k.Sign(nil, make([]byte, 32), crypto.SHA256)
		wantError(t, err, test.want)
		if len(f.logins) != test.logins {
			t.Errorf("%s: logins %q, want %d", test.want, f.logins, test.logins)
		}
	}
}

func TestLogin(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*fakeToken)
		logins []string
	}{
		"a PIN":             {func(*fakeToken) {}, []string{"1 4711"}},
		"no login required": {func(f *fakeToken) { f.flags &^= flagLoginRequired; f.objects[1].hidden = false }, nil},
		"a reader":          {func(f *fakeToken) { f.flags |= flagProtectedPath; f.pin = "" }, []string{"1 "}},
		"logged in already": {func(f *fakeToken) { f.loginError = codeAlreadyLoggedIn; f.objects[1].hidden = false }, []string{"1 4711"}},
	} {
		f := newFake(newToken("t", pair(t, newKey(t, elliptic.P256()), "a", 1)...))
		test.change(f.tokens[0])
		p, _, stderr := testProgram(f)
		k, _, err := p.open("pkcs11:")
		must(t, k, err)
		if _, err := k.Sign(nil, make([]byte, 32), crypto.SHA256); err != nil || !slices.Equal(f.logins, test.logins) {
			t.Errorf("%s: %v, logins %q", name, err, f.logins)
		}
		if reader := strings.Contains(stderr.String(), `enter the PIN of token "t" on its reader`); reader != (name == "a reader") {
			t.Errorf("%s: %q", name, stderr)
		}
	}
}

// The PIN comes from the URI's file, then the environment, then a person.
func TestPINSource(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return filepath.ToSlash(path)
	}
	asked := ""
	person := func(answer string) func(string) ([]byte, error) {
		return func(prompt string) ([]byte, error) { asked = prompt; return []byte(answer), nil }
	}
	unset := func(string) (string, bool) { return "", false }
	set := func(value string) func(string) (string, bool) {
		return func(name string) (string, bool) { return value, name == pinVariable }
	}
	for _, test := range []struct {
		name, file string
		env        func(string) (string, bool)
		answer     string
		flags      uint
		want, err  string
	}{
		{"file", write("pin", "4711\n"), set("no"), "no", 0, "4711", ""},
		{"file with CRLF", write("crlf", "47 11\r\n"), unset, "no", 0, "47 11", ""},
		{"file without end of line", write("bare", "4711"), unset, "no", 0, "4711", ""},
		{"two lines", write("two", "4711\n4712\n"), unset, "no", 0, "", "want one line, the PIN"},
		{"empty file", write("empty", "\n"), unset, "no", 0, "", "want one line, the PIN"},
		{"long file", write("long", strings.Repeat("1", maxPINFile+1)), unset, "no", 0, "", "want one line, the PIN"},
		{"no file", filepath.ToSlash(filepath.Join(dir, "absent")), set("4711"), "4711", 0, "", "pin-source: open "},
		{"file at the last try", write("last", "4711"), unset, "no", flagFinalTry, "", "is not risked"},
		{"relative file", "pin", unset, "no", 0, "", "want file:/path or an absolute path"},
		{"environment", "", set("4711"), "no", 0, "4711", ""},
		{"empty environment", "", set(""), "no", 0, "", "environment variable FWPACK_PKCS11_PIN is empty"},
		{"environment at the last try", "", set("4711"), "no", flagFinalTry, "", "is not risked"},
		{"person", "", unset, "4711", 0, "4711", ""},
		{"person at the last try", "", unset, "4711", flagFinalTry, "4711", ""},
		{"silent person", "", unset, "", 0, "", "the PIN is empty"},
	} {
		source := pinSource{pkcs11uri.URI{PINSource: test.file}, test.env, person(test.answer)}
		pin, err := source.get(token{pkcs11uri.Token{Label: "t"}, test.flags})
		if string(pin) != test.want {
			t.Errorf("%s: %q", test.name, pin)
		}
		if test.err != "" {
			wantError(t, err, test.err)
		} else if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if err != nil && strings.Contains(err.Error(), "4711") {
			t.Errorf("%s: the PIN is in %q", test.name, err)
		}
	}
	_, err := pinSource{env: unset, ask: person("1")}.get(token{pkcs11uri.Token{Label: "t"}, flagFinalTry})
	if err != nil || asked != `PIN of token "t": one try is left before it is locked: ` {
		t.Errorf("%v, asked %q", err, asked)
	}
}

func TestNumber(t *testing.T) {
	if number(errors.New("x")) != 0 || number(code{7, "CKR_X"}) != 7 || (code{7, "CKR_X"}).Error() != "CKR_X (0x7)" {
		t.Error("number")
	}
}
