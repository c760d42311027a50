package pack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/atomicfile"
	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/request"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// SignOptions is how a finished bundle is signed. Of Options it uses Rand, Now,
// SigningTime, Env, Passphrase, Programs and Release.
type SignOptions struct {
	Options

	// Keys sign, all under one scheme. The signatures of those that are elsewhere
	// are attached.
	Keys []*Key
	// Required is how many of Keys must sign; 0 stands for all.
	Required int
	// Add keeps the signers that the bundle has beside the new ones.
	Add bool
	// Strip names signers to drop, and implies Add for the others: a subject or its
	// common name, the begin of a fingerprint of key or certificate, or "all".
	Strip []string
	// Trust lists PEM files with certificates or public keys. Where there are any,
	// the present signature must be by one of them; its certificate may have
	// expired.
	Trust []string
	// Target is the device that the description is checked for, as in
	// SubjectOptions.
	Target string
	// Decrypt opens an encrypted description, which the signature is over in clear, and
	// payloads; nil opens nothing.
	Decrypt *swufile.Keys
	// Unchecked signs a description that a device would refuse.
	Unchecked bool

	// Attached are signatures that were made elsewhere.
	Attached []Attachment
	// Request is what they were asked for, nil where it is not at hand.
	Request *request.Request
	// RequestName is the name of the file that holds the request.
	RequestName string
	// Previous is the release before, for the request; "" where there is none.
	Previous string
}

// Attachment is a file with a signature.
type Attachment struct {
	Name string
	Data []byte
}

// Signing is a finished bundle that is about to be signed. It was found to be
// without fault, and its keys fit.
type Signing struct {
	path     string
	name     string // of the file, for a request
	opt      SignOptions
	bundle   *swufile.File
	ring     *keyring
	scheme   sign.Scheme
	keys     []sign.Key
	ceremony *sign.Ceremony
	report   SignReport
}

// SignReport says what became of a bundle that was signed anew.
type SignReport struct {
	Input     string        `json:"input"`
	Output    string        `json:"output"`
	Size      int64         `json:"size"`
	Scheme    sign.Scheme   `json:"scheme,omitempty"` // absent where nobody signs any more
	Verified  bool          `json:"verified"`         // the old signature was by a trusted signer
	Removed   []NamedSigner `json:"removed"`
	Kept      []NamedSigner `json:"kept"`
	Added     []Signer      `json:"added"`
	Payloads  []Unchanged   `json:"payloads"`
	Remaining []Finding     `json:"findings,omitempty"` // what the description breaks without being refused for it
}

