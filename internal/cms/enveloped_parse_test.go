package cms

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"testing"
)

// envelopeParts are the pieces of an envelope with two recipients, to be
// changed one at a time.
type envelopeParts struct {
	contentType, version, originator, recipients   []byte
	innerType, algorithm, content, mac, attributes []byte
	transport, agreement                           recipientParts
}

type recipientParts struct{ version, id, originator, ukm, algorithm, key, keys, after []byte }

func (r recipientParts) transport() []byte { return seq(r.version, r.id, r.algorithm, r.key, r.after) }

func (r recipientParts) agreement() []byte {
	return field(1, r.version, r.originator, r.ukm, r.algorithm, r.keys, r.after)
}

func oid(numbers ...int) []byte { return must(asn1.ObjectIdentifier(numbers)) }

var (
	aes256CBC  = oid(2, 16, 840, 1, 101, 3, 4, 1, 42)
	aes256GCM  = oid(2, 16, 840, 1, 101, 3, 4, 1, 46)
	aes256Wrap = oid(2, 16, 840, 1, 101, 3, 4, 1, 45)
	stdDH256   = oid(1, 3, 132, 1, 11, 1)
)

func goodEnvelopeParts(t testing.TB) envelopeParts {
	t.Helper()
	c := certificateOf(t, "ec-p256")
	id := seq(c.RawIssuer, must(c.SerialNumber))
	point := must(asn1.BitString{Bytes: elliptic(t), BitLength: 8 * 65})
	return envelopeParts{
		contentType: must(oidEnvelopedData), version: must(2), innerType: must(oidData),
		algorithm: seq(aes256CBC, must(make([]byte, 16))), content: primitive(0, make([]byte, 32)),
		transport: recipientParts{version: must(0), id: id, algorithm: seq(must(oidRSA), asn1.NullBytes), key: must(make([]byte, 256))},
		agreement: recipientParts{
			version: must(3), originator: field(0, field(1, seq(must(oidECPublicKey)), point)),
			algorithm: seq(stdDH256, seq(aes256Wrap)), keys: seq(seq(id, must(make([]byte, 40)))),
		},
	}
}

// elliptic is a point of P-256.
func elliptic(t testing.TB) []byte {
	t.Helper()
	h, err := holderOf(signerOf(t, "ec-p256"))
	if err != nil {
		t.Fatal(err)
	}
	return h.ec.PublicKey().Bytes()
}

func primitive(tag int, b []byte) []byte {
	return must(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, Bytes: b})
}

func (p envelopeParts) file() []byte {
	recipients := p.recipients
	if recipients == nil {
		recipients = set(p.transport.transport(), p.agreement.agreement())
	}
	content := seq(p.innerType, p.algorithm, p.content)
	return seq(p.contentType, field(0, seq(p.version, p.originator, recipients, content, p.mac, p.attributes)))
}

func TestParseEnvelope(t *testing.T) {
	e := mustParseEnvelope(t, goodEnvelopeParts(t).file())
	if e.Cipher != "AES-256-CBC" || e.Unsupported != nil || len(e.Recipients) != 2 {
		t.Fatalf("%+v", e)
	}
	c := certificateOf(t, "ec-p256")
	for i, kind := range []RecipientKind{TransportPKCS1, AgreementECDH} {
		r := &e.Recipients[i]
		if r.Kind != kind || r.Unsupported != nil || !r.Names(c) || r.Names(certificateOf(t, "leaf")) {
			t.Errorf("%+v", r)
		}
	}
}

func TestParseEnvelopeKeyIdentifiers(t *testing.T) {
	c := certificateOf(t, "ec-p256")
	p := goodEnvelopeParts(t)
	p.transport.version, p.transport.id = must(2), primitive(0, c.SubjectKeyId)
	p.agreement.keys = seq(seq(field(0, must(c.SubjectKeyId)), must(make([]byte, 40))))
	for _, r := range mustParseEnvelope(t, p.file()).Recipients {
		if !r.Names(c) || r.Names(certificateOf(t, "leaf")) || r.Serial != nil {
			t.Errorf("%+v", r)
		}
	}
	if (&Recipient{}).Names(certificateOf(t, "ec-p256")) {
		t.Error("a recipient without a name is everyone")
	}
}

