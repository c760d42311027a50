// Package signers tests the signing programs in its folders: those around the
// commands of key services with stand-ins for the commands, the others with the
// real ones.
package signers

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/sign/plugin"
)

// The stand-ins are this test's own binary under the commands' names.
func TestMain(m *testing.M) {
	if os.Getenv("STAND_IN") != "" {
		os.Exit(standIn(filepath.Base(os.Args[0]), os.Args[1:]))
	}
	os.Exit(m.Run())
}

// tools are what the programs may call beside a service's command.
func tools() []string { return []string{"awk", "base64", "grep", "rm", "sed", "tr", "wc"} }

// path makes a PATH with the tools, the real commands and the stand-ins, and
// nothing else: no command of a service that happens to be installed is there.
func path(t *testing.T, commands, standIns []string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the programs are for a POSIX shell")
	}
	dir := t.TempDir()
	for _, name := range slices.Concat(tools(), commands) {
		reftool.Need(t, name)
		file, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		link(t, file, filepath.Join(dir, name))
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range standIns {
		link(t, self, filepath.Join(dir, name))
	}
	return dir
}

func link(t *testing.T, file, name string) {
	t.Helper()
	if err := os.Symlink(file, name); err != nil {
		t.Fatal(err)
	}
}

// options run the program in folder with PATH and further variables.
func options(t *testing.T, folder, path string, env ...string) plugin.Options {
	t.Helper()
	dir, err := filepath.Abs(folder)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := filepath.Abs("../../testdata/keys")
	if err != nil {
		t.Fatal(err)
	}
	return plugin.Options{Path: dir, TempDir: t.TempDir(), Timeout: 20 * time.Second,
		Env: append([]string{"PATH=" + path, "STAND_IN=1", "STAND_IN_KEYS=" + keys}, env...)}
}

// checkConformance runs the whole of plugin.Test and wants the signatures that
// are listed, such as "rsa-pss sha256", and all others refused.
func checkConformance(t *testing.T, name, reference string, opt plugin.Options, want ...string) {
	t.Helper()
	var verified []string
	for _, r := range plugin.Test(context.Background(), name, reference, opt) {
		if !r.OK {
			t.Errorf("%s: %s", r.Name, r.Detail)
		}
		if signature, ok := strings.CutPrefix(r.Name, "sign "); ok && r.Detail == "verified" {
			verified = append(verified, signature)
		}
	}
	slices.Sort(verified)
	slices.Sort(want)
	if !slices.Equal(verified, want) {
		t.Errorf("signs %q, want %q", verified, want)
	}
}

// checkRefusal wants the key to be refused for a reason, when it is described or
// when it signs with opts, and the reason to be what the user is told.
func checkRefusal(t *testing.T, name, reference string, opt plugin.Options, opts crypto.SignerOpts, reason string) {
	t.Helper()
	var said bytes.Buffer
	opt.Stderr = &said
	k, err := plugin.Open(context.Background(), name, reference, opt)
	if err == nil {
		_, err = k.Sign(nil, make([]byte, opts.HashFunc().Size()), opts)
	}
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	last := lines[len(lines)-1]
	if !strings.HasSuffix(last, reason) {
		t.Errorf("the user reads %q, want %q at the end", said.String(), reason)
	}
	_, last, _ = strings.Cut(last, ": ") // what comes after the program's name
	last = strings.TrimSpace(last)
	if err == nil || !strings.Contains(err.Error(), "exit status ") || !strings.Contains(err.Error(), last[:min(len(last), 100)]) {
		t.Errorf("error %v, want a status and %q", err, last)
	}
}

