package swufile

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swutest"
)

// now is a time at which the test certificates are valid.
var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func trustOf(t testing.TB, files ...string) *Trust {
	t.Helper()
	for i := range files {
		files[i] = key(files[i])
	}
	trust, err := ReadTrust(files)
	if err != nil {
		t.Fatal(err)
	}
	return trust
}

func verify(t testing.TB, bundle []byte, o VerifyOptions) *Verification {
	t.Helper()
	if o.Now.IsZero() {
		o.Now = now
	}
	v, err := Verify(context.Background(), "test.swu", bytes.NewReader(bundle), o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// lines are the steps, one a line.
func lines(v *Verification) string {
	var all []string
	for _, s := range v.Steps {
		all = append(all, fmt.Sprintf("%s: %s", s.Outcome, &s))
	}
	return strings.Join(append(all, v.Notes...), "\n")
}

// wantStep wants a step with this outcome, and a text in its line.
func wantStep(t testing.TB, v *Verification, outcome Outcome, text string) {
	t.Helper()
	if !slices.ContainsFunc(v.Steps, func(s Step) bool { return s.Outcome == outcome && strings.Contains(s.String(), text) }) {
		t.Errorf("no step is %s with %q:\n%s", outcome, text, lines(v))
	}
}

func TestVerify(t *testing.T) {
	a, b := pack(t, firmware, payload.Zstd, ""), pack(t, firmware, payload.Zlib, aesDigits)
	description := describe(
		image("a", a, fmt.Sprintf(`compressed = "zstd"; properties = { decompressed-size = "%d"; };`, len(firmware))),
		image("b", b, `compressed = "zlib"; encrypted = true; ivt = "`+ivDigits+`";`),
	)
	bundle := signed(t, description, swutest.Member{Name: "a", Data: a}, swutest.Member{Name: "b", Data: b}, swutest.Member{Name: "c", Data: "c"})
	v := verify(t, bundle, VerifyOptions{Trust: trustOf(t, "ec-p256.crt"), Keys: keysOf(t, aesDigits)})
	const want = `proven: archive: complete: 3 payloads, with their sums
proven: signature: by CN=fwpack test ec-p256,O=TEST ONLY
proven: description: read: version 1.0
proven: check: no errors, 0 warnings
proven: a: sha256: %s
proven: a: unpacking: decompressed with zstd to 95000 bytes
proven: a: sizes: decompressed-size 95000
proven: b: sha256: %s
proven: b: unpacking: decrypted with AES-256-CBC, decompressed with zlib to 95000 bytes
not-asked: c: payload: no entry names it: a device passes over it`
	if got := lines(v); v.Verdict != imagefile.Accepted || got != fmt.Sprintf(want, sha256Of(a), sha256Of(b)) {
		t.Errorf("%s\n%s", v.Verdict, got)
	}
	if p := v.Payloads[1]; p.UnpackedSHA256 != sha256Of(firmware) || *p.UnpackedSize != int64(len(firmware)) || p.Entries[0] != "software.images[1]" {
		t.Errorf("%+v", p)
	}
	blind := verify(t, bundle, VerifyOptions{})
	wantStep(t, blind, NotProven, "signature: no certificate or RSA key to trust is named")
	wantStep(t, blind, NotProven, "b: unpacking: is encrypted, and the key is not given")
	if blind.Verdict != imagefile.NotProven {
		t.Error(blind.Verdict)
	}
}
