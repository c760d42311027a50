package sign

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"testing"
	"time"
)

func signed(t testing.TB, scheme Scheme, opt Options, keys ...Key) []byte {
	t.Helper()
	signature, err := Sign(scheme, message, keys, opt)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func TestVerifyTrust(t *testing.T) {
	leaf, direct := leafKey(t, "leaf"), cmsKey(t, "leaf")
	direct.Certificate = certificate(t, "ca-leaf")
	code := certified(t, "code-signing")
	with := func(trust Trust, change func(*Trust)) Trust { change(&trust); return trust }
	const leafName = `signature of "CN=fwpack test leaf,O=TEST ONLY": `
	const unknown = " is not trusted: x509: certificate signed by unknown authority"
	for _, c := range []struct {
		name  string
		keys  []Key
		trust Trust
		want  string
	}{
		{"root", []Key{leaf}, trust(t, "ca"), ""},
		{"root among others", []Key{leaf}, trust(t, "rsa2048", "ca", "ec-p256"), ""},
		{"below the root", []Key{direct}, trust(t, "ca"), ""},
		{"another root", []Key{leaf}, trust(t, "ec-p256"), leafName + called("leaf", "012E") + unknown},
		{"shipped chain ignored", []Key{leaf}, with(trust(t, "ca"), func(t *Trust) { t.IgnoreShipped = true }),
			leafName + called("leaf", "012E") + unknown},
		{"chain in the trust file", []Key{leaf}, with(trust(t, "ca", "intermediate"), func(t *Trust) { t.IgnoreShipped = true }), ""},
		{"only the intermediate", []Key{leaf}, trust(t, "intermediate"),
			"scheme cms: nothing to trust: want a self-signed certificate, as SWUpdate ends every chain at one"},
		{"the leaf and another root", []Key{leaf}, trust(t, "leaf", "ec-p256"), leafName + called("leaf", "012E") + unknown},
		{"nothing", []Key{leaf}, Trust{Now: now}, "scheme cms: nothing to trust: want a self-signed certificate, as SWUpdate ends every chain at one"},
		{"no time", []Key{leaf}, Trust{Roots: certificates(t, "ca")}, "scheme cms: trust has no time to check certificates at"},
		{"no such purpose", []Key{leaf}, with(trust(t, "ca"), func(t *Trust) { t.Purpose = "tls" }),
			`purpose "tls": want emailProtection or codeSigning`},
		{"code signing", []Key{code}, with(trust(t, "code-signing"), func(t *Trust) { t.Purpose = PurposeCodeSigning }), ""},
		{"code signing for mail", []Key{code}, trust(t, "code-signing"), `signature of "CN=fwpack test code-signing,O=TEST ONLY": ` +
			called("code-signing", "67") + " is for codeSigning: purpose emailProtection demands extended key usage emailProtection, or none at all"},
		{"expired", []Key{certified(t, "expired")}, trust(t, "expired"), `signature of "CN=fwpack test expired,O=TEST ONLY": ` +
			called("expired", "C8") + " expired at 2021-01-01T00:00:00Z, and it is 2026-03-01T12:00:00Z"},
		{"expired, in its time", []Key{certified(t, "expired")},
			with(trust(t, "expired"), func(t *Trust) { t.Now = time.Date(2020, 6, 1, 0, 0, 0, 0, time.UTC) }), ""},
		{"one of two signers", []Key{leaf, cmsKey(t, "rsa2048")}, trust(t, "ca"),
			`signature of "CN=fwpack test rsa2048,O=TEST ONLY": ` + called("rsa2048", "02") + unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Verify(SchemeCMS, message, signed(t, SchemeCMS, Options{}, c.keys...), c.trust)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, c.want)
			var refused *VerificationError
			if isTrust := c.want[:6] == "scheme" || c.want[:7] == "purpose"; errors.As(err, &refused) == isTrust {
				t.Errorf("%T: only a refused signature is a VerificationError", err)
			}
		})
	}
}

