package diff

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/sign"
)

// signature is the signature of a bundle, nothing of which has been verified.
type signature struct {
	present bool
	data    []byte
	cms     *sign.CMS // nil for a raw one
}

// kind is how the bundle is signed.
func (s signature) kind() string {
	switch {
	case !s.present:
		return ""
	case s.cms == nil:
		return "raw, which names no signer"
	}
	return "cms"
}

func (s signature) signers() []sign.Signer {
	if s.cms == nil {
		return nil
	}
	return s.cms.Signers
}

// compareSignatures says who came and who went.
func compareSignatures(old, new signature) []Change {
	var list []Change
	if c, different := change("kind", old.kind(), new.kind()); different {
		list = append(list, c)
	}
	for _, p := range pairSigners(old.signers(), new.signers()) {
		list = append(list, p.changes()...)
	}
	if len(list) == 0 && !bytes.Equal(old.data, new.data) {
		list = append(list, Change{
			Mark: Changed, Name: "bytes", Old: sizeOf(old.data), New: sizeOf(new.data), Detail: true,
		})
	}
	return list
}

// sizeOf tells signatures apart that name nobody.
func sizeOf(data []byte) string { return fmt.Sprintf("%d bytes", len(data)) }

// signerPair is a signer with what it was.
type signerPair struct{ old, new *sign.Signer }

// pairSigners finds out which signers are the same: by the key, then by the name.
func pairSigners(old, new []sign.Signer) []signerPair {
	key := func(s sign.Signer) string { return s.KeyFingerprint }
	name := func(s sign.Signer) string { return signerName(&s) }
	partners, gone := pairUp(old, new, []pass[sign.Signer]{{key, key}, {name, name}})
	var pairs []signerPair
	for i, at := range partners {
		p := signerPair{new: &new[i]}
		if at >= 0 {
			p.old = &old[at]
		}
		pairs = append(pairs, p)
	}
	for _, at := range gone {
		pairs = append(pairs, signerPair{old: &old[at]})
	}
	return pairs
}

// signerName is what people call a signer by.
func signerName(s *sign.Signer) string {
	switch {
	case s.Subject != "":
		return s.Subject
	case s.Issuer != "" || s.Serial != "":
		return fmt.Sprintf("number %s of %s", s.Serial, s.Issuer)
	}
	return "key " + s.KeyID
}

func (p signerPair) changes() []Change {
	switch {
	case p.old == nil:
		return []Change{{Mark: Added, Name: "signer " + signerName(p.new), New: summary(p.new)}}
	case p.new == nil:
		return []Change{{Mark: Removed, Name: "signer " + signerName(p.old), Old: summary(p.old)}}
	}
	var list []Change
	was, is := signerFields(p.old), signerFields(p.new)
	for i := range was {
		if c, different := change("signer "+signerName(p.new)+": "+was[i].name, was[i].value, is[i].value); different {
			c.Detail = was[i].detail
			list = append(list, c)
		}
	}
	return list
}

// signerFields are the same ones of each signer, in the same order.
func signerFields(s *sign.Signer) []field {
	begin, end, signed := "", "", ""
	if s.Certificate != nil {
		begin, end = s.Certificate.NotBefore.UTC().Format(stamp), s.Certificate.NotAfter.UTC().Format(stamp)
	}
	if !s.SigningTime.IsZero() {
		signed = s.SigningTime.UTC().Format(stamp)
	}
	return []field{
		{"subject", s.Subject, false},
		{"issuer", s.Issuer, false},
		{"algorithm", s.Algorithm, false},
		{"digest", s.Digest, false},
		{"key", strings.TrimSpace(s.Key + " " + s.KeyFingerprint), false},
		{"certificate", s.CertificateFingerprint, false},
		{"certificate valid from", begin, false},
		{"certificate expires", end, false},
		{"signing time", signed, true},
	}
}

// stamp is RFC 3339 in UTC.
const stamp = "2006-01-02T15:04:05Z"

// summary is what is to be known of a signer that came or went.
func summary(s *sign.Signer) string {
	var parts []string
	for _, f := range signerFields(s) {
		switch f.name {
		case "algorithm", "digest", "key":
			parts = append(parts, f.value)
		case "certificate expires":
			if f.value != "" {
				parts = append(parts, "expires "+f.value)
			}
		}
	}
	return strings.Join(parts, ", ")
}
