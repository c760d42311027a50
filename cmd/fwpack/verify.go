package main

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/profile"
	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/pack/imagefile"
)

// verifyOptions is the command line of fwpack verify.
type verifyOptions struct {
	trust   []string
	decrypt decryptOptions
	boot    bootloaderOptions
	json    bool
}

func newVerify(s surroundings) *cobra.Command {
	var opt verifyOptions
	cmd := &cobra.Command{
		Use:   "verify IMAGE",
		Short: "Say what a bootloader makes of a finished image",
		Long: `Verify goes through the rules of MCUboot: structure, digest, signature, and what
else the image asks for. The image is a binary, a whole slot, or Intel HEX.

How the bootloader was built is said by --bootloader, --zephyr and --set; what
nobody says is taken from the image, and the room in a slot is not looked at.

It says what it proved, what it did not check, and why. Without --trust no
signature is proven. Exit status 0 says that the image is accepted, 3 that it is
refused, or not proven to be good.`,
		Example: `  fwpack verify zephyr.signed.bin --trust root.pub.pem
  fwpack verify zephyr.signed.bin --trust root.pub.pem --bootloader nrf52840dk --set mode=swap-move
  fwpack verify update.bin --trust root.pub.pem --decrypt enc-x25519-priv.pem --json`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runVerify(cmd.Context(), args[0], opt, s)
		},
	}
	cmd.Flags().StringArrayVar(&opt.trust, "trust", nil, "the signature must be by this key: a PEM `file` with a key or a certificate; may be repeated")
	cmd.Flags().BoolVar(&opt.json, "json", false, "print JSON")
	opt.decrypt.addFlags(cmd)
	opt.boot.addFlags(cmd)
	return cmd
}

func runVerify(ctx context.Context, path string, opt verifyOptions, s surroundings) error {
	f, err := openImage(path, "verify")
	if err != nil {
		return err
	}
	options := imagefile.VerifyOptions{Bootloader: f.Bootloader(), Primary: opt.boot.primary}
	if options.Profile, err = opt.boot.profile(s); err != nil {
		return err
	}
	if options.Trust, err = imagefile.ReadTrust(opt.trust); err != nil {
		return err
	}
	if options.DecryptionKey, err = opt.decrypt.imageKey(ctx, f, s); err != nil {
		return err
	}
	v, err := f.Verify(options)
	if err != nil {
		return err
	}
	if opt.json {
		err = printJSON(s.stdout, v)
	} else {
		err = printVerification(s.stdout, v)
	}
	if err == nil && v.Verdict != imagefile.Accepted {
		err = unprovenError{v}
	}
	return err
}

// openImage reads an image for a verb that knows nothing else.
func openImage(path, verb string) (*imagefile.File, error) {
	file, err := openFinished(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if file.kind == pack.KindBundle {
		return nil, bundleError(path, verb)
	}
	return imagefile.Read(path, file)
}

// imageKey finds the key that decrypts an image, nil where none is named.
func (o *decryptOptions) imageKey(ctx context.Context, f *imagefile.File, s surroundings) (crypto.PrivateKey, error) {
	keys, err := o.keys(ctx, s)
	if err != nil {
		return nil, err
	}
	return keys.ImageKey(f.Image), nil
}

// unprovenError says that an image is not accepted. Why has been printed as well.
type unprovenError struct{ v *imagefile.Verification }

func (e unprovenError) Error() string {
	for _, rule := range e.v.Rules {
		bad := rule.Outcome == mcuboot.Failed.String()
		if e.v.Verdict == imagefile.NotProven {
			bad = rule.Outcome == mcuboot.Unchecked.String() && rule.Asked
		}
		if bad {
			return fmt.Sprintf("%s: %s: %s: %s", e.v.File, e.v.Verdict, rule.Rule, rule.Detail)
		}
	}
	return fmt.Sprintf("%s: %s", e.v.File, e.v.Verdict)
}

func printVerification(w io.Writer, v *imagefile.Verification) error {
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "%s: MCUboot image\n", v.File)
	if v.Version != "" {
		fmt.Fprintf(tw, "version\t%s\n", v.Version)
	}
	if v.Digest != "" {
		fmt.Fprintf(tw, "digest\t%s %s\n", v.Hash, v.Digest)
	}
	fmt.Fprintf(tw, "upgrade\t%s\n", upgradeWords(v.Upgrade))
	printSigner(tw, v.SignedBy)
	tw.Flush()
	fmt.Fprintln(tw)
	for _, rule := range v.Rules {
		fmt.Fprintf(tw, "%s\t%s\t%s\n", rule.Rule, rule.Outcome, rule.Detail)
	}
	tw.Flush()
	printSettings(tw, v.Bootloader)
	printFit(tw, v.Fit)
	tw.Flush()
	printRemarks(&b, v)
	fmt.Fprintf(&b, "\n%s\n", v.Verdict)
	_, err := io.WriteString(w, tame(withoutBlanks(b.String())))
	return err
}

// withoutBlanks takes the blanks off the ends of lines.
func withoutBlanks(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

func upgradeWords(u mcuboot.Upgrade) string {
	switch u {
	case mcuboot.UpgradeTest:
		return "test: runs once, unless the firmware confirms it"
	case mcuboot.UpgradePermanent:
		return "permanent"
	}
	return "none: the device has to ask for it"
}

func printSigner(w io.Writer, key *imagefile.Key) {
	if key == nil {
		return
	}
	fmt.Fprintf(w, "signed by\t%s %s (%s)\n", key.Type, key.Fingerprint, key.File)
	if key.Published != "" {
		fmt.Fprintf(w, "published\teverybody has the private key: %s\n", key.Published)
	}
}

// printSettings says what the bootloader was taken for, and why.
func printSettings(w io.Writer, settings []profile.Setting) {
	for i, s := range settings {
		if i == 0 {
			fmt.Fprintln(w, "\nthe bootloader")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Key, s.Value, s.From)
	}
}

func printFit(w io.Writer, fit *imagefile.Fit) {
	if fit == nil {
		return
	}
	fmt.Fprintf(w, "\nslot\t%d\n", fit.Slot)
	for _, part := range fit.Parts {
		fmt.Fprintf(w, "%s\t%d\n", part.Name, part.Size)
	}
	fmt.Fprintf(w, "free\t%d\n", fit.Free)
}

// printRemarks prints what is in no row about a rule.
func printRemarks(w io.Writer, v *imagefile.Verification) {
	var lines []string
	for _, n := range v.NotChecked {
		if !slices.ContainsFunc(v.Rules, func(r imagefile.RuleResult) bool { return r.Rule == n.Rule }) {
			lines = append(lines, fmt.Sprintf("not checked: %s: %s", n.Rule, n.Why))
		}
	}
	for _, note := range v.Notes {
		lines = append(lines, "note: "+note)
	}
	if len(lines) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.Join(lines, "\n"))
	}
}
