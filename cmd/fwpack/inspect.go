package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/pack/swufile"
)

func newInspect(s surroundings) *cobra.Command {
	var asJSON bool
	var decrypt decryptOptions
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Say what a bundle or an image holds and who signed it",
		Long: `Inspect lists what is in a .swu with sizes and hashes, and says who signed it;
of an MCUboot image, in a binary, a whole slot or Intel HEX, it shows header,
TLVs and trailer, and how they lie in the slot. It verifies no signature. Exit
status 3 says that something is wrong; the problems are listed.`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runInspect(cmd.Context(), args[0], decrypt, asJSON, s)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	decrypt.addFlags(cmd)
	return cmd
}

// findingsError says that a file is not as it should be. The findings
// themselves have been printed.
type findingsError struct {
	file  string
	count int
}

func (e findingsError) Error() string {
	if e.count == 1 {
		return e.file + ": 1 problem"
	}
	return fmt.Sprintf("%s: %d problems", e.file, e.count)
}

func runInspect(ctx context.Context, path string, decrypt decryptOptions, asJSON bool, s surroundings) error {
	file, err := openFinished(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if file.kind == pack.KindImage {
		return inspectImage(ctx, file, decrypt, asJSON, s)
	}
	keys, err := decrypt.keys(ctx, s)
	if err != nil {
		return err
	}
	ins, err := pack.Inspect(ctx, path, file, keys)
	if err != nil {
		return err
	}
	if asJSON {
		err = printJSON(s.stdout, ins)
	} else {
		err = printInspection(s.stdout, path, ins)
	}
	return orFindings(err, path, ins.Problems)
}

// orFindings is err, or else says that there are problems.
func orFindings(err error, path string, problems []string) error {
	if err == nil && len(problems) > 0 {
		return findingsError{path, len(problems)}
	}
	return err
}

func printInspection(w io.Writer, path string, ins *pack.Inspection) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "%s: SWUpdate bundle\n", path)
	fmt.Fprintf(tw, "version\t%s\n", printable(ins.Version))
	fmt.Fprintf(tw, "hardware\t%s\n", printable(strings.Join(ins.HardwareCompatibility, ", ")))
	printEnvelope(tw, ins.Encrypted)
	printSignature(tw, ins.Signature)
	for _, problem := range ins.Problems {
		fmt.Fprintf(tw, "problem\t%s\n", printable(problem))
	}
	tw.Flush()
	fmt.Fprintf(w, "\n%10s  %-64s  NAME\n", "SIZE", "SHA256")
	for _, entry := range ins.Entries {
		line := fmt.Sprintf("%10d  %s  %s  %s", entry.Size, entry.SHA256, printable(entry.Name), packedAs(entry))
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " ")); err != nil {
			return err
		}
	}
	return nil
}

// printEnvelope says who can read the description.
func printEnvelope(w io.Writer, e *swufile.Envelope) {
	if e == nil {
		return
	}
	state := "not opened: --decrypt FILE names the key of one of them"
	if e.Opened {
		state = "opened"
	}
	fmt.Fprintf(w, "description\tencrypted by %s for %s (%s)\n", printable(e.Cipher), plural(len(e.Recipients), "recipient"), state)
	for i, recipient := range e.Recipients {
		if i == mostRecipients {
			fmt.Fprintf(w, "  for\tand %d more\n", len(e.Recipients)-i)
			return
		}
		fmt.Fprintf(w, "  for\t%s\n", printable(recipient))
	}
}

// mostRecipients is how many are listed for people.
const mostRecipients = 10

// printSignature says who claims to have signed.
func printSignature(w io.Writer, signature *pack.InspectedSignature) {
	switch {
	case signature == nil:
		fmt.Fprintln(w, "signature\tnone: the bundle is not signed")
		return
	case signature.Kind != "cms":
		fmt.Fprintln(w, "signature\traw, which names no signer (not verified)")
		return
	}
	fmt.Fprintf(w, "signature\tcms, %d signer(s) (not verified)\n", len(signature.Signers))
	for _, s := range signature.Signers {
		fmt.Fprintf(w, "  signed by\t%s\n", printable(s.Subject))
		if s.SigningTime != "" {
			fmt.Fprintf(w, "  at\t%s\n", s.SigningTime)
		}
		fmt.Fprintf(w, "  key\t%s %s, %s\n", s.Key, s.KeyFingerprint, s.Digest)
		fmt.Fprintf(w, "  certificate\t%s\n", s.CertificateFingerprint)
	}
}

func packedAs(entry pack.InspectedEntry) string {
	var how []string
	if entry.Compressed != "" {
		how = append(how, printable(entry.Compressed))
	}
	if entry.Encrypted {
		how = append(how, "encrypted")
	}
	return strings.Join(how, ", ")
}

// printable quotes text that could play tricks with a terminal.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}
