package mcuboot

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// signer loads a key of testdata/keys.
func signer(t testing.TB, name string) crypto.Signer {
	t.Helper()
	data, err := os.ReadFile("../testdata/keys/" + name + ".pem")
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(crypto.Signer)
}

// scalar is the private key first, first+1, ... on curve.
func scalar(t testing.TB, curve ecdh.Curve, first byte) *ecdh.PrivateKey {
	t.Helper()
	key, err := curve.NewPrivateKey(count(first, 32))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// count returns n bytes that count up from first.
func count(first byte, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

// random is randomness that repeats.
func random() io.Reader { return rand.NewChaCha8([32]byte{1}) }

// mustBuild builds the image of 1000 bytes of firmware with a header put in
// front.
func mustBuild(t testing.TB, o Options) *Image {
	t.Helper()
	o.PadHeader = true
	img, err := Build(testBody(0, 1000), o)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func mustMarshal(t testing.TB, img *Image) []byte {
	t.Helper()
	data, err := img.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// wantError checks the text of an error.
func wantError(t testing.TB, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}

// types returns the types of TLVs as text.
func types(tlvs []TLV) string {
	var names []string
	for _, tlv := range tlvs {
		names = append(names, tlv.Type.String())
	}
	return strings.Join(names, " ")
}

// sameImage checks that two images have the same bytes.
func sameImage(t testing.TB, got, want *Image) {
	t.Helper()
	if !bytes.Equal(mustMarshal(t, got), mustMarshal(t, want)) {
		t.Errorf("image %+v, want %+v", got, want)
	}
}

// hexDigest is the digest at the end of an unsigned image.
func hexDigest(data []byte) string { return hex.EncodeToString(data[len(data)-32:]) }
