package plugin

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"testing"
)

// FuzzServe: whatever a signing program is asked, it answers in whole lines, each
// of them an object, or ends with an error.
func FuzzServe(f *testing.F) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	f.Add(true, []byte(`{"reference":"a"}`))
	f.Add(false, []byte(`{"reference":"a","algorithm":"ed25519","hash":"sha256","digest":"00","message":"AAAA"}`+"\n"))
	f.Add(false, []byte(`{"reference":"a","algorithm":"rsa-pss","salt_length":-1}`+"\n{}\n\n"))
	f.Fuzz(func(t *testing.T, describe bool, in []byte) {
		verb := VerbSign
		if describe {
			verb = VerbDescribe
		}
		var out bytes.Buffer
		err := Serve(verb, bytes.NewReader(in), &out, nil, func(string) (crypto.Signer, []*x509.Certificate, error) { return key, nil, nil })
		if err != nil && ExitStatus(err) == 0 {
			t.Errorf("status 0 for %v", err)
		}
		for line := range bytes.Lines(out.Bytes()) {
			var answer map[string]any
			if json.Unmarshal(line, &answer) != nil || !bytes.HasSuffix(line, []byte("\n")) {
				t.Errorf("answers %q", line)
			}
		}
	})
}
