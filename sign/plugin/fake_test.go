package plugin

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/sign"
)

// The fake programs are this test's own binary under another name. FAKE says
// what it does wrong, FAKE_VERB with which verb, FAKE_KEYS is the folder
// of keys, and FAKE_FILE a file that it may write.
func TestMain(m *testing.M) {
	if fault := os.Getenv("FAKE"); fault != "" {
		os.Exit(fake(fault, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// fake is a program with a fault.
func fake(fault string, args []string) int {
	if fault == "child" {
		return tick()
	}
	if fault == "custom" {
		return fakeCustom(args)
	}
	if fault == "hasher" && (args[0] == VerbDescribe || args[0] == VerbSign) {
		return hasher(args[0])
	}
	if verb := os.Getenv("FAKE_VERB"); verb != "" && verb != args[0] {
		fault = "none"
	}
	if misbehave, ok := behaviours()[fault]; ok {
		return misbehave()
	}
	err := Serve(args[0], os.Stdin, os.Stdout, rand.Reader, fakeKeys(fault))
	if fault == "late status" {
		return 7
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return ExitStatus(err)
}

// behaviours are programs that do not speak the protocol.
func behaviours() map[string]func() int {
	return map[string]func() int{
		"die":     func() int { fmt.Fprintln(os.Stderr, "PIN wrong\n\nno \x1b[31mtoken"); return 3 },
		"verb":    func() int { return StatusUnknownVerb },
		"silent":  func() int { return 0 },
		"garbage": func() int { fmt.Println("hello"); io.Copy(io.Discard, os.Stdin); return 0 },
		"empty":   func() int { fmt.Println("{}"); io.Copy(io.Discard, os.Stdin); return 0 },
		"hang":    func() int { time.Sleep(time.Minute); return 0 },
		"slow":    func() int { io.Copy(io.Discard, os.Stdin); return 0 },
		"parent":  parent,
		"daemon":  daemon,
		"huge":    huge,
		"where":   where,
		"once":    func() int { return once(os.Stdout) },
		"no end":  func() int { return once(withoutEnd{os.Stdout}) },
	}
}

// once answers the first request, and ends well.
func once(out io.Writer) int {
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		return 1
	}
	return ExitStatus(Serve(VerbSign, strings.NewReader(line), out, rand.Reader, fakeKeys("none")))
}

// withoutEnd leaves out the end of a line.
type withoutEnd struct{ io.Writer }

func (w withoutEnd) Write(line []byte) (int, error) {
	_, err := w.Writer.Write(bytes.TrimSuffix(line, []byte("\n")))
	return len(line), err
}

// huge writes without end, and does not care whether anybody reads.
func huge() int {
	for range 64 {
		if _, err := os.Stdout.Write(bytes.Repeat([]byte("x"), maxOutput/16)); err != nil {
			time.Sleep(time.Minute)
		}
	}
	return 0
}

// parent hangs, and so does what it starts.
func parent() int {
	child := exec.Command(os.Args[0])
	child.Env = []string{"FAKE=child", "FAKE_FILE=" + os.Getenv("FAKE_FILE")}
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	if err := child.Run(); err != nil {
		return 1
	}
	return 0
}

// daemon ends well and leaves something that holds its output open.
func daemon() int {
	child := exec.Command(os.Args[0])
	child.Env = []string{"FAKE=child", "FAKE_FILE=" + os.Getenv("FAKE_FILE")}
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	if err := child.Start(); err != nil {
		return 1
	}
	err := Serve(VerbDescribe, os.Stdin, os.Stdout, nil, fakeKeys("none"))
	return ExitStatus(err)
}

// tick makes a file grow for five seconds.
func tick() int {
	f, err := os.OpenFile(os.Getenv("FAKE_FILE"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 1
	}
	for range 500 {
		f.WriteString(".")
		time.Sleep(10 * time.Millisecond)
	}
	return 0
}

// where tells its surroundings on stderr, and has no answer.
func where() int {
	dir, _ := os.Getwd()
	entries, _ := os.ReadDir(dir)
	fmt.Fprintf(os.Stderr, "%d files, %d variables", len(entries), len(os.Environ()))
	return 1
}

// fakeKeys opens keys of the test data, which sign with a fault.
func fakeKeys(fault string) OpenFunc {
	return func(reference string) (crypto.Signer, []*x509.Certificate, error) {
		if strings.ContainsAny(reference, "/.") {
			return nil, nil, errors.New("no such key")
		}
		dir := os.Getenv("FAKE_KEYS")
		if fault == "other description" {
			reference = map[string]string{"ec-p256": "leaf"}[reference]
		}
		key, err := readKey(dir, reference)
		if err != nil {
			return nil, nil, errors.New("no such key")
		}
		text, err := os.ReadFile(filepath.Join(dir, reference+".crt"))
		if err != nil {
			return nil, nil, err
		}
		certificates, err := sign.ParseCertificates(text)
		return faulty{key, fault, dir}, certificates, err
	}
}

func readKey(dir, name string) (crypto.Signer, error) {
	text, err := os.ReadFile(filepath.Join(dir, name+".pem"))
	if err != nil {
		return nil, err
	}
	return sign.ParsePrivateKey(text, nil)
}

// faulty is a key that does something wrong.
type faulty struct {
	crypto.Signer
	fault, dir string
}

func (f faulty) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	switch f.fault {
	case "other key":
		key, err := readKey(f.dir, "leaf")
		if err != nil {
			return nil, err
		}
		return key.Sign(random, digest, opts)
	case "other digest":
		digest = bytes.Clone(digest)
		digest[0] ^= 1
	case "sha256 only":
		if opts.HashFunc() != crypto.SHA256 {
			return nil, errors.New("SHA-256 only")
		}
	case "no hash":
		return nil, errors.New("not today")
	}
	signature, err := f.Signer.Sign(random, digest, opts)
	if err != nil {
		return nil, err
	}
	return mangle(f.fault, signature)
}

func mangle(fault string, signature []byte) ([]byte, error) {
	switch fault {
	case "truncated":
		return signature[:len(signature)-1], nil
	case "trailing":
		return append(signature, 0), nil
	case "raw":
		var numbers struct{ R, S *big.Int }
		_, err := asn1.Unmarshal(signature, &numbers)
		return append(numbers.R.FillBytes(make([]byte, 32)), numbers.S.FillBytes(make([]byte, 32))...), err
	case "twice":
		os.Stdout.WriteString("{\"signature\":\"AAAA\"}\n")
	case "double":
		fmt.Printf("{\"signature_hex\":\"%x\"}\n", signature)
	case "comments":
		os.Stderr.WriteString("touch the token\nthank")
		os.Stderr.WriteString(" you")
	}
	return signature, nil
}

const keyFolder = "../../testdata/keys"

// fakeOptions puts a program called fwpack-sign-fake on PATH.
func fakeOptions(t testing.TB, fault, verb string) Options {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "fwpack-sign-fake"+extensions()[0])); err != nil {
		if runtime.GOOS == "windows" {
			t.Skipf("only an administrator makes symbolic links: %v", err)
		}
		t.Fatal(err)
	}
	keys, err := filepath.Abs(keyFolder)
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Path:    dir,
		TempDir: t.TempDir(),
		Timeout: 20 * time.Second,
		Env: []string{"GORACE=atexit_sleep_ms=0", "GOCOVERDIR=" + t.TempDir(), // the test binary's own needs
			"FAKE=" + fault, "FAKE_VERB=" + verb, "FAKE_KEYS=" + keys, "FAKE_FILE=" + filepath.Join(dir, "ticks")},
	}
}

// openFake opens a key of a program that does one thing wrong when it signs.
func openFake(t *testing.T, fault, reference string) *Key {
	t.Helper()
	return mustOpen(t, reference, fakeOptions(t, fault, VerbSign))
}

func mustOpen(t *testing.T, reference string, opt Options) *Key {
	t.Helper()
	k, err := Open(context.Background(), "fake", reference, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close(); checkEmpty(t, opt.TempDir) })
	return k
}

// checkEmpty wants no folder to be left behind.
func checkEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

// wantError wants err to be one line with all of the parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q, want %q in it", err, part)
		}
	}
	if strings.ContainsAny(err.Error(), "\n\x1b") {
		t.Errorf("error %q: want one printable line", err)
	}
}
