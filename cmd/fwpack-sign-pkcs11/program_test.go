package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestRunUsage(t *testing.T) {
	for _, test := range []struct {
		args           []string
		status         int
		stdout, stderr string
	}{
		{nil, 64, "", "fwpack-sign-pkcs11 signs for fwpack"},
		{[]string{"--help"}, 0, "fwpack-sign-pkcs11 list [MODULE]", ""},
		{[]string{"-h"}, 0, "PKCS11_MODULE_PATH", ""},
		{[]string{"sign-v9"}, 64, "", "verb \"sign-v9\": want describe-v1 or sign-v1\n"},
		{[]string{"list", "a", "b"}, 1, "", "list: want at most one argument, a module\n"},
		{[]string{"describe-v1"}, 1, "", "request: "},
	} {
		p, stdout, stderr := testProgram(newFake())
		status := p.run(test.args)
		if status != test.status || !strings.Contains(stdout.String(), test.stdout) || !strings.Contains(stderr.String(), test.stderr) ||
			(test.stdout == "") != (stdout.Len() == 0) || (test.stderr == "") != (stderr.Len() == 0) {
			t.Errorf("%q: status %d\n%s\n%s", test.args, status, stdout, stderr)
		}
	}
}

// Requests of a session go to one module, one session and one login.
func TestRunSign(t *testing.T) {
	key := newKey(t, elliptic.P256())
	digest := bytes.Repeat([]byte{7}, 32)
	request := fmt.Sprintf(`{"reference":"pkcs11:object=release","algorithm":"ecdsa","hash":"sha256","digest":"%x"}`+"\n", digest)
	f := newFake(newToken("t", pair(t, key, "release", 1)...))
	p, stdout, stderr := testProgram(f)
	loads := 0
	p.load = func(string) (library, error) { loads++; return f, nil }
	other := strings.Replace(request, "object=release", "id=%01", 1)
	p.stdin = strings.NewReader(request + request + other)
	if status := p.run([]string{"sign-v1"}); status != 0 || loads != 1 || f.opened != 1 || len(f.logins) != 1 {
		t.Fatalf("status %d, %d loads, %d sessions, logins %q\n%s", status, loads, f.opened, f.logins, stderr)
	}
	for line := range strings.Lines(stdout.String()) {
		var answer struct{ Signature []byte }
		if err := json.Unmarshal([]byte(line), &answer); err != nil || !ecdsa.VerifyASN1(&key.PublicKey, digest, answer.Signature) {
			t.Errorf("%s: %v", line, err)
		}
	}
	p.close(0)
	if !f.closed {
		t.Error("the module was not finalised")
	}
}

func TestRunDescribe(t *testing.T) {
	key := newKey(t, elliptic.P384())
	p, stdout, stderr := testProgram(newFake(newToken("t", pair(t, key, "release", 1)...)))
	p.stdin = strings.NewReader(`{"reference":"pkcs11:object=release"}`)
	if status := p.run([]string{"describe-v1"}); status != 0 {
		t.Fatal(stderr)
	}
	if want := base64.StdEncoding.EncodeToString([]byte{0x30, 0x76}); !strings.Contains(stdout.String(), want[:2]) {
		t.Errorf("%s", stdout)
	}
}