// Unchanged is a payload that was found to be the same in input and output.
type Unchanged struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// NewSigning reads the bundle at path and opens the keys. Nothing is signed yet.
// The caller closes it.
func NewSigning(ctx context.Context, path string, opt SignOptions) (*Signing, error) {
	s := &Signing{path: path, name: filepath.Base(path), opt: opt}
	s.report = SignReport{Input: path, Removed: []NamedSigner{}, Kept: []NamedSigner{}, Added: []Signer{}, Payloads: []Unchanged{}}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close ends what the keys need. The error says that a signing program did not
// end well.
func (s *Signing) Close() error {
	if s.ring == nil {
		return nil
	}
	return s.ring.close()
}

func (s *Signing) open(ctx context.Context) error {
	if err := s.readBundle(ctx); err != nil {
		return err
	}
	if err := s.openKeys(ctx); err != nil {
		return err
	}
	if err := s.trusted(); err != nil {
		return err
	}
	if err := s.begin(); err != nil {
		return err
	}
	if err := s.keep(); err != nil {
		return err
	}
	return s.check()
}

// readBundle wants a bundle that a device would install but for its signature.
func (s *Signing) readBundle(ctx context.Context) error {
	archive, err := isArchive(s.path)
	if err == nil && !archive {
		err = fmt.Errorf("%s: is not a .swu", s.path)
	}
	if err != nil {
		return err
	}
	if s.bundle, err = readFinished(ctx, s.path, s.opt.Decrypt); err != nil {
		return err
	}
	return intact(s.bundle)
}

// check refuses what a device would refuse for other reasons than its signature.
func (s *Signing) check() error {
	target, err := findTarget(s.opt.Target, FindProfile)
	if err != nil {
		return err
	}
	subject := subjectOf(s.bundle)
	subject.Archive.Signature, subject.Target = s.planned(), target
	problems, others := subject.split(nil)
	if s.opt.Unchecked {
		others = append(problemFindings(problems), others...)
		problems = nil
	}
	s.report.Remaining = others
	if len(problems) > 0 {
		return &UnfitError{problems}
	}
	return nil
}

// UnfitError says that a device would refuse a description, whoever signs it.
type UnfitError struct{ problems diag.List }

// Error lists the problems, one a line.
func (e *UnfitError) Error() string { return e.problems.Error() }

// Unwrap returns the problems, as a diag.List.
func (e *UnfitError) Unwrap() error { return e.problems.Err() }

// planned is the signature that the bundle will have.
func (s *Signing) planned() *swupdate.Signature {
	signature := &swupdate.Signature{Scheme: string(s.scheme), Signers: len(s.keys) + len(s.report.Kept)}
	for _, key := range s.keys {
		signature.Intermediates += len(key.Chain)
	}
	if signature.Signers == 0 {
		return nil
	}
	return signature
}

func (s *Signing) openKeys(ctx context.Context) error {
	keys := map[string]*Key{}
	for _, k := range s.opt.Keys {
		if keys[k.Name] != nil {
			return fmt.Errorf("key %q is named twice", k.Name)
		}
		if k.Scheme != s.opt.Keys[0].Scheme {
			return fmt.Errorf("key %q has scheme %s and key %q scheme %s: one scheme is possible", k.Name, k.Scheme, s.opt.Keys[0].Name, s.opt.Keys[0].Scheme)
		}
		keys[k.Name] = k
	}
	s.opt.Options = s.opt.Options.discreet(keys)
	var err error
	if s.ring, err = openKeys(ctx, keys, keyUse{bundles: slices.Collect(maps.Keys(keys))}, s.opt.Options); err != nil {
		return err
	}
	for _, k := range s.opt.Keys {
		s.keys = append(s.keys, s.ring.signing[k.Name])
	}
	return nil
}

// begin calls the keys together.
func (s *Signing) begin() error {
	s.scheme = sign.SchemeCMS // which alone has a use where only signers go
	if len(s.opt.Keys) > 0 {
		s.scheme = s.opt.Keys[0].Scheme
	}
	if s.opt.Required > len(s.keys) {
		return fmt.Errorf("%d signatures are required of %d keys", s.opt.Required, len(s.keys))
	}
	if s.opt.Required == 0 {
		s.opt.Required = len(s.keys)
	}
	if s.opt.Request != nil {
		at, err := s.opt.Request.Time()
		if err != nil {
			return err
		}
		s.opt.SigningTime = at
	}
	opt := sign.Options{Rand: s.opt.Rand}
	if s.scheme == sign.SchemeCMS {
		opt.SigningTime = s.opt.SigningTime
	}
	s.opt.SigningTime = opt.SigningTime
	var err error
	s.ceremony, err = sign.NewCeremony(s.scheme, s.bundle.Source, s.keys, opt)
	return err
}

// keep takes over the signers that are there, as far as they are to stay.
func (s *Signing) keep() error {
	present := signersOf(s.bundle)
	if !s.opt.Add && len(s.opt.Strip) == 0 {
		s.report.Removed = namedSigners(present)
		return nil
	}
	if s.bundle.Signature == nil {
		return fmt.Errorf("%s: is not signed: there is no signer to keep or to strip", s.path)
	}
	for _, who := range s.opt.Strip {
		if !slices.ContainsFunc(present, func(signer sign.Signer) bool { return isCalled(signer, who) }) {
			return diag.Diagnostic{Msg: fmt.Sprintf("%s: no signer is called %q", s.path, who), Hint: "signers are " + callSigners(present)}
		}
	}
	kept, dropped, err := s.ceremony.Keep(s.bundle.Signature.Data, func(signer sign.Signer) bool {
		return slices.ContainsFunc(s.opt.Strip, func(who string) bool { return isCalled(signer, who) })
	})
	s.report.Kept, s.report.Removed = namedSigners(kept), namedSigners(dropped)
	return err
}

// everybody strips all signers.
const everybody = "all"

// shortestFingerprint is as much of one as tells a key from others.
const shortestFingerprint = 8

func isCalled(s sign.Signer, who string) bool {
	if who == everybody || who == s.Subject || s.Certificate != nil && who == s.Certificate.Subject.CommonName {
		return true
	}
	hex := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(who, ":", ""), "sha256"))
	if len(hex) < shortestFingerprint {
		return false
	}
	return strings.HasPrefix(s.KeyFingerprint, "sha256:"+hex) || strings.HasPrefix(s.CertificateFingerprint, "sha256:"+hex)
}

