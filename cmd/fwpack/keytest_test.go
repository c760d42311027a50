package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// keyTest runs `fwpack key test` with the example programs on PATH.
func keyTest(t *testing.T, reference string) (status int, stdout, stderr string) {
	t.Helper()
	signers, err := filepath.Abs("../../examples/signers/openssl")
	if err != nil {
		t.Fatal(err)
	}
	var out, errors bytes.Buffer
	status = run(context.Background(), []string{"key", "test", reference}, surroundings{
		stdout: &out, stderr: &errors, env: os.LookupEnv,
		environ: []string{"PATH=" + signers + string(os.PathListSeparator) + os.Getenv("PATH")},
	})
	return status, out.String(), errors.String()
}

func TestConformanceKeyTest(t *testing.T) {
	reftool.Need(t, "openssl", "sh")
	keys, err := filepath.Abs("../../testdata/keys")
	if err != nil {
		t.Fatal(err)
	}
	keys = filepath.ToSlash(keys)
	status, stdout, stderr := keyTest(t, "plugin:openssl:"+keys+"/ec-p256.pem")
	if status != statusDone || !strings.Contains(stdout, "ok    sign ecdsa sha256") || strings.Contains(stdout, "FAIL") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	status, stdout, stderr = keyTest(t, "plugin:openssl:"+keys+"/nowhere.pem")
	if status != statusUnverified || !strings.HasPrefix(stdout, "FAIL  describe") || !strings.Contains(stderr, "fwpack-sign-openssl: ") {
		t.Errorf("a key that is not there: status %d\n%s%s", status, stdout, stderr)
	}
}

func TestKeyTestUsage(t *testing.T) {
	for _, reference := range []string{"key.pem", "plugin:openssl", "plugin::x"} {
		status, _, stderr := keyTest(t, reference)
		if status != statusUsage || !strings.Contains(stderr, "is not of the form plugin:NAME:REFERENCE") {
			t.Errorf("%s: status %d, %s", reference, status, stderr)
		}
	}
}
