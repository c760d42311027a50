package keygen

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"

	"github.com/fwpack/fwpack/sign"
)

// chains looks at how the certificates hang together.
func (d *doctor) chains() {
	var all []*x509.Certificate
	for _, f := range d.files {
		all = append(all, f.certificates()...)
	}
	for _, f := range d.files {
		d.order(f)
		for _, c := range f.certificates() {
			if !selfSigned(c) && !anyIssued(all, c) {
				d.find(f.Name, RuleChainIncomplete, "give the issuer's certificate as well",
					"certificate %q: its issuer %q is not among the files", c.Subject, c.Issuer)
			}
		}
	}
}

func (f described) certificates() []*x509.Certificate {
	var all []*x509.Certificate
	for _, item := range f.of(KindCertificate) {
		all = append(all, item.certificate)
	}
	return all
}

// order looks at a file with the certificate of a signer: that comes first, and
// each is followed by its issuer. A file of authorities only, such as a
// device's trust file, has no order.
func (d *doctor) order(f described) {
	all := f.certificates()
	leaves := 0
	for i, c := range all {
		if isCA(c) {
			continue
		}
		if leaves++; leaves == 1 && i > 0 {
			d.find(f.Name, RuleChainOrder, "", "certificate %d, %q, is the signer's: want it first", i+1, c.Subject)
			return
		}
	}
	if leaves != 1 {
		return
	}
	for i := range all[1:] {
		if !issued(all[i+1], all[i]) {
			d.find(f.Name, RuleChainOrder, "", "certificate %d, %q, did not issue the one before it, %q", i+2, all[i+1].Subject, all[i].Subject)
			return
		}
	}
}

func anyIssued(all []*x509.Certificate, c *x509.Certificate) bool {
	for _, issuer := range all {
		if issued(issuer, c) {
			return true
		}
	}
	return false
}

// issued reports whether issuer signed c. A signature by a broken hash is told
// by another rule, and taken at its word here.
func issued(issuer, c *x509.Certificate) bool {
	if !bytes.Equal(issuer.RawSubject, c.RawIssuer) {
		return false
	}
	err := issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	var insecure x509.InsecureAlgorithmError
	return err == nil || errors.As(err, &insecure)
}

// pairs compares private keys with what must be theirs: certificates and public
// keys in the same file, or in one of the same name but for the ending. Where
// there is one key and one signer's certificate they belong together anyway.
func (d *doctor) pairs() {
	keys, leaves := d.count()
	for _, f := range d.files {
		for _, key := range f.of(KindPrivateKey) {
			if key.Encrypted {
				continue
			}
			for _, other := range d.files {
				switch {
				case other.Name == f.Name || other.stem() == f.stem():
					d.pair(f.Name, key, other.Name, append(other.of(KindCertificate), other.of(KindPublicKey)...))
				case keys == 1 && leaves == 1:
					d.pair(f.Name, key, other.Name, other.of(KindCertificate))
				}
			}
		}
	}
}

// count counts the private keys and the certificates of signers.
func (d *doctor) count() (keys, leaves int) {
	for _, f := range d.files {
		keys += len(f.of(KindPrivateKey))
		for _, c := range f.certificates() {
			if !isCA(c) {
				leaves++
			}
		}
	}
	return keys, leaves
}

// pair wants one of the public halves to be key's, authorities aside. None at all
// says nothing.
func (d *doctor) pair(file string, key Item, otherFile string, others []Item) {
	var strangers []Item
	for _, item := range others {
		if samePublicKey(item.pub, key.pub) {
			return
		}
		if item.certificate == nil || !isCA(item.certificate) {
			strangers = append(strangers, item)
		}
	}
	if len(strangers) > 0 {
		d.find(file, RuleMismatch, "", "the key is %s, and %s is of %s", short(key.pub), otherFile, short(strangers[0].pub))
	}
}

// short describes pub and tells it from others of its kind.
func short(pub crypto.PublicKey) string {
	fingerprint, err := sign.Fingerprint(pub)
	if err != nil {
		return sign.Describe(pub)
	}
	return sign.Describe(pub) + " " + fingerprint[:len("sha256:")+16]
}
