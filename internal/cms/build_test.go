package cms

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"go.mozilla.org/pkcs7"
)

// token hides the type of a key.
type token struct{ inner crypto.Signer }

func (k token) Public() crypto.PublicKey { return k.inner.Public() }

func (k token) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.inner.Sign(random, digest, opts)
}

// byLibrary signs as the library does by itself.
func byLibrary(t *testing.T, name string, key crypto.Signer, prepare func(*pkcs7.SignedData)) ([]byte, error) {
	t.Helper()
	sd, err := pkcs7.NewSignedData(content)
	if err != nil {
		t.Fatal(err)
	}
	prepare(sd)
	if err := sd.AddSigner(certificateOf(t, name), key, pkcs7.SignerInfoConfig{}); err != nil {
		return nil, err
	}
	sd.Detach()
	return sd.Finish()
}

func sha256(sd *pkcs7.SignedData) { sd.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256) }

// The tests named TestLibrary show the defects that add guards against. Where
// one fails the library has changed, and the guard may go.

func TestLibraryRefusesTokens(t *testing.T) {
	key := signerOf(t, "rsa2048")
	if _, err := byLibrary(t, "rsa2048", key, sha256); err != nil {
		t.Fatal(err)
	}
	_, err := byLibrary(t, "rsa2048", token{key}, sha256)
	if err == nil || !strings.Contains(err.Error(), "unknown private key type") {
		t.Errorf("the library takes a token's key: %v", err)
	}
	s := signer(t, "rsa2048", rsa256)
	s.Sign = func(attributes []byte) ([]byte, error) { return rsa256.Sign(token{key}, nil, attributes) }
	mustVerify(t, build(t, s))
}

func TestLibraryRecordsTheClock(t *testing.T) {
	der, err := byLibrary(t, "ec-p256", signerOf(t, "ec-p256"), sha256)
	if err != nil {
		t.Fatal(err)
	}
	if mustParse(t, der).Signers[0].SigningTime.IsZero() {
		t.Error("the library leaves the signing time out")
	}
	if at := mustParse(t, build(t, signer(t, "ec-p256", ecdsa256))).Signers[0].SigningTime; !at.IsZero() {
		t.Errorf("signing time %v", at)
	}
}

func TestLibraryDefaultsToSHA1(t *testing.T) {
	der, err := byLibrary(t, "ec-p256", signerOf(t, "ec-p256"), func(*pkcs7.SignedData) {})
	if err != nil {
		t.Fatal(err)
	}
	if digest := mustParse(t, der).Signers[0].Digest; digest != "sha1" {
		t.Errorf("the library signs with %s", digest)
	}
	_, err = Build(content, []Signer{signer(t, "ec-p256", Algorithm{Kind: ECDSA})}, nil)
	if err == nil {
		t.Error("no digest is taken for one")
	}
}

