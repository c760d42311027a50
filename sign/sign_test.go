package sign

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

var message = []byte("software = {\n\tversion = \"1.0\";\r\n};\n")

// cmsCase is one way to sign a CMS.
type cmsCase struct {
	name  string
	keys  []Key
	roots []string
	opt   Options
}

// cmsCases is every kind of key with every digest, and what else changes the
// structure.
func cmsCases(t testing.TB) []cmsCase {
	var cases []cmsCase
	for _, name := range []string{"rsa2048", "rsa3072", "rsa4096", "ec-p256", "ec-p384", "ec-p521"} {
		for _, digest := range Digests() {
			if name > "rsa2048" && digest != DigestSHA256 {
				continue // long keys are slow, and no different
			}
			k := cmsKey(t, name)
			k.Digest = digest
			cases = append(cases, cmsCase{name: name + " " + string(digest), keys: []Key{k}, roots: []string{name}})
			if strings.HasPrefix(name, "rsa") {
				k.PSS = true
				cases = append(cases, cmsCase{name + " pss " + string(digest), []Key{k}, []string{name}, Options{Rand: seeded()}})
			}
		}
	}
	timed := cmsCase{"signing time", []Key{cmsKey(t, "ec-p256")}, []string{"ec-p256"}, Options{SigningTime: now}}
	late := cmsCase{"signing time after 2049", []Key{cmsKey(t, "ec-p256")}, []string{"ec-p256"},
		Options{SigningTime: time.Date(2051, 2, 3, 4, 5, 6, 7, time.UTC)}}
	chain := cmsCase{name: "chain", keys: []Key{leafKey(t, "leaf")}, roots: []string{"ca"}}
	rsaChain := cmsCase{name: "chain rsa", keys: []Key{leafKey(t, "rsa2048-leaf")}, roots: []string{"ca"}}
	trusted := cmsCase{name: "chain in the trust file", keys: []Key{cmsKey(t, "leaf")}, roots: []string{"ca", "intermediate"}}
	several := cmsCase{name: "three signers", roots: []string{"ca", "ec-p384", "rsa2048"}, opt: Options{Rand: seeded()}}
	several.keys = []Key{leafKey(t, "leaf"), cmsKey(t, "ec-p384"), cmsKey(t, "rsa2048")}
	several.keys[1].Digest = DigestSHA384
	several.keys[2].PSS = true
	shared := cmsCase{name: "two signers, one chain", roots: []string{"ca"}}
	shared.keys = []Key{leafKey(t, "leaf"), leafKey(t, "rsa2048-leaf")}
	return append(cases, timed, late, chain, rsaChain, trusted, several, shared)
}

func TestSignCMS(t *testing.T) {
	for _, c := range cmsCases(t) {
		t.Run(c.name, func(t *testing.T) {
			signature, err := Sign(SchemeCMS, message, c.keys, c.opt)
			if err != nil {
				t.Fatal(err)
			}
			signers, err := Verify(SchemeCMS, message, signature, trust(t, c.roots...))
			if err != nil {
				t.Fatal(err)
			}
			if len(signers) != len(c.keys) {
				t.Errorf("%d signers, want %d", len(signers), len(c.keys))
			}
			_, err = Verify(SchemeCMS, append(message, '\n'), signature, trust(t, c.roots...))
			var refused *VerificationError
			if !errors.As(err, &refused) {
				t.Errorf("another message: error %v, want a VerificationError", err)
			}
			for _, k := range c.keys {
				if err := k.Check(SchemeCMS, now, ""); err != nil {
					t.Errorf("check: %v", err)
				}
			}
		})
	}
}

