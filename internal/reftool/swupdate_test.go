package reftool

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const keys = "../../testdata/keys/"

func TestArgs(t *testing.T) {
	for _, test := range []struct {
		client Client
		want   string
	}{
		{Client{}, "-v -H board:1.0"},
		{Client{Cert: "c.pem", HW: "gw:2"}, "-v -H gw:2 -k c.pem"},
		{Client{AESKey: "k", Select: "stable,a", Config: "cfg", Args: []string{"-l", "5"}}, "-v -H board:1.0 -K k -e stable,a -f cfg -l 5"},
	} {
		if got := strings.Join(test.client.args(), " "); got != test.want {
			t.Errorf("arguments %q, want %q", got, test.want)
		}
	}
}

func TestEnvironment(t *testing.T) {
	env := []string{"HOME=/", "TMPDIR=/long", "http_proxy=x", "HTTPS_PROXY=x", "NO_PROXY=x", "no_proxy=y"}
	want := []string{"HOME=/", "TMPDIR=/d", "no_proxy=127.0.0.1,localhost"}
	if got := environment(env, "/d"); !slices.Equal(got, want) {
		t.Errorf("environment %q, want %q", got, want)
	}
	if env[1] != "TMPDIR=/long" {
		t.Error("the caller's environment is changed")
	}
}

// bundle is a bundle made with openssl and GNU cpio, in a folder of its own.
type bundle struct {
	t    *testing.T
	dir  string
	hash string // of the payload
}

func newBundle(t *testing.T) bundle {
	t.Helper()
	Need(t, "swupdate", "openssl", "cpio")
	b := bundle{t: t, dir: t.TempDir()}
	payload := "what the device gets\n"
	b.hash = fmt.Sprintf("%x", sha256.Sum256([]byte(payload)))
	b.write("payload", payload)
	b.describe()
	return b
}

// write puts a file into the folder.
func (b bundle) write(name, data string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(data), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// describe writes and signs a description for board revision 1.0.
func (b bundle) describe() {
	b.t.Helper()
	b.write("sw-description", fmt.Sprintf(`software = {
	version = "1.0";
	hardware-compatibility = [ "1.0" ];
	files: ( { filename = "payload"; path = %q; type = "rawfile"; sha256 = %q; } );
};
`, b.target(), b.hash))
	key, err := filepath.Abs(keys)
	if err != nil {
		b.t.Fatal(err)
	}
	b.run("", "openssl", "cms", "-sign", "-in", "sw-description", "-out", "sw-description.sig",
		"-signer", key+"/rsa2048.crt", "-inkey", key+"/rsa2048.pem", "-outform", "DER", "-nosmimecap", "-binary")
}

// target is what the bundle installs.
func (b bundle) target() string { return filepath.Join(b.dir, "installed") }

// pack puts files into a bundle and returns its path.
func (b bundle) pack(names ...string) string {
	b.t.Helper()
	b.run(strings.Join(names, "\n"), "cpio", "-o", "-H", "crc", "--quiet", "-O", "out.swu")
	return filepath.Join(b.dir, "out.swu")
}

func (b bundle) run(stdin, name string, args ...string) {
	b.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdin = b.dir, strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// installed is what the client left at the target.
func (b bundle) installed() string {
	data, err := os.ReadFile(b.target())
	if err != nil {
		return ""
	}
	return string(data)
}

func TestConformanceClientAccepts(t *testing.T) {
	client := Client{Cert: keys + "rsa2048.crt"}
	for _, test := range []struct {
		name, installed string
		ask             func(testing.TB, string) Verdict
	}{
		{"check", "", client.Check},
		{"dry run", "", client.DryRun},
		{"install", "what the device gets\n", client.Install},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t)
			v := test.ask(t, b.pack("sw-description", "sw-description.sig", "payload"))
			if !v.Accepted || v.Reason != "" {
				t.Errorf("refused: %s\n%s", v.Reason, v.Log)
			}
			if got := b.installed(); got != test.installed {
				t.Errorf("installed %q, want %q", got, test.installed)
			}
		})
	}
}

func TestConformanceClientRefuses(t *testing.T) {
	all := []string{"sw-description", "sw-description.sig", "payload"}
	for _, test := range []struct {
		name, reason string
		client       Client
		change       func(bundle)
		entries      []string
	}{
		{"wrong certificate", "Authentication of all signatures failed", Client{Cert: keys + "ec-p256.crt"}, nil, all},
		{"no certificate", "", Client{}, nil, all},
		{"wrong board", "not compatible with hardware", Client{HW: "board:3.0"}, nil, all},
		{"changed payload", "HASH mismatch", Client{}, func(b bundle) { b.write("payload", "changed") }, all},
		{"changed description", "Signature verification failed", Client{}, func(b bundle) { b.run("", "sh", "-c", "echo >> sw-description") }, all},
		{"unsigned", "sw-description.sig", Client{}, nil, []string{"sw-description", "payload"}},
		{"payload missing", "payload", Client{}, nil, all[:2]},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t)
			if test.change != nil {
				test.change(b)
			}
			if test.client.Cert == "" && test.name != "no certificate" {
				test.client.Cert = keys + "rsa2048.crt"
			}
			v := test.client.Install(t, b.pack(test.entries...))
			if v.Accepted {
				t.Fatalf("accepted\n%s", v.Log)
			}
			if !strings.Contains(v.Reason, test.reason) {
				t.Errorf("reason %q, want one with %q\n%s", v.Reason, test.reason, v.Log)
			}
			if got := b.installed(); got != "" {
				t.Errorf("installed %q all the same", got)
			}
		})
	}
}

// TestSlots: no more than maxClients at once, and all of them get their turn.
func TestSlots(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var lock sync.Mutex
	var group sync.WaitGroup
	running, most := 0, 0
	count := func(n int) {
		lock.Lock()
		defer lock.Unlock()
		running += n
		most = max(most, running)
	}
	for range 3 * maxClients {
		group.Go(func() {
			defer takeSlot(t)()
			count(1)
			defer count(-1)
		})
	}
	group.Wait()
	if most > maxClients {
		t.Errorf("%d clients at once, want at most %d", most, maxClients)
	}
}