// What goes wrong is one line, with the hint, and without a PIN.
func TestRunErrors(t *testing.T) {
	for _, test := range []struct{ reference, want string }{
		{"pkcs11:?pin-value=4711", `key "pkcs11:?pin-value=...": pkcs11 URI: attribute pin-value: a PIN is not written into a URI, which ends in projects, ` +
			"logs and process lists; say pin-source=file:/path, set FWPACK_PKCS11_PIN, or be asked at the terminal\n"},
		{"pkcs11:tokne=t", "; did you mean token?"},
		{"pkcs11:token=x", `key "pkcs11:token=x": token "x" is absent: tokens present are "t"`},
	} {
		p, stdout, stderr := testProgram(newFake(newToken("t")))
		p.stdin = strings.NewReader(fmt.Sprintf(`{"reference":%q}`, test.reference))
		if status := p.run([]string{"describe-v1"}); status != 1 || stdout.Len() != 0 {
			t.Errorf("status %d, %q", status, stdout)
		}
		if text := stderr.String(); !strings.Contains(text, test.want) || strings.Contains(text, "4711") || strings.Count(text, "\n") != 1 {
			t.Errorf("%q: want %q", text, test.want)
		}
	}
	p, _, stderr := testProgram(nil)
	p.load = func(string) (library, error) { return nil, errors.New("broken") }
	p.stdin = strings.NewReader(`{"reference":"pkcs11:"}`)
	if status := p.run([]string{"describe-v1"}); status != 1 || !strings.Contains(stderr.String(), "module /fake.so: broken") {
		t.Error(stderr)
	}
	p.ready = func() error { return errors.New("built without cgo") }
	for _, verb := range []string{"describe-v1", "list"} {
		p.stdin = strings.NewReader(`{"reference":"pkcs11:"}`)
		if status := p.run([]string{verb}); status != 1 || !strings.Contains(stderr.String(), "built without cgo") {
			t.Error(stderr)
		}
	}
}

func TestList(t *testing.T) {
	key := newKey(t, elliptic.P256())
	one, two, open, empty := newToken("one", pair(t, key, "release key", 1)...), newToken("twin"), newToken("twin"), newToken("last\x1b[0m")
	two.Serial, open.Serial = "2a", "2b"
	one.flags |= flagCountLow
	one.objects = append(one.objects, certificateObject(issue(t, "Release", key.Public(), nil, key), "x", 1))
	open.flags &^= flagLoginRequired
	open.objects = []fakeObject{
		{class: classPrivate, signer: key, attributes: named(ecAttributes(t, &key.PublicKey), "visible", 2)},
		{class: classPrivate, attributes: named(nil, "secret", 3)},
	}
	empty.flags = flagTokenInitialized | flagLocked
	f := newFake(one, two, open, empty)
	p, stdout, stderr := testProgram(f)
	if status := p.run([]string{"list"}); status != 0 {
		t.Fatal(stderr)
	}
	want := `module /fake.so: fake module, fwpack, version 2.40

token "one": fake v1, serial 1234, slot-id 0, needs a PIN: few tries are left before it is locked
  pkcs11:token=one;object=release%20key;id=%01;type=private?module-path=/fake.so
    ECDSA, P-256, certificate of CN=Release until 2044-01-01
  these are the public keys and certificates: the private keys are hidden until somebody logs in

token "twin": fake v1, serial 2a, slot-id 1, needs a PIN
  no public key and no certificate; private keys are hidden until somebody logs in

token "twin": fake v1, serial 2b, slot-id 2
  pkcs11:token=twin;serial=2b;object=secret;id=%03;type=private?module-path=/fake.so
    of a kind that is hidden until somebody logs in
  pkcs11:token=twin;serial=2b;object=visible;id=%02;type=private?module-path=/fake.so
    ECDSA, P-256

token "last\x1b[0m": fake v1, serial 1234, slot-id 3, the PIN is locked
  no key
`
	if stdout.String() != want || len(f.logins) != 0 {
		t.Errorf("logins %q\n%s\nwant\n%s", f.logins, stdout, want)
	}
	p, stdout, _ = testProgram(newFake())
	if status := p.run([]string{"list", "/some/module.so"}); status != 0 || stdout.String() != "module /some/module.so: fake module, fwpack, version 2.40\nno token\n" {
		t.Errorf("%s", stdout)
	}
	p, _, stderr = testProgram(newFake())
	if status := p.run([]string{"list", "no-such-module"}); status != 1 || !strings.Contains(stderr.String(), `module-name "no-such-module"`) {
		t.Errorf("%s", stderr)
	}
}

// An interrupted program ends with 1, whatever it was doing.
func TestWait(t *testing.T) {
	done := make(chan int, 1)
	done <- 64
	var stderr bytes.Buffer
	if status := wait(context.Background(), done, &stderr); status != 64 || stderr.Len() != 0 {
		t.Errorf("status %d, %q", status, &stderr)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if status := wait(ctx, done, &stderr); status != 1 || stderr.String() != "interrupted\n" {
		t.Errorf("status %d, %q", status, &stderr)
	}
}
