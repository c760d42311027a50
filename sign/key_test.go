package sign

import (
	"crypto/x509"
	"testing"
	"time"
)

// certified is the P-256 key with another certificate of it.
func certified(t *testing.T, certificate string, chain ...string) Key {
	t.Helper()
	k := cmsKey(t, "ec-p256")
	k.Name = "release"
	k.Certificate = certificates(t, certificate)[0]
	k.Chain = certificates(t, chain...)
	return k
}

func chained(t *testing.T, chain ...string) Key {
	t.Helper()
	k := cmsKey(t, "leaf")
	k.Name, k.Chain = "release", certificates(t, chain...)
	return k
}

func TestCheckAccepts(t *testing.T) {
	for _, c := range []struct {
		name    string
		key     Key
		purpose Purpose
	}{
		{"email protection", certified(t, "ec-p256"), ""},
		{"email protection by name", certified(t, "ec-p256"), PurposeEmailProtection},
		{"no extended key usage", certified(t, "no-eku"), ""},
		{"no usage", certified(t, "no-usage"), ""},
		{"non-repudiation", certified(t, "non-repudiation"), ""},
		{"both", certified(t, "both-purposes"), ""},
		{"both, code signing", certified(t, "both-purposes"), PurposeCodeSigning},
		{"code signing", certified(t, "code-signing"), PurposeCodeSigning},
		{"chain", chained(t, "intermediate"), ""},
		{"chain with root", chained(t, "intermediate", "ca"), ""},
		{"no chain", chained(t), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.key.Check(SchemeCMS, now, c.purpose); err != nil {
				t.Error(err)
			}
		})
	}
}

// called is how errors name a certificate of the test set.
func called(name, serial string) string {
	return `certificate "CN=fwpack test ` + name + `,O=TEST ONLY" (serial ` + serial + `)`
}

func TestCheckRefuses(t *testing.T) {
	mismatched := cmsKey(t, "ec-p384")
	mismatched.Name, mismatched.Certificate = "release", certificate(t, "ec-p256")
	pss := certified(t, "ec-p256")
	pss.PSS = true
	const email = ": purpose emailProtection demands extended key usage emailProtection, or none at all"
	const code = ": purpose codeSigning demands extended key usage codeSigning"
	for _, c := range []struct {
		name    string
		key     Key
		purpose Purpose
		want    string
	}{
		{"another key", mismatched, "", called("ec-p256", "06") +
			" belongs to another key: it holds ECDSA P-256 " + short(t, "ec-p256") + ", the key is ECDSA P-384 " + short(t, "ec-p384")},
		{"expired", certified(t, "expired"), "", called("expired", "C8") + " expired at 2021-01-01T00:00:00Z, and it is 2026-03-01T12:00:00Z"},
		{"future", certified(t, "not-yet-valid"), "", called("not yet valid", "C9") +
			" is not valid before 2110-01-01T00:00:00Z, and it is 2026-03-01T12:00:00Z"},
		{"wrong purpose", certified(t, "wrong-purpose"), "", called("wrong-purpose", "69") + " is for serverAuth" + email},
		{"any purpose", certified(t, "any-purpose"), "", called("any-purpose", "6A") + " is for anyExtendedKeyUsage" + email},
		{"code signing", certified(t, "code-signing"), "", called("code-signing", "67") + " is for codeSigning" + email},
		{"email protection", certified(t, "ec-p256"), PurposeCodeSigning, called("ec-p256", "06") + " is for emailProtection" + code},
		{"no purpose", certified(t, "no-eku"), PurposeCodeSigning, called("no-eku", "64") + " is for no purpose in particular" + code},
		{"any purpose, code signing", certified(t, "any-purpose"), PurposeCodeSigning, called("any-purpose", "6A") + " is for anyExtendedKeyUsage" + code},
		{"wrong usage", certified(t, "wrong-usage"), "", called("wrong-usage", "6B") +
			" may not sign: its key usage has neither digitalSignature nor nonRepudiation"},
		{"chain of another", certified(t, "ec-p256", "intermediate"), "", "chain, certificate 1: " + called("intermediate", "012D") +
			" did not issue " + called("ec-p256", "06") + `, which names issuer "CN=fwpack test ec-p256,O=TEST ONLY"`},
		{"chain in disorder", chained(t, "ca", "intermediate"), "", "chain, certificate 1: " + called("root", "012C") +
			" did not issue " + called("leaf", "012E") + `, which names issuer "CN=fwpack test intermediate,O=TEST ONLY"`},
		{"chain with the leaf", chained(t, "leaf", "intermediate"), "", "chain, certificate 1: " + called("leaf", "012E") +
			" is the key's own: the chain begins with its issuer"},
		{"chain with a gap", chained(t, "intermediate", "ec-p256"), "", "chain, certificate 2: " + called("ec-p256", "06") +
			" did not issue " + called("intermediate", "012D") + `, which names issuer "CN=fwpack test root,O=TEST ONLY"`},
		{"pss", pss, "", "PSS is for RSA, and this is ECDSA P-256"},
		{"ed25519", Key{Name: "release", Signer: privateKey(t, "ed25519"), Certificate: certificate(t, "ed25519")}, "",
			"Ed25519 does not sign a CMS: OpenSSL 3.0 cannot verify it, and so no SWUpdate: want RSA or ECDSA"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantError(t, c.key.Check(SchemeCMS, now, c.purpose), `key "release": `+c.want)
		})
	}
}

