package main

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sync"
	"time"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
	"github.com/fwpack/fwpack/sign/plugin"
)

// program is a run of this program, with what comes from outside.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) (string, bool)
	ready          func() error // whether load can work at all
	load           func(path string) (library, error)
	ask            func(prompt string) ([]byte, error)
	folders        []string // where modules are looked for, as patterns

	mu       sync.Mutex // guards modules: an interrupted program closes them
	modules  []*module
	sessions []*session
}

// module is a loaded library.
type module struct {
	path string
	library
}

// run does what the arguments ask for and returns the exit status.
func (p *program) run(args []string) int {
	if len(args) == 0 {
		fmt.Fprint(p.stderr, usage)
		return plugin.StatusUnknownVerb
	}
	var err error
	switch verb := args[0]; {
	case verb == "--help" || verb == "-h" || verb == "help":
		fmt.Fprint(p.stdout, usage)
		return 0
	case verb == "list" && len(args) > 2:
		err = errors.New("list: want at most one argument, a module")
	case verb == "list":
		err = p.list(args[1:])
	default:
		err = plugin.Serve(verb, p.stdin, p.stdout, rand.Reader, p.open)
	}
	if err != nil {
		fmt.Fprintln(p.stderr, explain(err))
	}
	return plugin.ExitStatus(err)
}

// explain makes one line of err and its hint: fwpack shows the last line of
// what a signing program says as the reason.
func explain(err error) string {
	text := err.Error()
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) && hinted.Hint() != "" {
		text += "; " + hinted.Hint()
	}
	return withoutPIN(text)
}

// withoutPIN takes the value of a pin-value out of a text that repeats a
// reference; the reference has been refused, but it is a secret all the same.
func withoutPIN(text string) string {
	return regexp.MustCompile(`pin-value=[^"&;\s]*`).ReplaceAllString(text, "pin-value=...")
}

// open is plugin.OpenFunc. The PIN is wanted only where the public half cannot
// be seen without it; the signature asks for it later.
func (p *program) open(reference string) (crypto.Signer, []*x509.Certificate, error) {
	if err := p.ready(); err != nil {
		return nil, nil, err
	}
	uri, err := pkcs11uri.Parse(reference)
	if err != nil {
		return nil, nil, err
	}
	if uri.Type != "" && uri.Type != pkcs11uri.TypePrivate {
		return nil, nil, fmt.Errorf("type=%s does not sign: want type=private, or no type", uri.Type)
	}
	s, err := p.session(uri)
	if err != nil {
		return nil, nil, err
	}
	k, err := s.key(uri)
	if err != nil {
		return nil, nil, err
	}
	return k, k.certificates, nil
}

// session returns the session with the token that uri names: one for all keys
// of the token, so that one login is enough.
func (p *program) session(uri pkcs11uri.URI) (*session, error) {
	path, err := p.modulePath(uri)
	if err != nil {
		return nil, err
	}
	m, err := p.module(path)
	if err != nil {
		return nil, err
	}
	slot, t, err := m.choose(uri)
	if err != nil {
		return nil, err
	}
	for _, s := range p.sessions {
		if s.module == m && s.slot == slot {
			return s, nil
		}
	}
	handle, err := m.OpenSession(slot)
	if err != nil {
		return nil, fmt.Errorf("token %q: open a session: %w", t.Label, err)
	}
	s := &session{module: m, slot: slot, token: t, handle: handle, pins: p.pinOf(uri), stderr: p.stderr}
	p.sessions = append(p.sessions, s)
	return s, nil
}

// module loads a module, once.
func (p *program) module(path string) (*module, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.modules {
		if m.path == path {
			return m, nil
		}
	}
	lib, err := p.load(path)
	if err != nil {
		return nil, fmt.Errorf("module %s: %w", path, err)
	}
	m := &module{path, lib}
	p.modules = append(p.modules, m)
	return m, nil
}

// close finalises the modules, so that tokens forget the login. One that is busy
// for longer than patience is left as it is.
func (p *program) close(patience time.Duration) {
	if !p.mu.TryLock() {
		return // a module is being loaded
	}
	defer p.mu.Unlock()
	for _, m := range p.modules {
		m.Close(patience)
	}
	p.modules = nil
}
