package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/reftool"
)

// keyTest runs `fwpack key test`.
func keyTest(t *testing.T, reference string) (status int, stdout, stderr string) {
	t.Helper()
	return withPrograms(t, "key", "test", reference)
}

// withPrograms runs fwpack with the example program for openssl on PATH.
func withPrograms(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	signers, err := filepath.Abs("../../examples/signers/openssl")
	if err != nil {
		t.Fatal(err)
	}
	var out, errors bytes.Buffer
	status = run(context.Background(), args, surroundings{
		stdout: &out, stderr: &errors, env: os.LookupEnv, now: time.Now, rand: rand.Reader,
		dir: os.Getwd, program: thisProgram,
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

// Certificates are made with keys behind a program, and of them: an authority, a
// leaf below it, and what signs itself.
func TestConformanceKeyCertProgram(t *testing.T) {
	reftool.Need(t, "openssl", "sh")
	keys, err := filepath.Abs("../../testdata/keys")
	if err != nil {
		t.Fatal(err)
	}
	reference := func(name string) string { return "plugin:openssl:" + filepath.ToSlash(keys) + "/" + name + ".pem" }
	dir := t.TempDir()
	root, leaf := filepath.Join(dir, "root.crt"), filepath.Join(dir, "leaf.crt")
	for _, args := range [][]string{
		{"key", "cert", reference("rsa2048"), "-o", root, "--cn", "root", "--ca"},
		{"key", "cert", reference("ec-p256"), "-o", leaf, "--cn", "leaf", "--ca-key", reference("rsa2048"), "--ca-cert", root},
	} {
		if status, _, stderr := withPrograms(t, args...); status != statusDone {
			t.Fatalf("%q: status %d, %s", args, status, stderr)
		}
	}
	if out, err := exec.Command("openssl", "verify", "-purpose", "smimesign", "-CAfile", root, leaf).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	status, stdout, stderr := withPrograms(t, "key", "public", reference("ec-p256"))
	want, err := os.ReadFile(filepath.Join(keys, "ec-p256.pub.pem"))
	if err != nil || status != statusDone || stdout != string(want) {
		t.Errorf("public: status %d, %s%s, %v", status, stdout, stderr, err)
	}
	if status, _, stderr := withPrograms(t, "key", "hash", reference("nowhere")); status != statusFailed || !strings.Contains(stderr, "fwpack-sign-openssl") {
		t.Errorf("nowhere: status %d, %s", status, stderr)
	}
	if status, _, stderr := withPrograms(t, "key", "public", "pkcs11:object=a?pin-value=1"); status != statusFailed || !strings.Contains(stderr, "hint: ") {
		t.Errorf("pin-value: status %d, %s", status, stderr)
	}
}
