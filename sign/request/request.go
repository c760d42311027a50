// Package request writes down what a key that is elsewhere has to sign, for a
// person to read and for openssl to sign, and reads it again.
//
// New makes a Request of a ceremony, NewImage one of an MCUboot image, Encode the
// file, Decode reads it. Who gets the signatures back does not go by the file:
// Differences holds it against a request made anew, and tells what has been
// changed on the way.
//
// The file is JSON, one member a line, so that the commands in it can find the
// bytes to sign with sed.
package request

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/fwpack/fwpack/sign"
)

// Format is the version of the file's form. It grows when a member changes its
// meaning or goes.
const Format = 1

// MaxSize bounds a request in bytes: a description of 5 MB, the largest that was
// seen to work on a device, three times in base64, and room.
const MaxSize = 32 << 20

// The kinds of file that are signed.
const (
	KindBundle = "swu"
	KindImage  = "mcuboot"
)

// About says what is signed.
type About struct {
	Kind    string   `json:"kind"` // KindBundle or KindImage
	File    string   `json:"file"` // base name of the file that is to be signed
	Size    int64    `json:"size"` // of that file in bytes
	SHA256  string   `json:"sha256"`
	Summary []string `json:"summary"` // for people, a line each

	// Previous is the base name of the release before, and Changes what is
	// different since, a line each; both are empty where there was none to compare.
	Previous string   `json:"previous,omitempty"`
	Changes  []string `json:"changes,omitempty"`
}

// Request is what one or more keys are to sign.
type Request struct {
	Format int   `json:"fwpack_signing_request"`
	About  About `json:"about"`
	// Scheme is absent of an image, where the key alone decides.
	Scheme sign.Scheme `json:"scheme,omitempty"`
	// SigningTime is what a CMS will claim, in RFC 3339; "" for none.
	SigningTime string `json:"signing_time,omitempty"`
	// Required is how many of the signers must sign.
	Required int      `json:"required"`
	Signers  []Signer `json:"signers"`
	// Message is what the signature is for, of a bundle the sw-description. The
	// bytes to sign are the same or, for scheme cms, hold its digest. It is absent
	// where it is a secret, and of an image.
	Message []byte `json:"message,omitempty"`
}

// Signer is one key and what it has to sign.
type Signer struct {
	Name       string `json:"name"`
	Key        string `json:"key"`    // "RSA-2048", "ECDSA P-256"
	KeyID      string `json:"key_id"` // sign.Fingerprint of the public key
	Subject    string `json:"subject,omitempty"`
	PublicKey  string `json:"public_key"`            // PEM
	Cert       string `json:"certificate,omitempty"` // PEM
	Algorithm  string `json:"algorithm"`             // "rsa-pkcs1v15", "rsa-pss", "ecdsa" or "ed25519"
	Hash       string `json:"hash"`
	SaltLength int    `json:"salt_length,omitempty"`
	Digest     string `json:"digest"` // of Bytes, in hex; of an image, that of the image
	// Prehashed says that Bytes are the digest themselves: RSA and ECDSA sign them
	// without hashing them again, Ed25519 as its message.
	Prehashed bool   `json:"prehashed,omitempty"`
	Bytes     []byte `json:"bytes"`
	// Commands make the signature with openssl; PRIVATE.pem is the key.
	Commands []string `json:"commands"`
}

// Options are what a request needs to know of its surroundings.
type Options struct {
	File        string    // the name that the request will have, for the commands
	SigningTime time.Time // of the ceremony
	Required    int
}

// New asks the keys of a ceremony, all of them, to sign message under scheme. A
// nil message stays out of the request, but for what scheme makes of it.
func New(c *sign.Ceremony, scheme sign.Scheme, keys []sign.Key, message []byte, about About, opt Options) (*Request, error) {
	r := &Request{Format: Format, About: about, Scheme: scheme, Required: opt.Required, Message: message}
	if !opt.SigningTime.IsZero() {
		r.SigningTime = opt.SigningTime.UTC().Format(time.RFC3339)
	}
	for i, key := range keys {
		toSign, err := c.ToSign(i)
		if err != nil {
			return nil, err
		}
		signer, err := newSigner(key, toSign)
		if err != nil {
			return nil, err
		}
		signer.Commands = commands(filepath.Base(opt.File), i, signer)
		if scheme == sign.SchemeCMS && message != nil {
			signer.Commands = append(signer.Commands, wholeCommands(filepath.Base(opt.File), signer)...)
		}
		r.Signers = append(r.Signers, signer)
	}
	return r, nil
}

