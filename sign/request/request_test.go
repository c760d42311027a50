package request

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/sign"
)

const keyFolder = "../../testdata/keys"

var message = []byte("software = { version = \"2.4.0\"; };\n")

func readKey(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(keyFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// elsewhere is a key of which only the public half is here.
func elsewhere(t testing.TB, scheme sign.Scheme, name string) sign.Key {
	t.Helper()
	pub, err := sign.ParsePublicKey(readKey(t, name+".pub.pem"))
	if err != nil {
		t.Fatal(err)
	}
	key := sign.Key{Name: name, Signer: sign.Elsewhere(pub)}
	if scheme == sign.SchemeCMS {
		certificates, err := sign.ParseCertificates(readKey(t, name+".crt"))
		if err != nil {
			t.Fatal(err)
		}
		key.Certificate = certificates[0]
	}
	return key
}

var about = About{
	Kind: "swu", File: "gateway-2.4.0.swu", Size: 4096, SHA256: strings.Repeat("ab", 32),
	Summary: []string{"gateway 2.4.0 <for> 1.0 & 1.1"}, Previous: "gateway-2.3.0.swu", Changes: []string{"version: 2.3.0 -> 2.4.0"},
}

func newRequest(t testing.TB, scheme sign.Scheme, names ...string) (*sign.Ceremony, *Request) {
	t.Helper()
	var keys []sign.Key
	for _, name := range names {
		keys = append(keys, elsewhere(t, scheme, name))
	}
	var at time.Time
	if scheme == sign.SchemeCMS {
		at = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	}
	c, err := sign.NewCeremony(scheme, message, keys, sign.Options{SigningTime: at})
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(c, scheme, keys, message, about, Options{File: "/tmp/it's a request.json", SigningTime: at, Required: len(keys)})
	if err != nil {
		t.Fatal(err)
	}
	return c, r
}

func encode(t testing.TB, r *Request) []byte {
	t.Helper()
	data, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRoundTrip(t *testing.T) {
	_, r := newRequest(t, sign.SchemeCMS, "rsa2048", "ec-p256")
	data := encode(t, r)
	again, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if differences := again.Differences(r); differences != nil {
		t.Errorf("differences: %s", differences)
	}
	if at, err := again.Time(); err != nil || !at.Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("signing time %v, %v", at, err)
	}
	if !bytes.Contains(data, []byte("gateway 2.4.0 <for> 1.0 & 1.1")) {
		t.Error("the summary cannot be read as it is")
	}
}

func TestMembers(t *testing.T) {
	_, r := newRequest(t, sign.SchemeRSAPSS, "rsa2048")
	s := r.Signers[0]
	if s.Algorithm != "rsa-pss" || s.Hash != "sha256" || s.SaltLength != 32 || s.Key != "RSA-2048" || !bytes.Equal(s.Bytes, message) {
		t.Errorf("%+v", s)
	}
	if s.KeyID != "sha256:66c0f8fcae49e43e79be293b52f65a37a7ec422ba7062b7d1767e0d76baa3bf6" {
		t.Errorf("key id %s", s.KeyID)
	}
	if r.SigningTime != "" || s.Cert != "" || len(s.Commands) != 3 {
		t.Errorf("signing time %q, certificate %q, commands %q", r.SigningTime, s.Cert, s.Commands)
	}
	if at, err := r.Time(); err != nil || !at.IsZero() {
		t.Errorf("signing time %v, %v", at, err)
	}
}

// Whatever is changed in a file is noticed, by its form or by comparison.
func TestTampered(t *testing.T) {
	_, want := newRequest(t, sign.SchemeCMS, "rsa2048", "ec-p256")
	for name, c := range map[string]struct {
		change func(*Request)
		want   string
	}{
		"digest":    {func(r *Request) { r.Signers[1].Digest = strings.Repeat("0", 64) }, `signers[1].digest: says "000`},
		"bytes":     {func(r *Request) { r.Signers[0].Bytes = []byte("else") }, `signers[0].bytes: says "ZWxzZQ==", want "`},
		"message":   {func(r *Request) { r.Message = []byte("else") }, `message: says "ZWxzZQ==", want "`},
		"file":      {func(r *Request) { r.About.File = "other.swu" }, `about.file: says "other.swu", want "gateway-2.4.0.swu"`},
		"size":      {func(r *Request) { r.About.Size++ }, `about.size: says 4097, want 4096`},
		"summary":   {func(r *Request) { r.About.Summary = nil }, `about.summary: has 0 elements, want 1`},
		"change":    {func(r *Request) { r.About.Changes = []string{"nothing"} }, `about.changes[0]: says "nothing"`},
		"required":  {func(r *Request) { r.Required = 1 }, "required: says 1, want 2"},
		"time":      {func(r *Request) { r.SigningTime = "" }, `signing_time: says "", want "2026-03-01T00:00:00Z"`},
		"signer":    {func(r *Request) { r.Signers = r.Signers[:1] }, "signers: has 1 elements, want 2"},
		"command":   {func(r *Request) { r.Signers[0].Commands[0] = "rm -rf ~" }, `signers[0].commands[0]: says "rm -rf ~"`},
		"algorithm": {func(r *Request) { r.Signers[0].Algorithm = "rsa-pss" }, `signers[0].algorithm: says "rsa-pss", want "rsa-pkcs1v15"`},
	} {
		_, got := newRequest(t, sign.SchemeCMS, "rsa2048", "ec-p256")
		c.change(got)
		again, err := Decode(encode(t, got))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if differences := again.Differences(want); len(differences) != 1 || !strings.HasPrefix(differences[0], c.want) {
			t.Errorf("%s: differences %q, want %q", name, differences, c.want)
		}
	}
}

// Where the previous release is not at hand, what was said of it is passed over.
func TestPreviousNotAtHand(t *testing.T) {
	_, r := newRequest(t, sign.SchemeCMS, "ec-p256")
	want := *r
	want.About.Previous, want.About.Changes = "", nil
	if differences := r.Differences(&want); differences != nil {
		t.Errorf("differences: %s", differences)
	}
	if r.About.Previous == "" {
		t.Error("the request has changed")
	}
}

func TestDecodeRefuses(t *testing.T) {
	_, r := newRequest(t, sign.SchemeCMS, "ec-p256")
	data := encode(t, r)
	for want, bad := range map[string][]byte{
		"is not a signing request":                              []byte("firmware"),
		"is not a signing request of":                           []byte(`{"schema":1}`),
		"of format 2: this fwpack reads 1":                      bytes.Replace(data, []byte(`request": 1`), []byte(`request": 2`), 1),
		"it has been edited":                                    bytes.Replace(data, []byte(`  "required"`), []byte(`  "required": 0, "required"`), 1),
		"is not as fwpack wrote it":                             bytes.Replace(data, []byte(`"required"`), []byte(`"hidden": 1, "required"`), 1),
		"request of 33554433 bytes: at most 33554432 are allow": make([]byte, MaxSize+1),
		"signing request: json: cannot":                         bytes.Replace(data, []byte(`"required": 1`), []byte(`"required": "1"`), 1),
	} {
		if _, err := Decode(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := Decode(bytes.Replace(data, []byte("\n"), []byte("\r\n"), 1)); err != errEdited {
		t.Errorf("other line ends: %v", err)
	}
	bad := Request{SigningTime: "today"}
	if _, err := bad.Time(); err == nil || err.Error() != `signing time "today": want RFC 3339` {
		t.Errorf("signing time: %v", err)
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"gateway.json": "gateway.json", "it's": `'it'\''s'`, "a b": "'a b'", "": "''", "-rf": "'-rf'", "$(x)": "'$(x)'",
	} {
		if got := quote(in); got != want {
			t.Errorf("quote(%q) = %s, want %s", in, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	_, r := newRequest(f, sign.SchemeCMS, "ec-p256")
	f.Add(encode(f, r))
	f.Add(encode(f, imageCases()[0].request(f)))
	f.Add([]byte(`{"fwpack_signing_request":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Decode(data)
		if err != nil {
			return
		}
		if again, err := r.Encode(); err != nil || !bytes.Equal(again, data) {
			t.Errorf("%q becomes %q, %v", data, again, err)
		}
		r.Differences(&Request{})
	})
}

// The commands of a request, run as they stand by a shell, make signatures that
// the ceremony takes: raw ones, and whole CMS.
func TestConformanceCommands(t *testing.T) {
	reftool.Need(t, "openssl", "sed")
	for _, c := range []struct {
		scheme sign.Scheme
		names  []string
	}{
		{sign.SchemeCMS, []string{"rsa2048", "ec-p256", "ec-p384"}},
		{sign.SchemeRSAPKCS1v15, []string{"rsa2048"}},
		{sign.SchemeRSAPSS, []string{"rsa3072"}},
	} {
		_, r := newRequest(t, c.scheme, c.names...)
		for i, name := range c.names {
			raw, whole, _ := split(r.Signers[i].Commands)
			for _, commands := range [][]string{raw, whole} {
				if commands == nil {
					continue
				}
				ceremony, _ := newRequest(t, c.scheme, c.names...)
				signature := runCommands(t, encode(t, r), name, r.Signers[i].Digest, commands)
				if got, err := ceremony.Attach(signature); err != nil || !slices.Equal(got, []int{i}) {
					t.Errorf("%s %s: attached %v, %v", c.scheme, name, got, err)
				}
			}
		}
	}
}

// split tells the two ways to sign apart.
func split(commands []string) (raw, whole []string, comment string) {
	for i, command := range commands {
		if strings.HasPrefix(command, "#") {
			return commands[:i], commands[i+1:], command
		}
	}
	return commands, nil, ""
}

func runCommands(t *testing.T, request []byte, key, digest string, commands []string) []byte {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string][]byte{
		"it's a request.json": request, "PRIVATE.pem": readKey(t, key+".pem"), "CERTIFICATE.pem": readKey(t, key+".crt"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("sh", "-ec", strings.Join(commands, "\n"))
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%v: %s", strings.Join(commands, "\n"), err, out)
	}
	if len(commands) == 3 && !strings.Contains(string(out), digest) {
		t.Errorf("openssl prints %s, want the digest %s", out, digest)
	}
	signature, err := os.ReadFile(filepath.Join(dir, "signature"))
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func TestJSONNames(t *testing.T) {
	_, r := newRequest(t, sign.SchemeCMS, "ec-p256")
	var members map[string]any
	if err := json.Unmarshal(encode(t, r), &members); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"fwpack_signing_request", "about", "scheme", "signing_time", "required", "signers", "message"} {
		if members[name] == nil {
			t.Errorf("no member %s", name)
		}
	}
}
