package envelope

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// vector is an envelope by openssl: "openssl cms -encrypt -binary -outform DER"
// with args, where the names of recipients stand for their certificates.
type vector struct {
	name, cipher string
	recipients   []string
	args         []string
}

// vectors are in testdata, as openssl 3.0.22 made them.
var vectors = []vector{
	{"default", "3DES-CBC", []string{"rsa2048", "ec-p256"}, nil},
	{"aes256", "AES-256-CBC", everyone, []string{"-aes256"}},
	{"aes192-keyid", "AES-192-CBC", []string{"rsa3072", "ec-p384"}, []string{"-aes-192-cbc", "-keyid"}},
	{"aes128", "AES-128-CBC", []string{"rsa4096", "ec-p521"}, []string{"-aes-128-cbc"}},
	{"gcm256", "AES-256-GCM", []string{"rsa2048", "ec-p521"}, []string{"-aes-256-gcm"}},
	{"gcm192", "AES-192-GCM", []string{"ec-p384"}, []string{"-aes-192-gcm"}},
	{"gcm128", "AES-128-GCM", []string{"rsa2048"}, []string{"-aes-128-gcm"}},
	{"oaep", "AES-256-CBC", []string{"rsa2048"}, []string{"-aes256", "-keyopt", "rsa_padding_mode:oaep"}},
	{"oaep-sha256", "AES-256-CBC", []string{"rsa2048"},
		[]string{"-aes256", "-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"}},
	{"oaep-mixed", "AES-256-CBC", []string{"rsa3072"}, []string{"-aes256", "-keyopt", "rsa_padding_mode:oaep",
		"-keyopt", "rsa_oaep_md:sha512", "-keyopt", "rsa_mgf1_md:sha384", "-keyopt", "rsa_oaep_label:0102"}},
	{"kdf-sha224", "AES-256-CBC", []string{"ec-p256"}, []string{"-aes256", "-keyopt", "ecdh_kdf_md:sha224"}},
	{"kdf-sha256", "AES-256-CBC", []string{"ec-p256"}, []string{"-aes256", "-keyopt", "ecdh_kdf_md:sha256"}},
	{"kdf-sha384", "AES-256-CBC", []string{"ec-p384"}, []string{"-aes256", "-keyopt", "ecdh_kdf_md:sha384"}},
	{"kdf-sha512", "AES-256-CBC", []string{"ec-p521"}, []string{"-aes256", "-keyopt", "ecdh_kdf_md:sha512"}},
}

func openssl(t testing.TB, args ...string) ([]byte, error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command("openssl", args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, stderr.String())
	}
	return stdout.Bytes(), nil
}

func mustOpenssl(t testing.TB, args ...string) []byte {
	t.Helper()
	out, err := openssl(t, args...)
	if err != nil {
		t.Fatalf("openssl %s: %v", strings.Join(args, " "), err)
	}
	return out
}

// encrypt runs the command of v over plaintext.
func (v vector) encrypt(t testing.TB, plaintext []byte, more ...string) []byte {
	t.Helper()
	args := []string{"cms", "-encrypt", "-binary", "-outform", "DER", "-in", write(t, "plain", plaintext)}
	for _, who := range v.recipients { // -keyopt is for the recipient before it
		args = append(args, "-recip", filepath.Join(keys, who+".crt"))
	}
	return mustOpenssl(t, append(append(args, v.args...), more...)...)
}