func TestSignRSA(t *testing.T) {
	for _, scheme := range []Scheme{SchemeRSAPKCS1v15, SchemeRSAPSS} {
		for _, name := range []string{"rsa2048", "rsa3072", "rsa4096"} {
			t.Run(string(scheme)+" "+name, func(t *testing.T) {
				keys := []Key{{Name: name, Signer: privateKey(t, name)}}
				signature, err := Sign(scheme, message, keys, Options{Rand: seeded()})
				if err != nil {
					t.Fatal(err)
				}
				other := privateKey(t, "rsa2048-leaf").Public()
				own := keys[0].Signer.Public()
				signers, err := Verify(scheme, message, signature, Trust{Keys: []crypto.PublicKey{other, own}})
				if err != nil {
					t.Fatal(err)
				}
				if want, _ := Fingerprint(own); signers[0].KeyFingerprint != want || signers[0].Algorithm != string(scheme) {
					t.Errorf("signer %+v", signers[0])
				}
				if err := keys[0].Check(scheme, now, ""); err != nil {
					t.Errorf("check: %v", err)
				}
			})
		}
	}
}

func TestSignRepeats(t *testing.T) {
	for _, c := range cmsCases(t) {
		t.Run(c.name, func(t *testing.T) {
			opt := c.opt
			opt.Rand = seeded()
			first, err := Sign(SchemeCMS, message, c.keys, opt)
			if err != nil {
				t.Fatal(err)
			}
			opt.Rand = seeded()
			second, err := Sign(SchemeCMS, message, c.keys, opt)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first, second) {
				t.Error("two signatures differ")
			}
		})
	}
}

// A token's key has a type that nobody here knows.
func TestSignOpaque(t *testing.T) {
	for _, c := range cmsCases(t) {
		t.Run(c.name, func(t *testing.T) {
			want, err := Sign(SchemeCMS, message, c.keys, Options{SigningTime: c.opt.SigningTime, Rand: seeded()})
			if err != nil {
				t.Fatal(err)
			}
			keys := changed(c.keys, func(k Key) Key { k.Signer = opaque{k.Signer}; return k })
			got, err := Sign(SchemeCMS, message, keys, Options{SigningTime: c.opt.SigningTime, Rand: seeded()})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Verify(SchemeCMS, message, got, trust(t, c.roots...)); err != nil {
				t.Error(err)
			}
			if isRSA(keys[0].Signer.Public()) && len(keys) == 1 && !bytes.Equal(got, want) {
				t.Error("RSA: the signature differs from the one of the key in process")
			}
		})
	}
}

func changed(keys []Key, f func(Key) Key) []Key {
	var result []Key
	for _, k := range keys {
		result = append(result, f(k))
	}
	return result
}

func TestSignRefusesForeignSignature(t *testing.T) {
	rsaKey, other := privateKey(t, "rsa2048"), privateKey(t, "rsa2048-leaf")
	lie := claims{opaque{other}, rsaKey.Public()}
	const want = `key "slot 2": the signature just made does not match its public key: it was made by another key, or by another algorithm than `
	_, err := Sign(SchemeRSAPKCS1v15, message, []Key{{Name: "slot 2", Signer: lie}}, Options{})
	wantError(t, err, want+"rsa-pkcs1v15 with sha256")
	_, err = Sign(SchemeRSAPSS, message, []Key{{Name: "slot 2", Signer: lie}}, Options{Rand: seeded()})
	wantError(t, err, want+"rsa-pss with sha256")
	_, err = Sign(SchemeCMS, message, []Key{{Name: "slot 2", Signer: lie, Certificate: certificate(t, "rsa2048"), Digest: DigestSHA512}}, Options{})
	wantError(t, err, want+"rsa-pkcs1v15 with sha512")
}

// broken is a token that cannot sign.
type broken struct{ opaque }

var errToken = errors.New("token removed")

func (broken) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errToken }

func TestSignerError(t *testing.T) {
	k := cmsKey(t, "ec-p256")
	k.Signer = broken{opaque{k.Signer}}
	_, err := Sign(SchemeCMS, message, []Key{k}, Options{})
	wantError(t, err, `key "ec-p256": signing: token removed`)
	if !errors.Is(err, errToken) {
		t.Error("the error of the signer is lost")
	}
}

