package swufile

import (
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/pack/swutest"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// signer is a test key with certificates: its own first, then those above it.
func signer(t testing.TB, private string, certificates ...string) sign.Key {
	t.Helper()
	pem, err := os.ReadFile(key(private + ".pem"))
	if err != nil {
		t.Fatal(err)
	}
	k := sign.Key{Name: private}
	if k.Signer, err = sign.ParsePrivateKey(pem, nil); err != nil {
		t.Fatal(err)
	}
	for _, name := range certificates {
		pem, err := os.ReadFile(key(name + ".crt"))
		if err != nil {
			t.Fatal(err)
		}
		all, err := sign.ParseCertificates(pem)
		if err != nil {
			t.Fatal(err)
		}
		if k.Certificate == nil {
			k.Certificate = all[0]
		} else {
			k.Chain = append(k.Chain, all[0])
		}
	}
	return k
}

// signedBy is a bundle with one payload, signed by these keys.
func signedBy(t testing.TB, scheme sign.Scheme, more string, keys ...sign.Key) []byte {
	t.Helper()
	description := describe(image("a", "a", ""))
	signature, err := sign.Sign(scheme, []byte(description), keys, sign.Options{Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return swutest.Archive(t, member(swu.Description, description), member(swu.Signature, string(signature)+more), member("a", "a"))
}

// Devices differ in whom they believe.
func TestVerifySigners(t *testing.T) {
	debian := swupdate.Debian12()
	newest, _ := swupdate.LookupProfile("newest")
	rsa := swupdate.Profile{Name: "rsa", Verifier: swupdate.VerifierRSAPKCS1v15}
	pss := swupdate.Profile{Name: "pss", Verifier: swupdate.VerifierRSAPSS}
	leaf, one, two := signer(t, "leaf", "leaf", "intermediate"), signer(t, "ec-p256", "ec-p256"), signer(t, "ec-p384", "ec-p384")
	raw := sign.Key{Name: "rsa", Signer: signer(t, "rsa2048").Signer}
	chain := signedBy(t, sign.SchemeCMS, "", leaf)
	both := signedBy(t, sign.SchemeCMS, "", one, two)
	for name, c := range map[string]struct {
		bundle  []byte
		trust   []string
		target  swupdate.Profile
		purpose sign.Purpose
		outcome Outcome
		want    string // in the step or in a note
	}{
		"chain, strictest":        {chain, []string{"ca.crt"}, swupdate.Profile{}, "", Failed, "Debian 12's does not"},
		"chain, Debian":           {chain, []string{"ca.crt"}, debian, "", Failed, "is not trusted"},
		"chain, newest":           {chain, []string{"ca.crt"}, newest, "", Proven, "by CN=fwpack test leaf,O=TEST ONLY"},
		"chain there":             {chain, []string{"ca.crt", "intermediate.crt"}, debian, "", Proven, ""},
		"intermediate alone":      {chain, []string{"intermediate.crt"}, newest, "", Failed, "want a self-signed certificate"},
		"one unknown, strictest":  {both, []string{"ec-p256.crt"}, swupdate.Profile{}, "", Failed, "devices that skip unknown signers accept the signature"},
		"one unknown, Debian":     {both, []string{"ec-p256.crt"}, debian, "", Proven, "1 of 2 signers are not known"},
		"one unknown, newest":     {both, []string{"ec-p256.crt"}, newest, "", Failed, "is not trusted"},
		"both known":              {both, []string{"ec-p256.crt", "ec-p384.crt"}, newest, "", Proven, "O=TEST ONLY and CN="},
		"expired":                 {signedBy(t, sign.SchemeCMS, "", signer(t, "ec-p256", "expired")), []string{"expired.crt"}, debian, "", Failed, "expired at"},
		"purpose":                 {signedBy(t, sign.SchemeCMS, "", signer(t, "ec-p256", "code-signing")), []string{"code-signing.crt"}, debian, "", Failed, "purpose emailProtection"},
		"other purpose":           {signedBy(t, sign.SchemeCMS, "", signer(t, "ec-p256", "code-signing")), []string{"code-signing.crt"}, debian, sign.PurposeCodeSigning, Proven, ""},
		"bytes behind":            {signedBy(t, sign.SchemeCMS, "junk", one), []string{"ec-p256.crt"}, debian, "", Proven, "4 bytes behind the CMS"},
		"PKCS#1":                  {signedBy(t, sign.SchemeRSAPKCS1v15, "", raw), []string{"rsa2048.pub.pem"}, swupdate.Profile{}, "", Proven, "raw, by the key sha256:"},
		"PKCS#1, wanted":          {signedBy(t, sign.SchemeRSAPKCS1v15, "", raw), []string{"rsa2048.pub.pem"}, rsa, "", Proven, ""},
		"PKCS#1, PSS wanted":      {signedBy(t, sign.SchemeRSAPKCS1v15, "", raw), []string{"rsa2048.pub.pem"}, pss, "", Failed, "scheme rsa-pss"},
		"PSS":                     {signedBy(t, sign.SchemeRSAPSS, "", raw), []string{"rsa3072.pub.pem", "rsa2048.pub.pem"}, swupdate.Profile{}, "", Proven, ""},
		"raw by another":          {signedBy(t, sign.SchemeRSAPSS, "", raw), []string{"rsa3072.pub.pem"}, swupdate.Profile{}, "", Failed, "256 bytes"},
		"raw, certificate":        {signedBy(t, sign.SchemeRSAPSS, "", raw), []string{"rsa2048.crt"}, swupdate.Profile{}, "", Failed, "signature: "},
		"raw, CMS wanted":         {signedBy(t, sign.SchemeRSAPSS, "", raw), []string{"rsa2048.pub.pem"}, debian, "", Failed, "is no CMS, as the device wants it"},
		"CMS, raw wanted":         {both, []string{"ec-p256.crt"}, rsa, "", Failed, "is a CMS, and the device wants rsa-pkcs1v15"},
		"CMS, public key trusted": {both, []string{"rsa2048.pub.pem"}, newest, "", NotProven, "is a CMS, and no certificate to trust is named"},
		"GnuPG":                   {both, []string{"ec-p256.crt"}, swupdate.Profile{Name: "gpg", Verifier: swupdate.VerifierGPG}, "", Failed, "GnuPG"},
	} {
		v := verify(t, c.bundle, VerifyOptions{Trust: trustOf(t, c.trust...), Target: c.target, Purpose: c.purpose})
		i := 1 // behind the archive
		if v.Steps[i].Step != StepSignature || v.Steps[i].Outcome != c.outcome || !strings.Contains(lines(v), c.want) {
			t.Errorf("%s:\n%s", name, lines(v))
		}
		if accepted := v.Verdict == imagefile.Accepted; accepted != (c.outcome == Proven) {
			t.Errorf("%s: %s", name, v.Verdict)
		}
	}
}

// A raw signature may begin with the first byte of a CMS.
func TestVerifyRawLikeCMS(t *testing.T) {
	raw := sign.Key{Name: "rsa", Signer: signer(t, "rsa2048").Signer}
	for range 5000 {
		bundle := signedBy(t, sign.SchemeRSAPSS, "", raw)
		f := read(t, bundle, Options{})
		if f.Signature.Data[0] != 0x30 {
			continue
		}
		if f.CMS != nil {
			t.Error("taken for a CMS")
		}
		if v := verify(t, bundle, VerifyOptions{Trust: trustOf(t, "rsa2048.pub.pem")}); v.Verdict != imagefile.Accepted {
			t.Error(lines(v))
		}
		return
	}
	t.Error("no signature begins with 0x30")
}

// Certificates are for bundles, keys for raw signatures and images, as far as they go.
func TestReadTrust(t *testing.T) {
	trust := trustOf(t, "chain.crt", "rsa4096.pub.pem", "ed25519.pub.pem", "ec-p256.pub.pem", "ed25519.pem")
	if len(trust.Roots) < 2 || len(trust.raw()) != 1 || len(trust.Images) != 3 {
		t.Errorf("%+v", trust)
	}
	if none, err := ReadTrust(nil); none != nil || err != nil || none.bundles() {
		t.Errorf("%+v, %v", none, err)
	}
	for _, file := range []string{"README.md", "nowhere", "ec-p224.pem"} {
		if _, err := ReadTrust([]string{key(file)}); err == nil {
			t.Errorf("%s is read", file)
		}
	}
}