func callSigners(signers []sign.Signer) string {
	var list []string
	for _, s := range signers {
		list = append(list, fmt.Sprintf("%q", s.Subject))
	}
	if len(list) == 0 {
		return "known by name in a CMS only"
	}
	return strings.Join(list, ", ")
}

func namedSigners(signers []sign.Signer) []NamedSigner {
	list := []NamedSigner{}
	for _, s := range signers {
		list = append(list, namedSigner(s))
	}
	return list
}

// Export writes down what the keys have to sign, into the file RequestName.
func (s *Signing) Export(ctx context.Context) (*request.Request, error) {
	r, err := s.request(ctx)
	if err != nil {
		return nil, err
	}
	data, err := r.Encode()
	if err != nil {
		return nil, err
	}
	file, err := atomicfile.Create(s.opt.RequestName)
	if err != nil {
		return nil, err
	}
	defer file.Discard()
	if _, err := file.Write(data); err != nil {
		return nil, err
	}
	return r, file.Commit()
}

// request makes the request. What is inside an encrypted description stays out of
// it: only its digest is needed to sign a CMS.
func (s *Signing) request(ctx context.Context) (*request.Request, error) {
	about, err := s.about(ctx)
	if err != nil {
		return nil, err
	}
	message := s.bundle.Source
	if swufile.IsEncrypted(s.bundle.Description.Data) {
		if s.scheme != sign.SchemeCMS {
			return nil, fmt.Errorf("%s: scheme %s: the request would show the encrypted description, as that is what is signed: want scheme cms", s.path, s.scheme)
		}
		message, about.Summary, about.Changes = nil, []string{"the description is encrypted"}, nil
	}
	return request.New(s.ceremony, s.scheme, s.keys, message, about, request.Options{
		File: s.opt.RequestName, SigningTime: s.opt.SigningTime, Required: s.opt.Required,
	})
}

// RequestName is the file that Export writes.
func (s *Signing) RequestName() string { return s.opt.RequestName }

// Seal collects the signatures and writes the bundle to out.
func (s *Signing) Seal(ctx context.Context, out string) (*SignReport, error) {
	if err := s.compareRequest(ctx); err != nil {
		return nil, err
	}
	if err := s.attach(); err != nil {
		return nil, err
	}
	signature, err := s.sign(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	from, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	defer from.Close()
	if s.report.Size, err = rewrite(ctx, s.bundle, from, out, signature); err != nil {
		return nil, fmt.Errorf("%s: %w", out, err)
	}
	s.report.Output = out
	for _, entry := range s.bundle.Payloads {
		s.report.Payloads = append(s.report.Payloads, Unchanged{entry.Name, entry.Size, entry.SHA256()})
	}
	return &s.report, nil
}

// TamperedError says that a signing request is not the one that was written.
type TamperedError struct {
	Name        string
	Differences []string // at least one, a line each
}

// Error lists the differences, one a line.
func (e *TamperedError) Error() string {
	return fmt.Sprintf("%s: is not the request for this bundle and these keys:\n  %s", e.Name, strings.Join(e.Differences, "\n  "))
}

// compareRequest makes the request anew and compares.
func (s *Signing) compareRequest(ctx context.Context) error {
	if s.opt.Request == nil {
		return nil
	}
	again, err := s.request(ctx)
	if err != nil {
		return err
	}
	if differences := s.opt.Request.Differences(again); len(differences) > 0 {
		return &TamperedError{s.opt.RequestName, differences}
	}
	return nil
}

func (s *Signing) attach() error {
	for _, a := range s.opt.Attached {
		if _, err := s.ceremony.Attach(a.Data); err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
	}
	return nil
}

// sign lets the keys sign that are at hand, and returns the whole signature; nil
// where all signers go.
func (s *Signing) sign(ctx context.Context) ([]byte, error) {
	for i, k := range s.opt.Keys {
		if k.Elsewhere || s.ceremony.Signed(i) {
			continue
		}
		if err := s.ring.sign(ctx, s.ceremony, i, k, s.bundle.Source, s.opt.Options); err != nil {
			return nil, err
		}
	}
	for i := range s.opt.Keys {
		if s.ceremony.Signed(i) {
			s.report.Added = append(s.report.Added, describeSigner(s.keys[i]))
		}
	}
	if len(s.keys) == 0 && len(s.report.Kept) == 0 {
		return nil, nil
	}
	s.report.Scheme = s.scheme
	return s.ceremony.Signature(s.opt.Required)
}
