package sign

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

var firmware = []byte("software = { version = \"1.0\"; };\n")

// elsewhereKey is the key of that name without its private half.
func elsewhereKey(t testing.TB, name string) Key {
	t.Helper()
	k := cmsKey(t, name)
	k.Name = name
	k.Signer = Elsewhere(k.Signer.Public())
	return k
}

func ceremony(t testing.TB, scheme Scheme, keys ...Key) *Ceremony {
	t.Helper()
	c, err := NewCeremony(scheme, firmware, keys, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// offline signs what a ceremony asks key i for, with the private key of that name.
func offline(t testing.TB, c *Ceremony, i int, name string) []byte {
	t.Helper()
	toSign, err := c.ToSign(i)
	if err != nil {
		t.Fatal(err)
	}
	return signRaw(t, toSign, name)
}

func signRaw(t testing.TB, toSign ToSign, name string) []byte {
	t.Helper()
	var opts crypto.SignerOpts = toSign.Hash.Hash()
	if toSign.Algorithm == "rsa-pss" {
		opts = &rsa.PSSOptions{SaltLength: toSign.SaltLength, Hash: toSign.Hash.Hash()}
	}
	signature, err := privateKey(t, name).Sign(rand.Reader, hashOf(toSign.Hash.Hash(), toSign.Bytes), opts)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func TestCeremonyAttach(t *testing.T) {
	c := ceremony(t, SchemeCMS, elsewhereKey(t, "rsa2048"), elsewhereKey(t, "ec-p256"), elsewhereKey(t, "ec-p384"))
	if err := c.Sign(0); err == nil || !strings.Contains(err.Error(), "the private key is elsewhere") {
		t.Errorf("signing without the private half: %v", err)
	}
	base64Lines := base64.StdEncoding.EncodeToString(offline(t, c, 1, "ec-p256"))
	base64Lines = base64Lines[:64] + "\n" + base64Lines[64:] + "\n"
	for _, attached := range []struct {
		data []byte
		want int
	}{{offline(t, c, 0, "rsa2048"), 0}, {[]byte(base64Lines), 1}} {
		got, err := c.Attach(attached.data)
		if err != nil || !slices.Equal(got, []int{attached.want}) {
			t.Fatalf("attached %v, %v: want %d", got, err, attached.want)
		}
	}
	if _, err := c.Signature(3); err == nil || err.Error() != `1 of 3 signatures are missing: wanted of key "ec-p384"` {
		t.Errorf("two of three: %v", err)
	}
	signature, err := c.Signature(2)
	if err != nil {
		t.Fatal(err)
	}
	signers, err := Verify(SchemeCMS, firmware, signature, Trust{Roots: certificates(t, "rsa2048", "ec-p256"), Now: now})
	if err != nil || len(signers) != 2 {
		t.Errorf("%d signers, %v", len(signers), err)
	}
}

// A ceremony of keys that are all at hand signs as Sign does.
func TestCeremonyIsSign(t *testing.T) {
	for _, key := range []Key{cmsKey(t, "ec-p256"), cmsKey(t, "rsa3072")} {
		c := ceremony(t, SchemeCMS, key)
		if err := c.Sign(0); err != nil {
			t.Fatal(err)
		}
		got, err := c.Signature(1)
		want, wantErr := Sign(SchemeCMS, firmware, []Key{key}, Options{})
		if err != nil || wantErr != nil || !bytes.Equal(got, want) {
			t.Errorf("%v, %v: other bytes than those of Sign", err, wantErr)
		}
		if err := c.Sign(0); err == nil {
			t.Error("signed twice")
		}
	}
}

func TestCeremonyRSA(t *testing.T) {
	for _, scheme := range []Scheme{SchemeRSAPKCS1v15, SchemeRSAPSS} {
		key := Key{Name: "release", Signer: Elsewhere(privateKey(t, "rsa2048").Public())}
		c := ceremony(t, scheme, key)
		toSign, err := c.ToSign(0)
		if err != nil || toSign.Algorithm != string(scheme) || !bytes.Equal(toSign.Bytes, firmware) {
			t.Fatalf("%+v, %v", toSign, err)
		}
		if toSign.SaltLength != 0 {
			toSign.SaltLength = rsa.PSSSaltLengthAuto // as openssl does unless it is told; clients verify any
		}
		signature := signRaw(t, toSign, "rsa2048")
		if _, err := c.Attach(signature); err != nil {
			t.Fatal(err)
		}
		sealed, err := c.Signature(1)
		if err != nil || !bytes.Equal(sealed, signature) {
			t.Errorf("%s: %x, %v", scheme, sealed, err)
		}
		if _, err := Verify(scheme, firmware, sealed, Trust{Keys: []crypto.PublicKey{key.Signer.Public()}}); err != nil {
			t.Error(err)
		}
	}
}

func TestAttachRefuses(t *testing.T) {
	fresh := func() *Ceremony {
		return ceremony(t, SchemeCMS, elsewhereKey(t, "rsa2048"), elsewhereKey(t, "ec-p256"))
	}
	toSign, err := fresh().ToSign(0)
	if err != nil {
		t.Fatal(err)
	}
	other := func(change func(*ToSign)) []byte {
		changed := toSign
		change(&changed)
		return signRaw(t, changed, "rsa2048")
	}
	digest := sha256.Sum256(toSign.Bytes)
	strangers, err := Sign(SchemeCMS, firmware, []Key{cmsKey(t, "ec-p384")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	anotherMessage, err := Sign(SchemeCMS, []byte("other"), []Key{cmsKey(t, "ec-p256")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	ecdsa := offline(t, fresh(), 1, "ec-p256")
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":            {nil, "signature of 0 bytes: want 1 to"},
		"huge":             {make([]byte, maxAttached+1), "want 1 to 2097152"},
		"nonsense":         {[]byte("no signature"), `by none of the keys expected, or over something else: want one of key "rsa2048" or key "ec-p256"`},
		"stranger":         {signRaw(t, toSign, "rsa3072"), "by none of the keys expected"},
		"other bytes":      {other(func(s *ToSign) { s.Bytes = []byte("else") }), "over something else"},
		"digest hashed":    {other(func(s *ToSign) { s.Bytes = digest[:] }), "it has been hashed twice"},
		"digest in hex":    {other(func(s *ToSign) { s.Bytes = []byte(hex.EncodeToString(digest[:])) }), "of the digest in hex"},
		"message":          {other(func(s *ToSign) { s.Bytes = firmware }), "of the message itself"},
		"other padding":    {other(func(s *ToSign) { s.Algorithm, s.SaltLength = "rsa-pss", 32 }), "has another padding: want rsa-pkcs1v15"},
		"truncated":        {offline(t, fresh(), 0, "rsa2048")[:255], "by none of the keys expected"},
		"trailing bytes":   {append(bytes.Clone(ecdsa), 0), "by none of the keys expected"},
		"CMS by stranger":  {strangers, `signature of "CN=fwpack test ec-p384,O=TEST ONLY": is by none of the keys expected`},
		"CMS of another":   {anotherMessage, "the digest is of another content"},
		"CMS cut in half":  {anotherMessage[:100], "by none of the keys expected"},
		"CMS from nowhere": {emptyCMS(t), "the CMS has no signer"},
	} {
		ceremony := fresh()
		_, err := ceremony.Attach(c.data)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
		if len(ceremony.Missing()) != 2 {
			t.Errorf("%s: taken all the same", name)
		}
	}
}

// emptyCMS is a SignedData without signers, as certificates are shipped in.
func emptyCMS(t *testing.T) []byte {
	t.Helper()
	der, err := hex.DecodeString("302306092a864886f70d010702a0163014020101310030" + "0b06092a864886f70d0107013100")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseCMS(der); err != nil {
		t.Fatal(err)
	}
	return der
}

func TestAttachTwice(t *testing.T) {
	c := ceremony(t, SchemeCMS, elsewhereKey(t, "rsa2048"), elsewhereKey(t, "ec-p256"))
	raw := offline(t, c, 0, "rsa2048")
	whole, err := Sign(SchemeCMS, firmware, []Key{cmsKey(t, "rsa2048")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Attach(whole); err != nil {
		t.Fatal(err)
	}
	for _, again := range [][]byte{raw, whole} {
		_, err := c.Attach(again)
		var unverified *VerificationError
		if !errors.As(err, &unverified) || !strings.Contains(err.Error(), "is there already: each key signs once") {
			t.Errorf("again: %v", err)
		}
	}
	if _, err := NewCeremony(SchemeCMS, firmware, []Key{cmsKey(t, "rsa2048"), elsewhereKey(t, "rsa2048")}, Options{}); err == nil ||
		!strings.Contains(err.Error(), `are the same key`) {
		t.Errorf("one key twice: %v", err)
	}
	rsaOnly := ceremony(t, SchemeRSAPKCS1v15, Key{Name: "release", Signer: Elsewhere(privateKey(t, "rsa2048").Public())})
	if _, err := rsaOnly.Attach(whole); err == nil || !strings.Contains(err.Error(), "a CMS: scheme rsa-pkcs1v15 wants the raw signature") {
		t.Errorf("CMS for a raw scheme: %v", err)
	}
}

func TestKeep(t *testing.T) {
	old, err := Sign(SchemeCMS, firmware, []Key{cmsKey(t, "rsa2048"), cmsKey(t, "ec-p256")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := ceremony(t, SchemeCMS, cmsKey(t, "ec-p384"))
	kept, dropped, err := c.Keep(old, func(s Signer) bool { return strings.Contains(s.Subject, "rsa2048") })
	if err != nil || len(kept) != 1 || len(dropped) != 1 {
		t.Fatalf("kept %v, dropped %v, %v", kept, dropped, err)
	}
	if err := c.Sign(0); err != nil {
		t.Fatal(err)
	}
	signature, err := c.Signature(1)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := ParseCMS(signature)
	if err != nil || len(parsed.Signers) != 2 || len(parsed.Certificates) != 2 {
		t.Fatalf("%d signers, %d certificates, %v", len(parsed.Signers), len(parsed.Certificates), err)
	}
	if _, err := Verify(SchemeCMS, firmware, signature, Trust{Roots: certificates(t, "ec-p256", "ec-p384"), Now: now}); err != nil {
		t.Error(err)
	}
}

// A key that signs again takes the place of its old signature.
func TestKeepReplaces(t *testing.T) {
	old, err := Sign(SchemeCMS, firmware, []Key{cmsKey(t, "rsa2048"), cmsKey(t, "ec-p256")}, Options{SigningTime: now})
	if err != nil {
		t.Fatal(err)
	}
	c := ceremony(t, SchemeCMS, cmsKey(t, "ec-p256"))
	kept, dropped, err := c.Keep(old, nil)
	if err != nil || len(kept) != 1 || len(dropped) != 1 || !strings.Contains(dropped[0].Subject, "ec-p256") {
		t.Fatalf("kept %v, dropped %v, %v", kept, dropped, err)
	}
	if err := c.Sign(0); err != nil {
		t.Fatal(err)
	}
	if signature, err := c.Signature(1); err != nil || len(signature) == 0 {
		t.Error(err)
	}
}

func TestKeepStripsAll(t *testing.T) {
	old, err := Sign(SchemeCMS, firmware, []Key{cmsKey(t, "rsa2048")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := ceremony(t, SchemeCMS)
	if _, _, err := c.Keep(old, func(Signer) bool { return true }); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Signature(0); err == nil || err.Error() != "scheme cms: no signer" {
		t.Errorf("nothing left: %v", err)
	}
}

func TestKeepRefuses(t *testing.T) {
	other, err := Sign(SchemeCMS, []byte("other"), []Key{cmsKey(t, "rsa2048")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := ceremony(t, SchemeCMS, cmsKey(t, "ec-p256"))
	for want, data := range map[string][]byte{
		"the digest is of another content": other,
		"cms: not DER":                     []byte("nonsense"),
	} {
		if _, _, err := c.Keep(data, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	raw := ceremony(t, SchemeRSAPSS, Key{Signer: privateKey(t, "rsa2048")})
	if _, _, err := raw.Keep(other, nil); err == nil || !strings.Contains(err.Error(), "only scheme cms keeps others beside it") {
		t.Errorf("raw scheme: %v", err)
	}
}

// openssl signs what a ceremony asks for, raw and as a whole CMS with its own
// attributes, in every form that it writes.
func TestConformanceCeremony(t *testing.T) {
	reftool.Need(t, "openssl")
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(at("firmware"), firmware, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"rsa2048", "ec-p256", "ec-p521"} {
		pss := elsewhereKey(t, name)
		pss.PSS = name == "rsa2048"
		for _, key := range []Key{elsewhereKey(t, name), pss} {
			c := ceremony(t, SchemeCMS, key)
			toSign, err := c.ToSign(0)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(at("bytes"), toSign.Bytes, 0o600); err != nil {
				t.Fatal(err)
			}
			args := []string{"dgst", "-" + string(toSign.Hash), "-sign", filepath.Join(keyFolder, name+".pem"), "-out", at("signature")}
			if key.PSS {
				args = append(args, "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest")
			}
			attachFile(t, c, at("signature"), append(args, at("bytes"))...)
			verifySealed(t, c, name)
		}
		cmsSign := []string{"cms", "-sign", "-binary", "-in", at("firmware"), "-signer", filepath.Join(keyFolder, name+".crt"),
			"-inkey", filepath.Join(keyFolder, name+".pem"), "-out", at("signature")}
		for _, form := range [][]string{{"-outform", "DER"}, {"-outform", "PEM"}, {"-outform", "DER", "-nodetach", "-nosmimecap"}, {"-outform", "DER", "-noattr"}, {"-outform", "DER", "-keyid"}} {
			c := ceremony(t, SchemeCMS, elsewhereKey(t, name))
			attachFile(t, c, at("signature"), append(slices.Clone(cmsSign), form...)...)
			verifySealed(t, c, name)
		}
	}
}

func attachFile(t *testing.T, c *Ceremony, path string, args ...string) {
	t.Helper()
	if out, err := exec.Command("openssl", args...).CombinedOutput(); err != nil {
		t.Fatalf("openssl %s: %v\n%s", args, err, out)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Attach(data); err != nil {
		t.Errorf("openssl %s: %v", args, err)
	}
}

func verifySealed(t *testing.T, c *Ceremony, name string) {
	t.Helper()
	signature, err := c.Signature(1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(SchemeCMS, firmware, signature, Trust{Roots: []*x509.Certificate{certificate(t, name)}, Now: now}); err != nil {
		t.Error(err)
	}
	if block, _ := pem.Decode(signature); block != nil {
		t.Error("sealed as PEM")
	}
}
