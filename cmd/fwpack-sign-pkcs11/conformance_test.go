package main

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/sign/plugin"
)

const testPIN = "correct 4711"

// softHSM is SoftHSM with tokens of its own, and this program, built.
type softHSM struct {
	dir, module string
	env         []string
}

// newSoftHSM builds the program with cgo, whatever the tests are built with, as
// only that loads modules.
func newSoftHSM(t *testing.T) *softHSM {
	t.Helper()
	reftool.Need(t, "softhsm2-util", "pkcs11-tool", "openssl", "gcc")
	var module string
	for _, pattern := range []string{"/usr/lib/softhsm", "/usr/lib/*/softhsm", "/usr/lib64/softhsm", "/usr/local/lib/softhsm", "/usr/lib64/pkcs11"} {
		if found, _ := filepath.Glob(pattern + "/libsofthsm2.so"); len(found) > 0 && module == "" {
			module = found[0]
		}
	}
	if module == "" {
		reftool.Missing(t, "libsofthsm2.so is not installed")
	}
	dir := t.TempDir()
	h := &softHSM{dir: dir, module: module}
	conf := fmt.Sprintf("directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", dir)
	h.write(t, "softhsm2.conf", conf)
	h.env = append(os.Environ(), "SOFTHSM2_CONF="+filepath.Join(dir, "softhsm2.conf"), "CGO_ENABLED=1", "GOARCH=", "GOFLAGS=-buildvcs=false",
		"FWPACK_PKCS11_PIN="+testPIN, "PKCS11_MODULE_PATH=")
	h.run(t, "go", "build", "-o", h.program(), ".")
	h.initToken(t, "release")
	return h
}

