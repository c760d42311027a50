package lint

import "github.com/fwpack/fwpack/template/swdesc/swupdate"

// signatureRules are about sw-description.sig.
var signatureRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD501", Name: "unsigned", Severity: Error,
			Why:     "A client that verifies signatures refuses an archive whose second file is not the signature.",
			Hint:    "sign the bundle",
			Failing: these(draft(images(rootfs())).on("debian-12").in(packed("rootfs.ext4"))),
			Passing: these(draft(images(rootfs())).on("debian-12").signed(swupdate.Signature{Scheme: "cms", Signers: 1})),
		}, checkSigned},
		{Rule{ID: "SWD502", Name: "wrong-signature-scheme", Severity: Error,
			Why:     "A client verifies one kind of signature, and refuses all others.",
			Hint:    "sign with the scheme that the client was built for",
			Failing: these(draft(images(rootfs())).on("debian-12").signed(swupdate.Signature{Scheme: "rsa-pkcs1v15"})),
			Passing: these(draft(images(rootfs())).on("debian-12").signed(swupdate.Signature{Scheme: "cms", Signers: 1})),
		}, eachSignature(checkScheme)},
		{Rule{ID: "SWD503", Name: "several-signers", Severity: Warning, Depends: "Nothing for a target that is known to skip signers that it does not know.",
			Why:     "Most clients refuse a signature of which they do not know every signer.",
			Hint:    "sign with one key, or make sure that every device knows all of them",
			Failing: these(draft(images(rootfs())).signed(swupdate.Signature{Scheme: "cms", Signers: 2})),
			Passing: these(draft(images(rootfs())).signed(swupdate.Signature{Scheme: "cms", Signers: 1}), draft(images(rootfs())).on("debian-12").signed(swupdate.Signature{Scheme: "cms", Signers: 2})),
		}, eachSignature(checkSigners)},
		{Rule{ID: "SWD504", Name: "intermediate-certificates", Severity: Warning, Depends: "Nothing for a target that is known to use them.",
			Why:     "Some clients, Debian 12's among them, do not look at certificates in the signature that are no signer's, and then refuse a signer below an intermediate.",
			Hint:    "put the intermediate certificates on the device, together with the root",
			Failing: these(draft(images(rootfs())).signed(swupdate.Signature{Scheme: "cms", Signers: 1, Intermediates: 1})),
			Passing: these(draft(images(rootfs())).signed(swupdate.Signature{Scheme: "cms", Signers: 1})),
		}, eachSignature(checkIntermediates)},
	}
}

func checkSigned(c *checker) {
	if c.Archive != nil && c.Archive.Signature == nil && c.target.Signed() == swupdate.Yes {
		c.report(c.whole(), "the archive has no signature")
	}
}

func eachSignature(check func(*checker, *swupdate.Signature)) func(*checker) {
	return func(c *checker) {
		if c.Archive != nil && c.Archive.Signature != nil {
			check(c, c.Archive.Signature)
		}
	}
}

func checkScheme(c *checker, s *swupdate.Signature) {
	want := string(c.target.Verifier)
	switch c.target.Verifier {
	case "", swupdate.VerifierAny, swupdate.VerifierNone, swupdate.VerifierGPG:
		return
	}
	raw := s.Scheme == "raw" && c.target.Verifier != swupdate.VerifierCMS
	if s.Scheme != "" && s.Scheme != want && !raw {
		c.report(c.whole(), "the signature is %s, and the target verifies %s", s.Scheme, want)
	}
}

func checkSigners(c *checker, s *swupdate.Signature) {
	if s.Signers > 1 && c.target.Signed().Maybe() && c.target.SkipsUnknownSigners != swupdate.Yes {
		c.report(c.whole(), "the signature has %d signers", s.Signers)
	}
}

func checkIntermediates(c *checker, s *swupdate.Signature) {
	if s.Intermediates > 0 && c.target.Signed().Maybe() && c.target.IgnoresExtraCertificates != swupdate.No {
		c.report(c.whole(), "the signature has %d certificates that are no signer's", s.Intermediates)
	}
}