func TestVerifyRSARefuses(t *testing.T) {
	key := Key{Name: "rsa2048", Signer: privateKey(t, "rsa2048")}
	keys := func(names ...string) (all []crypto.PublicKey) {
		for _, name := range names {
			all = append(all, privateKey(t, name).Public())
		}
		return all
	}
	pkcs1 := signed(t, SchemeRSAPKCS1v15, Options{}, key)
	pss := signed(t, SchemeRSAPSS, Options{Rand: seeded()}, key)
	const mismatch = "signature: no trusted key made it over this message by scheme "
	for _, c := range []struct {
		name      string
		scheme    Scheme
		message   []byte
		signature []byte
		keys      []crypto.PublicKey
		want      string
	}{
		{"another message", SchemeRSAPKCS1v15, message[1:], pkcs1, keys("rsa2048"), mismatch + "rsa-pkcs1v15"},
		{"another key", SchemeRSAPKCS1v15, message, pkcs1, keys("rsa2048-leaf"), mismatch + "rsa-pkcs1v15"},
		{"pss for v1.5", SchemeRSAPKCS1v15, message, pss, keys("rsa2048"), mismatch + "rsa-pkcs1v15"},
		{"v1.5 for pss", SchemeRSAPSS, message, pkcs1, keys("rsa2048"), mismatch + "rsa-pss"},
		{"flipped", SchemeRSAPSS, message, flip(pss, 7), keys("rsa2048"), mismatch + "rsa-pss"},
		{"longer key", SchemeRSAPSS, message, pss, keys("rsa3072"), "signature: 256 bytes: scheme rsa-pss with RSA-3072 makes 384"},
		{"too long", SchemeRSAPSS, message, append(pss[:256:256], 0), keys("rsa2048"), "signature: 257 bytes: scheme rsa-pss with RSA-2048 makes 256"},
		{"empty", SchemeRSAPKCS1v15, message, nil, keys("rsa2048"), "signature: 0 bytes: scheme rsa-pkcs1v15 with RSA-2048 makes 256"},
		{"no keys", SchemeRSAPSS, message, pss, nil, "scheme rsa-pss: nothing to trust: want an RSA public key"},
		{"ec key", SchemeRSAPSS, message, pss, keys("ec-p256"), "scheme rsa-pss: ECDSA P-256: want an RSA public key"},
		{"weak key", SchemeRSAPSS, message, pss, []crypto.PublicKey{certificate(t, "rsa1024").PublicKey},
			"scheme rsa-pss: RSA-1024 is too short: want at least 2048 bits"},
		{"no scheme", "", message, pss, keys("rsa2048"), `scheme "": want cms, rsa-pkcs1v15 or rsa-pss`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Verify(c.scheme, c.message, c.signature, Trust{Keys: c.keys})
			wantError(t, err, c.want)
		})
	}
}

func flip(data []byte, at int) []byte {
	changed := bytes.Clone(data)
	changed[at] ^= 1
	return changed
}

// No byte of a CMS may change without notice, except in what nobody signs:
// the lengths of DER leave no room, so that is versions and the repeated list
// of digests. What verifies all the same must verify as the same signer.
func TestVerifyDamagedCMS(t *testing.T) {
	signature := signed(t, SchemeCMS, Options{}, leafKey(t, "leaf"))
	roots := trust(t, "ca")
	accepted := 0
	for at := range signature {
		signers, err := Verify(SchemeCMS, message, flip(signature, at), roots)
		if err != nil {
			var refused *VerificationError
			if !errors.As(err, &refused) {
				t.Errorf("byte %d: %T: %v", at, err, err)
			}
			continue
		}
		accepted++
		if len(signers) != 1 || !signers[0].Certificate.Equal(certificate(t, "leaf")) {
			t.Errorf("byte %d: another signer", at)
		}
	}
	if accepted > 20 {
		t.Errorf("%d of %d bytes may change", accepted, len(signature))
	}
	for length := range signature {
		if _, err := Verify(SchemeCMS, message, signature[:length], roots); err == nil {
			t.Errorf("%d of %d bytes verify", length, len(signature))
		}
	}
}

func TestVerifyIgnoresTrailingBytes(t *testing.T) {
	signature := append(signed(t, SchemeCMS, Options{}, cmsKey(t, "ec-p256")), 0, 0, 0)
	if _, err := Verify(SchemeCMS, message, signature, trust(t, "ec-p256")); err != nil {
		t.Error(err)
	}
}

// An issuer that may only issue for TLS does not make firmware signers.
func TestVerifyIssuerPurpose(t *testing.T) {
	restricted := *certificate(t, "intermediate")
	restricted.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	want := called("intermediate", "012D") + " issues only for serverAuth, not for emailProtection"
	wantError(t, issuersServe([]*x509.Certificate{certificate(t, "ca"), &restricted}, ""), want)
	if err := issuersServe([]*x509.Certificate{&restricted}, PurposeCodeSigning); err != nil {
		t.Error(err)
	}
}

// A client that skips unknown signers goes by those that it knows.
func TestVerifySkipUnknown(t *testing.T) {
	known, stranger := cmsKey(t, "ec-p256"), cmsKey(t, "rsa2048")
	both := signed(t, SchemeCMS, Options{}, known, stranger)
	roots := trust(t, "ec-p256")
	if _, err := Verify(SchemeCMS, message, both, roots); err == nil {
		t.Error("an unknown signer is skipped unasked")
	}
	roots.SkipUnknown = true
	signers, err := Verify(SchemeCMS, message, both, roots)
	if err != nil || len(signers) != 1 || signers[0].Subject != "CN=fwpack test ec-p256,O=TEST ONLY" {
		t.Errorf("%+v, %v", signers, err)
	}
	if _, err := Verify(SchemeCMS, []byte("another"), both, roots); err == nil {
		t.Error("another message")
	}
	others := trust(t, "ec-p384")
	others.SkipUnknown = true
	if _, err := Verify(SchemeCMS, message, both, others); err == nil {
		t.Error("nobody is known")
	}
}
