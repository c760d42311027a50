package plugin

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/sign"
)

var digest = sha256.Sum256([]byte("message"))

func TestSign(t *testing.T) {
	for _, test := range []struct {
		key     string
		options crypto.SignerOpts
		digest  []byte
	}{
		{"rsa2048", crypto.SHA256, digest[:]},
		{"rsa2048", crypto.SHA512, make([]byte, 64)},
		{"rsa3072", &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}, digest[:]},
		{"rsa2048", &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto, Hash: crypto.SHA256}, digest[:]},
		{"rsa2048", &rsa.PSSOptions{SaltLength: 20, Hash: crypto.SHA384}, make([]byte, 48)},
		{"ec-p256", crypto.SHA256, digest[:]},
		{"ec-p384", crypto.SHA384, make([]byte, 48)},
		{"ec-p521", crypto.SHA512, make([]byte, 64)},
		{"ed25519", crypto.Hash(0), []byte("message")},
		{"ed25519", &ed25519.Options{}, nil},
	} {
		t.Run(test.key, func(t *testing.T) {
			t.Parallel()
			k := openFake(t, "none", test.key)
			signature, err := k.Sign(nil, test.digest, test.options)
			if err != nil || len(signature) == 0 {
				t.Fatalf("%x, %v", signature, err)
			}
			if len(k.Certificates()) != 1 {
				t.Errorf("%d certificates", len(k.Certificates()))
			}
			if err := k.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Package sign does not see the difference.
func TestSignWithPackageSign(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"rsa2048", "ec-p256"} {
		k := openFake(t, "none", name)
		cert := k.Certificates()[0]
		key := sign.Key{Signer: k, Certificate: cert}
		signature, err := sign.Sign(sign.SchemeCMS, []byte("message"), []sign.Key{key}, sign.Options{})
		if err != nil {
			t.Fatal(err)
		}
		trust := sign.Trust{Roots: []*x509.Certificate{cert}, Now: cert.NotBefore.Add(time.Hour)}
		if _, err := sign.Verify(sign.SchemeCMS, []byte("message"), signature, trust); err != nil {
			t.Error(err)
		}
	}
}

func TestSignFaults(t *testing.T) {
	for _, test := range []struct {
		fault string
		want  []string
	}{
		{"die", []string{"exit status 3", "no \uFFFD[31mtoken"}},
		{"verb", []string{"exit status 64", "does not know the verb sign-v1"}},
		{"silent", []string{"ended without an answer"}},
		{"garbage", []string{`answer "hello": want one JSON object`}},
		{"empty", []string{"answer without a signature"}},
		{"other key", []string{"the signature does not match"}},
		{"other digest", []string{"the signature does not match"}},
		{"truncated", []string{"want DER, or the 64 bytes of r and s"}},
		{"trailing", []string{"1 bytes after the DER"}},
		{"huge", []string{"writes more than 1048576 bytes"}},
	} {
		t.Run(test.fault, func(t *testing.T) {
			t.Parallel()
			k := openFake(t, test.fault, "ec-p256")
			_, err := k.Sign(nil, digest[:], crypto.SHA256)
			wantError(t, err, append(test.want, `fwpack-sign-fake: key "ec-p256": signing: `)...)
			_, again := k.Sign(nil, digest[:], crypto.SHA256)
			if !errors.Is(again, err) {
				t.Errorf("tried again: %v", again)
			}
			if err := k.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSignFaultsRSA(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]string{
		"truncated": "signature of 255 bytes: want 256", "trailing": "signature of 257 bytes: want 256", "other digest": "does not match",
	} {
		_, err := openFake(t, fault, "rsa2048").Sign(nil, digest[:], crypto.SHA256)
		wantError(t, err, want)
	}
	_, err := openFake(t, "truncated", "ed25519").Sign(nil, digest[:], crypto.Hash(0))
	wantError(t, err, "signature of 63 bytes: want 64")
	_, err = openFake(t, "other digest", "ed25519").Sign(nil, digest[:], crypto.Hash(0))
	wantError(t, err, "does not match")
}

func TestSignRequestsThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key     string
		options crypto.SignerOpts
		digest  []byte
		want    string
	}{
		{"rsa2048", crypto.SHA1, make([]byte, 20), "rsa-pkcs1v15 with hash SHA-1: want SHA-256"},
		{"ec-p256", crypto.Hash(0), digest[:], "ecdsa with hash unknown hash value 0"},
		{"ec-p256", crypto.SHA384, digest[:], "digest of 32 bytes: want 48 of sha384"},
		{"ec-p256", nil, digest[:], "no options: want a hash"},
		{"ed25519", crypto.SHA512, make([]byte, 64), "ed25519 with a hash"},
		{"ed25519", &ed25519.Options{Context: "x"}, nil, "ed25519 with a hash or a context"},
		{"ed25519", crypto.Hash(0), make([]byte, maxMessage+1), "message of 16777217 bytes"},
		{"rsa2048", &rsa.PSSOptions{SaltLength: 300, Hash: crypto.SHA256}, digest[:], "salt of 300 bytes: want 1 to 222"},
		{"rsa2048", &rsa.PSSOptions{SaltLength: 20}, digest[:], "rsa-pss with hash unknown hash value 0"},
	} {
		k := openFake(t, "none", test.key)
		_, err := k.Sign(nil, test.digest, test.options)
		wantError(t, err, test.want, `fwpack-sign-fake: key "`+test.key+`": signing: `)
		if k.session != nil {
			t.Error("a program was started")
		}
	}
}

// Raw ECDSA becomes DER, and two forms are told apart by what verifies.
func TestSignRaw(t *testing.T) {
	t.Parallel()
	k := openFake(t, "raw", "ec-p256")
	signature, err := k.Sign(nil, digest[:], crypto.SHA256)
	if err != nil || signature[0] != 0x30 {
		t.Errorf("%x, %v: want DER", signature, err)
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	k := openFake(t, "none", "ec-p256")
	var first *session
	for range 3 {
		if _, err := crypto.SignMessage(k, nil, []byte("message"), crypto.SHA256); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = k.session
		}
		if k.session != first {
			t.Fatal("another process")
		}
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Sign(nil, digest[:], crypto.SHA256); err != nil {
		t.Errorf("in a second session: %v", err)
	}
}

func TestSignAll(t *testing.T) {
	t.Parallel()
	requests := []Request{{digest[:], crypto.SHA256}, {make([]byte, 48), crypto.SHA384}}
	k := openFake(t, "none", "ec-p256")
	signatures, err := k.SignAll(requests)
	if err != nil || len(signatures) != 2 || k.session != nil {
		t.Errorf("%d signatures, %v", len(signatures), err)
	}
	if none, err := k.SignAll(nil); err != nil || none != nil {
		t.Errorf("nothing to sign: %v, %v", none, err)
	}
	_, err = openFake(t, "late status", "ec-p256").SignAll(requests)
	wantError(t, err, "ending the session: ended with exit status 7")
	_, err = openFake(t, "sha256 only", "ec-p256").SignAll(requests)
	wantError(t, err, "signature 2 of 2: ", "exit status 1", "SHA-256 only")
}

// A program that answers twice gives the wrong answer next, or one too many.
func TestWrongCount(t *testing.T) {
	t.Parallel()
	_, err := openFake(t, "twice", "ec-p256").SignAll([]Request{{digest[:], crypto.SHA256}, {digest[:], crypto.SHA256}})
	wantError(t, err, "signature 1 of 2", "signature of 3 bytes")
	_, err = openFake(t, "double", "rsa2048").SignAll([]Request{{digest[:], crypto.SHA256}})
	wantError(t, err, "more answers than requests")
}

func TestStderr(t *testing.T) {
	t.Parallel()
	opt := fakeOptions(t, "comments", VerbSign)
	var shown bytes.Buffer
	opt.Stderr = &shown
	k := mustOpen(t, "ec-p256", opt)
	if _, err := k.SignAll([]Request{{digest[:], crypto.SHA256}}); err != nil {
		t.Fatal(err)
	}
	if want := "fwpack-sign-fake: touch the token\nfwpack-sign-fake: thank you\n"; shown.String() != want {
		t.Errorf("stderr %q, want %q", shown.String(), want)
	}
}

func TestSurroundings(t *testing.T) {
	t.Parallel()
	opt := fakeOptions(t, "where", VerbDescribe)
	_, err := Open(context.Background(), "fake", "ec-p256", opt)
	wantError(t, err, "0 files, ")
	checkEmpty(t, opt.TempDir)
}

func TestPinned(t *testing.T) {
	t.Parallel()
	key, err := readKey(keyFolder, "leaf")
	if err != nil {
		t.Fatal(err)
	}
	opt := fakeOptions(t, "none", "")
	opt.Public = key.Public()
	_, err = Open(context.Background(), "fake", "ec-p256", opt)
	wantError(t, err, `key "ec-p256": describing: the program has another key: want ECDSA P-256 sha256:`)
	mustOpen(t, "leaf", opt)

	opt.SkipDescribe = true
	k := mustOpen(t, "ec-p256", opt)
	_, err = k.Sign(nil, digest[:], crypto.SHA256)
	wantError(t, err, "the signature does not match")
	opt.Public = nil
	_, err = Open(context.Background(), "fake", "ec-p256", opt)
	wantError(t, err, "the public key must be given")
}

func TestDescribeFaults(t *testing.T) {
	for fault, want := range map[string]string{
		"die":     "exit status 3",
		"verb":    "does not know the verb describe-v1",
		"silent":  "no answer",
		"garbage": `answer "hello"`,
		"empty":   "public_key: missing",
		"huge":    "writes more than 1048576 bytes",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			opt := fakeOptions(t, fault, VerbDescribe)
			_, err := Open(context.Background(), "fake", "ec-p256", opt)
			wantError(t, err, `fwpack-sign-fake: key "ec-p256": describing: `, want)
			checkEmpty(t, opt.TempDir)
		})
	}
	_, err := Open(context.Background(), "fake", "absent", fakeOptions(t, "none", ""))
	wantError(t, err, `key "absent": describing: ended with exit status 1: key "absent": no such key`)
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{VerbDescribe, VerbSign} {
		opt := fakeOptions(t, "hang", VerbSign)
		k := mustOpen(t, "ec-p256", opt)
		k.program.opt.Timeout = 200 * time.Millisecond
		var waited string
		k.program.opt.waitingAfter = 50 * time.Millisecond
		k.program.opt.Waiting = func(program string) { waited += program }
		var err error
		if verb == VerbSign {
			_, err = k.Sign(nil, digest[:], crypto.SHA256)
		} else {
			_, err = k.program.ask(VerbSign, nil)
		}
		wantError(t, err, "no answer within 200ms")
		if waited != "fwpack-sign-fake" {
			t.Errorf("waited for %q, want to be told once", waited)
		}
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	opt := fakeOptions(t, "hang", VerbSign)
	k, err := Open(ctx, "fake", "ec-p256", opt)
	if err != nil {
		t.Fatal(err)
	}
	k.program.opt.waitingAfter = 20 * time.Millisecond
	k.program.opt.Waiting = func(string) { cancel() }
	_, err = k.Sign(nil, digest[:], crypto.SHA256)
	wantError(t, err, `fwpack-sign-fake: key "ec-p256": signing: context canceled`)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not context.Canceled", err)
	}
	_, err = Open(ctx, "fake", "ec-p256", opt)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("open: %v", err)
	}
	checkEmpty(t, opt.TempDir)
}

// A key that hashes by itself gets the message too.
func TestWantsMessage(t *testing.T) {
	t.Parallel()
	k := openFake(t, "none", "ec-p256")
	k.wantMessage = true
	request, err := k.request(Request{digest[:], crypto.SHA256}, []byte("message"))
	if err != nil || string(request.Message) != "message" || request.Digest == "" {
		t.Errorf("%+v, %v", request, err)
	}
	if _, err := crypto.SignMessage(k, nil, []byte("message"), crypto.SHA256); err != nil {
		t.Error(err)
	}
	_, err = crypto.SignMessage(k, nil, make([]byte, maxMessage+1), crypto.SHA256)
	wantError(t, err, "message of 16777217 bytes: want at most 16777216 where the program hashes it")
}

// More than fits into a pipe goes to a program that reads slowly or never.
func TestLargeMessage(t *testing.T) {
	t.Parallel()
	message := make([]byte, 1<<20)
	if _, err := openFake(t, "none", "ed25519").Sign(nil, message, crypto.Hash(0)); err != nil {
		t.Error(err)
	}
	_, err := openFake(t, "die", "ed25519").Sign(nil, message, crypto.Hash(0))
	wantError(t, err, "exit status 3")
}

func TestReference(t *testing.T) {
	for reference, want := range map[string]string{
		"":                        "reference of 0 bytes",
		strings.Repeat("x", 4097): "reference of 4097 bytes",
		"a\xff":                   "want 1 to 4096 bytes of UTF-8",
		`a"b`:                     `no place for '"'`,
		`C:\key`:                  `no place for '\\'`,
		"a\nb":                    `no place for '\n'`,
	} {
		_, err := Open(context.Background(), "fake", reference, Options{})
		wantError(t, err, "fwpack-sign-fake: ", want)
	}
}

func TestTerminal(t *testing.T) {
	t.Parallel()
	opt := fakeOptions(t, "hang", VerbSign)
	opt.Terminal = true
	k := mustOpen(t, "ec-p256", opt)
	k.program.opt.Timeout = 100 * time.Millisecond
	_, err := k.Sign(nil, digest[:], crypto.SHA256)
	wantError(t, err, "no answer within 100ms")
}

func TestWorkingDirectoryMissing(t *testing.T) {
	opt := fakeOptions(t, "none", "")
	opt.TempDir += "/absent"
	_, err := Open(context.Background(), "fake", "ec-p256", opt)
	wantError(t, err, "describing: working directory: ")
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v is not os.ErrNotExist", err)
	}
}

