package swufile

import (
	"fmt"
	"unicode/utf8"

	"github.com/fwpack/fwpack/sign/envelope"
)

// IsEncrypted tells whether a description is no text.
func IsEncrypted(description []byte) bool {
	return envelope.Is(description) || !utf8.Valid(description)
}

// Envelope is how a description is encrypted for the owners of private keys.
type Envelope struct {
	Cipher     string   `json:"cipher"` // "AES-256-CBC" and the like
	Recipients []string `json:"recipients"`
	Opened     bool     `json:"opened"` // the rest is known, as the key is at hand
}

// envelopeOf describes an envelope; nil for what is none.
func envelopeOf(description []byte) *Envelope {
	if !envelope.Is(description) {
		return nil
	}
	e := &Envelope{Recipients: []string{}}
	recipients, err := envelope.Recipients(description)
	if err != nil {
		return e
	}
	e.Cipher, _ = envelope.Cipher(description) // it has just been parsed
	for i := range recipients {
		e.Recipients = append(e.Recipients, fmt.Sprintf("%s (%s)", &recipients[i], recipients[i].Kind))
	}
	return e
}

// SealedError says that a description is encrypted and no key to open it is given.
type SealedError struct{ Envelope *Envelope }

// Error says for whom it is encrypted.
func (e *SealedError) Error() string {
	switch {
	case e.Envelope == nil:
		return "the description is not text: it may be encrypted, and the key is not given"
	case len(e.Envelope.Recipients) == 1:
		return "the description is encrypted for " + e.Envelope.Recipients[0]
	}
	return fmt.Sprintf("the description is encrypted for %d recipients", len(e.Envelope.Recipients))
}

// Hint says what to do.
func (*SealedError) Hint() string { return "--decrypt FILE names the key that opens it" }

// OpenError says that none of the keys that are given opens a description.
type OpenError struct{ Err error }

// Error says why.
func (e *OpenError) Error() string { return "sw-description: " + e.Err.Error() }

// Unwrap returns e.Err.
func (e *OpenError) Unwrap() error { return e.Err }

// unseal opens the description, which is encrypted, or says why it cannot.
func (f *File) unseal(o Options) error {
	f.Envelope = envelopeOf(f.Description.Data)
	switch {
	case o.Clear != nil:
		f.Source = o.Clear
	case o.Keys.none():
		return &SealedError{f.Envelope}
	default:
		clear, err := o.Keys.OpenDescription(f.Description.Data)
		if err != nil {
			return &OpenError{err}
		}
		f.Source = clear
	}
	if f.Envelope != nil {
		f.Envelope.Opened = true
	}
	return nil
}
