package keygen

import (
	"crypto/x509"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"
)

// File is a file for Examine to look at.
type File struct {
	Name string
	Data []byte
	// Mode has the permissions of the file, 0 where they say nothing, as on
	// Windows.
	Mode fs.FileMode
	// AES says that the file is known to hold an AES key; of such a file only
	// the permissions are looked at.
	AES bool
}

// The rules of Finding.
const (
	RuleUnreadable      = "unreadable"       // neither key nor certificate, or damaged
	RuleOpenFile        = "open-file"        // others may read a secret
	RulePublished       = "published-key"    // the private half is public
	RuleThrowAway       = "throw-away-key"   // made by fwpack for trying things out
	RuleWeakKey         = "weak-key"         // too short
	RuleWeakSignature   = "weak-signature"   // of the issuer, on a certificate
	RuleExpired         = "expired"          // now
	RuleExpires         = "expires"          // within the months asked for
	RuleNotYetValid     = "not-yet-valid"    // now
	RulePurpose         = "purpose"          // SWUpdate lets it sign nothing
	RuleChainOrder      = "chain-order"      // a certificate is not followed by its issuer
	RuleChainIncomplete = "chain-incomplete" // the issuer is not among the files
	RuleMismatch        = "mismatch"         // key and certificate of different pairs
)

// Finding is something wrong with a file.
type Finding struct {
	File    string `json:"file"`
	Rule    string `json:"rule"`
	Message string `json:"message"` // one line, lower case
	Hint    string `json:"hint,omitempty"`
}

// defaultMonths leaves time to make a certificate and to roll it out.
const defaultMonths = 6

// ExamineOptions is how to look at files.
type ExamineOptions struct {
	Now time.Time
	// Months is how far ahead certificates must be valid; 0 means 6.
	Months int
}

// Examine returns what is wrong with the files: each by itself, and as the keys,
// certificates and chains of one signer and its authorities. Encrypted private
// keys are not opened.
func Examine(files []File, opt ExamineOptions) []Finding {
	if opt.Months == 0 {
		opt.Months = defaultMonths
	}
	d := &doctor{opt: opt}
	for _, f := range files {
		d.take(f)
	}
	for _, f := range d.files {
		d.file(f)
	}
	d.chains()
	d.pairs()
	return d.findings
}

// doctor collects findings, in the order in which it looks.
type doctor struct {
	opt      ExamineOptions
	files    []described
	findings []Finding
}

// described is a file and what it holds.
type described struct {
	File
	items []Item
}

func (d *doctor) take(f File) {
	if f.AES {
		d.files = append(d.files, described{f, nil})
		return
	}
	items, err := Describe(f.Data)
	if err != nil {
		d.find(f.Name, RuleUnreadable, "", "%v", err)
	}
	d.files = append(d.files, described{f, items})
}

func (d *doctor) find(file, rule, hint, format string, args ...any) {
	d.findings = append(d.findings, Finding{file, rule, fmt.Sprintf(format, args...), hint})
}

// file looks at one file by itself.
func (d *doctor) file(f described) {
	if f.secret() && f.Mode.Perm()&0o077 != 0 {
		d.find(f.Name, RuleOpenFile, "chmod 600 "+f.Name, "mode %#o: others than the owner may use this secret: want 0600 or 0400", f.Mode.Perm())
	}
	for _, item := range f.items {
		d.item(f.Name, item)
	}
}

func (f described) secret() bool { return f.AES || len(f.of(KindPrivateKey)) > 0 }

// of returns the readable and the encrypted items of a kind.
func (f described) of(kind string) []Item {
	var found []Item
	for _, item := range f.items {
		if item.Kind == kind && item.Problem == "" {
			found = append(found, item)
		}
	}
	return found
}

func (d *doctor) item(file string, item Item) {
	if item.Problem != "" {
		d.find(file, RuleUnreadable, "", "%s: %s", item.Form, item.Problem)
		return
	}
	if item.Published != "" {
		d.find(file, RulePublished, "fwpack key new", "everybody has the private key: it is published (%s)", item.Published)
	}
	if err := weakness(item.pub); err != nil {
		d.find(file, RuleWeakKey, "", "%v", err)
	}
	if item.certificate != nil {
		d.certificate(file, item.certificate)
	}
}

func (d *doctor) certificate(file string, c *x509.Certificate) {
	d.validity(file, c)
	if isThrowAway(c) {
		d.find(file, RuleThrowAway, "fwpack key new", "certificate %q says itself that nobody guards its key", c.Subject)
	}
	if weakSignature(c.SignatureAlgorithm) && !selfSigned(c) {
		d.find(file, RuleWeakSignature, "", "certificate %q is signed with %v: want SHA-256 or better", c.Subject, c.SignatureAlgorithm)
	}
	if !isCA(c) && !isRecipient(c) && len(purposesOf(c)) == 0 {
		d.find(file, RulePurpose, "fwpack key cert", "certificate %q may sign for no purpose of SWUpdate: %s", c.Subject, lacking(c))
	}
}

// isRecipient tells a certificate that descriptions are encrypted for, and that
// was never meant to sign.
func isRecipient(c *x509.Certificate) bool {
	const receives, signs = x509.KeyUsageKeyEncipherment | x509.KeyUsageKeyAgreement, x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	return c.KeyUsage&receives != 0 && c.KeyUsage&signs == 0 && len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 0
}

// lacking says what SWUpdate would miss first. Its errors name the certificate
// again, in front.
func lacking(c *x509.Certificate) string {
	if c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return "its key usage has neither digitalSignature nor nonRepudiation"
	}
	return "its extended key usage is " + strings.Join(extendedKeyUsages(c), ", ") + ": want emailProtection or codeSigning"
}

// weakSignature knows the algorithms whose hash has been broken.
func weakSignature(a x509.SignatureAlgorithm) bool {
	switch a {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
		return true
	}
	return false
}

func (d *doctor) validity(file string, c *x509.Certificate) {
	now, soon := d.opt.Now, d.opt.Now.AddDate(0, d.opt.Months, 0)
	switch {
	case now.After(c.NotAfter):
		d.find(file, RuleExpired, "fwpack key cert", "certificate %q expired at %s", c.Subject, stamp(c.NotAfter))
	case soon.After(c.NotAfter):
		d.find(file, RuleExpires, "fwpack key cert", "certificate %q expires at %s, within %d months", c.Subject, stamp(c.NotAfter), d.opt.Months)
	}
	if now.Before(c.NotBefore) {
		d.find(file, RuleNotYetValid, "", "certificate %q is not valid before %s", c.Subject, stamp(c.NotBefore))
	}
}

// stem is the name of a file without folder and endings: release.pub.pem and
// release.crt are of one pair.
func (f described) stem() string {
	name, _, _ := strings.Cut(strings.TrimLeft(filepath.Base(f.Name), "."), ".")
	return name
}