// Several goroutines share one session.
func TestConcurrentSignatures(t *testing.T) {
	t.Parallel()
	k := openFake(t, "none", "ec-p256")
	errs := make(chan error)
	for i := range 8 {
		go func() {
			hash := sha256.Sum256([]byte{byte(i)})
			_, err := k.Sign(nil, hash[:], crypto.SHA256)
			errs <- err
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// A session that is cancelled between two signatures makes no second one, and
// does not end well.
func TestCancelBetweenSignatures(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	opt := fakeOptions(t, "none", "")
	k, err := Open(ctx, "fake", "ec-p256", opt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Sign(nil, digest[:], crypto.SHA256); err != nil {
		t.Fatal(err)
	}
	cancel()
	err = k.Close()
	wantError(t, err, "ending the session: context canceled")
	if _, again := k.Sign(nil, digest[:], crypto.SHA256); !errors.Is(again, err) {
		t.Errorf("signs again: %v", again)
	}
	checkEmpty(t, opt.TempDir)
}

// One answer for two requests is not enough, whatever the exit status.
func TestTooFewAnswers(t *testing.T) {
	t.Parallel()
	requests := []Request{{digest[:], crypto.SHA256}, {digest[:], crypto.SHA256}}
	_, err := openFake(t, "once", "ec-p256").SignAll(requests)
	wantError(t, err, "signature 2 of 2: ", "signing: ended without an answer")
	if signatures, err := openFake(t, "once", "ec-p256").SignAll(requests[:1]); err != nil || len(signatures) != 1 {
		t.Errorf("%d signatures, %v", len(signatures), err)
	}
}

// The end of the last line may be missing where the program ends.
func TestAnswerWithoutLineEnd(t *testing.T) {
	t.Parallel()
	if _, err := openFake(t, "no end", "ec-p256").Sign(nil, digest[:], crypto.SHA256); err != nil {
		t.Error(err)
	}
}
