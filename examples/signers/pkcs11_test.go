package signers

import (
	"context"
	"crypto"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/sign/plugin"
)

// module finds SoftHSM's library where distributions have it.
func module(t *testing.T) string {
	t.Helper()
	for _, pattern := range []string{"/usr/lib/softhsm", "/usr/lib/*/softhsm", "/usr/lib64/softhsm", "/usr/lib64/pkcs11", "/usr/local/lib/softhsm", "/opt/homebrew/lib/softhsm"} {
		found, err := filepath.Glob(filepath.Join(pattern, "libsofthsm2.so"))
		if err == nil && len(found) > 0 {
			return found[0]
		}
	}
	reftool.Missing(t, "SoftHSM's library is not installed")
	return ""
}

// tokenKeys are the keys of the token by their ID.
func tokenKeys() map[string]string {
	return map[string]string{"01": "rsa2048", "0a": "ec-p256", "0B": "ec-p384", "0c": "ec-p521"}
}

// softToken makes a token "fwpack" with PIN 1234 that holds keys of the test
// data, and returns the variables of the environment that lead to it. All
// keys have the label "same", which pkcs11-tool must not go by.
func softToken(t *testing.T) []string {
	t.Helper()
	reftool.Need(t, "pkcs11-tool", "softhsm2-util")
	dir := t.TempDir()
	conf := filepath.Join(dir, "softhsm2.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, "directories.tokendir = %s\nlog.level = ERROR\n", dir), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"SOFTHSM2_CONF=" + conf, "PKCS11_MODULE=" + module(t)}
	util := func(args ...string) {
		c := exec.Command("softhsm2-util", args...)
		c.Env = append(os.Environ(), env...)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("softhsm2-util %q: %v\n%s", args, err, out)
		}
	}
	util("--init-token", "--free", "--label", "fwpack", "--so-pin", "4321", "--pin", "1234")
	for id, name := range tokenKeys() {
		util("--import", "../../testdata/keys/"+name+".pem", "--token", "fwpack", "--label", "same", "--id", id, "--pin", "1234")
	}
	return env
}

func TestConformancePKCS11Tool(t *testing.T) {
	t.Parallel()
	env, bin := softToken(t), path(t, []string{"pkcs11-tool"}, nil)
	pin := append(env[:len(env):len(env)], "PKCS11_PIN=1234")
	for id, want := range map[string][]string{"01": withRSA(), "0a": withEC(), "0b": withEC(), "0c": withEC()} {
		t.Run(id, func(t *testing.T) {
			checkConformance(t, "pkcs11-tool", "fwpack/"+id, options(t, "pkcs11-tool", bin, pin...), want...)
		})
	}
	t.Run("another salt", func(t *testing.T) {
		checkSignature(t, "pkcs11-tool", "fwpack/01", options(t, "pkcs11-tool", bin, pin...), make([]byte, 32), shortSalt())
	})
	t.Run("no PIN for public keys", func(t *testing.T) { checkTokenKeys(t, options(t, "pkcs11-tool", bin, env...)) })
	t.Run("refusals", func(t *testing.T) { checkTokenRefusals(t, bin, env) })
}

// checkTokenKeys wants each ID to lead to its key.
func checkTokenKeys(t *testing.T, opt plugin.Options) {
	for id, name := range tokenKeys() {
		opt.Public = testKey(t, name).Public()
		if _, err := plugin.Open(context.Background(), "pkcs11-tool", "fwpack/"+id, opt); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func checkTokenRefusals(t *testing.T, bin string, token []string) {
	for _, test := range []struct{ name, key, env, reason string }{
		{"no token", "nothing/01", "PKCS11_PIN=1234", `No slot with token named "nothing" found`},
		{"no key", "fwpack/ff", "PKCS11_PIN=1234", "P-384 or P-521 (a private object needs PKCS11_PIN)"},
		{"no ID", "fwpack", "PKCS11_PIN=1234", `not a request for a key TOKEN/ID with the ID in hex: {"reference":"fwpack"}`},
		{"a label", "fwpack/same", "PKCS11_PIN=1234", `not a request for a key TOKEN/ID with the ID in hex: {"reference":"fwpack/same"}`},
		{"no library", "fwpack/01", "PKCS11_MODULE=/nothing.so", "pkcs11-tool: Failed to load pkcs11 module"},
		{"empty library", "fwpack/01", "PKCS11_MODULE=", "PKCS11_MODULE is not set: want the path of the token's PKCS #11 library"},
		{"wrong PIN", "fwpack/01", "PKCS11_PIN=9999", "pkcs11-tool: PKCS11 function C_Login failed: rv = CKR_PIN_INCORRECT (0xa0)"},
		{"no PIN", "fwpack/01", "PKCS11_PIN=", "no PIN: set PKCS11_PIN, or run at a terminal"},
	} {
		t.Run(test.name, func(t *testing.T) {
			opt := options(t, "pkcs11-tool", bin, append(token[:len(token):len(token)], test.env)...)
			checkRefusal(t, "pkcs11-tool", test.key, opt, crypto.SHA256, test.reason)
		})
	}
}
