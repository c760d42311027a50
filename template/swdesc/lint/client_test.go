package lint_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/sign"
)

const keys = "../../../testdata/keys/"

// payload is what every artifact here holds.
const payload = "#!/bin/sh\nexit 0\n"

// digest is the sha256 attribute of payload.
func digest() string { return fmt.Sprintf("sha256 = \"%x\";", sha256.Sum256([]byte(payload))) }

// describe is a description for revision 1.0 with the given sections.
func describe(sections string) string {
	return "software = { version = \"1\"; hardware-compatibility = [\"1.0\"];\n" + sections + "\n};\n"
}

// device is a client that trusts what pack signs.
func device() reftool.Client { return reftool.Client{Cert: keys + "ec-p256.crt"} }

// pack makes a signed bundle of a description and artifacts, one called payload
// where none are named.
func pack(t *testing.T, description string, artifacts ...string) string {
	t.Helper()
	if artifacts == nil {
		artifacts = []string{"payload"}
	}
	var out bytes.Buffer
	w := swu.NewWriter(&out)
	add(t, w, swu.Description, description)
	add(t, w, swu.Signature, signature(t, description))
	for _, name := range artifacts {
		add(t, w, name, payload)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file(t, "test.swu", out.String())
}

func add(t *testing.T, w *swu.Writer, name, data string) {
	t.Helper()
	sum := swu.Sum{}
	sum.Write([]byte(data))
	if err := w.WriteHeader(swu.Header{Name: name, Size: int64(len(data)), Sum: sum.Sum32()}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(data)); err != nil {
		t.Fatal(err)
	}
}

func signature(t *testing.T, description string) string {
	t.Helper()
	signer, err := sign.ParsePrivateKey(read(t, "ec-p256.pem"), nil)
	if err != nil {
		t.Fatal(err)
	}
	certs, err := sign.ParseCertificates(read(t, "ec-p256.crt"))
	if err != nil {
		t.Fatal(err)
	}
	sig, err := sign.Sign(sign.SchemeCMS, []byte(description), []sign.Key{{Signer: signer, Certificate: certs[0]}}, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return string(sig)
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(keys, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func file(t *testing.T, name, data string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
