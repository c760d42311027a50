package cms

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"slices"
	"strings"
	"testing"
)

// seq, set and field wrap what they are given in DER.
func seq(parts ...[]byte) []byte { return wrap(asn1.ClassUniversal, asn1.TagSequence, parts) }

func set(parts ...[]byte) []byte { return wrap(asn1.ClassUniversal, asn1.TagSet, parts) }

func field(tag int, parts ...[]byte) []byte { return wrap(asn1.ClassContextSpecific, tag, parts) }

func wrap(class, tag int, parts [][]byte) []byte {
	return must(asn1.RawValue{Class: class, Tag: tag, IsCompound: true, Bytes: bytes.Join(parts, nil)})
}

func must(v any) []byte {
	der, err := asn1.Marshal(v)
	if err != nil {
		panic(err)
	}
	return der
}

// parts are the pieces of a SignedData with one signer, to be changed one at a
// time.
type parts struct {
	contentType, version, digests, encapsulated, certificates, lists []byte
	signerVersion, id, digest, attributes, algorithm, signature      []byte
	unsigned, afterSigner, afterData                                 []byte
}

func goodParts(t testing.TB) parts {
	t.Helper()
	c := certificateOf(t, "ec-p256")
	set, err := signedAttributes(digestOf(crypto.SHA256, content), certificateOf(t, "ec-p256").NotBefore)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := ecdsa256.Sign(signerOf(t, "ec-p256"), nil, set)
	if err != nil {
		t.Fatal(err)
	}
	ids, _ := identifiersOf(crypto.SHA256)
	digest := must(pkix.AlgorithmIdentifier{Algorithm: ids.digest})
	attributes := bytes.Clone(set)
	attributes[0] = 0xa0
	return parts{
		contentType: must(oidSignedData), version: must(1), digests: wrap(0, asn1.TagSet, [][]byte{digest}),
		encapsulated: seq(must(oidData)), certificates: field(0, c.Raw),
		signerVersion: must(1), id: seq(c.RawIssuer, must(c.SerialNumber)), digest: digest, attributes: attributes,
		algorithm: must(pkix.AlgorithmIdentifier{Algorithm: ids.ecdsa}), signature: must(signature),
	}
}

func (p parts) signer() []byte {
	return seq(p.signerVersion, p.id, p.digest, p.attributes, p.algorithm, p.signature, p.unsigned, p.afterSigner)
}

func (p parts) file(signers ...[]byte) []byte {
	if signers == nil {
		signers = [][]byte{p.signer()}
	}
	data := seq(p.version, p.digests, p.encapsulated, p.certificates, p.lists, set(signers...), p.afterData)
	return seq(p.contentType, field(0, data))
}

func TestParseAccepts(t *testing.T) {
	keyID := certificateOf(t, "ec-p256").SubjectKeyId
	for _, c := range []struct {
		name   string
		change func(*parts)
	}{
		{"minimal", func(*parts) {}},
		{"revocation lists", func(p *parts) { p.lists = field(1, seq()) }},
		{"unsigned attributes", func(p *parts) { p.unsigned = field(1, seq()) }},
		{"attached content", func(p *parts) { p.encapsulated = seq(must(oidData), field(0, must(content))) }},
		{"digest with parameters", func(p *parts) {
			ids, _ := identifiersOf(crypto.SHA256)
			p.digest = must(pkix.AlgorithmIdentifier{Algorithm: ids.digest, Parameters: asn1.NullRawValue})
		}},
		{"key identifier", func(p *parts) {
			p.signerVersion = must(3)
			p.id = must(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, Bytes: keyID})
		}},
		{"attribute certificate", func(p *parts) { p.certificates = field(0, field(2, seq()), readPEM(t, "ec-p256.crt")) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := goodParts(t)
			c.change(&p)
			mustVerify(t, p.file())
		})
	}
}