func TestParseEnvelopeRefuses(t *testing.T) {
	for _, c := range []struct {
		name, want string
		change     func(*envelopeParts)
	}{
		{"signed data", "content type signed data: want enveloped data", func(p *envelopeParts) { p.contentType = must(oidSignedData) }},
		{"data", "content type data (no signature): want enveloped data", func(p *envelopeParts) { p.contentType = must(oidData) }},
		{"unknown type", "content type 1.2.3: want enveloped data", func(p *envelopeParts) { p.contentType = oid(1, 2, 3) }},
		{"version", "version 1: want one of [0 2 3 4]", func(p *envelopeParts) { p.version = must(1) }},
		{"originator", "originator information: not allowed, it serves static keys only", func(p *envelopeParts) { p.originator = field(0) }},
		{"no recipients", "recipients: none", func(p *envelopeParts) { p.recipients = set() }},
		{"attributes", "unprotected attributes: not allowed", func(p *envelopeParts) { p.attributes = field(1) }},
		{"left over", "enveloped data: 2 bytes too many", func(p *envelopeParts) { p.attributes = asn1.NullBytes }},
		{"inner type", "content type 1.2.3 in the envelope: want plain data", func(p *envelopeParts) { p.innerType = oid(1, 2, 3) }},
		{"detached", "encrypted content: none, want it in the file", func(p *envelopeParts) { p.content = nil }},
		{"pieces", "encrypted content: in pieces (BER): want one string (DER)", func(p *envelopeParts) { p.content = field(0, must([]byte("x"))) }},
		{"IV", "AES-256-CBC with an IV of 8 bytes: want 16", func(p *envelopeParts) { p.algorithm = seq(aes256CBC, must(make([]byte, 8))) }},
		{"no IV", "IV: asn1: syntax error: sequence truncated", func(p *envelopeParts) { p.algorithm = seq(aes256CBC) }},
		{"more than an IV", "content encryption algorithm: 2 bytes too many", func(p *envelopeParts) {
			p.algorithm = seq(aes256CBC, must(make([]byte, 16)), asn1.NullBytes)
		}},
		{"set", "recipient 1: found class 0 tag 17, want a recipient", func(p *envelopeParts) { p.recipients = set(set()) }},
		{"tag 5", "recipient 1: found class 2 tag 5, want a recipient", func(p *envelopeParts) { p.recipients = set(field(5)) }},
		{"primitive", "recipient 1: recipient: not a constructed element", func(p *envelopeParts) { p.recipients = set(primitive(1, nil)) }},
		{"transport version", "recipient 1: version 3: want one of [0 2]", func(p *envelopeParts) { p.transport.version = must(3) }},
		{"transport end", "recipient 1: key transport: 2 bytes too many", func(p *envelopeParts) { p.transport.after = asn1.NullBytes }},
		{"empty key identifier", "recipient 1: subject key identifier: want one string of bytes", func(p *envelopeParts) { p.transport.id = primitive(0, nil) }},
		{"agreement version", "recipient 2: version 0: want one of [3]", func(p *envelopeParts) { p.agreement.version = must(0) }},
		{"static originator", "recipient 2: originator: want an ephemeral key", func(p *envelopeParts) { p.agreement.originator = field(0, seq()) }},
		{"half a byte", "recipient 2: ephemeral key: want a bit string of whole bytes", func(p *envelopeParts) {
			p.agreement.originator = field(0, field(1, seq(must(oidECPublicKey)), must(asn1.BitString{Bytes: []byte{4, 0}, BitLength: 12})))
		}},
		{"no keys", "recipient 2: recipient encrypted keys: none", func(p *envelopeParts) { p.agreement.keys = seq() }},
		{"no wrap", "recipient 2: key wrap algorithm: asn1: syntax error: sequence truncated", func(p *envelopeParts) { p.agreement.algorithm = seq(stdDH256) }},
		{"dated key identifier", "recipient 2: recipient key identifier: a date or other attribute is not allowed", func(p *envelopeParts) {
			p.agreement.keys = seq(seq(field(0, must([]byte{1}), asn1.NullBytes), must(make([]byte, 40))))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := goodEnvelopeParts(t)
			c.change(&p)
			_, err := ParseEnvelope(p.file())
			wantError(t, err, "cms: "+c.want)
		})
	}
}

