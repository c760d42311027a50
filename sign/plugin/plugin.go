// Package plugin signs with keys that fwpack never sees: it speaks with signing
// programs, which hold a token, a key service or whatever else signs.
//
// To sign: Open starts the program fwpack-sign-NAME and returns a Key, which is
// a crypto.Signer for package sign and everything else that takes one. To write
// a program: Serve makes one of any crypto.Signer. To check a program: Test. The
// commands that other bundle makers sign with are run by Custom.
//
// # Protocol
//
// The first argument is a verb with its version, JSON (RFC 8259) goes in and
// out, one object a line, and exit status 0 is success.
//
//   - describe-v1 reads {"reference":"..."} and answers
//     {"public_key":"...","certificates":"...","wants_message":false}; all but
//     the public key may be left out.
//   - sign-v1 reads any number of lines {"reference":"...","algorithm":"...",
//     "hash":"...","salt_length":0,"digest":"...","message":"..."} and answers
//     each with {"signature":"..."} before it reads the next. The process is the
//     session: a PIN is asked once for as many signatures as are wanted.
//   - Any other verb ends with StatusUnknownVerb.
//
// docs/signing-plugins.md explains each field.
package plugin

import (
	"cmp"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fwpack/fwpack/sign"
)

// The verbs of the protocol.
const (
	VerbDescribe = "describe-v1"
	VerbSign     = "sign-v1"
)

// StatusUnknownVerb is the exit status of a program that does not know its
// verb, so that versions can be negotiated: EX_USAGE of BSD's sysexits.h.
const StatusUnknownVerb = 64

const (
	// maxOutput bounds what a program may write without being read, in bytes.
	// An answer with a chain of certificates takes a hundredth of it.
	maxOutput = 1 << 20
	// maxMessage bounds a message that a key is to hash itself, in bytes: the
	// largest firmware that such a key signs whole has a few MiB.
	maxMessage = 16 << 20
	// maxReference bounds a reference, in bytes, like a path of Linux.
	maxReference = 4096
	// defaultTimeout leaves a person the time to find a token and type a PIN.
	defaultTimeout = 2 * time.Minute
	// waitingAfter is when Options.Waiting is called.
	waitingAfter = 5 * time.Second
)

// Options say how a program is run. The zero Options find no program: Path or
// Env must name the folders to look in.
type Options struct {
	// Path lists the folders to look for the program in, as the variable PATH
	// does; "" stands for the PATH of Env. Folders that are not absolute are
	// passed over.
	Path string
	// Env is the whole environment of the program, as KEY=VALUE.
	Env []string
	// Public is the key that is expected: another one is refused.
	Public crypto.PublicKey
	// SkipDescribe does not ask the program for its key and goes by Public,
	// for programs that want a PIN even for that. There are no certificates then.
	SkipDescribe bool
	// Timeout bounds the wait for each answer; zero stands for two minutes.
	Timeout time.Duration
	// Stderr gets what the program writes there, line by line behind its name;
	// nil drops it.
	Stderr io.Writer
	// Waiting is called with the program's name where an answer takes more than
	// five seconds. It may be nil.
	Waiting func(program string)
	// Terminal lets the program ask for a PIN on the caller's terminal, which
	// listens only to programs of the caller's process group. Without it the
	// program is alone in a group, and cancelling ends what it started, too.
	Terminal bool
	// TempDir is where the program's empty working directory is made; "" is the
	// system's folder for temporary files.
	TempDir string

	waitingAfter time.Duration // other than waitingAfter, for tests
}

func (o Options) timeout() time.Duration { return cmp.Or(o.Timeout, defaultTimeout) }

// Key is a key behind a signing program. It signs in one session: the program
// is started by the first signature and ended by Close. Its methods may be
// called from several goroutines.
//
// What has gone wrong once is not tried again, as a token counts wrong PINs.
type Key struct {
	program     program
	public      crypto.PublicKey
	chain       []*x509.Certificate
	wantMessage bool

	lock    sync.Mutex
	session *session
	broken  error
}

// Open asks program fwpack-sign-NAME for the key that reference names and
// returns it. A program that is not there gives a *NotFoundError. ctx bounds
// the life of the Key: cancelling it ends the program.
//
// The meaning of a reference is the program's. It has 1 to 4096 bytes of
// printable UTF-8 without '"' and '\', so that a shell program reads it out of
// the JSON as it stands.
func Open(ctx context.Context, name, reference string, opt Options) (*Key, error) {
	p, err := find(ctx, name, reference, opt)
	if err != nil {
		return nil, err
	}
	if opt.SkipDescribe {
		if opt.Public == nil {
			return nil, p.errorf("opening", errors.New("the public key must be given where the program is not asked for it"))
		}
		return &Key{program: p, public: opt.Public}, nil
	}
	d, err := p.describe(describeRequest{Reference: reference})
	if err != nil {
		return nil, p.errorf("describing", err)
	}
	if err := expect(opt.Public, d.public); err != nil {
		return nil, p.errorf("describing", err)
	}
	return &Key{program: p, public: d.public, chain: d.certificates, wantMessage: d.wantsMessage}, nil
}

// Public returns the public key, which never changes.
func (k *Key) Public() crypto.PublicKey { return k.public }

// Certificates returns what the program has beside the key: its certificate and
// then the issuers, or nothing.
func (k *Key) Certificates() []*x509.Certificate { return k.chain }

// expect refuses a key other than the pinned one.
func expect(pinned, got crypto.PublicKey) error {
	if pinned == nil || samePublicKey(pinned, got) {
		return nil
	}
	return fmt.Errorf("the program has another key: want %s, got %s", identify(pinned), identify(got))
}

func samePublicKey(a, b crypto.PublicKey) bool {
	equal, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && equal.Equal(b)
}

// identify describes pub and tells it from others of its kind.
func identify(pub crypto.PublicKey) string {
	fingerprint, err := sign.Fingerprint(pub)
	if err != nil {
		return sign.Describe(pub)
	}
	return sign.Describe(pub) + " " + fingerprint[:len("sha256:")+16]
}

// checkReference refuses what a shell program could not read.
func checkReference(reference string) error {
	if reference == "" || len(reference) > maxReference || !utf8.ValidString(reference) {
		return fmt.Errorf("reference of %d bytes: want 1 to %d bytes of UTF-8", len(reference), maxReference)
	}
	for _, r := range reference {
		if r == '"' || r == '\\' || !unicode.IsPrint(r) {
			return fmt.Errorf("reference %q: no place for %q: want printable characters without '\"' and '\\'", reference, r)
		}
	}
	return nil
}
