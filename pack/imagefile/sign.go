package imagefile

import (
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/fwpack/fwpack/mcuboot"
)

// SignOptions say how an image is signed anew.
type SignOptions struct {
	// Signer is the key; nil makes the image unsigned. One that has only the public
	// half (sign.Elsewhere) does for ToBeSigned and Seal.
	Signer crypto.Signer
	// Hash is that of the digest; 0 keeps the one that the image has where the key
	// allows it.
	Hash crypto.Hash
	// Pure signs the image itself, not its digest. An image that was signed so is
	// again, if the key is one of Ed25519.
	Pure bool
	// FullKey says whether the key is named in full (PUBKEY) or by its hash
	// (KEYHASH); nil keeps what is.
	FullKey *bool
	// Rand gives the salt of RSA signatures, and is what tokens are given.
	Rand io.Reader

	// Trust are keys of which one must have made the present signature; none asks
	// nobody.
	Trust []TrustedKey
	// DecryptionKey opens an encrypted body to check it. The image keeps it as it
	// is, encrypted.
	DecryptionKey crypto.PrivateKey
}

// Resigning is a finished image that is about to be signed anew. It was found to
// be the one of its digest.
type Resigning struct {
	file    *File
	opt     SignOptions
	request *mcuboot.Request
	report  SignReport
}

// SignReport says what became of an image that was signed anew.
type SignReport struct {
	Kind     string      `json:"kind"` // "mcuboot"
	Input    string      `json:"input"`
	Output   string      `json:"output"`
	Size     int64       `json:"size"` // of the file in bytes
	Version  string      `json:"version"`
	Digest   string      `json:"digest"`
	Hash     string      `json:"hash"`
	Verified bool        `json:"verified"` // the old signature was by a trusted key
	Removed  []Signature `json:"removed"`
	Added    *Key        `json:"added"` // nil where nobody signs any more
	Body     Unchanged   `json:"body"`
}

// Unchanged is what was found to be the same in input and output.
type Unchanged struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// UntrustedError says that the present signature is by no trusted key.
type UntrustedError struct {
	Name   string
	Reason string
}

// Error says so, and why.
func (e *UntrustedError) Error() string {
	return fmt.Sprintf("%s: signature: %s", e.Name, e.Reason)
}

// Resign prepares a new signature. Nothing is signed yet. An image that is not the
// one of its digest, or has none, is a *DamageError; one that is encrypted needs
// the key to find out, and without it is an *EncryptedError. A compressed image
// is refused, because it holds a second signature of what it was before.
func (f *File) Resign(o SignOptions) (*Resigning, error) {
	clear, err := f.inClear(o.DecryptionKey)
	if err != nil {
		return nil, err
	}
	r := &Resigning{file: f, opt: o}
	r.report = SignReport{Kind: kind, Input: f.Name, Version: clear.Header.Version.String(), Removed: oldSignatures(clear)}
	if o.Signer == nil && len(r.report.Removed) == 0 {
		return nil, fmt.Errorf("%s: is not signed: there is no signature to strip", f.Name)
	}
	if err := r.trusted(); err != nil {
		return nil, err
	}
	signing, err := r.signing(clear)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	if r.request, err = clear.ToBeSigned(signing); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, bare(err))
	}
	r.report.Digest, r.report.Hash = hex.EncodeToString(r.request.Digest), hashName(r.request.Hash)
	return r, nil
}

func oldSignatures(img *mcuboot.Image) []Signature {
	ins := &Inspection{Signatures: []Signature{}}
	ins.signatures(img)
	return ins.Signatures
}

// trusted wants the present signature to be by a trusted key, where the caller
// says which.
func (r *Resigning) trusted() error {
	if len(r.opt.Trust) == 0 {
		return nil
	}
	v, err := r.file.Verify(VerifyOptions{Bootloader: r.file.Bootloader(), Trust: r.opt.Trust, DecryptionKey: r.opt.DecryptionKey})
	if err != nil {
		return err
	}
	if v.SignedBy == nil {
		return &UntrustedError{r.file.Name, v.outcome(mcuboot.RuleSignature)}
	}
	r.report.Verified = true
	return nil
}

