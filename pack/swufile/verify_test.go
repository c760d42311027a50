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

// member is a payload.
func member(name, data string) swutest.Member { return swutest.Member{Name: name, Data: data} }

// What a device passes over, or installs although it is damaged, is refused, and so
// is what it refuses.
func TestVerifyBroken(t *testing.T) {
	zst, gz := pack(t, firmware, payload.Zstd, ""), pack(t, firmware, payload.Zlib, "")
	xz, lz4 := pack(t, firmware, payload.XZ, ""), pack(t, firmware, payload.LZ4, "")
	secret := pack(t, firmware, payload.None, aesDigits)
	both := pack(t, firmware, payload.Zstd, aesDigits)
	iv, otherIV := `ivt = "`+ivDigits+`";`, `ivt = "`+otherDigits[:32]+`";`
	for name, c := range map[string]struct{ data, more, want string }{
		"zstd cut":      {zst[:len(zst)-5], `compressed = "zstd";`, "unpacking: unexpected EOF"},
		"gzip cut":      {gz[:len(gz)-5], `compressed = "zlib";`, "unpacking: unexpected EOF"},
		"xz cut":        {xz[:len(xz)-5], `compressed = "xz";`, "unpacking: "},
		"lz4 cut":       {lz4[:len(lz4)-5], `compressed = "lz4";`, "unpacking: "},
		"two members":   {gz + gz, `compressed = "zlib";`, "has 2 gzip members, of which a device installs the first"},
		"bytes behind":  {gz + "junk", `compressed = "zlib";`, "4 bytes behind what is compressed"},
		"other format":  {gz, `compressed = "zstd";`, "unpacking: "},
		"empty":         {"", `compressed = "zstd";`, "unpacking: "},
		"wrong IV":      {both, `compressed = "zstd"; encrypted = true; ` + otherIV, "unpacking: "},
		"no blocks":     {secret[:len(secret)-1], "encrypted = true; " + iv, "is not a multiple of 16 bytes"},
		"cipher cut":    {secret[:len(secret)-16], "encrypted = true; " + iv, "the padding is wrong"},
		"size":          {"x", "size = 2L;", "sizes: size of software.images[0] is 2, but it is 1"},
		"unpacked size": {zst, `compressed = "zstd"; properties = { decompressed-size = "94999"; };`, "decompressed-size of software.images[0] is 94999, but it is 95000"},
		"clear size":    {secret, `encrypted = true; ` + iv + ` properties = { decrypted-size = "94999"; };`, "decrypted-size of software.images[0] is 94999, but it is 95000"},
		"ivt":           {secret, `encrypted = true; ivt = "00";`, "ivt of software.images[0]: want 32"},
	} {
		v := verify(t, signed(t, describe(image("a", c.data, c.more)), member("a", c.data)), VerifyOptions{Trust: trustOf(t, "ec-p256.crt"), Keys: keysOf(t, aesDigits)})
		if v.Verdict != imagefile.Refused {
			t.Errorf("%s: %s\n%s", name, v.Verdict, lines(v))
		}
		wantStep(t, v, Failed, c.want)
	}
}

func TestVerifyChain(t *testing.T) {
	good := describe(image("a", "a", ""))
	trusted := VerifyOptions{Trust: trustOf(t, "ec-p256.crt")}
	for name, c := range map[string]struct {
		bundle  []byte
		options VerifyOptions
		outcome Outcome
		want    string
	}{
		"other payload":    {signed(t, good, member("a", "b")), trusted, Failed, "a: sha256: is " + sha256Of("b")},
		"missing":          {signed(t, good), trusted, Failed, "a: payload: the description names it, but it is not in the bundle"},
		"unsigned":         {unsigned(t, good, member("a", "a")), trusted, Failed, "signature: there is none"},
		"nobody trusted":   {unsigned(t, good, member("a", "a")), VerifyOptions{}, NotProven, "signature: there is none, and nobody to trust is named"},
		"image key only":   {signed(t, good, member("a", "a")), VerifyOptions{Trust: trustOf(t, "ed25519.pub.pem")}, NotProven, "no certificate or RSA key to trust is named"},
		"a stranger":       {signed(t, good, member("a", "a")), VerifyOptions{Trust: trustOf(t, "ec-p384.crt")}, Failed, "is not trusted"},
		"not yet valid":    {signed(t, good, member("a", "a")), VerifyOptions{Trust: trusted.Trust, Now: time.Unix(0, 0)}, Failed, "signature: "},
		"syntax":           {signed(t, "}"), trusted, Failed, "description: "},
		"binary":           {signed(t, "\xff\xfe"), trusted, NotProven, "description: the description is not text"},
		"no sha256":        {signed(t, strings.Replace(good, "sha256", "sha257", 1), member("a", "a")), trusted, NotProven, "a: sha256: the description has none"},
		"handler":          {signed(t, strings.Replace(good, `"raw"`, `"wild"`, 1), member("a", "a")), trusted, Failed, "check: 1 error, the first: software.images[0]"},
		"two descriptions": {swutest.Archive(t, member("sw-description", good), member("a", "a"))[:0], trusted, Failed, "archive: "},
		"cut":              {signed(t, good, member("a", "a"))[:500], trusted, Failed, "archive: swu: offset"},
		"huge":             {unsigned(t, strings.Repeat(" ", maxKept+1)), trusted, Failed, "archive: sw-description has 16777217 bytes"},
		"large":            {unsigned(t, strings.Repeat(" ", maxText+1)), trusted, Failed, "description: sw-description has 1572865 bytes"},
	} {
		v := verify(t, c.bundle, c.options)
		wantStep(t, v, c.outcome, c.want)
		if v.Verdict == imagefile.Accepted {
			t.Errorf("%s: %s\n%s", name, v.Verdict, lines(v))
		}
	}
}

// Whoever is trusted may ship what decompresses to much more than its size; of others
// it is not followed.
func TestVerifyLarge(t *testing.T) {
	data := bomb(t, payload.Zstd, 1<<26)
	many := strings.Repeat(data, 6) // 384 MiB
	said := image("a", many, `compressed = "zstd"; properties = { decompressed-size = "402653184"; };`)
	trusted := VerifyOptions{Trust: trustOf(t, "ec-p256.crt"), Now: now}
	if v := verify(t, signed(t, describe(said), member("a", many)), trusted); v.Verdict != imagefile.Accepted {
		t.Errorf("by somebody who is trusted: %s", lines(v))
	}
	for _, o := range []VerifyOptions{{Now: now}, {Trust: trustOf(t, "rsa2048.crt"), Now: now}} {
		wantStep(t, verify(t, signed(t, describe(said), member("a", many)), o), NotProven, "a: unpacking: decompresses to more than 256 MiB")
	}
	silent := image("a", many, `compressed = "zstd";`)
	wantStep(t, verify(t, signed(t, describe(silent), member("a", many)), trusted), NotProven, "a: unpacking: decompresses to more than 256 MiB")
}
