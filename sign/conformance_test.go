package sign

import (
	"crypto"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// openssl runs openssl in the folder dir and returns what it says.
func openssl(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("openssl", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func mustOpenSSL(t *testing.T, dir string, args ...string) {
	t.Helper()
	if out, err := openssl(t, dir, args...); err != nil {
		t.Fatalf("openssl %v: %v\n%s", args, err, out)
	}
}

func keyFile(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(keyFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func writeFile(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// verifyByOpenSSL asks openssl about the file signature over the file desc.
func verifyByOpenSSL(t *testing.T, dir string, roots []string, purpose string) (string, error) {
	t.Helper()
	var trusted []byte
	for _, name := range roots {
		trusted = append(trusted, readFile(t, name+".crt")...)
	}
	writeFile(t, dir, "trust.pem", trusted)
	return openssl(t, dir, "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature",
		"-content", "desc", "-CAfile", "trust.pem", "-purpose", purpose, "-out", "content")
}

func TestConformanceOpenSSLVerifiesCMS(t *testing.T) {
	reftool.Need(t, "openssl")
	for _, c := range cmsCases(t) {
		for _, wrap := range []string{"", " opaque"} {
			t.Run(c.name+wrap, func(t *testing.T) {
				dir := t.TempDir()
				keys := c.keys
				if wrap != "" {
					keys = changed(keys, func(k Key) Key { k.Signer = opaque{k.Signer}; return k })
				}
				signature, err := Sign(SchemeCMS, message, keys, c.opt)
				if err != nil {
					t.Fatal(err)
				}
				writeFile(t, dir, "signature", signature)
				writeFile(t, dir, "desc", message)
				if out, err := verifyByOpenSSL(t, dir, c.roots, "smimesign"); err != nil {
					t.Errorf("smimesign: %s", out)
				}
				if wrap != "" {
					return // where the key lives is not to be seen
				}
				writeFile(t, dir, "desc", append([]byte(" "), message...))
				if _, err := verifyByOpenSSL(t, dir, c.roots, "any"); err == nil {
					t.Error("openssl verifies another message")
				}
			})
		}
	}
}

// What openssl says of a certificate's purpose is what Check and Verify say.
func TestConformanceOpenSSLPurpose(t *testing.T) {
	reftool.Need(t, "openssl")
	for _, name := range []string{"ec-p256", "no-eku", "no-usage", "non-repudiation", "code-signing", "both-purposes",
		"wrong-purpose", "any-purpose", "wrong-usage", "expired", "not-yet-valid"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			k := Key{Signer: privateKey(t, "ec-p256"), Certificate: certificate(t, name)}
			signature, err := Sign(SchemeCMS, message, []Key{k}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, dir, "signature", signature)
			writeFile(t, dir, "desc", message)
			out, err := verifyByOpenSSL(t, dir, []string{name}, "smimesign")
			if check := k.Check(SchemeCMS, now, ""); (check == nil) != (err == nil) {
				t.Errorf("Check: %v; openssl: %s", check, out)
			}
			if _, ours := Verify(SchemeCMS, message, signature, trust(t, name)); (ours == nil) != (err == nil) {
				t.Errorf("Verify: %v; openssl: %s", ours, out)
			}
		})
	}
}

func TestConformanceOpenSSLVerifiesRSA(t *testing.T) {
	reftool.Need(t, "openssl")
	for _, name := range []string{"rsa2048", "rsa3072", "rsa4096"} {
		for _, c := range []struct {
			scheme  Scheme
			options []string
		}{
			{SchemeRSAPKCS1v15, nil},
			{SchemeRSAPSS, []string{"-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-2"}},
		} {
			t.Run(name+" "+string(c.scheme), func(t *testing.T) {
				dir := t.TempDir()
				signature, err := Sign(c.scheme, message, []Key{{Signer: privateKey(t, name)}}, Options{Rand: seeded()})
				if err != nil {
					t.Fatal(err)
				}
				writeFile(t, dir, "signature", signature)
				writeFile(t, dir, "desc", message)
				args := append([]string{"dgst", "-sha256", "-verify", keyFile(t, name+".pub.pem"), "-signature", "signature"}, c.options...)
				mustOpenSSL(t, dir, append(args, "desc")...)
			})
		}
	}
}

func TestConformanceOpenSSLSignsRSA(t *testing.T) {
	reftool.Need(t, "openssl")
	pss := func(salt string) []string {
		return []string{"-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:" + salt}
	}
	for _, c := range []struct {
		name    string
		scheme  Scheme
		options []string
	}{
		{"v1.5", SchemeRSAPKCS1v15, nil},
		{"pss, longest salt", SchemeRSAPSS, pss("-2")},
		{"pss, salt as the digest", SchemeRSAPSS, pss("-1")},
		{"pss, no salt", SchemeRSAPSS, pss("0")},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, dir, "desc", message)
			args := append([]string{"dgst", "-sha256", "-sign", keyFile(t, "rsa2048.pem"), "-out", "signature"}, c.options...)
			mustOpenSSL(t, dir, append(args, "desc")...)
			keys := []crypto.PublicKey{privateKey(t, "rsa2048").Public()}
			if _, err := Verify(c.scheme, message, read(t, dir, "signature"), Trust{Keys: keys}); err != nil {
				t.Error(err)
			}
		})
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestConformanceOpenSSLSignsCMS(t *testing.T) {
	reftool.Need(t, "openssl")
	pss := []string{"-keyopt", "rsa_padding_mode:pss"}
	for _, c := range []struct {
		name    string
		key     string
		roots   []string
		options []string
		refusal string // "" where Verify accepts
	}{
		{"defaults", "ec-p256", []string{"ec-p256"}, nil, ""},
		{"no capabilities", "ec-p256", []string{"ec-p256"}, []string{"-nosmimecap"}, ""},
		{"no attributes", "ec-p256", []string{"ec-p256"}, []string{"-noattr"}, ""},
		{"key identifier", "ec-p256", []string{"ec-p256"}, []string{"-keyid"}, ""},
		{"attached", "ec-p256", []string{"ec-p256"}, []string{"-nodetach"}, ""},
		{"p-384", "ec-p384", []string{"ec-p384"}, []string{"-md", "sha384"}, ""},
		{"p-521", "ec-p521", []string{"ec-p521"}, []string{"-md", "sha512"}, ""},
		{"rsa", "rsa2048", []string{"rsa2048"}, []string{"-nosmimecap"}, ""},
		{"rsa, no attributes", "rsa4096", []string{"rsa4096"}, []string{"-noattr"}, ""},
		{"pss", "rsa2048", []string{"rsa2048"}, pss, ""},
		{"pss, no attributes", "rsa2048", []string{"rsa2048"}, append(pss, "-noattr", "-md", "sha512"), ""},
		{"pss, salt as the digest", "rsa2048", []string{"rsa2048"}, append(pss, "-keyopt", "rsa_pss_saltlen:-1"), ""},
		{"pss, other mask", "rsa2048", []string{"rsa2048"}, append(pss, "-keyopt", "rsa_mgf1_md:sha512"),
			`signature of "CN=fwpack test rsa2048,O=TEST ONLY": RSASSA-PSS with sha256 and MGF1 with sha512: want the digest sha256 in both`},
		{"chain shipped", "leaf", []string{"ca"}, []string{"-certfile", keyFile(t, "intermediate.crt")}, ""},
		{"chain trusted", "leaf", []string{"ca", "intermediate"}, nil, ""},
		{"chain missing", "leaf", []string{"ca"}, nil,
			`signature of "CN=fwpack test leaf,O=TEST ONLY": certificate "CN=fwpack test leaf,O=TEST ONLY" (serial 012E) is not trusted: x509: certificate signed by unknown authority`},
		{"two signers", "ec-p256", []string{"ec-p256", "rsa2048"},
			[]string{"-signer", keyFile(t, "rsa2048.crt"), "-inkey", keyFile(t, "rsa2048.pem")}, ""},
		{"sha1", "rsa2048", []string{"rsa2048"}, []string{"-md", "sha1"},
			`signature of "CN=fwpack test rsa2048,O=TEST ONLY": digest sha1: want sha256, sha384 or sha512`},
		{"sha3", "rsa2048", []string{"rsa2048"}, []string{"-md", "sha3-256"},
			`signature of "CN=fwpack test rsa2048,O=TEST ONLY": digest 2.16.840.1.101.3.4.2.8: want sha256, sha384 or sha512`},
		{"no certificate", "ec-p256", []string{"ec-p256"}, []string{"-nocerts"},
			`signature: the CMS does not hold the signer's certificate, which SWUpdate takes from there only`},
		{"indefinite lengths", "ec-p256", []string{"ec-p256"}, []string{"-nodetach", "-stream"},
			`signature: cms: content info: asn1: syntax error: indefinite length found (not DER)`},
		{"pem", "ec-p256", []string{"ec-p256"}, []string{"-outform", "PEM"},
			`signature: cms: found PEM: want DER, which is all that SWUpdate reads`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, dir, "desc", message)
			args := []string{"cms", "-sign", "-binary", "-outform", "DER", "-in", "desc", "-out", "signature",
				"-signer", keyFile(t, c.key+".crt"), "-inkey", keyFile(t, c.key+".pem")}
			mustOpenSSL(t, dir, append(args, c.options...)...)
			signature := read(t, dir, "signature")
			_, err := Verify(SchemeCMS, message, signature, trust(t, c.roots...))
			if c.refusal != "" {
				wantError(t, err, c.refusal)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Verify(SchemeCMS, append(message, ' '), signature, trust(t, c.roots...)); err == nil {
				t.Error("another message verifies")
			}
		})
	}
}

// openssl reads the fingerprints that are printed here.
func TestConformanceOpenSSLFingerprint(t *testing.T) {
	reftool.Need(t, "openssl")
	dir := t.TempDir()
	for _, name := range []string{"rsa2048", "ec-p384", "ed25519"} {
		mustOpenSSL(t, dir, "pkey", "-pubin", "-in", keyFile(t, name+".pub.pem"), "-outform", "DER", "-out", "der")
		got, err := Fingerprint(privateKey(t, name).Public())
		if err != nil || got != fingerprint(read(t, dir, "der")) {
			t.Errorf("%s: %s, error %v", name, got, err)
		}
	}
}

// Keys that openssl writes today, with what its options allow.
func TestConformanceOpenSSLKeys(t *testing.T) {
	reftool.Need(t, "openssl")
	for name, args := range map[string][]string{
		"genpkey":            {"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"},
		"genpkey encrypted":  {"genpkey", "-algorithm", "ED25519", "-aes-256-cbc", "-pass", "pass:" + testPassphrase},
		"ecparam":            {"ecparam", "-name", "secp521r1", "-genkey"},
		"pkcs8":              {"pkcs8", "-topk8", "-in", keyFile(t, "rsa2048.pem"), "-passout", "pass:" + testPassphrase},
		"pkcs8 aes128":       {"pkcs8", "-topk8", "-v2", "aes-128-cbc", "-in", keyFile(t, "ec-p256.pem"), "-passout", "pass:" + testPassphrase},
		"pkcs8 aes192":       {"pkcs8", "-topk8", "-v2", "aes-192-cbc", "-in", keyFile(t, "ec-p256.pem"), "-passout", "pass:" + testPassphrase},
		"pkcs8 sha224":       {"pkcs8", "-topk8", "-v2prf", "hmacWithSHA224", "-in", keyFile(t, "ec-p256.pem"), "-passout", "pass:" + testPassphrase},
		"pkcs8 sha384":       {"pkcs8", "-topk8", "-v2prf", "hmacWithSHA384", "-in", keyFile(t, "ec-p256.pem"), "-passout", "pass:" + testPassphrase},
		"pkcs8 iterations":   {"pkcs8", "-topk8", "-iter", "100000", "-in", keyFile(t, "ec-p256.pem"), "-passout", "pass:" + testPassphrase},
		"pkcs8 scrypt":       {"pkcs8", "-topk8", "-scrypt", "-scrypt_N", "1024", "-scrypt_r", "4", "-scrypt_p", "3", "-in", keyFile(t, "ec-p256.pem"), "-passout", "pass:" + testPassphrase},
		"pkcs8 empty phrase": {"pkcs8", "-topk8", "-nocrypt", "-in", keyFile(t, "ec-p256.pem")},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			mustOpenSSL(t, dir, append(args, "-out", "key.pem")...)
			if _, err := ParsePrivateKey(read(t, dir, "key.pem"), passphrase); err != nil {
				t.Error(err)
			}
		})
	}
}

func passphrase() ([]byte, error) { return []byte(testPassphrase), nil }
