package sign

import (
	"crypto"
	"fmt"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// Scheme is how a message is signed. It must be the one that the device's
// client was built for.
type Scheme string

// The schemes that SWUpdate knows with a key pair; the package comment says
// what each one makes.
const (
	SchemeCMS         Scheme = "cms"
	SchemeRSAPKCS1v15 Scheme = "rsa-pkcs1v15"
	SchemeRSAPSS      Scheme = "rsa-pss"
)

// Schemes returns every scheme.
func Schemes() []Scheme { return []Scheme{SchemeCMS, SchemeRSAPKCS1v15, SchemeRSAPSS} }

// UnmarshalText sets s to the scheme that text names.
func (s *Scheme) UnmarshalText(text []byte) error {
	return choose("scheme", s, Schemes(), text)
}

func (s Scheme) valid() error {
	var known Scheme
	return choose("scheme", &known, Schemes(), []byte(s))
}

// Digest is the hash of what is signed. The zero Digest is DigestSHA256.
type Digest string

// The digests that a CMS may be signed with. SWUpdate fixes SHA-256 for the
// RSA schemes.
const (
	DigestSHA256 Digest = "sha256"
	DigestSHA384 Digest = "sha384"
	DigestSHA512 Digest = "sha512"
)

// Digests returns every digest.
func Digests() []Digest { return []Digest{DigestSHA256, DigestSHA384, DigestSHA512} }

// UnmarshalText sets d to the digest that text names.
func (d *Digest) UnmarshalText(text []byte) error {
	return choose("digest", d, Digests(), text)
}

// Hash returns the function d stands for, or 0 where there is none of that
// name.
func (d Digest) Hash() crypto.Hash {
	switch d {
	case "", DigestSHA256:
		return crypto.SHA256
	case DigestSHA384:
		return crypto.SHA384
	case DigestSHA512:
		return crypto.SHA512
	}
	return 0
}

func (d Digest) name() Digest {
	if d == "" {
		return DigestSHA256
	}
	return d
}

func (d Digest) valid() error {
	var known Digest
	return choose("digest", &known, Digests(), []byte(d.name()))
}

// Purpose is what a signer's certificate must be issued for. SWUpdate calls it
// by these words, in cert-purpose and --cert-purpose. The zero Purpose is
// PurposeEmailProtection, its default.
type Purpose string

// The purposes that SWUpdate can be told to demand.
const (
	PurposeEmailProtection Purpose = "emailProtection"
	PurposeCodeSigning     Purpose = "codeSigning"
)

// Purposes returns every purpose.
func Purposes() []Purpose { return []Purpose{PurposeEmailProtection, PurposeCodeSigning} }

// UnmarshalText sets p to the purpose that text names.
func (p *Purpose) UnmarshalText(text []byte) error {
	return choose("purpose", p, Purposes(), text)
}

func (p Purpose) name() Purpose {
	if p == "" {
		return PurposeEmailProtection
	}
	return p
}

func (p Purpose) valid() error {
	var known Purpose
	return choose("purpose", &known, Purposes(), []byte(p.name()))
}

// choose sets target to the choice that text spells.
func choose[T ~string](what string, target *T, choices []T, text []byte) error {
	if slices.Contains(choices, T(text)) {
		*target = T(text)
		return nil
	}
	var names []string
	for _, c := range choices {
		names = append(names, string(c))
	}
	return hinted(diag.DidYouMean(string(text), names), "%s %q: want %s", what, text, alternatives(names))
}

// alternatives is "a, b or c".
func alternatives(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// hintError is an error with a line of advice, for a command to print below.
type hintError struct {
	message, hint string
}

func (e *hintError) Error() string { return e.message }

// Hint says how to mend it.
func (e *hintError) Hint() string { return e.hint }

// hinted returns an error, with a hint unless that is empty.
func hinted(hint, format string, args ...any) error {
	if hint == "" {
		return fmt.Errorf(format, args...)
	}
	return &hintError{fmt.Sprintf(format, args...), hint}
}