func TestLibraryIsRandom(t *testing.T) {
	// Without a signing time, so that only the signature can differ.
	without := func() []byte {
		sd, err := pkcs7.NewSignedData(content)
		if err != nil {
			t.Fatal(err)
		}
		sha256(sd)
		if err := sd.SignWithoutAttr(certificateOf(t, "ec-p256"), signerOf(t, "ec-p256"), pkcs7.SignerInfoConfig{}); err != nil {
			t.Fatal(err)
		}
		sd.Detach()
		der, err := sd.Finish()
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	if bytes.Equal(without(), without()) {
		t.Error("the library's ECDSA signatures repeat")
	}
	s := signer(t, "ec-p256", ecdsa256)
	if !bytes.Equal(build(t, s), build(t, s)) {
		t.Error("ours do not")
	}
}

func TestLibraryRepeatsDigests(t *testing.T) {
	sd, err := pkcs7.NewSignedData(content)
	if err != nil {
		t.Fatal(err)
	}
	sha256(sd)
	for _, name := range []string{"ec-p256", "rsa2048"} {
		if err := sd.AddSigner(certificateOf(t, name), signerOf(t, name), pkcs7.SignerInfoConfig{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(sd.GetSignedData().DigestAlgorithmIdentifiers); n != 2 {
		t.Errorf("the library lists %d digests", n)
	}
	der := build(t, signer(t, "ec-p256", ecdsa256), signer(t, "rsa2048", rsa256))
	// version 1, then the set with the one identifier of SHA-256
	if want := unhex(t, "020101"+"310d"+"300b0609608648016503040201"); !bytes.Contains(der, want) {
		t.Error("digestAlgorithms does not hold SHA-256 once")
	}
}

func TestLibraryDoesNotVerifyPSS(t *testing.T) {
	der := build(t, signer(t, "rsa2048", pss256))
	p7, err := pkcs7.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	p7.Content = content
	if err := p7.Verify(); err == nil || !strings.Contains(err.Error(), "unsupported algorithm") {
		t.Errorf("the library verifies PSS: %v", err)
	}
	mustVerify(t, der)
}

func TestLibraryRefusesTimesOutsideValidity(t *testing.T) {
	s := signer(t, "ec-p256", ecdsa256)
	s.SigningTime = time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC)
	der := build(t, s)
	p7, err := pkcs7.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	p7.Content = content
	if err := p7.Verify(); err == nil {
		t.Error("the library verifies a signing time before the certificate")
	}
	mustVerify(t, der) // as openssl does: the time is the signer's own claim
}

// What the library verifies must not have become another format.
func TestLibraryVerifies(t *testing.T) {
	for _, s := range []Signer{signer(t, "ec-p384", Algorithm{Kind: ECDSA, Hash: crypto.SHA384}), signer(t, "rsa2048", rsa256)} {
		p7, err := pkcs7.Parse(build(t, s))
		if err != nil {
			t.Fatal(err)
		}
		p7.Content = content
		if err := p7.Verify(); err != nil {
			t.Error(err)
		}
	}
}

// The signed attributes, byte by byte.
func TestSignedAttributes(t *testing.T) {
	contentType := "3018" + "06092a864886f70d010903" + "310b" + "06092a864886f70d010701"
	digest := "301c" + "06092a864886f70d010904" + "310f" + "040d" + hex.EncodeToString([]byte("thirteenbytes"))
	utc := "301c" + "06092a864886f70d010905" + "310f" + "170d" + hex.EncodeToString([]byte("260301120000Z"))
	generalized := "301e" + "06092a864886f70d010905" + "3111" + "180f" + hex.EncodeToString([]byte("20500101000000Z"))
	for _, c := range []struct {
		name, want string
		at         time.Time
	}{
		{"no time", "3138" + contentType + digest, time.Time{}},
		// Of two attributes as long as each other the lower identifier is first.
		{"utc time", "3156" + contentType + digest + utc, time.Date(2026, 3, 1, 13, 0, 0, 999, time.FixedZone("", 3600))},
		{"generalized time", "3158" + contentType + digest + generalized, time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := signedAttributes([]byte("thirteenbytes"), c.at)
			if err != nil || hex.EncodeToString(got) != c.want {
				t.Errorf("error %v\n got %x\nwant %s", err, got, c.want)
			}
		})
	}
}

// The parameters of RSASSA-PSS as openssl writes them for SHA-256: RFC 8017,
// appendix A.2.3, with hash, mask and salt length explicit.
func TestPSSIdentifier(t *testing.T) {
	id, err := pss256.identifier()
	if err != nil {
		t.Fatal(err)
	}
	got, err := asn1.Marshal(id)
	if err != nil {
		t.Fatal(err)
	}
	const want = "304106092a864886f70d01010a3034" +
		"a00f300d06096086480165030402010500" +
		"a11c301a06092a864886f70d010108300d06096086480165030402010500" +
		"a203020120"
	if hex.EncodeToString(got) != want {
		t.Errorf("\n got %x\nwant %s", got, want)
	}
}

func TestBuildCertificates(t *testing.T) {
	s := signer(t, "leaf", ecdsa256)
	intermediate := certificateOf(t, "intermediate")
	der, err := Build(content, []Signer{s}, []*x509.Certificate{intermediate, s.Certificate, intermediate})
	if err != nil {
		t.Fatal(err)
	}
	got := mustParse(t, der).Certificates
	if len(got) != 2 || !got[0].Equal(s.Certificate) || !got[1].Equal(intermediate) {
		t.Errorf("%d certificates, want the signer's and the intermediate, each once", len(got))
	}
}

func TestBuildRefuses(t *testing.T) {
	good, bad := signer(t, "ec-p256", ecdsa256), signer(t, "ec-p384", ecdsa256)
	errToken := errors.New("token removed")
	bad.Sign = func([]byte) ([]byte, error) { return nil, errToken }
	if _, err := Build(content, []Signer{good, bad}, nil); err != errToken {
		t.Errorf("error %v, want the signer's own", err)
	}
	_, err := Build(content, []Signer{good, good}, nil)
	wantError(t, err, `certificate "CN=fwpack test ec-p256,O=TEST ONLY" signs twice`)
	good.Algorithm.Kind = 0
	_, err = Build(content, []Signer{good}, nil)
	wantError(t, err, "no signature algorithm is Kind(0)")
	good.Algorithm = Algorithm{Kind: ECDSA, Hash: crypto.SHA1}
	_, err = Build(content, []Signer{good}, nil)
	wantError(t, err, "digest SHA-1: want SHA-256, SHA-384 or SHA-512")
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("error:\n got %v\nwant %s", err, want)
	}
}

func mustParse(t *testing.T, der []byte) *SignedData {
	t.Helper()
	d, err := Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func mustVerify(t *testing.T, der []byte) {
	t.Helper()
	d := mustParse(t, der)
	for i := range d.Signers {
		s := &d.Signers[i]
		if err := d.Verify(s, d.CertificateOf(s).PublicKey, content); err != nil {
			t.Errorf("signer %d: %v", i+1, err)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