func TestSignRefuses(t *testing.T) {
	rsaKey := Key{Name: "rsa", Signer: privateKey(t, "rsa2048")}
	ec := cmsKey(t, "ec-p256")
	with := func(k Key, change func(*Key)) []Key { change(&k); return []Key{k} }
	for _, c := range []struct {
		name   string
		scheme Scheme
		keys   []Key
		opt    Options
		want   string
	}{
		{"scheme", "pgp", nil, Options{}, `scheme "pgp": want cms, rsa-pkcs1v15 or rsa-pss`},
		{"no scheme", "", nil, Options{}, `scheme "": want cms, rsa-pkcs1v15 or rsa-pss`},
		{"no key", SchemeCMS, nil, Options{}, "scheme cms: no key to sign with"},
		{"two keys", SchemeRSAPSS, []Key{rsaKey, rsaKey}, Options{},
			"scheme rsa-pss: 2 keys: want one, as only scheme cms holds several signatures"},
		{"time", SchemeRSAPKCS1v15, []Key{rsaKey}, Options{SigningTime: now},
			"scheme rsa-pkcs1v15: no place for a signing time, which only scheme cms records"},
		{"no rand", SchemeRSAPSS, []Key{rsaKey}, Options{}, `key "rsa": RSA-PSS needs a source of randomness for its salt`},
		{"no rand in cms", SchemeCMS, with(cmsKey(t, "rsa2048"), func(k *Key) { k.PSS = true }), Options{},
			`key "rsa2048": RSA-PSS needs a source of randomness for its salt`},
		{"no signer", SchemeRSAPSS, []Key{{Name: "x"}}, Options{}, `key "x": no private key`},
		{"no name", SchemeRSAPSS, []Key{{}}, Options{}, `key: no private key`},
		{"no certificate", SchemeCMS, []Key{rsaKey}, Options{}, `key "rsa": scheme cms needs the certificate of the key`},
		{"digest", SchemeCMS, with(ec, func(k *Key) { k.Digest = "sha1" }), Options{},
			`key "ec-p256": digest "sha1": want sha256, sha384 or sha512`},
		{"twice", SchemeCMS, []Key{ec, ec}, Options{}, `certificate "CN=fwpack test ec-p256,O=TEST ONLY" signs twice`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Sign(c.scheme, message, c.keys, c.opt)
			wantError(t, err, c.want)
			if strings.HasPrefix(c.name, "no rand") {
				return // Size makes no salt
			}
			_, err = Size(c.scheme, c.keys, c.opt)
			wantError(t, err, c.want)
		})
	}
}

// untouchable is a key that must not be used.
type untouchable struct{ opaque }

func (untouchable) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	panic("the private key was used")
}

func TestSize(t *testing.T) {
	for _, c := range cmsCases(t) {
		t.Run(c.name, func(t *testing.T) {
			signature, err := Sign(SchemeCMS, message, c.keys, c.opt)
			if err != nil {
				t.Fatal(err)
			}
			keys := changed(c.keys, func(k Key) Key { k.Signer = untouchable{opaque{k.Signer}}; return k })
			size, err := Size(SchemeCMS, keys, c.opt)
			if err != nil {
				t.Fatal(err)
			}
			slack := 0
			for _, k := range keys {
				if !isRSA(k.Signer.Public()) {
					slack += 4
				}
			}
			if len(signature) < size-slack || len(signature) > size+slack {
				t.Errorf("size %d, signature %d bytes", size, len(signature))
			}
		})
	}
	size, err := Size(SchemeRSAPSS, []Key{{Signer: privateKey(t, "rsa3072")}}, Options{})
	if err != nil || size != 384 {
		t.Errorf("size %d, error %v, want 384", size, err)
	}
}

// The length that Size gives for ECDSA must be the one most signatures have.
func TestSizeIsTheMostLikely(t *testing.T) {
	for name, samples := range map[string]int{"ec-p256": 400, "ec-p384": 100, "ec-p521": 60} {
		key := privateKey(t, name)
		counts := map[int]int{}
		for i := range samples {
			digest := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
			signature, err := key.Sign(nil, digest[:], crypto.SHA256)
			if err != nil {
				t.Fatal(err)
			}
			counts[len(signature)]++
		}
		size := signatureSize(key.Public())
		for length, n := range counts {
			if n > counts[size] {
				t.Errorf("%s: size %d, but %d bytes are more frequent: %v", name, size, length, counts)
			}
		}
	}
}