// checkSignature wants one signature of a digest, or of a message for Ed25519,
// and a session that ends well.
func checkSignature(t *testing.T, name, reference string, opt plugin.Options, digest []byte, opts crypto.SignerOpts) {
	t.Helper()
	k, err := plugin.Open(context.Background(), name, reference, opt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.SignAll([]plugin.Request{{Digest: digest, Options: opts}}); err != nil {
		t.Error(err)
	}
}

// checkMessages wants Ed25519 signatures of messages of up to longest bytes, and
// the next one refused for a reason.
func checkMessages(t *testing.T, name, reference string, opt plugin.Options, longest int, reason string) {
	t.Helper()
	for _, size := range []int{0, 1, longest} {
		checkSignature(t, name, reference, opt, make([]byte, size), crypto.Hash(0))
	}
	k, err := plugin.Open(context.Background(), name, reference, opt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Sign(nil, make([]byte, longest+1), crypto.Hash(0)); err == nil || !strings.HasSuffix(err.Error(), reason) {
		t.Errorf("%d bytes: error %v, want one that ends with %q", longest+1, err, reason)
	}
}

// shortSalt is a PSS salt that key services do not make.
func shortSalt() *rsa.PSSOptions { return &rsa.PSSOptions{SaltLength: 20, Hash: crypto.SHA256} }

// All signatures with RSA keys, and those with ECDSA keys.
func withRSA() []string { return append(pkcs1(), pss()...) }
func pkcs1() []string {
	return []string{"rsa-pkcs1v15 sha256", "rsa-pkcs1v15 sha384", "rsa-pkcs1v15 sha512"}
}
func pss() []string     { return []string{"rsa-pss sha256", "rsa-pss sha384", "rsa-pss sha512"} }
func withEC() []string  { return []string{"ecdsa sha256", "ecdsa sha384", "ecdsa sha512"} }
func service() []string { return []string{"aws-kms", "azure-keyvault", "gcp-kms", "vault-transit"} }

// A command that is not installed is named, with what to install.
func TestConformanceMissingCommand(t *testing.T) {
	t.Parallel()
	nothing := path(t, nil, nil)
	want := map[string]string{
		"aws-kms":        "aws is not on PATH: install the AWS command line interface",
		"azure-keyvault": "az is not on PATH: install the Azure command line interface, 2.68.0 or later",
		"gcp-kms":        "gcloud is not on PATH: install the Google Cloud CLI and curl",
		"vault-transit":  "vault is not on PATH: install the command line of HashiCorp Vault or OpenBao",
		"pkcs11-tool":    "pkcs11-tool is not on PATH: install OpenSC",
	}
	for name, reason := range want {
		t.Run(name, func(t *testing.T) {
			checkRefusal(t, name, "any", options(t, name, nothing), crypto.SHA256, reason)
		})
	}
}

// Whatever a command answers, the program ends with an error, or fwpack does.
func TestConformanceGarbage(t *testing.T) {
	t.Parallel()
	bin := path(t, nil, []string{"aws", "az", "gcloud", "curl", "vault"})
	references := map[string]string{
		"aws-kms":        "alias/rsa2048",
		"azure-keyvault": azureKey("rsa2048"),
		"gcp-kms":        gcpKey("rsa-pss-2048-sha256"),
		"vault-transit":  "transit/rsa2048:1",
	}
	for _, name := range service() {
		for _, garbage := range []string{"", "None", "<html>\n", "a\"b\x1b[31m", "vault:v1:AAAA"} {
			opt := options(t, name, bin, "STAND_IN_GARBAGE="+garbage, "STAND_IN_SAYS_GARBAGE=1")
			if _, err := plugin.Open(context.Background(), name, references[name], opt); err == nil {
				t.Errorf("%s: a key out of %q", name, garbage)
			}
			opt.SkipDescribe = true
			opt.Public = testKey(t, "rsa2048").Public()
			k, err := plugin.Open(context.Background(), name, references[name], opt)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := k.Sign(nil, make([]byte, 32), &rsa.PSSOptions{SaltLength: 32, Hash: crypto.SHA256}); err == nil {
				t.Errorf("%s: a signature out of %q", name, garbage)
			}
		}
	}
}
