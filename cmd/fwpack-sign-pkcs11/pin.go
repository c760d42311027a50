package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
)

// pinVariable is the environment variable that has the PIN.
const pinVariable = "FWPACK_PKCS11_PIN"

// maxPINFile bounds the file with the PIN, in bytes.
const maxPINFile = 4096

// pinSource finds the PIN of a token.
type pinSource struct {
	uri pkcs11uri.URI
	env func(string) (string, bool)
	ask func(prompt string) ([]byte, error)
}

func (p *program) pinOf(uri pkcs11uri.URI) pinSource { return pinSource{uri, p.env, p.ask} }

// get returns the PIN from the file, the environment or the person that has it.
func (s pinSource) get(t token) ([]byte, error) {
	file, err := s.uri.PINFile()
	if err != nil {
		return nil, err
	}
	value, set := s.env(pinVariable)
	unattended := file != "" || set
	switch {
	case unattended && t.has(flagFinalTry):
		return nil, errors.New("one try is left before the PIN is locked, and one from pin-source or " + pinVariable +
			" is not risked: log in once with the token's own tools, or be asked at the terminal")
	case file != "":
		return readPIN(file)
	case set && value == "":
		return nil, fmt.Errorf("environment variable %s is empty", pinVariable)
	case set:
		return []byte(value), nil
	}
	return s.askFor(t)
}

func (s pinSource) askFor(t token) ([]byte, error) {
	prompt := fmt.Sprintf("PIN of token %q%s: ", t.Label, triesLeft(t))
	pin, err := s.ask(prompt)
	if err == nil && len(pin) == 0 {
		err = errors.New("the PIN is empty")
	}
	return pin, err
}

// readPIN reads a file of one line; it may be a pipe.
func readPIN(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("pin-source: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPINFile+1))
	if err != nil {
		return nil, fmt.Errorf("pin-source: %w", err)
	}
	pin := bytes.TrimSuffix(bytes.TrimSuffix(data, []byte("\n")), []byte("\r"))
	if len(pin) == 0 || len(pin) > maxPINFile || bytes.ContainsAny(pin, "\r\n\x00") {
		return nil, fmt.Errorf("pin-source: %s: want one line, the PIN", path)
	}
	return pin, nil
}
