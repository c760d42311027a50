package plugin

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"
)

func publicKey(t *testing.T, name string) crypto.PublicKey {
	t.Helper()
	key, err := readKey(keyFolder, name)
	if err != nil {
		t.Fatal(err)
	}
	return key.Public()
}

// What a program reads, byte for byte: the documentation promises as much.
func TestRequestLines(t *testing.T) {
	hash := hex.EncodeToString(digest[:])
	equal := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}
	longest := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto, Hash: crypto.SHA256}
	for _, test := range []struct {
		key     string
		request Request
		want    string
	}{
		{"rsa2048", Request{digest[:], crypto.SHA256}, `"algorithm":"rsa-pkcs1v15","hash":"sha256","digest":"` + hash + `"}`},
		{"rsa2048", Request{digest[:], equal}, `"algorithm":"rsa-pss","hash":"sha256","salt_length":32,"digest":"` + hash + `"}`},
		{"rsa2048", Request{digest[:], longest}, `"algorithm":"rsa-pss","hash":"sha256","salt_length":222,"digest":"` + hash + `"}`},
		{"ec-p384", Request{make([]byte, 48), crypto.SHA384}, `"algorithm":"ecdsa","hash":"sha384","digest":"` + strings.Repeat("00", 48) + `"}`},
		{"ec-p521", Request{make([]byte, 64), crypto.SHA512}, `"algorithm":"ecdsa","hash":"sha512","digest":"` + strings.Repeat("00", 64) + `"}`},
		{"ed25519", Request{[]byte("<&>?"), crypto.Hash(0)}, `"algorithm":"ed25519","message":"PCY+Pw=="}`},
		{"ed25519", Request{nil, crypto.Hash(0)}, `"algorithm":"ed25519"}`},
	} {
		request, err := newRequest(publicKey(t, test.key), test.request)
		if err != nil {
			t.Fatal(err)
		}
		request.Reference = "pkcs11:token=a;id=%01&x=<é>"
		line, err := encode(request)
		if want := `{"reference":"pkcs11:token=a;id=%01&x=<é>",` + test.want + "\n"; err != nil || string(line) != want {
			t.Errorf("%s: line %s, %v, want %s", test.key, line, err, want)
		}
	}
}

// What a reference may hold arrives as it is, with nothing that sed would have to
// undo.
func TestReferenceIsNotEscaped(t *testing.T) {
	quoted := regexp.MustCompile(`"reference":"([^"]*)"`)
	for r := rune(1); r < 0x2100; r++ {
		reference := "a" + string(r)
		if checkReference(reference) != nil {
			continue
		}
		line, err := encode(describeRequest{reference})
		if err != nil || string(quoted.FindSubmatch(line)[1]) != reference {
			t.Errorf("%q is written %q, %v", reference, line, err)
		}
	}
}

// The salt's longest length is the one that crypto/rsa takes by itself.
func TestLongestSalt(t *testing.T) {
	for _, name := range []string{"rsa2048", "rsa3072", "rsa4096"} {
		key, err := readKey(keyFolder, name)
		if err != nil {
			t.Fatal(err)
		}
		pub := key.Public().(*rsa.PublicKey)
		pss := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto, Hash: crypto.SHA256}
		n, err := saltLength(pub, pss)
		if err != nil {
			t.Fatal(err)
		}
		zeros := bytes.NewReader(make([]byte, 1024))
		signature, err := key.Sign(zeros, digest[:], pss)
		if err != nil {
			t.Fatal(err)
		}
		exact := &rsa.PSSOptions{SaltLength: n}
		if err := rsa.VerifyPSS(pub, crypto.SHA256, digest[:], signature, exact); err != nil {
			t.Errorf("%s: salt of %d bytes: %v", name, n, err)
		}
	}
}

// A request is understood by Serve as it was meant.
func TestRequestOptions(t *testing.T) {
	for _, test := range []struct {
		request signRequest
		want    crypto.SignerOpts
	}{
		{signRequest{Algorithm: algorithmRSA, Hash: "sha512", Digest: strings.Repeat("0f", 64)}, crypto.SHA512},
		{signRequest{Algorithm: algorithmECDSA, Hash: "sha384", Digest: strings.Repeat("0F", 48)}, crypto.SHA384},
		{signRequest{Algorithm: algorithmEd25519, Message: []byte("m")}, crypto.Hash(0)},
	} {
		if _, got, err := test.request.options(); err != nil || got != test.want {
			t.Errorf("%+v: %v, %v, want %v", test.request, got, err, test.want)
		}
	}
	for salt, want := range map[int]int{32: rsa.PSSSaltLengthEqualsHash, 20: 20, 222: 222} {
		r := signRequest{Algorithm: algorithmPSS, Hash: "sha256", SaltLength: salt, Digest: strings.Repeat("00", 32)}
		_, opts, err := r.options()
		if err != nil || opts.(*rsa.PSSOptions).SaltLength != want {
			t.Errorf("salt of %d bytes: %+v, %v, want %d", salt, opts, err, want)
		}
	}
}
