package swufile

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// tool runs a program on stdin and returns what it prints.
func tool(t testing.TB, dir, stdin string, name string, args ...string) string {
	t.Helper()
	reftool.Need(t, name)
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, &log)
	}
	return string(out)
}

// handmade is a bundle that GNU cpio packs, of files in this order.
func handmade(t testing.TB, format string, files ...[2]string) string {
	t.Helper()
	dir := t.TempDir()
	var names strings.Builder
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f[0]), []byte(f[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&names, f[0])
	}
	return tool(t, dir, names.String(), "cpio", "-o", "--quiet", "-H", format)
}

// cms signs by openssl; more are further arguments.
func cms(t testing.TB, text, certificate, private string, more ...string) string {
	t.Helper()
	args := append([]string{"cms", "-sign", "-nosmimecap", "-signer", certificate, "-inkey", private}, more...)
	for i, arg := range args {
		if strings.HasSuffix(arg, ".crt") || strings.HasSuffix(arg, ".pem") {
			args[i], _ = filepath.Abs(key(arg))
		}
	}
	return tool(t, "", text, "openssl", args...)
}

var derBinary = []string{"-outform", "DER", "-binary"}

func aes256(t testing.TB, text, iv string) string {
	t.Helper()
	return tool(t, "", text, "openssl", "enc", "-aes-256-cbc", "-K", aesDigits, "-iv", iv, "-nosalt")
}

// offered is a bundle as it is put together for a client, before something in it is
// broken.
type offered struct {
	payload string // as it lies in the bundle
	more    string // attributes of the entry
	digest  string // of the entry; "" for the payload's
	format  string // of cpio
	change  func(description string) string
	sign    func(description string) string // nil: by rsa2048
	files   func(files [][2]string) [][2]string
	archive func(archive string) string
}

func (o offered) bundle(t testing.TB, path string) string {
	t.Helper()
	if o.digest == "" {
		o.digest = sha256Of(o.payload)
	}
	description := fmt.Sprintf("software =\n{\n\tversion = \"1.0\";\n\thardware-compatibility = [ \"1.0\" ];\n\tfiles: (\n"+
		"\t\t{ filename = \"a\"; type = \"rawfile\"; path = %q; sha256 = %q; %s }\n\t);\n};\n", path, o.digest, o.more)
	if o.change != nil {
		description = o.change(description)
	}
	sign := o.sign
	if sign == nil {
		sign = func(text string) string { return cms(t, text, "rsa2048.crt", "rsa2048.pem", derBinary...) }
	}
	files := [][2]string{{"sw-description", description}, {"sw-description.sig", sign(description)}, {"a", o.payload}}
	if o.files != nil {
		files = o.files(files)
	}
	format := "crc"
	if o.format != "" {
		format = o.format
	}
	archive := handmade(t, format, files...)
	if o.archive != nil {
		archive = o.archive(archive)
	}
	return archive
}

// judged is how a bundle is judged by the client and by Verify. Where they differ,
// why says why we do on purpose.
type judged struct {
	offered
	client, ours bool
	why          string
	trust        string // "" for rsa2048.crt
	noKey        bool   // neither has the AES key
}

// signWith signs by openssl with other arguments.
func signWith(t testing.TB, certificate, private string, more ...string) func(string) string {
	return func(text string) string {
		return cms(t, text, certificate, private, append(slices.Clone(derBinary), more...)...)
	}
}

