package main

import (
	"errors"
	"fmt"
	"io"
)

// session is a session with a token.
type session struct {
	module   *module
	slot     uint
	token    token
	handle   uint
	loggedIn bool
	pins     pinSource
	pin      []byte // kept for keys that want it for every signature
	stderr   io.Writer

	mechanisms []uint // what the token can do; nil before it was asked
}

// login logs in, unless that has happened. What fails is not tried again, as
// the token counts.
func (s *session) login() error {
	if s.loggedIn {
		return nil
	}
	t, err := s.module.Token(s.slot)
	if err != nil {
		return fmt.Errorf("token %q: %w", s.token.Label, err)
	}
	if !t.has(flagLoginRequired) {
		s.loggedIn = true
		return nil
	}
	pin, err := s.pinFor(t)
	if err != nil {
		return fmt.Errorf("token %q: %w", t.Label, err)
	}
	err = s.module.Login(s.handle, userNormal, string(pin))
	if err != nil && number(err) != codeAlreadyLoggedIn {
		return s.loginError(err)
	}
	s.loggedIn, s.pin = true, pin
	return nil
}

// pinFor returns the PIN, or nil where it is typed on the token's own reader.
func (s *session) pinFor(t token) ([]byte, error) {
	switch {
	case t.has(flagLocked):
		return nil, errors.New("the PIN is locked: it must be unblocked with the token's own tools")
	case t.has(flagProtectedPath):
		fmt.Fprintf(s.stderr, "enter the PIN of token %q on its reader\n", t.Label)
		return nil, nil
	}
	return s.pins.get(t)
}

// loginAgain is the login that a key with CKA_ALWAYS_AUTHENTICATE wants between
// the start of a signature and its end.
func (s *session) loginAgain() error {
	if s.token.has(flagProtectedPath) {
		fmt.Fprintf(s.stderr, "enter the PIN of token %q on its reader\n", s.token.Label)
	}
	if err := s.module.Login(s.handle, userContext, string(s.pin)); err != nil {
		return s.loginError(err)
	}
	return nil
}

// loginError says what a failed login means.
func (s *session) loginError(err error) error {
	text := "log in: " + err.Error()
	switch number(err) {
	case codePINIncorrect, codePINLengthRange:
		text = "the PIN is wrong; it is not tried again"
		if t, err := s.module.Token(s.slot); err == nil {
			text += triesLeft(t)
		}
	case codePINLocked:
		text = "the PIN is locked: it must be unblocked with the token's own tools"
	case codePINExpired:
		text = "the PIN has expired: it must be changed with the token's own tools"
	case codePINNotSet:
		text = "the token has no user PIN yet: set one with its own tools"
	}
	return fmt.Errorf("token %q: %s", s.token.Label, text)
}

// triesLeft is what a token lets people know of its counter.
func triesLeft(t token) string {
	switch {
	case t.has(flagLocked):
		return ": it is locked now"
	case t.has(flagFinalTry):
		return ": one try is left before it is locked"
	case t.has(flagCountLow):
		return ": few tries are left before it is locked"
	}
	return ""
}

// number returns what a module returned, or 0.
func number(err error) uint {
	var c code
	errors.As(err, &c)
	return c.number
}
