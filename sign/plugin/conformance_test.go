package plugin

import (
	"context"
	"crypto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/reftool"
)

// failed returns the names of the results that are not right.
func failed(results []Result) string {
	var names []string
	for _, r := range results {
		if !r.OK {
			names = append(names, r.Name)
		}
	}
	return strings.Join(names, ", ")
}

func TestTest(t *testing.T) {
	for _, test := range []struct{ fault, verb, key, want string }{
		{"none", "", "ec-p256", ""},
		{"none", "", "rsa2048", ""},
		{"none", "", "ed25519", ""},
		{"raw", "", "ec-p256", ""},
		{"sha256 only", "", "rsa2048", ""},
		{"no hash", "", "ec-p256", "sign"},
		{"die", VerbDescribe, "ec-p256", "describe"},
		{"die", "fwpack-test-v0", "ec-p256", "unknown verb"},
		{"silent", "fwpack-test-v0", "ec-p256", "unknown verb"},
		{"other key", "", "ec-p256", "sign ecdsa sha256, sign ecdsa sha384, sign ecdsa sha512, sign"},
		{"late status", VerbSign, "ed25519", "sign"},
	} {
		t.Run(test.fault+" "+test.key, func(t *testing.T) {
			t.Parallel()
			opt := fakeOptions(t, test.fault, test.verb)
			results := Test(context.Background(), "fake", test.key, opt)
			if got := failed(results); got != test.want {
				t.Errorf("failed: %s, want %s\n%+v", got, test.want, results)
			}
			for _, r := range results {
				if r.Detail == "" || strings.Contains(r.Detail, "\n") {
					t.Errorf("%s: detail %q: want a line", r.Name, r.Detail)
				}
			}
			checkEmpty(t, opt.TempDir)
		})
	}
}

func TestTestDescriptions(t *testing.T) {
	t.Parallel()
	key, err := readKey(keyFolder, "ec-p256")
	if err != nil {
		t.Fatal(err)
	}
	opt := fakeOptions(t, "other description", VerbDescribe)
	k := mustOpen(t, "ec-p256", opt)
	k.public = key.Public()
	again := tester{program: k.program, key: k}
	wantError(t, again.again(describeRequest{Reference: "ec-p256"}), "another description than before")

	opt.Public, opt.SkipDescribe = key.Public(), true
	if got := failed(Test(context.Background(), "fake", "ec-p256", opt)); got != "" {
		t.Errorf("failed: %s", got)
	}
}

// A program that hangs, or reads on before it answers, is not one that refuses.
func TestTestHanging(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]string{"hang": "no answer within 200ms", "slow": `status 0 for "this is not a request`} {
		k := openFake(t, fault, "ed25519")
		k.program.opt.Timeout = 200 * time.Millisecond
		hanging := tester{program: k.program, key: k}
		wantError(t, hanging.refuses([]byte("this is not a request")), want)
		hanging.signEach()
		if got := failed(hanging.results); got != "sign ed25519, sign" {
			t.Errorf("failed: %s", got)
		}
	}
}

// The example is a real signing program around a real openssl.
func TestConformanceOpenssl(t *testing.T) {
	reftool.Need(t, "openssl", "sh", "sed", "tr")
	path, err := filepath.Abs("../../examples/signers/openssl")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := filepath.Abs(keyFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"rsa2048", "ec-p256", "ec-p521", "ed25519"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opt := Options{Path: path, Env: []string{"PATH=" + os.Getenv("PATH")}, TempDir: t.TempDir(), Timeout: 20 * time.Second}
			results := Test(context.Background(), "openssl", filepath.Join(keys, name+".pem"), opt)
			for _, r := range results {
				if !r.OK || strings.Contains(r.Detail, "not offered") {
					t.Errorf("%s: %s", r.Name, r.Detail)
				}
			}
			if len(results) < 9 {
				t.Errorf("%d results: %+v", len(results), results)
			}
			checkEmpty(t, opt.TempDir)
		})
	}
}

// Certificates in the key's file are passed on, and a path may have blanks.
func TestConformanceOpensslCertificates(t *testing.T) {
	reftool.Need(t, "openssl", "sh", "sed", "tr")
	path, err := filepath.Abs("../../examples/signers/openssl")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "a key's, {file}.pem")
	text := readText(t, "leaf.pem") + readText(t, "leaf.crt") + readText(t, "intermediate.crt")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	opt := Options{Path: path, Env: []string{"PATH=" + os.Getenv("PATH")}, TempDir: t.TempDir()}
	k, err := Open(context.Background(), "openssl", file, opt)
	if err != nil {
		t.Fatal(err)
	}
	if len(k.Certificates()) != 2 {
		t.Errorf("%d certificates, want 2", len(k.Certificates()))
	}
	odd := []byte("%d\\n%%\x00\n'\"$(x)\xff0123456789abcdefgh") // bytes that a shell might take for its own
	if _, err := k.SignAll([]Request{{odd[:32], crypto.SHA256}}); err != nil {
		t.Error(err)
	}
}