func TestParseRefuses(t *testing.T) {
	attributes := func(list ...[]byte) []byte { return field(0, list...) }
	contentType := seq(must(oidContentType), set(must(oidData)))
	digest := seq(must(oidMessageDigest), set(must(make([]byte, 32))))
	for _, c := range []struct {
		name, want string
		change     func(*parts)
	}{
		{"data", "content type data (no signature): want signed data", func(p *parts) { p.contentType = must(oidData) }},
		{"encrypted", "content type enveloped data (encrypted): want signed data", func(p *parts) { p.contentType = must(oidEnvelopedData) }},
		{"unknown", "content type 1.2.3: want signed data", func(p *parts) { p.contentType = must(asn1.ObjectIdentifier{1, 2, 3}) }},
		{"no type", "content type: found class 0 tag 2, want class 0 tag 6", func(p *parts) { p.contentType = must(7) }},
		{"version", "version: found class 0 tag 19, want class 0 tag 2", func(p *parts) { p.version = must("1") }},
		{"after the data", "signed data: 2 bytes too many", func(p *parts) { p.afterData = seq() }},
		{"content type twice", "signed attribute 1.2.840.113549.1.9.3: twice", func(p *parts) { p.attributes = attributes(contentType, contentType, digest) }},
		{"two values", "signed attribute: 11 bytes too many", func(p *parts) {
			p.attributes = attributes(seq(must(oidContentType), set(must(oidData), must(oidData))), digest)
		}},
		{"disorder", "signed attributes: not in the order of DER", func(p *parts) { p.attributes = attributes(digest, contentType) }},
		{"no digest", "signed attributes: want content type and message digest", func(p *parts) { p.attributes = attributes(contentType) }},
		{"no attributes", "signed attributes: want content type and message digest", func(p *parts) { p.attributes = attributes() }},
		{"primitive attributes", "signed attributes: not a constructed element", func(p *parts) { p.attributes = []byte{0x80, 0} }},
		{"attribute", "signed attribute: found class 0 tag 2, want class 0 tag 16", func(p *parts) { p.attributes = attributes(must(7)) }},
		{"signing time", "signing time attribute: not a time", func(p *parts) {
			p.attributes = attributes(seq(must(oidSigningTime), set(must(7))))
		}},
		{"signer", "signer: 2 bytes too many", func(p *parts) { p.afterSigner = seq() }},
		{"serial", "issuer and serial number: 3 bytes too many", func(p *parts) { p.id = seq(seq(), must(1), must(1)) }},
		{"certificate", "certificate 1: x509: ", func(p *parts) { p.certificates = field(0, seq()) }},
		{"certificates", "certificate: asn1: ", func(p *parts) { p.certificates = field(0, []byte{0x30}) }},
		{"content", "attached content: found class 0 tag 2, want class 0 tag 4", func(p *parts) { p.encapsulated = seq(must(oidData), field(0, must(7))) }},
		{"two contents", "attached content: 3 bytes too many", func(p *parts) {
			p.encapsulated = seq(must(oidData), field(0, must([]byte{}), must(7)))
		}},
		{"after the content", "encapsulated content: 3 bytes too many", func(p *parts) {
			p.encapsulated = seq(must(oidData), field(0, must([]byte{})), must(7))
		}},
		{"signature", "signature: found class 0 tag 2, want class 0 tag 4", func(p *parts) { p.signature = must(7) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := goodParts(t)
			c.change(&p)
			_, err := Parse(p.file())
			if err == nil || !strings.HasPrefix(err.Error(), "cms: "+c.want) {
				t.Errorf("error:\n got %v\nwant cms: %s", err, c.want)
			}
		})
	}
	p := goodParts(t)
	_, err := Parse(p.file(slices.Repeat([][]byte{p.signer()}, maxSigners+1)...))
	wantError(t, err, "cms: signers: at most 64 are allowed")
	_, err = Parse(make([]byte, MaxSize+1))
	wantError(t, err, "cms: 1048577 bytes: at most 1048576 are allowed")
}

func TestVerifyRefuses(t *testing.T) {
	other := must(oidSignedData)
	for _, c := range []struct {
		name, want string
		mismatch   bool
		change     func(*parts)
	}{
		{"attached content", "the signature does not match: the attached content is another one", true,
			func(p *parts) { p.encapsulated = seq(must(oidData), field(0, must([]byte{}))) }},
		{"content type", "the content type is signed as 1.2.840.113549.1.7.1 and given as 1.2.840.113549.1.7.2", false,
			func(p *parts) { p.encapsulated = seq(other) }},
		{"content type without attributes", "content type 1.2.840.113549.1.7.2 without signed attributes: want plain data", false,
			func(p *parts) { p.encapsulated, p.attributes = seq(other), nil }},
		{"attributes removed", "the signature does not match", true, func(p *parts) { p.attributes = nil }},
		{"digest", "the signature does not match: the digest is of another content", true, func(p *parts) {
			p.attributes = field(0, seq(must(oidContentType), set(must(oidData))), seq(must(oidMessageDigest), set(must(make([]byte, 32)))))
		}},
		{"signature", "the signature does not match", true, func(p *parts) { p.signature = must([]byte{0x30, 0}) }},
		{"weak digest", "digest md5: want sha256, sha384 or sha512", false, func(p *parts) {
			p.digest = must(pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 5}})
		}},
		{"two digests", "signature algorithm 1.2.840.10045.4.3.4 with digest sha256: want RSA, RSASSA-PSS or ECDSA with the same digest", false,
			func(p *parts) {
				ids, _ := identifiersOf(crypto.SHA512)
				p.algorithm = must(pkix.AlgorithmIdentifier{Algorithm: ids.ecdsa})
			}},
		{"rsa named for ecdsa", "the signature does not match", true, func(p *parts) {
			p.algorithm = must(pkix.AlgorithmIdentifier{Algorithm: oidRSA, Parameters: asn1.NullRawValue})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := goodParts(t)
			c.change(&p)
			d := mustParse(t, p.file())
			err := d.Verify(&d.Signers[0], certificateOf(t, "ec-p256").PublicKey, content)
			wantError(t, err, c.want)
			if errors.Is(err, ErrMismatch) != c.mismatch {
				t.Errorf("ErrMismatch is %v", !c.mismatch)
			}
		})
	}
}

