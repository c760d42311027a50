package plugin

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
)

// maxRequest bounds a line that Serve reads, in bytes: a message in base64 and
// some fields beside it.
const maxRequest = maxMessage/3*4 + 1<<16

// OpenFunc returns the key that a reference names, and its certificate and the
// issuers, where there are any.
type OpenFunc func(reference string) (crypto.Signer, []*x509.Certificate, error)

// UnknownVerbError says that a program was started with a verb that it does not
// know. ExitStatus makes StatusUnknownVerb of it.
type UnknownVerbError struct{ Verb string }

// Error is one line.
func (e *UnknownVerbError) Error() string {
	return fmt.Sprintf("verb %q: want %s or %s", printable(e.Verb), VerbDescribe, VerbSign)
}

// ExitStatus returns the status that a program ends with after Serve has
// returned err: 0, 1 or StatusUnknownVerb.
func ExitStatus(err error) int {
	var unknown *UnknownVerbError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &unknown):
		return StatusUnknownVerb
	}
	return 1
}

// Serve is a signing program: it does what verb, the first argument, asks for,
// reading requests from in and writing answers to out, which must not be
// buffered. open is called once for each reference of a session. random is the
// source that keys of the standard library need for PSS; a token ignores it.
//
// The program prints the error on its stderr and ends with its ExitStatus.
func Serve(verb string, in io.Reader, out io.Writer, random io.Reader, open OpenFunc) error {
	switch verb {
	case VerbDescribe:
		return serveDescribe(in, out, open)
	case VerbSign:
		s := server{out: out, random: random, open: open, keys: map[string]crypto.Signer{}}
		return s.serve(in)
	}
	return &UnknownVerbError{verb}
}

func serveDescribe(in io.Reader, out io.Writer, open OpenFunc) error {
	data, err := io.ReadAll(io.LimitReader(in, maxRequest))
	if err != nil {
		return fmt.Errorf("request: %w", err)
	}
	var request describeRequest
	if err := decodeRequest(data, &request, &request.Reference); err != nil {
		return err
	}
	signer, certificates, err := open(request.Reference)
	if err != nil {
		return fmt.Errorf("key %q: %w", printable(request.Reference), err)
	}
	answer, err := describeSigner(signer.Public(), certificates)
	if err != nil {
		return fmt.Errorf("key %q: %w", printable(request.Reference), err)
	}
	return reply(out, answer)
}

func describeSigner(pub crypto.PublicKey, certificates []*x509.Certificate) (describeAnswer, error) {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return describeAnswer{}, fmt.Errorf("public key of type %T: want RSA, ECDSA or Ed25519", pub)
	}
	var text bytes.Buffer
	for _, c := range certificates {
		if err := pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}); err != nil {
			return describeAnswer{}, err
		}
	}
	return describeAnswer{PublicKey: base64.StdEncoding.EncodeToString(der), Certificates: text.String()}, nil
}

// decodeRequest reads a request, which names a key.
func decodeRequest(data []byte, request any, reference *string) error {
	if err := decode(data, request); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	if *reference == "" {
		return errors.New("request: no reference")
	}
	return nil
}

// server is a session.
type server struct {
	out    io.Writer
	random io.Reader
	open   OpenFunc
	keys   map[string]crypto.Signer
}

func (s *server) serve(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxRequest)
	for lines.Scan() {
		if err := s.sign(lines.Bytes()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	return nil
}

func (s *server) sign(line []byte) error {
	var request signRequest
	if err := decodeRequest(line, &request, &request.Reference); err != nil {
		return err
	}
	signature, err := s.signature(request)
	if err != nil {
		return fmt.Errorf("key %q: %w", printable(request.Reference), err)
	}
	return reply(s.out, signAnswer{Signature: base64.StdEncoding.EncodeToString(signature)})
}

func (s *server) signature(request signRequest) ([]byte, error) {
	digest, opts, err := request.options()
	if err != nil {
		return nil, err
	}
	key, err := s.key(request.Reference)
	if err != nil {
		return nil, err
	}
	if err := fits(key.Public(), request.Algorithm); err != nil {
		return nil, err
	}
	if request.Algorithm == algorithmPSS && s.random == nil {
		return nil, errors.New("RSA-PSS needs a source of randomness for its salt")
	}
	return key.Sign(s.random, digest, opts)
}

func (s *server) key(reference string) (crypto.Signer, error) {
	if key, ok := s.keys[reference]; ok {
		return key, nil
	}
	key, _, err := s.open(reference)
	if err == nil {
		s.keys[reference] = key
	}
	return key, err
}

// fits refuses an algorithm of another kind of key.
func fits(pub crypto.PublicKey, algorithm string) error {
	ok := false
	switch pub.(type) {
	case *rsa.PublicKey:
		ok = algorithm == algorithmRSA || algorithm == algorithmPSS
	case *ecdsa.PublicKey:
		ok = algorithm == algorithmECDSA
	case ed25519.PublicKey:
		ok = algorithm == algorithmEd25519
	}
	if !ok {
		return fmt.Errorf("algorithm %s does not fit a public key of type %T", algorithm, pub)
	}
	return nil
}

// reply writes an answer in one call.
func reply(out io.Writer, answer any) error {
	line, err := encode(answer)
	if err == nil {
		_, err = out.Write(line)
	}
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}
