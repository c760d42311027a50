package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/sign/request"
)

// signOptions is the command line of fwpack sign.
type signOptions struct {
	signerOptions
	out      string
	add      bool
	strip    []string
	trust    []string
	target   string
	decrypt  decryptOptions
	noCheck  bool
	release  bool
	json     bool
	export   string
	previous string
	attach   []string
	request  string
	image    imageSignOptions
}

func newSign(s surroundings) *cobra.Command {
	var opt signOptions
	cmd := &cobra.Command{
		Use:   "sign FILE",
		Short: "Sign a finished bundle or image anew, here or elsewhere",
		Long: `Sign puts another signature on a finished .swu or MCUboot image.

Of a bundle the payloads stay as they are, which is checked before the new file
gets its name: the description must be one that a device takes, every payload
the one that the description means, and the copy the same as the original. An
expired certificate of the old signature does not matter; with --trust the old
signature must be by somebody who is trusted.

The signers are --key with --cert, in pairs, or with -f keys of a project. Without
--add they take the place of those there are.

A key that is elsewhere signs in two steps. --export-request writes a file that
says what is to be signed, and how with openssl alone; --attach takes the
signatures that come back, as raw bytes, DER, base64 or a whole CMS, and
finishes. Both steps name the same signers, by --cert or --public.

Of an image, in a binary, a whole slot or Intel HEX, the one --key replaces the
signature; body, trailer and addresses stay, and an encrypted body stays so,
which --decrypt opens to check it. Hash and form of the signature stay as far as
the key allows it. --strip all makes the image unsigned.`,
		Example: `  fwpack sign dev.swu --key release.pem --cert release.crt --trust dev.crt -o release.swu
  fwpack sign release.swu --key 'pkcs11:token=hsm;object=b' --cert b.crt --add -o both.swu
  fwpack sign both.swu --strip "Gateway release 2024" -o release.swu
  fwpack sign a.swu --cert alice.crt --cert bob.crt --require 1 --export-request a.request.json
  fwpack sign a.swu --cert alice.crt --cert bob.crt --require 1 --request a.request.json \
      --attach bob.sig -o a-signed.swu
  fwpack sign zephyr.signed.hex --key release.pem --trust dev.pub.pem --release -o release.hex`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runSign(cmd, args[0], opt, s)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&opt.out, "output", "o", "", "write the signed bundle or image to `FILE`, which may be the input")
	opt.addFlags(cmd)
	f.BoolVar(&opt.add, "add", false, "keep the signers that are there")
	f.StringArrayVar(&opt.strip, "strip", nil, "drop the signer `WHO` and keep the others: a subject, its common name, or the begin of a fingerprint; all drops everybody; may be repeated")
	f.StringArrayVar(&opt.trust, "trust", nil, "the old signature must be by this certificate or public key, or below it: a PEM `file`; may be repeated")
	f.StringVar(&opt.target, "target", "", "`device` to check the description for, see fwpack check")
	opt.decrypt.addFlags(cmd)
	f.BoolVar(&opt.noCheck, "no-check", false, "sign a description that a device would refuse")
	f.BoolVar(&opt.release, "release", false, "refuse keys that others have: published ones, and throw-away keys of fwpack init")
	f.StringVar(&opt.export, "export-request", "", "write what is to be signed to `FILE` instead of signing")
	f.StringVar(&opt.previous, "previous", "", "the release before, a .swu `file`: the request says what has changed")
	f.StringVar(&opt.request, "request", "", "the `file` that --export-request wrote: it must still be what this bundle and these signers need")
	f.StringArrayVar(&opt.attach, "attach", nil, "take the signature in `FILE`; may be repeated")
	f.BoolVar(&opt.json, "json", false, "print the result as JSON")
	opt.image.addFlags(cmd)
	return cmd
}

// check refuses what goes together with nothing.
func (o signOptions) check() error {
	exports := o.export != ""
	switch {
	case exports && (o.out != "" || len(o.attach) > 0 || o.request != ""):
		return usageError{"--export-request stands by itself: -o, --attach and --request are for the second step"}
	case !exports && o.out == "":
		return usageError{"-o FILE is missing"}
	case o.request != "" && len(o.attach) == 0:
		return usageError{"--request does nothing without --attach"}
	case o.previous != "" && !exports && o.request == "":
		return usageError{"--previous is for --export-request and --request"}
	case o.signers() == 0 && (exports || len(o.attach) > 0 || len(o.strip) == 0):
		return usageError{"no signer: want --key, --cert or --public, or -f with a project"}
	}
	return o.signerOptions.check()
}