func short(t *testing.T, name string) string {
	t.Helper()
	f, err := Fingerprint(privateKey(t, name).Public())
	if err != nil {
		t.Fatal(err)
	}
	return f[:len("sha256:")+16]
}

func TestCheckRefusesForRSASchemes(t *testing.T) {
	rsaKey := Key{Name: "release", Signer: privateKey(t, "rsa2048")}
	with := func(change func(*Key)) Key { k := rsaKey; change(&k); return k }
	for _, c := range []struct {
		key  Key
		want string
	}{
		{Key{Name: "release", Signer: privateKey(t, "ec-p256")}, "scheme rsa-pss signs with RSA, and this is ECDSA P-256"},
		{Key{Name: "release", Signer: privateKey(t, "ed25519")}, "scheme rsa-pss signs with RSA, and this is Ed25519"},
		{with(func(k *Key) { k.Digest = DigestSHA512 }), "digest sha512: SWUpdate verifies scheme rsa-pss with sha256 only"},
		{with(func(k *Key) { k.PSS = true }), "PSS is an option of scheme cms; beside it there is scheme rsa-pss"},
		{with(func(k *Key) { k.Certificate = certificate(t, "rsa2048") }),
			"scheme rsa-pss has no place for a certificate, which only scheme cms ships"},
		{with(func(k *Key) { k.Chain = certificates(t, "ca") }),
			"scheme rsa-pss has no place for a certificate, which only scheme cms ships"},
		{with(func(k *Key) { k.Signer = claims{opaque{k.Signer}, certificate(t, "rsa1024").PublicKey} }),
			"RSA-1024 is too short: want at least 2048 bits"},
		{with(func(k *Key) { k.Signer = claims{opaque{k.Signer}, nil} }), "key of an unknown kind: want RSA, ECDSA or Ed25519"},
	} {
		wantError(t, c.key.Check(SchemeRSAPSS, now, ""), `key "release": `+c.want)
	}
	wantError(t, rsaKey.Check("pgp", now, ""), `scheme "pgp": want cms, rsa-pkcs1v15 or rsa-pss`)
	wantError(t, rsaKey.Check(SchemeRSAPSS, now, "tls"), `purpose "tls": want emailProtection or codeSigning`)
}

func TestValidityIsInclusive(t *testing.T) {
	c := certificate(t, "expired")
	for at, want := range map[time.Time]bool{
		c.NotBefore:                   true,
		c.NotBefore.Add(-time.Second): false,
		c.NotAfter:                    true,
		c.NotAfter.Add(time.Second):   false,
	} {
		if err := checkPeriod(c, at); (err == nil) != want {
			t.Errorf("at %v: %v", at, err)
		}
	}
}

// A name may hold what a terminal would act on.
func TestNamesAreSafe(t *testing.T) {
	c := &x509.Certificate{SerialNumber: certificate(t, "ca").SerialNumber}
	c.Subject.CommonName = "a\x1b[2J\nb"
	const want = "certificate \"CN=a\ufffd[2J\ufffdb\" (serial 012C)"
	if got := nameCertificate(c); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