func cases(t testing.TB) map[string]judged {
	text := strings.Repeat("a line of the payload\n", 3000)
	zst, gz := tool(t, "", text, "zstd", "-c"), tool(t, "", text, "gzip", "-nc")
	iv, otherIV := `ivt = "`+ivDigits+`";`, `ivt = "`+otherDigits[:32]+`";`
	replace := func(old, new string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, new, 1) }
	}
	good := func(o offered) judged { return judged{offered: o, client: true, ours: true} }
	bad := func(o offered) judged { return judged{offered: o} }
	strict := func(o offered, why string) judged { return judged{offered: o, client: true, why: why} }
	plain := offered{payload: text}
	with := func(change func(*offered)) offered { o := plain; change(&o); return o }
	return map[string]judged{
		"plain":           good(plain),
		"zstd":            good(offered{payload: zst, more: `compressed = "zstd";`}),
		"gzip":            good(offered{payload: gz, more: `compressed = "zlib";`}),
		"encrypted":       good(offered{payload: aes256(t, text, ivDigits), more: "encrypted = true; " + iv}),
		"both":            good(offered{payload: aes256(t, zst, ivDigits), more: `compressed = "zstd"; encrypted = true; ` + iv}),
		"empty":           good(offered{}),
		"without sums":    good(with(func(o *offered) { o.format = "newc" })),
		"capital digits":  good(with(func(o *offered) { o.digest = strings.ToUpper(sha256Of(text)) })),
		"unnamed payload": good(with(func(o *offered) { o.files = func(f [][2]string) [][2]string { return append(f, [2]string{"b", "b"}) } })),
		"PSS": good(with(func(o *offered) {
			o.sign = signWith(t, "rsa2048.crt", "rsa2048.pem", "-keyopt", "rsa_padding_mode:pss")
		})),
		"no attributes":  good(with(func(o *offered) { o.sign = signWith(t, "rsa2048.crt", "rsa2048.pem", "-noattr") })),
		"key identifier": good(with(func(o *offered) { o.sign = signWith(t, "rsa2048.crt", "rsa2048.pem", "-keyid") })),
		"SHA-512":        good(with(func(o *offered) { o.sign = signWith(t, "rsa2048.crt", "rsa2048.pem", "-md", "sha512") })),
		"attached":       good(with(func(o *offered) { o.sign = signWith(t, "rsa2048.crt", "rsa2048.pem", "-nodetach") })),
		"bytes behind": good(with(func(o *offered) {
			o.sign = func(text string) string { return signWith(t, "rsa2048.crt", "rsa2048.pem")(text) + "junk" }
		})),
		"unknown second": good(with(func(o *offered) {
			o.sign = signWith(t, "rsa2048.crt", "rsa2048.pem", "-signer", "ec-p256.crt", "-inkey", "ec-p256.pem")
		})),
		"below the root":      {offered: with(func(o *offered) { o.sign = signWith(t, "ca-leaf.crt", "leaf.pem") }), client: true, ours: true, trust: "ca.crt"},
		"chain on the device": {offered: with(func(o *offered) { o.sign = signWith(t, "leaf.crt", "leaf.pem") }), client: true, ours: true, trust: "chain"},

		"chain in the CMS": {offered: with(func(o *offered) { o.sign = signWith(t, "leaf.crt", "leaf.pem", "-certfile", "intermediate.crt") }), trust: "ca.crt"},
		"stranger":         bad(with(func(o *offered) { o.sign = signWith(t, "rsa3072.crt", "rsa3072.pem") })),
		"expired":          {offered: with(func(o *offered) { o.sign = signWith(t, "expired.crt", "ec-p256.pem") }), trust: "expired.crt"},
		"not yet valid":    {offered: with(func(o *offered) { o.sign = signWith(t, "not-yet-valid.crt", "ec-p256.pem") }), trust: "not-yet-valid.crt"},
		"other purpose":    {offered: with(func(o *offered) { o.sign = signWith(t, "wrong-purpose.crt", "ec-p256.pem") }), trust: "wrong-purpose.crt"},
		"code signing":     {offered: with(func(o *offered) { o.sign = signWith(t, "code-signing.crt", "ec-p256.pem") }), trust: "code-signing.crt"},
		"other usage":      {offered: with(func(o *offered) { o.sign = signWith(t, "wrong-usage.crt", "ec-p256.pem") }), trust: "wrong-usage.crt"},
		"no certificate":   bad(with(func(o *offered) { o.sign = signWith(t, "rsa2048.crt", "rsa2048.pem", "-nocerts") })),
		"PEM": bad(with(func(o *offered) {
			o.sign = func(text string) string {
				return cms(t, text, "rsa2048.crt", "rsa2048.pem", "-outform", "PEM", "-binary")
			}
		})),
		"line ends": bad(with(func(o *offered) {
			o.sign = func(text string) string { return cms(t, text, "rsa2048.crt", "rsa2048.pem", "-outform", "DER") }
		})),
		"raw signature": bad(with(func(o *offered) {
			o.sign = func(text string) string {
				private, _ := filepath.Abs(key("rsa2048.pem"))
				return tool(t, "", text, "openssl", "dgst", "-sha256", "-sign", private)
			}
		})),
		"another description": bad(with(func(o *offered) {
			o.sign = func(text string) string { return signWith(t, "rsa2048.crt", "rsa2048.pem")(text + " ") }
		})),
		"unsigned":           bad(with(func(o *offered) { o.files = func(f [][2]string) [][2]string { return [][2]string{f[0], f[2]} } })),
		"signature at end":   bad(with(func(o *offered) { o.files = func(f [][2]string) [][2]string { return [][2]string{f[0], f[2], f[1]} } })),
		"signature first":    bad(with(func(o *offered) { o.files = func(f [][2]string) [][2]string { return [][2]string{f[1], f[0], f[2]} } })),
		"no payload":         bad(with(func(o *offered) { o.files = func(f [][2]string) [][2]string { return f[:2] } })),
		"digest":             bad(with(func(o *offered) { o.digest = sha256Of("another") })),
		"no digest":          bad(with(func(o *offered) { o.change = replace("sha256 =", "sha257 =") })),
		"short digest":       bad(with(func(o *offered) { o.digest = sha256Of(text)[:62] })),
		"syntax":             bad(with(func(o *offered) { o.change = replace("files: (", "files: ((") })),
		"handler":            bad(with(func(o *offered) { o.change = replace("rawfile", "wildfile") })),
		"no version":         bad(with(func(o *offered) { o.change = replace("version", "persion") })),
		"other hardware key": bad(with(func(o *offered) { o.change = replace("hardware-compatibility", "hardware") })),
		"compression":        bad(with(func(o *offered) { o.more = `compressed = "bzip2";` })),
		"changed payload":    bad(with(func(o *offered) { o.archive = replace("a line of", "a lime of") })),
		"sum":                bad(with(func(o *offered) { o.archive = wrongSum })),
		"cut":                bad(with(func(o *offered) { o.archive = func(s string) string { return s[:len(s)-3000] } })),
		"no trailer":         bad(with(func(o *offered) { o.archive = func(s string) string { return s[:strings.LastIndex(s, "070702")] } })),
		"magic":              bad(with(func(o *offered) { o.archive = func(s string) string { return "070707" + s[6:] } })),
		"no gzip":            bad(offered{payload: text, more: `compressed = "zlib";`}),
		"no zstd":            bad(offered{payload: text, more: `compressed = "zstd";`}),
		"another key":        bad(offered{payload: tool(t, "", text, "openssl", "enc", "-aes-256-cbc", "-K", otherDigits, "-iv", ivDigits, "-nosalt"), more: "encrypted = true; " + iv}),
		"cipher cut":         bad(offered{payload: aes256(t, text, ivDigits)[:1001], more: "encrypted = true; " + iv}),
		"wrong IV":           bad(offered{payload: aes256(t, zst, ivDigits), more: `compressed = "zstd"; encrypted = true; ` + otherIV}),
		"no key":             {offered: offered{payload: aes256(t, text, ivDigits), more: "encrypted = true; " + iv}, noKey: true},

		"zstd cut":         strict(offered{payload: zst[:len(zst)-8], more: `compressed = "zstd";`}, "the device installs what comes before the cut, and reports success"),
		"gzip cut":         strict(offered{payload: gz[:len(gz)-20], more: `compressed = "zlib";`}, "the device installs what comes before the cut, and reports success"),
		"two members":      strict(offered{payload: gz + gz, more: `compressed = "zlib";`}, "the device installs the first member only"),
		"bytes after gzip": strict(offered{payload: gz + "junk", more: `compressed = "zlib";`}, "the device drops them"),
		"wrong IV, plain":  good(offered{payload: aes256(t, text, ivDigits), more: "encrypted = true; " + otherIV}),
		"cipher by name":   strict(offered{payload: aes256(t, text, ivDigits), more: `encrypted = "aes-cbc"; ` + iv}, "the device installs the ciphertext, and reports success"),
		"SHA-1":            strict(with(func(o *offered) { o.sign = signWith(t, "rsa2048.crt", "rsa2048.pem", "-md", "sha1") }), "SHA-1 is broken"),
		"same name twice": strict(with(func(o *offered) {
			o.archive = func(s string) string {
				first, last := strings.LastIndex(s[:strings.LastIndex(s, "070702")], "070702"), strings.LastIndex(s, "070702")
				return s[:last] + s[first:]
			}
		}), "the device extracts both to the same file"),
	}
}

