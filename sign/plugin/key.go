package plugin

import (
	"crypto"
	"errors"
	"fmt"
	"io"
)

// Sign asks the program for one signature and verifies it. The argument rand is
// not used: randomness is the program's business. ECDSA signatures are DER.
func (k *Key) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	k.lock.Lock()
	defer k.lock.Unlock()
	return k.sign(Request{digest, opts}, nil)
}

// SignMessage does as Sign after hashing, and hands the message to a program
// that wants to hash it itself; crypto.SignMessage finds this method.
func (k *Key) SignMessage(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	k.lock.Lock()
	defer k.lock.Unlock()
	r := Request{message, opts}
	if opts != nil && opts.HashFunc().Available() {
		hash := opts.HashFunc().New()
		hash.Write(message)
		r.Digest = hash.Sum(nil)
	}
	return k.sign(r, message)
}

// SignAll asks for several signatures in one session, which it then ends. It
// returns them in order, or none: the program must end with status 0.
func (k *Key) SignAll(requests []Request) ([][]byte, error) {
	k.lock.Lock()
	defer k.lock.Unlock()
	var signatures [][]byte
	for i, r := range requests {
		signature, err := k.sign(r, nil)
		if err != nil {
			return nil, fmt.Errorf("signature %d of %d: %w", i+1, len(requests), err)
		}
		signatures = append(signatures, signature)
	}
	if err := k.close(); err != nil {
		return nil, err
	}
	return signatures, nil
}

// Close ends the session. Its error says that the program did not end well, and
// that what it signed must not be published: the exit status is authoritative.
// The Key can be used again, in another session.
func (k *Key) Close() error {
	k.lock.Lock()
	defer k.lock.Unlock()
	return k.close()
}

// sign makes one signature; message is nil, or what the digest is of.
func (k *Key) sign(r Request, message []byte) ([]byte, error) {
	request, err := k.request(r, message)
	if err != nil {
		return nil, k.program.errorf("signing", err)
	}
	if k.broken != nil {
		return nil, k.broken
	}
	signature, err := k.exchange(request)
	if err != nil {
		k.broken = k.program.errorf("signing", k.program.explain(VerbSign, err))
		return nil, k.broken
	}
	return signature, nil
}

// request is what the program is told.
func (k *Key) request(r Request, message []byte) (signRequest, error) {
	request, err := newRequest(k.public, r)
	if err != nil {
		return request, err
	}
	request.Reference = k.program.reference
	if k.wantMessage && message != nil {
		if len(message) > maxMessage {
			return request, fmt.Errorf("message of %d bytes: want at most %d where the program hashes it", len(message), maxMessage)
		}
		request.Message = message
	}
	return request, nil
}

// exchange starts the session where there is none, and ends it where anything
// is wrong.
func (k *Key) exchange(request signRequest) ([]byte, error) {
	line, err := encode(request)
	if err != nil {
		return nil, err
	}
	if k.session == nil {
		if k.session, err = k.program.start(VerbSign); err != nil {
			return nil, err
		}
	}
	k.session.send(line)
	answer, err := k.session.answer()
	if err != nil {
		k.abandon()
		return nil, err
	}
	signature, err := parseSignature(answer)
	if err == nil {
		signature, err = check(k.public, request, signature)
	}
	if err != nil {
		k.abandon()
		return nil, err
	}
	return signature, nil
}

func (k *Key) abandon() {
	k.session.abandon()
	k.session = nil
}

func (k *Key) close() error {
	if k.session == nil {
		return nil
	}
	rest, err := k.session.finish()
	k.session = nil
	if err == nil && len(rest) > 0 {
		err = errors.New("more answers than requests")
	}
	if err != nil {
		k.broken = k.program.errorf("ending the session", err)
		return k.broken
	}
	return nil
}