func newSigner(key sign.Key, toSign sign.ToSign) (Signer, error) {
	s, err := whoSigns(key)
	if err != nil {
		return s, err
	}
	hash := toSign.Hash.Hash().New()
	hash.Write(toSign.Bytes)
	s.Algorithm, s.Hash, s.SaltLength = toSign.Algorithm, string(toSign.Hash), toSign.SaltLength
	s.Digest, s.Bytes = hex.EncodeToString(hash.Sum(nil)), toSign.Bytes
	return s, nil
}

// whoSigns fills in what is known of the key.
func whoSigns(key sign.Key) (Signer, error) {
	public := key.Signer.Public()
	spki, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return Signer{}, fmt.Errorf("%s: %w", key, err)
	}
	id, err := sign.Fingerprint(public)
	if err != nil {
		return Signer{}, fmt.Errorf("%s: %w", key, err)
	}
	s := Signer{Name: key.Name, Key: sign.Describe(public), KeyID: id, PublicKey: pemOf("PUBLIC KEY", spki)}
	if c := key.Certificate; c != nil {
		s.Subject, s.Cert = c.Subject.String(), pemOf("CERTIFICATE", c.Raw)
	}
	return s, nil
}

func pemOf(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

// commands signs with the tools of every Linux, in the folder of the file. The
// second command prints the digest, to compare with the one of the request.
func commands(file string, index int, s Signer) []string {
	options := ""
	if s.Algorithm == string(sign.SchemeRSAPSS) {
		options = fmt.Sprintf(" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:%d -sigopt rsa_mgf1_md:%s", s.SaltLength, s.Hash)
	}
	return []string{
		member("bytes", file, index+1) + " > to-be-signed",
		fmt.Sprintf("openssl dgst -%s to-be-signed", s.Hash),
		fmt.Sprintf("openssl dgst -%s%s -sign PRIVATE.pem -out signature to-be-signed", s.Hash, options),
	}
}

// wholeCommands make a whole CMS.
func wholeCommands(file string, s Signer) []string {
	return []string{
		"# or, as a whole CMS:", member("message", file, 1) + " > message",
		fmt.Sprintf("openssl cms -sign -binary -nosmimecap -in message -md %s -signer CERTIFICATE.pem -inkey PRIVATE.pem -outform DER -out signature%s",
			s.Hash, keyOptions(s)),
	}
}

func keyOptions(s Signer) string {
	if s.Algorithm != string(sign.SchemeRSAPSS) {
		return ""
	}
	return fmt.Sprintf(" -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:%d", s.SaltLength)
}

// member finds the nth member of that name and decodes it. Encode promises that
// it stands on a line of its own.
func member(name, file string, n int) string {
	return fmt.Sprintf(`sed -n 's/^ *"%s": "\(.*\)".*/\1/p' %s | sed -n %dp | openssl base64 -d -A`, name, quote(file), n)
}

// Encode returns the file: the same request gives the same bytes.
func (r *Request) Encode() ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// errEdited says that a file is not what Encode writes. One that is, reads the
// same for everybody: no member is there twice, none is hidden.
var errEdited = errors.New("is not as fwpack wrote it: it has been edited")

// Decode reads what Encode wrote, byte for byte.
func Decode(data []byte) (*Request, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("request of %d bytes: at most %d are allowed", len(data), MaxSize)
	}
	var head struct {
		Format *int `json:"fwpack_signing_request"`
	}
	if err := json.Unmarshal(data, &head); err != nil || head.Format == nil {
		return nil, errors.New("is not a signing request of fwpack")
	}
	if *head.Format != Format {
		return nil, fmt.Errorf("signing request of format %d: this fwpack reads %d", *head.Format, Format)
	}
	var r Request
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("signing request: %v", err)
	}
	if again, err := r.Encode(); err != nil || !bytes.Equal(again, data) {
		return nil, errEdited
	}
	return &r, nil
}

// Time returns the signing time, the zero time where there is none.
func (r *Request) Time() (time.Time, error) {
	if r.SigningTime == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, r.SigningTime)
	if err != nil {
		return t, fmt.Errorf("signing time %q: want RFC 3339", r.SigningTime)
	}
	return t.UTC(), nil
}

// base64Of is how a member with bytes is shown in a difference.
func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
