package plugin

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/reftool"
)

// hsm is the command that the program in the documentation calls, made of
// openssl and one key.
const hsm = `#!/bin/sh
set -eu
[ "$2" = release ] || { echo "no key $2" >&2; exit 1; }
case $1 in
public-key) openssl pkey -in "$HSM_KEY" -pubout -outform DER | openssl base64 -A ;;
sign)
	printf %b "$(printf '\\0%03o' $(printf %s "$3" | sed 's/../0x& /g'))" >digest
	openssl pkeyutl -sign -inkey "$HSM_KEY" -in digest | od -An -v -tx1 | tr -d ' \n' ;;
esac
`

// The program in the documentation is one, as it stands there. It is written
// while no other test runs: a process that another one forks at that moment would hold
// the file open, and then it cannot be run ("text file busy").
func TestConformanceDocs(t *testing.T) {
	reftool.Need(t, "openssl", "sh", "sed", "tr", "od")
	docs, err := os.ReadFile("../../docs/signing-plugins.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(docs), "```sh\n")
	program, _, found := strings.Cut(rest, "```\n")
	if !found || strings.Count(program, "\n") > 30 {
		t.Fatalf("no program of 30 lines in the documentation: %q", program)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"fwpack-sign-hsm": program, "my-hsm": hsm} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	key, err := filepath.Abs(filepath.Join(keyFolder, "ec-p256.pem"))
	if err != nil {
		t.Fatal(err)
	}
	opt := Options{Path: dir, TempDir: t.TempDir(), Timeout: 20 * time.Second,
		Env: []string{"PATH=" + dir + string(filepath.ListSeparator) + os.Getenv("PATH"), "HSM_KEY=" + key}}
	for _, r := range Test(context.Background(), "hsm", "release", opt) {
		if !r.OK {
			t.Errorf("%s: %s", r.Name, r.Detail)
		}
	}
}
