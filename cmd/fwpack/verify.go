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
	"github.com/fwpack/fwpack/sign"
)

// verifyOptions is the command line of fwpack verify.
type verifyOptions struct {
	trust   []string
	decrypt decryptOptions
	boot    bootloaderOptions
	target  string
	purpose sign.Purpose
	zck     []string
	json    bool
}

// bundleVerify are the flags of fwpack verify that images do not have.
var bundleVerify = []string{"target", "purpose", "zck"}

func newVerify(s surroundings) *cobra.Command {
	var opt verifyOptions
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Prove a finished bundle or image, down to what a device installs",
		Long: `Verify proves what can be proven of a finished file, and says what it could not
prove and why.

Of a .swu it goes down the whole chain: the archive and its sums, the signature
over the description by somebody who is trusted, and for each payload its sha256,
decryption and decompression to the very end, its sizes, and what it is itself:
an MCUboot image, a bundle, the header of a delta or a patch. Without --target the
strictest rules of all clients hold for certificates, and notes say which clients
are less strict.

Of an MCUboot image, in a binary, a whole slot or Intel HEX, it goes through the
rules of the bootloader: structure, digest, signature, and what else the image
asks for. How the bootloader was built is said by --bootloader, --zephyr and
--set; what nobody says is taken from the image, and the room in a slot is not
looked at.

Without --trust no signature is proven. Exit status 0 says that all that was asked
has been proven, 3 that something is wrong, or not proven.`,
		Example: `  fwpack verify gateway.swu --trust release.crt
  fwpack verify gateway.swu --trust root.crt --trust mcu.pub.pem --decrypt device.aes \
      --zck rootfs.zck --target debian-12 --json
  fwpack verify zephyr.signed.bin --trust root.pub.pem --bootloader nrf52840dk --set mode=swap-move
  fwpack verify update.bin --trust root.pub.pem --decrypt enc-x25519-priv.pem --json`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runVerify(cmd, args[0], opt, s)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&opt.trust, "trust", nil, "signatures must be by this certificate or key, or below it: a PEM `file`; may be repeated")
	opt.decrypt.addFlags(cmd)
	opt.boot.addFlags(cmd)
	f.StringVar(&opt.target, "target", "", "`device` that installs the bundle, see fwpack check")
	parsed(cmd, &opt.purpose, "purpose", "", "`purpose` that certificates of signers must have: emailProtection (default) or codeSigning", parsePurpose)
	f.StringArrayVar(&opt.zck, "zck", nil, "the .zck `file` that a delta in the bundle belongs to: it must be whole; may be repeated")
	f.BoolVar(&opt.json, "json", false, "print JSON")
	return cmd
}

func parsePurpose(text string) (p sign.Purpose, err error) {
	err = p.UnmarshalText([]byte(text))
	return p, err
}

// runVerify verifies what the file is.
func runVerify(cmd *cobra.Command, path string, opt verifyOptions, s surroundings) error {
	file, err := openFinished(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if file.kind == pack.KindBundle {
		return verifyBundle(cmd.Context(), file, opt, s)
	}
	if err := noneOf(cmd, bundleVerify); err != nil {
		return err
	}
	return verifyImage(cmd.Context(), file, opt, s)
}

// noneOf refuses flags of bundles where the file is an image.
func noneOf(cmd *cobra.Command, flags []string) error {
	for _, name := range flags {
		if cmd.Flags().Changed(name) {
			return usageError{fmt.Sprintf("--%s: for bundles, and the file is an MCUboot image", name)}
		}
	}
	return nil
}

func verifyImage(ctx context.Context, file *finishedFile, opt verifyOptions, s surroundings) error {
	f, err := imagefile.Read(file.path, file)
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
		err = unprovenError{fmt.Sprintf("%s: %s", v.File, imageReason(v))}
	}
	return err
}

// imageKey finds the key that decrypts an image, nil where none is named.
func (o *decryptOptions) imageKey(ctx context.Context, f *imagefile.File, s surroundings) (crypto.PrivateKey, error) {
	keys, err := o.keys(ctx, s)
	if err != nil {
		return nil, err
	}
	return keys.ImageKey(f.Image), nil
}

// unprovenError says that a file is not accepted. Why has been printed as well.
type unprovenError struct{ msg string }

func (e unprovenError) Error() string { return e.msg }

// imageReason is the verdict about an image that is not accepted, and why.
func imageReason(v *imagefile.Verification) string {
	for _, rule := range v.Rules {
		bad := rule.Outcome == mcuboot.Failed.String()
		if v.Verdict == imagefile.NotProven {
			bad = rule.Outcome == mcuboot.Unchecked.String() && rule.Asked
		}
		if bad {
			return fmt.Sprintf("%s: %s: %s", v.Verdict, rule.Rule, rule.Detail)
		}
	}
	return string(v.Verdict)
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