// outcome is what came out of a rule, or else of the last one that was reached.
func (v *Verification) outcome(rule mcuboot.Rule) string {
	for _, result := range v.Rules {
		if result.Rule == string(rule) {
			return result.Detail
		}
	}
	last := v.Rules[len(v.Rules)-1]
	return last.Rule + ": " + last.Detail
}

// signing says how the image is to be signed: as it was, as far as the key allows.
func (r *Resigning) signing(img *mcuboot.Image) (mcuboot.Signing, error) {
	hash, _ := img.StoredDigest()
	s := mcuboot.Signing{Hash: r.opt.Hash, Pure: r.opt.Pure, Rand: r.opt.Rand}
	if r.opt.Signer == nil {
		if r.opt.Pure || r.opt.FullKey != nil {
			return s, errors.New("an unsigned image names no key and is not pure")
		}
		if s.Hash == 0 {
			s.Hash = hash
		}
		return s, nil
	}
	s.PublicKey = r.opt.Signer.Public()
	kind, err := mcuboot.KeyTypeOf(s.PublicKey)
	if err != nil {
		return s, err
	}
	_, wasPure := mcuboot.Find(img.Unprotected, mcuboot.TLVSigPure)
	s.Pure = s.Pure || wasPure && kind == mcuboot.Ed25519
	_, s.FullKey = mcuboot.Find(img.Unprotected, mcuboot.TLVPubKey)
	if r.opt.FullKey != nil {
		s.FullKey = *r.opt.FullKey
	}
	if s.Hash == 0 && !s.Pure && hash == crypto.SHA512 && allowsSHA512(kind) {
		s.Hash = hash
	}
	return s, nil
}

// allowsSHA512 tells whether a key signs images with a SHA-512 digest beside its
// usual one.
func allowsSHA512(kind mcuboot.KeyType) bool {
	return kind == mcuboot.Ed25519 || kind == mcuboot.ECDSAP256
}

// ToBeSigned returns what the key signs, for a key that is elsewhere. It is the
// same each time, also in another process. There is none where the image becomes
// unsigned.
func (r *Resigning) ToBeSigned() *mcuboot.Request { return r.request }

// Header is that of the image.
func (r *Resigning) Header() mcuboot.Header { return r.file.Image.Header }

// Sign lets the key sign that is at hand. The signature is nil where the image
// becomes unsigned.
func (r *Resigning) Sign() ([]byte, error) {
	if r.opt.Signer == nil {
		return nil, nil
	}
	signature, err := r.request.Sign(r.opt.Signer, r.opt.Rand)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.file.Name, bare(err))
	}
	return signature, nil
}

// Seal takes a signature that Sign made, or a key elsewhere, verifies it, and
// writes the image to out, which may be the input. The error of another signature
// wraps mcuboot.ErrSignature. The new file is read back before it gets its name:
// but for digest, key and signature, and the signer in a boot record, it must be
// the old one.
func (r *Resigning) Seal(ctx context.Context, signature []byte, out string) (*SignReport, error) {
	signed, err := r.signed(signature)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.file.Name, bare(err))
	}
	if r.opt.Signer != nil {
		added := describeKey(r.opt.Signer.Public(), "")
		r.report.Added = &added
	}
	return r.write(ctx, signed, out)
}

func (r *Resigning) signed(signature []byte) (*mcuboot.Image, error) {
	if r.opt.Signer == nil {
		return r.request.Draft() // without a key there is nothing more to come
	}
	return r.request.Attach(signature)
}

func (r *Resigning) write(ctx context.Context, signed *mcuboot.Image, out string) (*SignReport, error) {
	// What is encrypted stays so: the wrapped key and the key stream are the same.
	signed.Body = r.file.Image.Body
	size, err := r.file.rewrite(ctx, signed, out)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", out, err)
	}
	sum := sha256.Sum256(signed.Body)
	r.report.Output, r.report.Size = out, size
	r.report.Body = Unchanged{int64(len(signed.Body)), hex.EncodeToString(sum[:])}
	return &r.report, nil
}
