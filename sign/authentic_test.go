package sign

import (
	"crypto"
	"crypto/rand"
	"testing"
)

// Whose signature it is, only the message tells.
func TestAuthentic(t *testing.T) {
	message := []byte("a description")
	keys := []Key{cmsKey(t, "rsa2048"), cmsKey(t, "ec-p256")}
	cms, err := Sign(SchemeCMS, message, keys, Options{Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	results, err := Authentic(cms, message)
	if err != nil || len(results) != 2 || results[0] != nil || results[1] != nil {
		t.Errorf("%v %v", results, err)
	}
	results, err = Authentic(cms, []byte("another"))
	if err != nil || len(results) != 2 || results[0] == nil || results[1] == nil {
		t.Errorf("another message: %v %v", results, err)
	}
	if _, err := Authentic([]byte("no CMS"), message); err == nil {
		t.Error("what is no CMS has signers")
	}
}

func TestRawSigner(t *testing.T) {
	message := []byte("a description")
	rsa2048, rsa3072, ec := cmsKey(t, "rsa2048"), cmsKey(t, "rsa3072"), cmsKey(t, "ec-p256")
	ring := []crypto.PublicKey{ec.Signer.Public(), rsa3072.Signer.Public(), rsa2048.Signer.Public()}
	for _, scheme := range []Scheme{SchemeRSAPKCS1v15, SchemeRSAPSS} {
		signature, err := Sign(scheme, message, []Key{{Name: "k", Signer: rsa2048.Signer}}, Options{Rand: rand.Reader})
		if err != nil {
			t.Fatal(err)
		}
		key, found, ok := RawSigner(signature, message, ring)
		if !ok || found != scheme || !samePublicKey(key, rsa2048.Signer.Public()) {
			t.Errorf("%s: %s %v", scheme, found, ok)
		}
		if _, _, ok := RawSigner(signature, []byte("another"), ring); ok {
			t.Errorf("%s: signs another message", scheme)
		}
		if _, _, ok := RawSigner(signature, message, ring[:2]); ok {
			t.Errorf("%s: made by a key that did not", scheme)
		}
	}
}
