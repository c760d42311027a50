package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/pack"
)

const bundleProject = `schema = 1
project = { name = "gw", version = "1" }
[keys.release]
scheme = "cms"
key = '%s'
cert = "release.crt"
[[bundle]]
name = "gw"
output = "gw.swu"
sign = ["release"]
[bundle.software]
hardware-compatibility = ["1.0"]
[[bundle.software.files]]
filename = "data"
type = "rawfile"
path = '%s'
`

// testBundle builds a bundle whose key is on the token, by its URI in the project,
// and has Debian's client install it. A certificate of another key ends the build
// before anything is written.
func (h *softHSM) testBundle(t *testing.T) {
	reftool.Need(t, "swupdate")
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	project := fmt.Sprintf(bundleProject, h.uri("token=release;object=p256"), target)
	for name, text := range map[string]string{"fwpack.toml": project, "data": "data"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"p384", "p256"} {
		h.certify(t, key, filepath.Join(dir, "release.crt"))
		err := h.build(dir)
		if key != "p256" {
			if err == nil || !strings.Contains(err.Error(), "the program has another key") {
				t.Errorf("certificate of another key: %v", err)
			}
			if _, err := os.Stat(filepath.Join(dir, "dist")); err == nil {
				t.Error("something was written")
			}
		} else if err != nil {
			t.Fatal(err)
		}
	}
	client := reftool.Client{Cert: filepath.Join(dir, "release.crt")}
	if v := client.Install(t, filepath.Join(dir, "dist", "gw.swu")); !v.Accepted {
		t.Fatalf("refused: %s\n%s", v.Reason, v.Log)
	}
	if got, err := os.ReadFile(target); err != nil || string(got) != "data" {
		t.Errorf("installed %q, %v", got, err)
	}
}

// certify makes a certificate of the public key on the token.
func (h *softHSM) certify(t *testing.T, label, out string) {
	t.Helper()
	at := func(name string) string { return filepath.Join(h.dir, label+name) }
	public := h.open(t, h.uri("token=release;object="+label)).Public()
	h.write(t, label+".pub.pem", publicPEM(t, public))
	h.run(t, "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", at(".ca.pem"))
	h.run(t, "openssl", "req", "-new", "-x509", "-key", at(".ca.pem"), "-subj", "/CN=root", "-out", at(".ca.crt"))
	h.write(t, label+".ext", "extendedKeyUsage=emailProtection\n")
	h.run(t, "openssl", "req", "-new", "-key", at(".ca.pem"), "-subj", "/CN=release", "-out", at(".csr"))
	h.run(t, "openssl", "x509", "-req", "-in", at(".csr"), "-force_pubkey", at(".pub.pem"), "-CA", at(".ca.crt"), "-CAkey", at(".ca.pem"),
		"-CAcreateserial", "-extfile", at(".ext"), "-out", at(".crt"))
	leaf, err := os.ReadFile(at(".crt"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.ReadFile(at(".ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(out, append(leaf, root...), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (h *softHSM) build(dir string) error {
	project, err := pack.Load(filepath.Join(dir, "fwpack.toml"), pack.Inputs{})
	if err != nil {
		return err
	}
	plan, err := project.Plan(pack.Selection{})
	if err != nil {
		return err
	}
	_, err = pack.Build(context.Background(), plan, pack.Options{
		Out: filepath.Join(dir, "dist"), Rand: rand.Reader, Now: time.Now(), Programs: h.options(),
	})
	return err
}
