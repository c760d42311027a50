package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/sign/request"
)

const elsewhereProject = `schema = 1
project = { name = "z", version = "1.0.0" }
[keys.mcu]
public = "mcu.pub.pem"
[[image]]
name = "app"
input = "firmware.bin"
output = "app.bin"
version = "1.2.3"
header-size = 0x200
pad-header = true
slot-size = "64K"
sign = "mcu"
bootloader = { mode = "overwrite-only" }
`

// An image whose key is elsewhere: the build asks, openssl answers with the
// commands of the request, and build and sign make the same image of it.
func TestConformanceImageElsewhere(t *testing.T) {
	reftool.Need(t, "openssl")
	for _, key := range []string{"rsa2048", "rsa3072", "ec-p256", "ec-p384", "ed25519"} {
		dir := t.TempDir()
		path := func(name string) string { return filepath.Join(dir, name) }
		copyFile(t, path("mcu.pub.pem"), "../../testdata/keys/"+key+".pub.pem")
		for name, content := range map[string][]byte{"fwpack.toml": []byte(elsewhereProject), "firmware.bin": bytes.Repeat([]byte("firmware"), 500)} {
			if err := os.WriteFile(path(name), content, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		done(t, "build", "-f", path("fwpack.toml"))
		copyFile(t, path("dist/PRIVATE.pem"), "../../testdata/keys/"+key+".pem")
		signAsAsked(t, path("dist"), "app.request.json")

		done(t, "sign", path("dist/app.unsigned.bin"), "-f", path("fwpack.toml"), "--key", "mcu", "--request", path("dist/app.request.json"), "--attach", path("dist/signature"), "-o", path("signed.bin"))
		done(t, "build", "-f", path("fwpack.toml"), "--attach", "app="+path("dist/signature"), "-o", path("built"))
		done(t, "verify", path("signed.bin"), "--trust", path("mcu.pub.pem"))
		if !bytes.Equal(content(t, path("signed.bin")), content(t, path("built/app.bin"))) {
			t.Errorf("%s: build and sign make different images", key)
		}

		// The same request, asked again of the unsigned image, and spoilt.
		done(t, "sign", path("dist/app.unsigned.bin"), "-f", path("fwpack.toml"), "--key", "mcu", "--export-request", path("again.json"))
		again := bytes.ReplaceAll(content(t, path("again.json")), []byte("again.json"), []byte("app.request.json"))
		if !bytes.Equal(again, content(t, path("dist/app.request.json"))) {
			t.Errorf("%s: another request for the same image:\n%s", key, again)
		}
		spoilt := bytes.Replace(again, []byte("version 1.2.3"), []byte("version 1.2.4"), 1)
		if err := os.WriteFile(path("dist/spoilt.json"), spoilt, 0o666); err != nil {
			t.Fatal(err)
		}
		status, _, stderr := inProcess(t, "sign", path("dist/app.unsigned.bin"), "-f", path("fwpack.toml"), "--key", "mcu", "--request", path("dist/spoilt.json"), "--attach", path("dist/signature"), "-o", path("never"))
		if status != statusUnverified || !strings.Contains(stderr, "version 1.2.4") {
			t.Errorf("%s: a request that was changed: status %d, %s", key, status, stderr)
		}
		copyFile(t, path("firmware.bin"), path("fwpack.toml"))
		status, _, stderr = inProcess(t, "build", "-f", path("fwpack.toml"), "--attach", "app="+path("dist/signature"), "-o", path("never"))
		if status != statusUnverified || !strings.Contains(stderr, "not by key") {
			t.Errorf("%s: the signature of other firmware: status %d, %s", key, status, stderr)
		}
		if _, err := os.Stat(path("never/app.bin")); err == nil {
			t.Errorf("%s: an image with a wrong signature", key)
		}
	}
}

// signAsAsked runs the commands of a request in a folder.
func signAsAsked(t *testing.T, dir, name string) {
	t.Helper()
	var r request.Request
	if err := json.Unmarshal(content(t, filepath.Join(dir, name)), &r); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-e", "-c", strings.Join(r.Signers[0].Commands, "\n"))
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), r.Signers[0].Digest) {
		t.Fatalf("%v: %s, want digest %s", err, out, r.Signers[0].Digest)
	}
}

func done(t *testing.T, args ...string) {
	t.Helper()
	if status, _, stderr := inProcess(t, args...); status != statusDone {
		t.Fatalf("fwpack %s: status %d\n%s", strings.Join(args, " "), status, stderr)
	}
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	if err := os.WriteFile(to, content(t, from), 0o666); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