func TestParseEnvelopeRefusesGCM(t *testing.T) {
	parameters := func(v ...[]byte) []byte { return seq(aes256GCM, seq(v...)) }
	nonce := must(make([]byte, 12))
	for _, c := range []struct {
		name, want                 string
		algorithm, mac, attributes []byte
	}{
		{"good", "", parameters(nonce, must(16)), must(make([]byte, 16)), nil},
		{"good by default", "", parameters(nonce), must(make([]byte, 12)), nil},
		{"default spelled out", "tag length 12: want one of [13 14 15 16]", parameters(nonce, must(12)), must(make([]byte, 12)), nil},
		{"short tag", "tag length 4: want one of [13 14 15 16]", parameters(nonce, must(4)), must(make([]byte, 4)), nil},
		{"another tag", "AES-256-GCM with a tag of 12 bytes: want 16", parameters(nonce, must(16)), must(make([]byte, 12)), nil},
		{"nonce", "AES-256-GCM with an IV of 16 bytes: want 12", parameters(must(make([]byte, 16)), must(16)), must(make([]byte, 16)), nil},
		{"attributes", "unprotected attributes: not allowed", parameters(nonce, must(16)), must(make([]byte, 16)), field(2)},
		{"no tag", "mac: asn1: syntax error: sequence truncated", parameters(nonce, must(16)), nil, nil},
		{"authenticated attributes", "authenticated attributes: not allowed with plain data", parameters(nonce, must(16)), field(1), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := goodEnvelopeParts(t)
			p.contentType, p.version = must(oidAuthEnvelopedData), must(0)
			p.algorithm, p.mac, p.attributes = c.algorithm, c.mac, c.attributes
			_, err := ParseEnvelope(p.file())
			if c.want == "" && err == nil {
				return
			}
			wantError(t, err, "cms: "+c.want)
		})
	}
}

func TestParseEnvelopeLimits(t *testing.T) {
	_, err := ParseEnvelope(make([]byte, MaxEnvelopeSize+1))
	wantError(t, err, "cms: 16777217 bytes: at most 16777216 are allowed")
	_, err = ParseEnvelope([]byte("-----BEGIN CMS-----"))
	wantError(t, err, "cms: not DER: want a SEQUENCE, which begins with byte 0x30")
	_, err = ParseEnvelope([]byte{0x30, 0x80, 6, 9})
	wantError(t, err, "cms: a length is indefinite (BER, as openssl's -stream writes it): want DER")
	p := goodEnvelopeParts(t)
	p.recipients = set(bytes.Repeat(p.transport.transport(), maxRecipients+1))
	_, err = ParseEnvelope(p.file())
	wantError(t, err, "cms: recipient 10001: at most 10000 recipients are allowed")
	p.agreement.keys = seq(bytes.Repeat(seq(p.transport.id, must([]byte{1})), maxRecipients+1))
	p.recipients = set(p.agreement.agreement())
	_, err = ParseEnvelope(p.file())
	wantError(t, err, "cms: recipient 1: at most 10000 recipients are allowed")
}