func (h *softHSM) write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (h *softHSM) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = h.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func (h *softHSM) initToken(t *testing.T, label string) {
	t.Helper()
	h.run(t, "softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "87654321", "--pin", testPIN)
}

// tool is pkcs11-tool, logged in.
func (h *softHSM) tool(t *testing.T, args ...string) {
	t.Helper()
	h.run(t, "pkcs11-tool", append([]string{"--module", h.module, "--token-label", "release", "--login", "--pin", testPIN}, args...)...)
}

func (h *softHSM) generate(t *testing.T, kind, label, id string, more ...string) {
	t.Helper()
	h.tool(t, append([]string{"--keypairgen", "--key-type", kind, "--label", label, "--id", id}, more...)...)
}

// program is the path of the program that is tested.
func (h *softHSM) program() string { return filepath.Join(h.dir, "bin", "fwpack-sign-pkcs11") }

// options run the program with some variables changed.
func (h *softHSM) options(env ...string) plugin.Options {
	return plugin.Options{
		Path: filepath.Dir(h.program()), Env: append(slices.Clone(h.env), env...), TempDir: h.dir, Timeout: 20 * time.Second,
	}
}

// withoutPIN is the environment of somebody who must be asked.
func (h *softHSM) withoutPIN() []string {
	return slices.DeleteFunc(slices.Clone(h.env), func(s string) bool { return strings.HasPrefix(s, pinVariable+"=") })
}

func (h *softHSM) uri(path string, query ...string) string {
	return "pkcs11:" + path + "?module-path=" + h.module + strings.Join(query, "")
}

func (h *softHSM) open(t *testing.T, reference string, env ...string) *plugin.Key {
	t.Helper()
	k, err := plugin.Open(context.Background(), "pkcs11", reference, h.options(env...))
	return must(t, k, err)
}

func TestConformanceSoftHSM(t *testing.T) {
	h := newSoftHSM(t)
	kinds := []struct{ label, kind, want string }{
		{"rsa2048", "rsa:2048", "RSA-2048"}, {"rsa3072", "rsa:3072", "RSA-3072"}, {"p256", "EC:prime256v1", "ECDSA P-256"},
		{"p384", "EC:secp384r1", "ECDSA P-384"}, {"p521", "EC:secp521r1", "ECDSA P-521"}, {"ed", "EC:edwards25519", "Ed25519"},
	}
	for i, k := range kinds {
		h.generate(t, k.kind, k.label, fmt.Sprintf("%02x", i+1))
	}
	for _, k := range kinds {
		t.Run("protocol "+k.label, func(t *testing.T) { h.conforms(t, k.label, k.want) })
	}
	t.Run("openssl", h.testOpenSSL)
	t.Run("one login", h.testOneLogin)
	t.Run("a login for each signature", h.testAlwaysAuthenticate)
	t.Run("terminal", h.testTerminal)
	t.Run("no terminal", h.testNoTerminal)
	t.Run("without cgo", h.testWithoutCgo)
	t.Run("interrupted", h.testInterrupted)
	t.Run("imported key", h.testImported)
	t.Run("list", h.testList)
	t.Run("bundle", h.testBundle)
	t.Run("images", h.testImages)
	t.Run("refusals", h.testRefusals)
	t.Run("modules", h.testModules)
	t.Run("tokens of one name", h.testTwins)
}

// conforms runs the conformance suite of the protocol; nothing may be refused.
func (h *softHSM) conforms(t *testing.T, label, want string) {
	results := plugin.Test(context.Background(), "pkcs11", h.uri("token=release;object="+label), h.options())
	for i, r := range results {
		if !r.OK || strings.Contains(r.Detail, "not offered") || i == 0 && !strings.HasPrefix(r.Detail, want) {
			t.Errorf("%s: %s", r.Name, r.Detail)
		}
	}
}

// testOpenSSL has openssl verify what the token signed.
func (h *softHSM) testOpenSSL(t *testing.T) {
	message := []byte("firmware")
	file := h.write(t, "message", string(message))
	d256, d384, d512 := sha256.Sum256(message), sha512.Sum384(message), sha512.Sum512(message)
	pss := func(hash crypto.Hash, salt int) crypto.SignerOpts {
		return &rsa.PSSOptions{Hash: hash, SaltLength: salt}
	}
	for _, test := range []struct {
		object, hash, salt string
		digest             []byte
		opts               crypto.SignerOpts
	}{
		{"rsa2048", "sha256", "", d256[:], crypto.SHA256},
		{"rsa3072", "sha512", "", d512[:], crypto.SHA512},
		{"rsa2048", "sha256", "32", d256[:], pss(crypto.SHA256, rsa.PSSSaltLengthEqualsHash)},
		{"rsa2048", "sha256", "20", d256[:], pss(crypto.SHA256, 20)},
		{"rsa2048", "sha256", "222", d256[:], pss(crypto.SHA256, rsa.PSSSaltLengthAuto)},
		{"rsa3072", "sha384", "48", d384[:], pss(crypto.SHA384, 48)},
		{"rsa3072", "sha512", "1", d512[:], pss(crypto.SHA512, 1)},
		{"p256", "sha256", "", d256[:], crypto.SHA256},
		{"p256", "sha512", "", d512[:], crypto.SHA512},
		{"p384", "sha256", "", d256[:], crypto.SHA256},
		{"p384", "sha384", "", d384[:], crypto.SHA384},
		{"p521", "sha512", "", d512[:], crypto.SHA512},
	} {
		k := h.open(t, h.uri("token=release;object="+test.object))
		signature, err := k.Sign(nil, test.digest, test.opts)
		must(t, signature, err)
		if err := k.Close(); err != nil {
			t.Error(err)
		}
		public := h.write(t, "public.pem", publicPEM(t, k.Public()))
		args := []string{"dgst", "-" + test.hash, "-verify", public, "-signature", h.write(t, "signature", string(signature))}
		if test.salt != "" {
			args = append(args, "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:"+test.salt)
		}
		if out := h.run(t, "openssl", append(args, file)...); !strings.Contains(out, "Verified OK") {
			t.Errorf("%+v: %s", test, out)
		}
	}
}

// testOneLogin gives the PIN through a pipe that is written to once: a second
// login would wait for ever.
func (h *softHSM) testOneLogin(t *testing.T) {
	reftool.Need(t, "mkfifo")
	pipe := filepath.Join(h.dir, "pin")
	h.run(t, "mkfifo", "-m", "600", pipe)
	go func() {
		if f, err := os.OpenFile(pipe, os.O_WRONLY, 0); err == nil {
			fmt.Fprintln(f, testPIN)
			f.Close()
		}
	}()
	k := h.open(t, h.uri("token=release;object=p256", "&pin-source=file:"+pipe), "FWPACK_PKCS11_PIN=wrong") // needs no PIN
	var requests []plugin.Request
	for i := range 3 {
		digest := sha256.Sum256([]byte{byte(i)})
		requests = append(requests, plugin.Request{Digest: digest[:], Options: crypto.SHA256})
	}
	signatures, err := k.SignAll(requests) // verifies them
	if err != nil || len(signatures) != 3 {
		t.Errorf("%d signatures, %v", len(signatures), err)
	}
}

func (h *softHSM) testAlwaysAuthenticate(t *testing.T) {
	h.generate(t, "EC:prime256v1", "careful", "30", "--always-auth")
	h.conforms(t, "careful", "ECDSA P-256")
}

// testTerminal types the PIN at a terminal, which does not show it.
func (h *softHSM) testTerminal(t *testing.T) {
	reftool.Need(t, "script", "sh")
	request := fmt.Sprintf(`{"reference":"%s","algorithm":"ecdsa","hash":"sha256","digest":"%064x"}`+"\n", h.uri("token=release;object=p256"), 1)
	in, out := h.write(t, "requests", request+request), filepath.Join(h.dir, "answers")
	cmd := exec.Command("script", "-qec", fmt.Sprintf("exec %s sign-v1 <%s >%s", h.program(), in, out), "/dev/null")
	cmd.Env = h.withoutPIN()
	keyboard, err := cmd.StdinPipe()
	must(t, keyboard, err)
	screen, err := cmd.StdoutPipe()
	must(t, screen, err)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	const prompt = `PIN of token "release": `
	shown := make([]byte, len(prompt))
	if _, err := io.ReadFull(screen, shown); err != nil || string(shown) != prompt {
		t.Errorf("%q, %v", shown, err)
	}
	time.Sleep(300 * time.Millisecond) // the echo goes off after the prompt
	fmt.Fprintln(keyboard, testPIN)
	rest, err := io.ReadAll(screen)
	must(t, rest, err)
	if err := cmd.Wait(); err != nil || strings.Contains(string(rest), "4711") {
		t.Errorf("%v\n%s", err, rest)
	}
	answers, err := os.ReadFile(out)
	if err != nil || strings.Count(string(answers), `{"signature":"`) != 2 {
		t.Errorf("%s, %v", answers, err)
	}
}

// testNoTerminal runs the program where no terminal listens to it: it must not
// wait for one.
func (h *softHSM) testNoTerminal(t *testing.T) {
	opt := h.options()
	opt.Env = h.withoutPIN()
	k, err := plugin.Open(context.Background(), "pkcs11", h.uri("token=release;object=p256"), opt)
	must(t, k, err) // describing needs no PIN
	_, err = k.Sign(nil, make([]byte, 32), crypto.SHA256)
	wantError(t, err, "no PIN: want pin-source=file:/path in the URI")
}

func (h *softHSM) testWithoutCgo(t *testing.T) {
	program := filepath.Join(h.dir, "nocgo")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Env = append(slices.Clone(h.env), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(program, "list").CombinedOutput()
	wantError(t, err, "exit status 1")
	if !strings.HasPrefix(string(out), "built without cgo") || strings.Count(string(out), "\n") != 1 {
		t.Errorf("%s", out)
	}
}

// testInterrupted ends a session that has logged in and waits for requests.
// OpenSC's pkcs11-spy stands between and writes down what the module is asked.
func (h *softHSM) testInterrupted(t *testing.T) {
	if found, _ := filepath.Glob("/usr/lib/*/pkcs11/pkcs11-spy.so"); len(found) == 0 {
		reftool.Missing(t, "pkcs11-spy.so is not installed")
	}
	log := filepath.Join(h.dir, "spy.log")
	cmd := exec.Command(h.program(), "sign-v1")
	cmd.Env = append(slices.Clone(h.env), "PKCS11SPY="+h.module, "PKCS11SPY_OUTPUT="+log)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	requests, err := cmd.StdinPipe()
	must(t, requests, err)
	answers, err := cmd.StdoutPipe()
	must(t, answers, err)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		fmt.Fprintf(requests, `{"reference":"pkcs11:token=release;object=p256?module-name=pkcs11-spy","algorithm":"ecdsa","hash":"sha256","digest":"%064x"}`+"\n", i)
		if n, err := answers.Read(make([]byte, 4096)); err != nil {
			t.Errorf("%d bytes, %v", n, err)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if _, err := io.ReadAll(answers); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 1 || stderr.String() != "interrupted\n" {
		t.Errorf("%v, %q", err, &stderr)
	}
	calls, err := os.ReadFile(log)
	must(t, calls, err)
	for function, want := range map[string]int{"C_Initialize": 1, "C_OpenSession": 1, "C_Login": 1, "C_SignInit": 3, "C_Finalize": 1} {
		if n := strings.Count(string(calls), ": "+function+"\n"); n != want {
			t.Errorf("%d calls of %s, want %d", n, function, want)
		}
	}
}

// testImported signs with a key made elsewhere, whose certificate and issuer are
// on the token, and which has no public key object.
func (h *softHSM) testImported(t *testing.T) {
	file := func(name string) string { return filepath.Join(h.dir, name) }
	h.run(t, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-keyout", file("ca.pem"), "-out", file("ca.crt"), "-subj", "/CN=Test CA", "-days", "9")
	h.run(t, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-keyout", file("key.pem"), "-out", file("key.crt"), "-subj", "/CN=Test leaf", "-days", "9",
		"-CA", file("ca.crt"), "-CAkey", file("ca.pem"))
	for _, name := range []string{"ca", "key"} {
		h.run(t, "openssl", "x509", "-in", file(name+".crt"), "-outform", "DER", "-out", file(name+".der"))
	}
	h.run(t, "openssl", "pkey", "-in", file("key.pem"), "-outform", "DER", "-out", file("private.der"))
	h.tool(t, "--write-object", file("private.der"), "--type", "privkey", "--label", "imported", "--id", "aa", "--usage-sign")
	h.tool(t, "--write-object", file("key.der"), "--type", "cert", "--label", "imported", "--id", "aa")
	h.tool(t, "--write-object", file("ca.der"), "--type", "cert", "--label", "the CA", "--id", "bb")
	k := h.open(t, h.uri("token=release;object=imported;type=private"), "FWPACK_PKCS11_PIN=wrong") // needs no PIN
	chain := k.Certificates()
	if len(chain) != 2 || chain[0].Subject.CommonName != "Test leaf" || chain[1].Subject.CommonName != "Test CA" {
		t.Fatalf("%d certificates", len(chain))
	}
	h.conforms(t, "imported", "RSA-2048")
}

func (h *softHSM) testList(t *testing.T) {
	out := h.run(t, h.program(), "list", h.module)
	for _, want := range []string{
		"module " + h.module + ": Implementation of PKCS11, SoftHSM, version 2.",
		`token "release": SoftHSM v2, serial `,
		"pkcs11:token=release;object=rsa3072;id=%02;type=private?module-path=" + h.module + "\n    RSA, 3072 bits\n",
		"object=imported;id=%AA;type=private?module-path=" + h.module + "\n    RSA, 2048 bits, certificate of CN=Test leaf until ",
		"the private keys are hidden until somebody logs in",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("want %s in\n%s", want, out)
		}
	}
}

// refuses wants a key that cannot be opened, or that cannot sign.
func (h *softHSM) refuses(t *testing.T, reference, want string, env ...string) {
	t.Helper()
	var stderr strings.Builder
	opt := h.options(env...)
	opt.Stderr = &stderr
	k, err := plugin.Open(context.Background(), "pkcs11", reference, opt)
	if err == nil {
		digest := sha256.Sum256(nil)
		_, err = k.Sign(nil, digest[:], crypto.SHA256)
	}
	wantError(t, err, "ended with exit status 1")
	if !strings.Contains(stderr.String(), want) {
		t.Errorf("%s\nwant %s", &stderr, want)
	}
}

func (h *softHSM) testRefusals(t *testing.T) {
	h.run(t, "go", "run", "./testdata/nosign", h.module, testPIN, "derives only")
	h.generate(t, "EC:prime256v1", "both", "21")
	h.generate(t, "EC:prime256v1", "both", "22")
	pin := h.write(t, "wrong.pin", "wrong\n")
	h.refuses(t, h.uri("token=absent"), `token "absent" is absent: tokens present are "release" (serial "`)
	h.refuses(t, h.uri("token=release;object=absent"), `token "release" has no private key pkcs11:object=absent: private keys on it are "both" (id %21), "both" (id %22), "careful" (id %30), "derives only"`)
	h.refuses(t, h.uri("token=release;object=both"), `token "release": 2 private keys fit: want object and id of one of "both" (id %21), "both" (id %22)`)
	h.refuses(t, h.uri("token=release;object=derives%20only"), `token "release": private key "derives only" (id none) may not sign: its CKA_SIGN is false`)
	h.refuses(t, h.uri("token=release;object=p256", "&pin-source="+pin), `token "release": the PIN is wrong; it is not tried again`)
	h.refuses(t, h.uri("token=release;object=p256"), `token "release": the PIN is wrong; it is not tried again: few tries are left`, "FWPACK_PKCS11_PIN=wrong")
	h.refuses(t, h.uri("token=release;object=p256"), "environment variable FWPACK_PKCS11_PIN is empty", "FWPACK_PKCS11_PIN=")
	h.refuses(t, h.uri("token=release;object=p256", "&pin-value=4711"), `pin-value=...": pkcs11 URI: attribute pin-value: a PIN is not written into a URI`)
	h.open(t, h.uri("token=release;object=both;id=%22"))
}

func (h *softHSM) testModules(t *testing.T) {
	text := h.write(t, "text.so", "no library")
	h.refuses(t, "pkcs11:?module-path=/nowhere/module.so", "module /nowhere/module.so: there is no such file")
	h.refuses(t, "pkcs11:?module-path="+text, "not a shared library")
	h.refuses(t, "pkcs11:?module-name=nowhere", `module-name "nowhere": no nowhere.so, libnowhere.so, nowhere-pkcs11.so in /usr/lib/*/pkcs11`)
	library := h.write(t, "library.c", "int f(void) { return 0; }\n")
	h.run(t, "gcc", "-shared", "-fPIC", "-o", library+".so", library)
	h.refuses(t, "pkcs11:?module-path="+library+".so", "a library without C_GetFunctionList: it is no PKCS #11 module")
	h.run(t, "gcc", "-shared", "-fPIC", "-o", library+".so", library, "-Wl,-soname,gone.so")
	broken := h.write(t, "broken.c", "int C_GetFunctionList(void *p) { return 0; }\n")
	h.run(t, "gcc", "-shared", "-fPIC", "-o", filepath.Join(h.dir, "broken.so"), broken, "-Wl,--no-as-needed", library+".so")
	h.refuses(t, "pkcs11:?module-path="+filepath.Join(h.dir, "broken.so"), "it cannot be loaded: gone.so: ")
	empty := h.write(t, "empty.c", "unsigned long C_GetFunctionList(void **list) { return 5; }\n")
	h.run(t, "gcc", "-shared", "-fPIC", "-o", filepath.Join(h.dir, "empty.so"), empty)
	h.refuses(t, "pkcs11:?module-path="+filepath.Join(h.dir, "empty.so"), "its C_GetFunctionList gave no functions, but 0x5")
	h.refuses(t, "pkcs11:?module-name=pkcs11-spy", "its C_GetFunctionList gave no functions, but 0x", "PKCS11SPY=")
	h.open(t, "pkcs11:token=release;object=p256?module-name=softhsm2")
	h.open(t, "pkcs11:token=release;object=p256", "PKCS11_MODULE_PATH="+h.module)
	h.open(t, "pkcs11:token=release;object=p256", "PKCS11_PROVIDER_MODULE="+h.module)
}

// testTwins comes last: the other tests call the token by its label alone.
func (h *softHSM) testTwins(t *testing.T) {
	h.initToken(t, "release")
	h.refuses(t, h.uri("token=release;object=p256"), `2 tokens fit: want token, serial or slot-id of one of "release" (serial "`)
	out := h.run(t, h.program(), "list", h.module)
	for line := range strings.Lines(out) {
		if reference := strings.TrimSpace(line); strings.Contains(reference, "object=p384") {
			h.open(t, reference) // the list is complete enough to copy from
			return
		}
	}
	t.Errorf("no p384 in\n%s", out)
}

// publicPEM is a public key as openssl reads it.
func publicPEM(t *testing.T, public crypto.PublicKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	must(t, der, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