func TestPSSParametersRefused(t *testing.T) {
	good := func() pssParameters {
		id, err := pss256.identifier()
		if err != nil {
			t.Fatal(err)
		}
		var p pssParameters
		if _, err := asn1.Unmarshal(id.Parameters.FullBytes, &p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	sha512, _ := identifiersOf(crypto.SHA512)
	for _, c := range []struct {
		want   string
		change func(*pssParameters)
	}{
		{"RSASSA-PSS with sha512 and MGF1 with sha256: want the digest sha256 in both", func(p *pssParameters) { p.Hash.Algorithm = sha512.digest }},
		{"RSASSA-PSS parameters: the mask generation function is not MGF1", func(p *pssParameters) { p.MGF.Algorithm = oidData }},
		{"RSASSA-PSS parameters: salt of -1 bytes, trailer 1", func(p *pssParameters) { p.SaltLength = -1 }},
		{"RSASSA-PSS parameters: salt of 4096 bytes, trailer 1", func(p *pssParameters) { p.SaltLength = 4096 }},
		{"RSASSA-PSS parameters: salt of 32 bytes, trailer 2", func(p *pssParameters) { p.TrailerField = 2 }},
	} {
		p := good()
		c.change(&p)
		ids, _ := identifiersOf(crypto.SHA256)
		_, err := pssAlgorithm(ids, must(p))
		wantError(t, err, c.want)
	}
	ids, _ := identifiersOf(crypto.SHA256)
	_, err := pssAlgorithm(ids, seq())
	wantError(t, err, "RSASSA-PSS parameters: want hash, mask generation function and salt length")
}

func TestAlgorithmsRoundTrip(t *testing.T) {
	for _, ids := range supported {
		for _, kind := range []Kind{RSA, RSAPSS, ECDSA} {
			a := Algorithm{Kind: kind, Hash: ids.hash}
			if kind == RSAPSS {
				a.SaltLength = ids.hash.Size()
			}
			id, err := a.identifier()
			if err != nil {
				t.Fatal(err)
			}
			id.Parameters.FullBytes = must(id.Parameters)
			if got, err := algorithmOf(pkix.AlgorithmIdentifier{Algorithm: ids.digest}, id); err != nil || got != a {
				t.Errorf("%v: %v, error %v", a, got, err)
			}
		}
	}
}

func TestVerifyNeedsTheKindOfKey(t *testing.T) {
	signature, err := rsa256.Sign(signerOf(t, "rsa2048"), nil, content)
	if err != nil {
		t.Fatal(err)
	}
	for _, pub := range []crypto.PublicKey{nil, signerOf(t, "ec-p256").Public(), signerOf(t, "ed25519").Public(), (*x509.Certificate)(nil)} {
		if err := rsa256.Verify(pub, content, signature); err != ErrMismatch {
			t.Errorf("%T: %v", pub, err)
		}
	}
}

// What Parse accepts, Verify can be asked about with any key.
func FuzzParse(f *testing.F) {
	f.Add(goodParts(f).file())
	f.Add(build(f, signer(f, "rsa2048", pss256), signer(f, "ec-p256", ecdsa256)))
	keys := []crypto.PublicKey{certificateOf(f, "ec-p256").PublicKey, certificateOf(f, "rsa2048").PublicKey}
	f.Fuzz(func(t *testing.T, der []byte) {
		d, err := Parse(der)
		if err != nil {
			return
		}
		if d.Trailing < 0 || d.Trailing >= len(der) {
			t.Fatalf("%d trailing bytes of %d", d.Trailing, len(der))
		}
		// The structure ends where Parse says, and means the same without the
		// rest.
		if _, err := Parse(der[:len(der)-d.Trailing]); err != nil {
			t.Fatal(err)
		}
		for i := range d.Signers {
			s := &d.Signers[i]
			if (s.Algorithm == Algorithm{}) == (s.Unsupported == nil) {
				t.Errorf("algorithm %v, error %v", s.Algorithm, s.Unsupported)
			}
			for _, key := range keys {
				if d.Verify(s, key, content) == nil && d.Verify(s, key, content[1:]) == nil {
					t.Error("two contents verify")
				}
			}
			d.CertificateOf(s)
		}
	})
}
