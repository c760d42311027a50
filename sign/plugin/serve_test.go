package plugin

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// served runs Serve with the keys of the test data.
func served(t *testing.T, verb, in string) (string, error) {
	t.Helper()
	t.Setenv("FAKE_KEYS", keyFolder)
	var out bytes.Buffer
	err := Serve(verb, strings.NewReader(in), &out, rand.Reader, fakeKeys("none"))
	return out.String(), err
}

func TestServeDescribe(t *testing.T) {
	out, err := served(t, VerbDescribe, `{"reference":"ec-p384","future":1}`)
	if err != nil || strings.Count(out, "\n") != 1 {
		t.Fatalf("%q, %v: want a line", out, err)
	}
	d, err := parseDescription([]byte(out))
	if err != nil || len(d.certificates) != 1 {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestServeSign(t *testing.T) {
	request := fmt.Sprintf(`{"reference":"ec-p256","algorithm":"ecdsa","hash":"sha256","digest":"%x"}`, digest)
	out, err := served(t, VerbSign, request+"\n"+request) // the last line may lack its end
	if err != nil || strings.Count(out, "\n") != 2 {
		t.Errorf("%q, %v: want two lines", out, err)
	}
	if out, err := served(t, VerbSign, ""); err != nil || out != "" {
		t.Errorf("no request: %q, %v", out, err)
	}
}

func TestServeRefuses(t *testing.T) {
	hash := fmt.Sprintf(`"hash":"sha256","digest":"%x"`, digest)
	for _, test := range []struct{ verb, in, want string }{
		{VerbDescribe, "", "request: no answer"},
		{VerbDescribe, "{}", "request: no reference"},
		{VerbDescribe, "nonsense", `request: answer "nonsense"`},
		{VerbDescribe, `{"reference":"absent"}`, `key "absent": no such key`},
		{VerbSign, "{}\n", "request: no reference"},
		{VerbSign, `{"reference":"ec-p256"}`, `hash "": want sha256`},
		{VerbSign, `{"reference":"ec-p256","hash":"md5"}`, `hash "md5": want sha256`},
		{VerbSign, `{"reference":"ec-p256","hash":"sha256","digest":"00"}`, `digest "00": want 32 bytes in hex`},
		{VerbSign, `{"reference":"ec-p256","algorithm":"rot13",` + hash + `}`, `algorithm "rot13": want rsa-pkcs1v15`},
		{VerbSign, `{"reference":"ec-p256","algorithm":"rsa-pkcs1v15",` + hash + `}`, "does not fit a public key of type *ecdsa.PublicKey"},
		{VerbSign, `{"reference":"rsa2048","algorithm":"ecdsa",` + hash + `}`, "algorithm ecdsa does not fit"},
		{VerbSign, `{"reference":"ed25519","algorithm":"ecdsa",` + hash + `}`, "algorithm ecdsa does not fit"},
		{VerbSign, `{"reference":"rsa2048","algorithm":"rsa-pss",` + hash + `}`, "salt_length 0: want"},
		{VerbSign, `{"reference":"absent","algorithm":"ecdsa",` + hash + `}`, `key "absent": no such key`},
	} {
		out, err := served(t, test.verb, test.in)
		wantError(t, err, test.want)
		if out != "" || ExitStatus(err) != 1 {
			t.Errorf("%s: output %q, status %d", test.in, out, ExitStatus(err))
		}
	}
}

func TestServeUnknownVerb(t *testing.T) {
	for _, verb := range []string{"", "sign", "sign-v2", "\x1b[0m"} {
		_, err := served(t, verb, "")
		wantError(t, err, "want describe-v1 or sign-v1")
		if ExitStatus(fmt.Errorf("fwpack-sign-x: %w", err)) != StatusUnknownVerb {
			t.Errorf("status %d", ExitStatus(err))
		}
	}
	if ExitStatus(nil) != 0 {
		t.Error("success is not 0")
	}
}

// oddKey has a public key that no one knows.
type oddKey struct{ crypto.Signer }

func (oddKey) Public() crypto.PublicKey { return 7 }

// A token may be asked for PSS without randomness, but not a standard key.
func TestServeLimits(t *testing.T) {
	t.Setenv("FAKE_KEYS", keyFolder)
	pss := fmt.Sprintf(`{"reference":"rsa2048","algorithm":"rsa-pss","hash":"sha256","salt_length":32,"digest":"%x"}`, digest)
	err := Serve(VerbSign, strings.NewReader(pss), io.Discard, nil, fakeKeys("none"))
	wantError(t, err, "RSA-PSS needs a source of randomness")

	odd := func(string) (crypto.Signer, []*x509.Certificate, error) { return oddKey{}, nil, nil }
	err = Serve(VerbDescribe, strings.NewReader(`{"reference":"x"}`), io.Discard, nil, odd)
	wantError(t, err, `key "x": public key of type int`)

	broken := io.MultiReader(strings.NewReader("{"), failing{})
	for _, verb := range []string{VerbDescribe, VerbSign} {
		wantError(t, Serve(verb, broken, io.Discard, nil, odd), "request: ")
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error)  { return 0, errors.New("broken") }
func (failing) Write([]byte) (int, error) { return 0, errors.New("broken") }

func TestServeOutputBroken(t *testing.T) {
	t.Setenv("FAKE_KEYS", keyFolder)
	err := Serve(VerbDescribe, strings.NewReader(`{"reference":"ec-p256"}`), failing{}, nil, fakeKeys("none"))
	wantError(t, err, "answer: broken")
}