// runSign signs what the file is.
func runSign(cmd *cobra.Command, path string, opt signOptions, s surroundings) error {
	file, err := openFinished(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := forKind(cmd, file.kind); err != nil {
		return err
	}
	if file.kind == pack.KindImage {
		return signImage(cmd.Context(), file, opt, s)
	}
	return signBundle(cmd.Context(), path, opt, s)
}

func signBundle(ctx context.Context, file string, opt signOptions, s surroundings) error {
	if err := opt.check(); err != nil {
		return err
	}
	signing, err := opt.options(ctx, s)
	if err != nil {
		return err
	}
	job, err := pack.NewSigning(ctx, file, signing)
	if err != nil {
		return err
	}
	defer job.Close()
	if opt.export != "" {
		return exportRequest(ctx, job, s)
	}
	report, err := job.Seal(ctx, opt.out)
	if err != nil {
		return err
	}
	if err := printWarnings(s.stderr, report.Remaining); err != nil {
		return err
	}
	if opt.json {
		return printJSON(s.stdout, report)
	}
	return printSigned(s, report)
}

// options puts the command line into the words of package pack.
func (o signOptions) options(ctx context.Context, s surroundings) (pack.SignOptions, error) {
	signing := pack.SignOptions{
		Options: pack.Options{
			Rand: s.rand, Now: s.now(), Env: s.env, Programs: s.programs(o.pass.env, o.decrypt.pass.env), Release: o.release,
			Passphrase: o.pass.asker(ctx, s),
		},
		Add: o.add, Strip: o.strip, Trust: o.trust, Target: o.target, Unchecked: o.noCheck, Previous: o.previous,
	}
	var err error
	if signing.Decrypt, err = o.decrypt.keys(ctx, s); err != nil {
		return signing, err
	}
	if signing.SigningTime, err = s.signingTime(); err != nil {
		return signing, err
	}
	if signing.Keys, signing.Required, err = o.keys(s); err != nil {
		return signing, err
	}
	if signing.Required > len(signing.Keys) {
		return signing, usageError{fmt.Sprintf("%d signatures are required of %s", signing.Required, plural(len(signing.Keys), "signer"))}
	}
	if o.export != "" {
		signing.RequestName = o.export
		signing.Keys = elsewhere(signing.Keys)
	}
	return signing, o.readAttached(&signing)
}

// readAttached reads what came back.
func (o signOptions) readAttached(signing *pack.SignOptions) error {
	for _, name := range o.attach {
		data, err := readBounded(name, maxSignature)
		if err != nil {
			return err
		}
		signing.Attached = append(signing.Attached, pack.Attachment{Name: name, Data: data})
	}
	if o.request == "" {
		return nil
	}
	data, err := readBounded(o.request, request.MaxSize)
	if err != nil {
		return err
	}
	signing.RequestName = o.request
	if signing.Request, err = request.Decode(data); err != nil {
		return &pack.TamperedError{Name: o.request, Differences: []string{err.Error()}}
	}
	return nil
}

// maxSignature is more than a CMS with many certificates has, in bytes.
const maxSignature = 2 << 20

// readBounded reads a file of at most limit bytes.
func readBounded(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s: more than %d bytes", name, limit)
	}
	return data, err
}

func exportRequest(ctx context.Context, job *pack.Signing, s surroundings) error {
	r, err := job.Export(ctx)
	if err != nil {
		return err
	}
	for _, signer := range r.Signers {
		fmt.Fprint(s.stderr, tame(fmt.Sprintf("to be signed by %s (%s %s): %s digest %s\n", signer.Name, signer.Key, signer.KeyID, signer.Hash, signer.Digest)))
	}
	fmt.Fprintf(s.stderr, "required: %d of %d\n", r.Required, len(r.Signers))
	_, err = fmt.Fprintln(s.stdout, job.RequestName())
	return err
}

// printSigned says what has become of the signers and, which is as important,
// that nothing has become of the payloads.
func printSigned(s surroundings, report *pack.SignReport) error {
	var b strings.Builder
	for _, signer := range report.Removed {
		fmt.Fprintf(&b, "removed %s\n", signer.Subject)
	}
	for _, signer := range report.Kept {
		fmt.Fprintf(&b, "kept %s\n", signer.Subject)
	}
	for _, signer := range report.Added {
		fmt.Fprintf(&b, "signed by %s (%s %s)\n", signer.Key, signer.Algorithm, signer.Fingerprint)
	}
	if report.Scheme == "" {
		b.WriteString("not signed any more\n")
	}
	var size int64
	for _, p := range report.Payloads {
		size += p.Size
	}
	fmt.Fprintf(&b, "%s, %d bytes, the same as before\n", plural(len(report.Payloads), "payload"), size)
	fmt.Fprint(s.stderr, tame(b.String()))
	_, err := fmt.Fprintln(s.stdout, report.Output)
	return err
}