// FWPACK_UPDATE_VECTORS=1 replaces the files in testdata.
func TestConformanceOpensWhatOpensslSeals(t *testing.T) {
	reftool.Need(t, "openssl")
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			der := v.encrypt(t, description)
			checkVector(t, v, der)
			if os.Getenv("FWPACK_UPDATE_VECTORS") == "1" {
				if err := os.WriteFile("testdata/"+v.name+".der", der, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// opensslOpens decrypts with the certificate and without, as SWUpdate does
// where its key file holds the key alone.
func opensslOpens(t testing.TB, der, want []byte, key crypto.Signer, c *x509.Certificate) {
	t.Helper()
	keyFile, certFile := writeDevice(t, key, c)
	args := []string{"cms", "-decrypt", "-binary", "-inform", "DER", "-in", write(t, "sealed", der), "-inkey", keyFile}
	for _, more := range [][]string{nil, {"-recip", certFile}} {
		got, err := openssl(t, append(args, more...)...)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s %v: %d bytes, error %v", c.Subject, more, len(got), err)
		}
	}
}

func TestConformanceOpensslOpens(t *testing.T) {
	reftool.Need(t, "openssl")
	for name, opt := range forms {
		t.Run(name, func(t *testing.T) {
			for _, list := range [][]string{{"rsa3072"}, {"ec-p384"}, {"rsa2048", "ec-p521"}, everyone[1:]} {
				der := seal(t, description, certificatesOf(t, list...), opt)
				for _, who := range list {
					opensslOpens(t, der, description, keyOf(t, who), certificateOf(t, who))
				}
			}
		})
	}
}

// A release for 300 devices of every kind.
func TestConformanceManyRecipients(t *testing.T) {
	reftool.Need(t, "openssl")
	recipients, devices := fleet(t, 200, elliptic.P256())
	for _, curve := range []elliptic.Curve{elliptic.P384(), elliptic.P521()} {
		more, keys := fleet(t, 47, curve)
		recipients, devices = append(recipients, more...), append(devices, keys...)
	}
	for _, who := range everyone {
		recipients, devices = append(recipients, certificateOf(t, who)), append(devices, keyOf(t, who))
	}
	for name, opt := range map[string]Options{"default": {}, "OAEP and GCM": {OAEP: true, GCM: true}} {
		der := seal(t, description, recipients, opt)
		t.Logf("%s: %d recipients, %d bytes", name, len(recipients), len(der))
		for i := len(everyone); i > 0; i-- {
			who := len(recipients) - i
			opensslOpens(t, der, description, devices[who], recipients[who])
		}
		for _, who := range []int{0, 199, 200, 246, 247, 293} {
			got, err := Open(der, devices[who], nil)
			if err != nil || !bytes.Equal(got, description) {
				t.Errorf("device %d: error %v", who, err)
			}
		}
	}
}

// Without a certificate openssl decrypts as every RSA recipient. Where it took
// random bytes for the result of a wrong padding (implicit rejection), one
// stranger in 245 would overwrite the right key.
func TestConformanceManyRSAStrangers(t *testing.T) {
	reftool.Need(t, "openssl")
	for _, at := range []int64{0, 1 << 20} { // the device sorts first, and last
		device := *certificateOf(t, "rsa2048")
		device.SerialNumber = big.NewInt(at)
		recipients := []*x509.Certificate{&device}
		for i := range int64(300) {
			stranger := *certificateOf(t, "rsa2048-leaf")
			stranger.RawIssuer, stranger.SerialNumber = device.RawIssuer, big.NewInt(1<<16+i)
			recipients = append(recipients, &stranger)
		}
		der := seal(t, description, recipients, Options{})
		args := []string{"cms", "-decrypt", "-binary", "-inform", "DER", "-inkey", keys + "rsa2048.pem", "-in", write(t, "sealed", der)}
		if got, err := openssl(t, args...); err != nil || !bytes.Equal(got, description) {
			t.Errorf("openssl opens %q, error %v", got, err)
		}
		if got, err := Open(der, keyOf(t, "rsa2048"), nil); err != nil || !bytes.Equal(got, description) {
			t.Errorf("opened %q, error %v", got, err)
		}
	}
}

func TestConformanceMegabyte(t *testing.T) {
	reftool.Need(t, "openssl")
	megabyte := bytes.Repeat(description, 1<<20/len(description)+1)
	for name, opt := range forms {
		der := seal(t, megabyte, certificatesOf(t, "rsa2048", "ec-p521"), opt)
		opensslOpens(t, der, megabyte, keyOf(t, "ec-p521"), certificateOf(t, "ec-p521"))
		opensslOpens(t, der, megabyte, keyOf(t, "rsa2048"), certificateOf(t, "rsa2048"))
		t.Logf("%s: %d bytes for %d", name, len(der), len(megabyte))
	}
	got, err := Open(vectors[4].encrypt(t, megabyte), keyOf(t, "ec-p521"), nil)
	if err != nil || !bytes.Equal(got, megabyte) {
		t.Errorf("opened %d bytes of openssl's, error %v", len(got), err)
	}
}

// Our structure is openssl's, element for element, but for the hash in the key
// derivation: SHA-1 by default there, and SHA-256 here.
func TestConformanceStructure(t *testing.T) {
	reftool.Need(t, "openssl")
	values := regexp.MustCompile(`(?m)^ *\d+:|\[HEX DUMP\]:[0-9A-F]*`)
	shape := func(der []byte) string {
		out := mustOpenssl(t, "asn1parse", "-inform", "DER", "-in", write(t, "der", der))
		return values.ReplaceAllString(string(out), "")
	}
	for _, c := range []struct {
		opt  Options
		v    vector
		args []string
	}{
		{Options{}, vector{recipients: everyone}, []string{"-aes-256-cbc"}},
		{Options{GCM: true}, vector{recipients: everyone}, []string{"-aes-256-gcm"}},
		{Options{}, vector{recipients: everyone[:1]}, []string{"-aes-256-cbc"}},
		{Options{OAEP: true}, vector{recipients: everyone[:1]}, vectors[8].args},
	} {
		c.v.args = c.args
		theirs := shape(c.v.encrypt(t, description))
		theirs = strings.ReplaceAll(theirs, "dhSinglePass-stdDH-sha1kdf-scheme", "dhSinglePass-stdDH-sha256kdf-scheme")
		ours := shape(seal(t, description, certificatesOf(t, c.v.recipients...), c.opt))
		if c.v.recipients[len(c.v.recipients)-1] != "rsa2048" {
			// SHA-256's identifier is three bytes shorter.
			lengths := regexp.MustCompile(`hl=\d l= *\d+`)
			theirs, ours = lengths.ReplaceAllString(theirs, ""), lengths.ReplaceAllString(ours, "")
		}
		if ours != theirs {
			t.Errorf("%v:\n%s\nopenssl:\n%s", c.opt, ours, theirs)
		}
	}
}

func TestConformancePrint(t *testing.T) {
	reftool.Need(t, "openssl")
	for name, opt := range forms {
		der := seal(t, description, certificatesOf(t, "rsa2048", "ec-p256"), opt)
		out := mustOpenssl(t, "cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", write(t, "sealed", der))
		for _, want := range []string{"d.ktri", "d.kari", "dhSinglePass-stdDH-sha256kdf-scheme", "pkcs7-data"} {
			if !bytes.Contains(out, []byte(want)) {
				t.Errorf("%s: no %s in\n%s", name, want, out)
			}
		}
		// What openssl reads and writes again is the same: it is DER.
		again := mustOpenssl(t, "cms", "-cmsout", "-inform", "DER", "-outform", "DER", "-in", write(t, "sealed", der))
		if !bytes.Equal(again, der) {
			t.Errorf("%s: openssl writes it as %d other bytes", name, len(again))
		}
	}
}

// Without -binary openssl seals other bytes than it was given: line ends turn
// into CR LF, and a signature over the description no longer fits.
func TestConformanceLineEnds(t *testing.T) {
	reftool.Need(t, "openssl")
	der := mustOpenssl(t, "cms", "-encrypt", "-aes256", "-outform", "DER", "-in", write(t, "plain", []byte("a\nb\n")), filepath.Join(keys, "ec-p256.crt"))
	got, err := Open(der, keyOf(t, "ec-p256"), nil)
	if err != nil || string(got) != "a\r\nb\r\n" {
		t.Errorf("%q, error %v", got, err)
	}
}

// BER, which openssl writes with -stream, is refused by its name.
func TestConformanceStream(t *testing.T) {
	reftool.Need(t, "openssl")
	der := vectors[1].encrypt(t, description, "-stream")
	if !Is(der) {
		t.Error("not recognised")
	}
	_, err := Open(der, keyOf(t, "rsa2048"), nil)
	wantError(t, err, "envelope: cms: a length is indefinite (BER, as openssl's -stream writes it): want DER")
}

func TestConformanceStranger(t *testing.T) {
	reftool.Need(t, "openssl")
	for _, who := range []string{"rsa2048-leaf", "leaf"} {
		der := seal(t, description, certificatesOf(t, everyone...), Options{GCM: true})
		keyFile, certFile := writeDevice(t, keyOf(t, who), certificateOf(t, who))
		for _, more := range [][]string{nil, {"-recip", certFile}} {
			args := append([]string{"cms", "-decrypt", "-inform", "DER", "-in", write(t, "sealed", der), "-inkey", keyFile}, more...)
			if _, err := openssl(t, args...); err == nil {
				t.Errorf("openssl opens for %s", who)
			}
		}
		if _, err := Open(der, keyOf(t, who), nil); err == nil {
			t.Errorf("opened for %s", who)
		}
	}
}

func TestConformanceAES(t *testing.T) {
	reftool.Need(t, "openssl")
	iv := []byte("0123456789abcdef")
	for _, n := range []int{16, 24, 32} {
		key := bytes.Repeat([]byte{7}, n)
		sealed, err := SealAES(description, key, iv)
		if err != nil {
			t.Fatal(err)
		}
		args := []string{"enc", fmt.Sprintf("-aes-%d-cbc", 8*n), "-K", hex.EncodeToString(key), "-iv", hex.EncodeToString(iv), "-nosalt", "-in"}
		if theirs := mustOpenssl(t, append(args, write(t, "plain", description))...); !bytes.Equal(theirs, sealed) {
			t.Errorf("openssl: %x", theirs)
		}
		if got := mustOpenssl(t, append(args, write(t, "sealed", sealed), "-d")...); !bytes.Equal(got, description) {
			t.Errorf("openssl opens %q", got)
		}
	}
}
