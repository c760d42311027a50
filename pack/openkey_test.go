package pack

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/sign/keygen"
)

// A key opens in the way of a build, and is refused in its words.
func TestOpenKey(t *testing.T) {
	private := keyFile(t, "ec-p256.pem")
	opened, err := OpenKey(context.Background(), &Key{Name: "a", PrivateKey: private}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := opened.Close(); err != nil {
		t.Error(err)
	}
	public, err := keygen.MarshalPublicKey(opened.Signer.Public())
	if err != nil || len(public) == 0 {
		t.Error(err)
	}
	for _, test := range []struct {
		key  Key
		opt  Options
		want string
	}{
		{Key{PrivateKey: private}, Options{Release: true}, "is not for a release: everybody has the private key"},
		{Key{PrivateKey: private, Public: keyFile(t, "rsa2048.pub.pem")}, Options{}, "is not the private key of"},
		{Key{PrivateKey: keyFile(t, "ec-p256.enc.pem")}, Options{}, "none is given, and there is no terminal to ask at"},
		{Key{Program: &Program{"nowhere", "x"}}, Options{}, "fwpack-sign-nowhere"},
		{Key{Command: []string{"sign"}}, Options{}, "a command makes whole signatures"},
		{Key{AES: &Secret{}}, Options{}, "it encrypts, and does not sign"},
		{Key{Fresh: true}, Options{}, "it encrypts, and does not sign"},
	} {
		test.key.Name = "a"
		_, err := OpenKey(context.Background(), &test.key, test.opt)
		if err == nil || !strings.HasPrefix(err.Error(), `key "a": `) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want one with %q", err, test.want)
		}
		if _, ok := errors.AsType[diag.Diagnostic](err); !ok {
			t.Errorf("%v has no place", err)
		}
	}
}

func TestRecognise(t *testing.T) {
	for head, want := range map[string]FileKind{
		"070701": KindBundle, "070702 and more": KindBundle, "\x3d\xb8\xf3\x96": KindImage, ":00000001FF\n": KindImage,
		"": "", "0": "", "schema = 1\n": "", "-----BEGIN CERTIFICATE-----": "", "\x00ZCK1": "",
	} {
		if got := Recognise([]byte(head)); got != want {
			t.Errorf("%q: %q, want %q", head, got, want)
		}
	}
}
