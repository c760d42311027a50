package plugin

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func readText(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(keyFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestParseDescription(t *testing.T) {
	public := readText(t, "ec-p256.pub.pem")
	block, _ := pem.Decode([]byte(public))
	for _, answer := range []string{public, "\n" + public, base64.StdEncoding.EncodeToString(block.Bytes)} {
		data := marshal(t, map[string]any{"public_key": answer, "future": []int{1}, "certificates": readText(t, "ec-p256.crt"), "wants_message": true})
		d, err := parseDescription(append(data, '\n'))
		if err != nil || len(d.certificates) != 1 || !d.wantsMessage {
			t.Errorf("%+v, %v", d, err)
		}
	}
}

func TestParseDescriptionRefuses(t *testing.T) {
	public := readText(t, "ec-p256.pub.pem")
	for _, test := range []struct {
		answer any
		want   string
	}{
		{"text", "want one JSON object"},
		{map[string]any{}, "public_key: missing"},
		{map[string]any{"public_key": 1}, "want one JSON object"},
		{map[string]any{"public_key": "?"}, "public_key: neither PEM nor base64"},
		{map[string]any{"public_key": "AAAA"}, "public_key: "},
		{map[string]any{"public_key": readText(t, "rsa1024.pub.pem")}, "RSA-1024 is too short"},
		{map[string]any{"public_key": public, "certificates": "x"}, "certificates: "},
		{map[string]any{"public_key": public, "certificates": readText(t, "leaf.crt")}, "certificates: the first is of another key"},
	} {
		_, err := parseDescription(marshal(t, test.answer))
		wantError(t, err, test.want)
	}
	_, err := parseDescription([]byte(`{"public_key":"AAAA"}{}`))
	wantError(t, err, "want one JSON object")
}

func TestParseSignature(t *testing.T) {
	for _, line := range []string{
		`{"signature":"AQL/"}`, `{"signature_hex":"0102ff"}`, `{"signature_hex":"0102FF"}`,
		` {"signature":"AQ\nL/","future":{}} `, `{"signature":"","signature_hex":"0102ff"}`,
	} {
		if got, err := parseSignature([]byte(line)); err != nil || !bytes.Equal(got, []byte{1, 2, 255}) {
			t.Errorf("%s: %x, %v", line, got, err)
		}
	}
	for line, want := range map[string]string{
		"":                        "no answer",
		"null":                    "answer without a signature",
		"[]":                      "want one JSON object",
		`{"signature":"AQL/"} x`:  "want one JSON object",
		`{"signature":"0102ff:"}`: "want base64 in signature",
		`{"signature_hex":"012"}`: "or hex in signature_hex",
		`{"signature":"AQL/","signature_hex":"0102ff"}`: "and not both",
		strings.Repeat("\x00", 1000):                    "...",
	} {
		_, err := parseSignature([]byte(line))
		wantError(t, err, want)
	}
}

func TestOddKeys(t *testing.T) {
	_, err := newRequest(7, Request{nil, crypto.SHA256})
	wantError(t, err, "public key of type int")
	_, err = check(7, signRequest{Algorithm: algorithmEd25519}, nil)
	wantError(t, err, "public key of type int")
	_, err = check(7, signRequest{}, nil)
	wantError(t, err, `hash ""`)
	if samePublicKey(7, 7) || identify(7) != "key of type int" {
		t.Error("an int is no key")
	}
}

// FuzzAnswers feeds what programs may write to both parsers: what is accepted
// says the same when it is written again.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"signature":"AQL/"}`))
	f.Add([]byte(`{"signature_hex":"0102ff","future":1}`))
	f.Add(marshal(f, describeAnswer{PublicKey: readText(f, "ec-p256.pub.pem"), Certificates: readText(f, "ec-p256.crt")}))
	f.Add(marshal(f, describeAnswer{PublicKey: readText(f, "ed25519.pub.pem"), WantsMessage: true}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if signature, err := parseSignature(data); err == nil {
			again, err := parseSignature(marshal(t, signAnswer{Signature: base64.StdEncoding.EncodeToString(signature)}))
			if len(signature) > 0 && (err != nil || !bytes.Equal(again, signature)) {
				t.Errorf("%x becomes %x, %v", signature, again, err)
			}
		}
		d, err := parseDescription(data)
		if err != nil {
			return
		}
		answer, err := describeSigner(d.public, d.certificates)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseDescription(marshal(t, answer))
		if err != nil || !samePublicKey(d.public, again.public) || len(d.certificates) != len(again.certificates) {
			t.Errorf("%+v becomes %+v, %v", d, again, err)
		}
	})
}
