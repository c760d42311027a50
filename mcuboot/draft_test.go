package mcuboot

import (
	"bytes"
	"testing"
)

// A draft for a stand-in is as large as the image of any key of the type can get.
func TestDraftOfStandIn(t *testing.T) {
	for _, kind := range []KeyType{0, RSA2048, RSA3072, ECDSAP256, ECDSAP384, Ed25519} {
		o := Options{PadHeader: true}
		unsigned, err := Build(testBody(0, 1000), o)
		if err != nil {
			t.Fatal(err)
		}
		o.Signing.PublicKey = StandIn(kind)
		r, err := ToBeSigned(testBody(0, 1000), o)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if r.KeyType != kind {
			t.Errorf("%s: a request for %s", kind, r.KeyType)
		}
		draft, err := r.Draft()
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		want := map[KeyType]int{0: 0, RSA2048: 36 + 260, RSA3072: 36 + 388, ECDSAP256: 36 + 76, ECDSAP384: 16 + 52 + 108, Ed25519: 36 + 68}[kind]
		if got := draft.Size() - unsigned.Size(); got != want {
			t.Errorf("%s: %d bytes more than unsigned, want %d", kind, got, want)
		}
	}
}

// A draft of an encrypted image can be read, and has the flags and the size of the
// encrypted one.
func TestDraftOfEncrypted(t *testing.T) {
	for _, kind := range []KeyType{RSA2048, ECDSAP256, X25519} {
		o := Options{PadHeader: true, Encryption: &Encryption{Recipient: StandIn(kind), Rand: random()}}
		encrypted, err := Build(testBody(0, 1000), o)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		r, err := ToBeSigned(testBody(0, 1000), o)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		draft, err := r.Draft()
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if draft.Size() != encrypted.Size() || draft.Header != encrypted.Header {
			t.Errorf("%s: draft of %d bytes, header %+v: want %d, %+v", kind, draft.Size(), draft.Header, encrypted.Size(), encrypted.Header)
		}
		if !bytes.HasPrefix(draft.Body, testBody(0, 1000)) || bytes.HasPrefix(encrypted.Body, testBody(0, 16)) {
			t.Errorf("%s: the draft is encrypted, or the image is not", kind)
		}
	}
}

// The signature of a request is good for another one of the same input, as the key
// that encrypts is none of its business.
func TestRequestSign(t *testing.T) {
	key := signer(t, "ed25519")
	o := Options{PadHeader: true, Signing: Signing{PublicKey: key.Public()}, Encryption: &Encryption{Recipient: StandIn(X25519), Rand: random()}}
	first, err := ToBeSigned(testBody(0, 1000), o)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := first.Sign(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.Encryption.Clear = true
	second, err := ToBeSigned(testBody(0, 1000), o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := second.Attach(signature); err != nil {
		t.Error(err)
	}
	nobody, err := ToBeSigned(testBody(0, 1000), Options{PadHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nobody.Sign(key, nil); err == nil {
		t.Error("a request for nobody was signed")
	}
}
