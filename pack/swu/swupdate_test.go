package swu

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

const keys = "../../testdata/keys/"

// describe names artifacts to be installed as files in dir.
func describe(dir string, artifacts []item) string {
	var files []string
	for n, a := range artifacts {
		files = append(files, fmt.Sprintf(`{ filename = "%s"; type = "rawfile"; path = "%s/%d"; sha256 = "%x"; }`,
			a.name, dir, n, sha256.Sum256([]byte(a.data))))
	}
	return fmt.Sprintf("software = { version = \"1.0\"; hardware-compatibility = [ \"1.0\" ];\n"+
		"files: ( %s ); };\n", strings.Join(files, ",\n"))
}

// opensslSign returns the signature that belongs to a description.
func opensslSign(t *testing.T, description string) string {
	t.Helper()
	reftool.Need(t, "openssl")
	cmd := exec.Command("openssl", "cms", "-sign", "-signer", keys+"rsa2048.crt", "-inkey", keys+"rsa2048.pem",
		"-outform", "DER", "-nosmimecap", "-binary")
	cmd.Stdin = strings.NewReader(description)
	signature, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(signature)
}

// offer installs a bundle with a real client.
func offer(t *testing.T, bundle []byte) reftool.Verdict {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out.swu")
	if err := os.WriteFile(path, bundle, 0o600); err != nil {
		t.Fatal(err)
	}
	return reftool.Client{Cert: keys + "rsa2048.crt"}.Install(t, path)
}

// awkward are artifacts at the edges of what the container allows.
var awkward = []item{
	{"plain", "1234"},
	{"größe mit blank", "12345"},
	{"empty", ""},
	{strings.Repeat("n", 200), "123456"},
	{"binary", "\x00\xff\x80070701TRAILER!!!\x00"},
}

func TestConformanceInstalled(t *testing.T) {
	reftool.Need(t, "swupdate")
	dir := t.TempDir()
	description := describe(dir, awkward)
	items := []item{{Description, description}, {Signature, opensslSign(t, description)}}
	items = append(items, awkward...)
	items = append(items, item{"for another board", "unused"})
	if v := offer(t, build(t, items)); !v.Accepted {
		t.Fatalf("refused: %s\n%s", v.Reason, v.Log)
	}
	for n, a := range awkward {
		got, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(n)))
		if err != nil || string(got) != a.data {
			t.Errorf("%.20s: installed %q, %v, want %q", a.name, got, err, a.data)
		}
	}
}

// TestConformanceSumIsChecked: the client refuses what a Reader refuses.
func TestConformanceSumIsChecked(t *testing.T) {
	reftool.Need(t, "swupdate")
	description := describe(t.TempDir(), awkward[:1])
	items := []item{{Description, description}, {Signature, opensslSign(t, description)}, awkward[0]}
	bundle := build(t, items)
	last := EntrySize(headerOf(items[0])) + EntrySize(headerOf(items[1]))
	copy(bundle[last+102:], "00000001")
	if _, err := readBytes(bundle); err == nil {
		t.Error("our reader takes a wrong sum")
	}
	if v := offer(t, bundle); v.Accepted || !strings.Contains(v.Log, "Checksum") {
		t.Errorf("accepted %v: %s\n%s", v.Accepted, v.Reason, v.Log)
	}
}
