package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
)

// The days that certificates are valid by default. An authority must outlive
// the certificates below it.
const (
	defaultDays   = 3650
	defaultCADays = 2 * defaultDays
	maxDays       = 365_000
)

// keyCertOptions is the command line of fwpack key cert.
type keyCertOptions struct {
	key      string
	out      string
	cn       string
	days     int
	until    string
	purposes []string
	ca       bool
	receives bool
	caKey    string
	caCert   string
	pass     passphraseOptions
	caPass   passphraseOptions
}

func newKeyCert(s surroundings) *cobra.Command {
	var opt keyCertOptions
	cmd := &cobra.Command{
		Use:   "cert KEY -o FILE --cn NAME",
		Short: "Make a certificate that SWUpdate accepts",
		Long: `Cert makes a certificate of KEY for signing bundles (scheme cms). It signs
itself, or is signed by the authority that --ca-key and --ca-cert name; KEY may
then be a public key. With --ca it becomes an authority itself. A key is a file,
plugin:NAME:REFERENCE or a pkcs11: URI.

It is valid from now on, or from SOURCE_DATE_EPOCH, for 3650 days; an authority
for 7300. FILE must not exist yet. The certificate's fingerprint is printed.`,
		Example: `  fwpack key cert release.pem -o release.crt --cn "Gateway release"
  fwpack key cert ca.pem -o ca.crt --cn "Gateway root" --ca
  fwpack key cert release.pem -o release.crt --cn "Gateway release 2026" \
      --ca-key ca.pem --ca-cert ca.crt --until 2031-12-31`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.key = args[0]
			if cmd.Flags().Changed("days") && (opt.days < 1 || opt.days > maxDays) {
				return usageError{fmt.Sprintf("--days %d: 1 to %d are allowed", opt.days, maxDays)}
			}
			return runKeyCert(cmd.Context(), opt, s)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&opt.out, "output", "o", "", "write the certificate to `FILE`")
	f.StringVar(&opt.cn, "cn", "", "common `name` of the subject")
	f.IntVar(&opt.days, "days", 0, "valid for so many `days`")
	f.StringVar(&opt.until, "until", "", "valid until the end of `YYYY-MM-DD`; 9999-12-31 is for ever")
	f.StringArrayVar(&opt.purposes, "purpose", nil, "`purpose`: emailProtection, SWUpdate's default, or codeSigning; may be repeated")
	f.BoolVar(&opt.receives, "recipient", false, "make a certificate to encrypt descriptions for, which signs nothing")
	f.BoolVar(&opt.ca, "ca", false, "make a certification authority")
	f.StringVar(&opt.caKey, "ca-key", "", "private `KEY` of the authority")
	f.StringVar(&opt.caCert, "ca-cert", "", "certificate of the authority, a `file`")
	opt.pass.addFlags(cmd, "", "KEY")
	opt.caPass.addFlags(cmd, "ca-", "the authority's key")
	return cmd
}

func (o keyCertOptions) check() error {
	switch {
	case o.out == "":
		return usageError{"-o FILE is missing"}
	case o.cn == "":
		return usageError{"--cn NAME is missing"}
	case o.days != 0 && o.until != "":
		return usageError{"--days and --until: one of the two is allowed"}
	case o.ca && len(o.purposes) > 0:
		return usageError{"--purpose does nothing with --ca: an authority signs certificates only"}
	case o.receives && (o.ca || len(o.purposes) > 0):
		return usageError{"--recipient stands by itself: such a certificate signs nothing, neither bundles nor certificates"}
	case (o.caKey == "") != (o.caCert == ""):
		return usageError{"--ca-key and --ca-cert: both are needed, or none"}
	case o.caKey == "" && o.caPass.sources() > 0:
		return usageError{"--ca-passphrase-env and --ca-passphrase-file do nothing without --ca-key"}
	}
	return keygen.CheckNew(o.out)
}

func runKeyCert(ctx context.Context, opt keyCertOptions, s surroundings) error {
	if err := opt.check(); err != nil {
		return err
	}
	certificate, err := opt.certificate(s)
	if err != nil {
		return err
	}
	ring := &keyring{s: s}
	defer ring.close()
	if certificate.Issuer, err = opt.issuer(ctx, ring); err != nil {
		return err
	}
	key, err := opt.subjectKey(ctx, ring)
	if err != nil {
		return err
	}
	data, err := keygen.NewCertificate(key, certificate, s.rand)
	if err := errors.Join(err, ring.close()); err != nil {
		return err
	}
	if err := keygen.WriteNew(opt.out, data, keygen.PublicMode); err != nil {
		return err
	}
	items, err := keygen.Describe(data)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.stdout, items[0].Certificate.Fingerprint)
	return err
}

// certificate is what the flags say about the certificate, the issuer aside.
func (o keyCertOptions) certificate(s surroundings) (keygen.CertificateOptions, error) {
	opt := keygen.CertificateOptions{CommonName: o.cn, CA: o.ca, Recipient: o.receives}
	for _, text := range o.purposes {
		var p sign.Purpose
		if err := p.UnmarshalText([]byte(text)); err != nil {
			return opt, usageError{"--purpose: " + err.Error()}
		}
		opt.Purposes = append(opt.Purposes, p)
	}
	start, err := s.signingTime()
	if err != nil {
		return opt, err
	}
	if start.IsZero() {
		start = s.now().UTC().Truncate(time.Second)
	}
	opt.NotBefore = start
	opt.NotAfter, err = o.end(start)
	return opt, err
}

func (o keyCertOptions) end(start time.Time) (time.Time, error) {
	if o.until != "" {
		day, err := time.Parse(time.DateOnly, o.until)
		if err != nil {
			return day, usageError{fmt.Sprintf("--until %q: a date as YYYY-MM-DD is allowed", o.until)}
		}
		return day.Add(24*time.Hour - time.Second), nil
	}
	days := o.days
	switch {
	case days == 0 && o.ca:
		days = defaultCADays
	case days == 0:
		days = defaultDays
	}
	return start.AddDate(0, 0, days), nil
}

// issuer reads the authority, nil where the certificate signs itself.
func (o keyCertOptions) issuer(ctx context.Context, ring *keyring) (*keygen.Issuer, error) {
	if o.caKey == "" {
		return nil, nil
	}
	data, err := readKeyFile(o.caCert)
	if err != nil {
		return nil, err
	}
	certificates, err := sign.ParseCertificates(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.caCert, err)
	}
	key, err := ring.signer(ctx, o.caKey, o.caPass)
	if err != nil {
		return nil, err
	}
	return &keygen.Issuer{Certificate: certificates[0], Key: key}, nil
}

// subjectKey reads the key to certify: below an authority its public half will
// do.
func (o keyCertOptions) subjectKey(ctx context.Context, ring *keyring) (any, error) {
	if o.caKey != "" {
		return ring.public(ctx, o.key, o.pass)
	}
	return ring.signer(ctx, o.key, o.pass)
}