// What is not known is reported, and told where nothing else could be opened.
func TestEnvelopeUnsupported(t *testing.T) {
	rsaKey, ecKey := signerOf(t, "rsa2048"), signerOf(t, "ec-p256")
	for _, c := range []struct {
		name, want string
		key        crypto.PrivateKey
		change     func(*envelopeParts)
	}{
		{"cipher", "content encryption 1.2.3: want AES-128-CBC, AES-192-CBC, AES-256-CBC or 3DES-CBC", ecKey,
			func(p *envelopeParts) { p.algorithm = seq(oid(1, 2, 3)) }},
		// The tag would be nowhere.
		{"GCM without a tag", "content encryption 2.16.840.1.101.3.4.1.46: want AES-128-CBC, AES-192-CBC, AES-256-CBC or 3DES-CBC", ecKey,
			func(p *envelopeParts) { p.algorithm = seq(aes256GCM) }},
		{"CBC with a tag", "content encryption 2.16.840.1.101.3.4.1.42: want AES-128-GCM, AES-192-GCM or AES-256-GCM", ecKey,
			func(p *envelopeParts) { p.contentType, p.mac = must(oidAuthEnvelopedData), must([]byte{}) }},
		{"key transport", "key encryption 1.2.3: want RSA PKCS #1 v1.5 or RSAES-OAEP", rsaKey, func(p *envelopeParts) {
			p.transport.algorithm = seq(oid(1, 2, 3))
			p.recipients = set(p.transport.transport())
		}},
		{"key derivation", "key agreement 1.2.3: want ephemeral-static ECDH with SHA-1 or SHA-2", ecKey, func(p *envelopeParts) {
			p.agreement.algorithm = seq(oid(1, 2, 3), seq(aes256Wrap))
			p.recipients = set(p.agreement.agreement())
		}},
		{"key wrap", "key wrap 1.2.3: want that of AES-128, AES-192, AES-256 or triple DES", ecKey, func(p *envelopeParts) {
			p.agreement.algorithm = seq(stdDH256, seq(oid(1, 2, 3)))
			p.recipients = set(p.agreement.agreement())
		}},
		{"curve", "key agreement on another curve: want an uncompressed point of P-256, P-384 or P-521", ecKey, func(p *envelopeParts) {
			p.agreement.originator = field(0, field(1, seq(must(oidECPublicKey)), must(asn1.BitString{Bytes: []byte{2, 1}, BitLength: 16})))
			p.recipients = set(p.agreement.agreement())
		}},
		{"X25519", "key agreement with a key of type 1.3.101.110: want an EC key", ecKey, func(p *envelopeParts) {
			p.agreement.originator = field(0, field(1, seq(oid(1, 3, 101, 110)), must(asn1.BitString{Bytes: make([]byte, 32), BitLength: 256})))
			p.recipients = set(p.agreement.agreement())
		}},
		{"shared key", "a recipient with a shared key: want one with a certificate", ecKey, func(p *envelopeParts) { p.recipients = set(field(2)) }},
		{"password", "a recipient with a password: want one with a certificate", rsaKey, func(p *envelopeParts) { p.recipients = set(field(3)) }},
		{"later kind", "a recipient of a later kind: want RSA or ECDH", rsaKey, func(p *envelopeParts) { p.recipients = set(field(4)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := goodEnvelopeParts(t)
			c.change(&p)
			_, err := mustParseEnvelope(t, p.file()).Open(c.key, nil)
			wantError(t, err, c.want)
		})
	}
}

func TestOAEPParameters(t *testing.T) {
	sha1, sha512 := seq(must(oidSHA1), asn1.NullBytes), seq(must(supported[2].digest))
	mgf := func(hash []byte) []byte { return field(1, seq(must(oidMGF1), hash)) }
	label := field(2, seq(must(oidPSpecified), must([]byte("label"))))
	for _, c := range []struct {
		name      string
		der       []byte
		hash, mgf crypto.Hash
		label     string
	}{
		{"all absent", seq(), crypto.SHA1, crypto.SHA1, ""},
		{"hash", seq(field(0, sha512)), crypto.SHA512, crypto.SHA1, ""},
		{"mask", seq(mgf(sha512)), crypto.SHA1, crypto.SHA512, ""},
		{"all", seq(field(0, sha512), mgf(sha1), label), crypto.SHA512, crypto.SHA1, "label"},
	} {
		s, err := oaepOf(c.der)
		if err != nil || s.hash != c.hash || s.mgf != c.mgf || string(s.label) != c.label {
			t.Errorf("%s: %+v, error %v", c.name, s, err)
		}
		key := signerOf(t, "rsa2048").(*rsa.PrivateKey)
		sealed, err := rsa.EncryptOAEPWithOptions(rand.Reader, &key.PublicKey, content[:16],
			&rsa.OAEPOptions{Hash: c.hash, MGFHash: c.mgf, Label: []byte(c.label)})
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := (&Recipient{Kind: TransportOAEP, oaep: s, key: sealed}).decryptTransport(key); !ok || !bytes.Equal(got, content[:16]) {
			t.Errorf("%s: decrypted %q", c.name, got)
		}
	}
	for _, c := range []struct {
		want string
		der  []byte
	}{
		{"RSAES-OAEP: parameters: asn1: syntax error: sequence truncated", nil},
		{"RSAES-OAEP: hash 1.2.3: want sha1, sha256, sha384 or sha512", seq(field(0, seq(oid(1, 2, 3))))},
		{"RSAES-OAEP: mask generation function 1.2.3: want MGF1", seq(field(1, seq(oid(1, 2, 3), sha1)))},
		{"RSAES-OAEP: hash 1.2.3: want sha1, sha256, sha384 or sha512", seq(mgf(seq(oid(1, 2, 3))))},
		{"RSAES-OAEP: label source 1.2.3: want a label given in the file", seq(field(2, seq(oid(1, 2, 3))))},
		{"RSAES-OAEP: parameters: 2 bytes too many", seq(asn1.NullBytes)},
	} {
		_, err := oaepOf(c.der)
		wantError(t, err, c.want)
	}
}

// What ParseEnvelope accepts is DER: it encodes to the same bytes. And it can
// be opened with any key without harm.
func FuzzParseEnvelope(f *testing.F) {
	f.Add(goodEnvelopeParts(f).file())
	f.Add(oneEphemeralKey(f, "ec-p256", "leaf"))
	for _, o := range everyForm {
		f.Add(envelopeFor(f, o, "rsa2048", "ec-p256", "ec-p521"))
	}
	keys := []crypto.PrivateKey{signerOf(f, "ec-p256"), signerOf(f, "rsa2048")}
	f.Fuzz(func(t *testing.T, der []byte) {
		e, err := ParseEnvelope(der)
		if err != nil {
			return
		}
		if again := reencode(der); !bytes.Equal(again, der) {
			t.Errorf("accepted\n%x, which is in DER\n%x", der, again)
		}
		if (e.Unsupported == nil) != (e.content.cipher.block != nil) {
			t.Errorf("cipher %q, unsupported %v", e.Cipher, e.Unsupported)
		}
		for _, key := range keys {
			if _, err := e.Open(key, nil); err == nil {
				if _, err := ParseEnvelope(append(der, 0)); err == nil {
					t.Error("a byte more is accepted")
				}
			}
		}
	})
}

// reencode encodes every element anew, from the leaves on. What nobody reads,
// such as parts of a name, may be no DER inside; it stays as it is.
func reencode(der []byte) []byte {
	var out []byte
	for rest := der; len(rest) > 0; {
		var raw asn1.RawValue
		after, err := asn1.Unmarshal(rest, &raw)
		if err != nil {
			return der
		}
		if raw.IsCompound {
			raw.Bytes = reencode(raw.Bytes)
		}
		raw.FullBytes = nil
		encoded, err := asn1.Marshal(raw)
		if err != nil {
			return der
		}
		out, rest = append(out, encoded...), after
	}
	return out
}