// wrongSum changes the sum of the last payload.
func wrongSum(s string) string {
	at := strings.LastIndex(s[:strings.LastIndex(s, "070702")], "070702")
	return s[:at+102] + "00000001" + s[at+110:]
}

// Debian's client and Verify agree about bundles that neither of us has made; where
// they do not, Verify is stricter, and the table says why.
func TestConformanceSWUpdate(t *testing.T) {
	reftool.Need(t, "swupdate", "openssl", "cpio", "zstd", "gzip")
	dir := t.TempDir()
	aes := filepath.Join(dir, "aes")
	if err := os.WriteFile(aes, []byte(aesDigits+" "+ivDigits+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	chain := filepath.Join(dir, "chain.pem")
	if err := os.WriteFile(chain, []byte(readFile(t, key("ca.crt"))+readFile(t, key("intermediate.crt"))), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range cases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trust, client := key("rsa2048.crt"), reftool.Client{AESKey: aes}
			if c.trust == "chain" {
				trust = chain
			} else if c.trust != "" {
				trust = key(c.trust)
			}
			o := VerifyOptions{Target: swupdate.Debian12(), Keys: keysOf(t, aesDigits+" "+ivDigits)}
			if c.noKey {
				client.AESKey, o.Keys = "", nil
			}
			client.Cert = trust
			path := filepath.Join(t.TempDir(), "test.swu")
			bundle := c.bundle(t, filepath.Join(t.TempDir(), "installed"))
			if err := os.WriteFile(path, []byte(bundle), 0o600); err != nil {
				t.Fatal(err)
			}
			if v := client.Install(t, path); v.Accepted != c.client {
				t.Errorf("the client: accepted %v: %s\n%s", v.Accepted, v.Reason, v.Log)
			}
			var err error
			if o.Trust, err = ReadTrust([]string{trust}); err != nil {
				t.Fatal(err)
			}
			v := verify(t, []byte(bundle), o)
			if accepted := v.Verdict == imagefile.Accepted; accepted != c.ours || c.client != c.ours && c.why == "" {
				t.Errorf("we: %s\n%s", v.Verdict, lines(v))
			}
		})
	}
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
