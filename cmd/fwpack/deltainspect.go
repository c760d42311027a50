package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/deltafile"
	"github.com/fwpack/fwpack/zck/rdiff"
)

// checkSHA256 wants nothing, or 64 digits.
func checkSHA256(text string) error {
	if text == "" {
		return nil
	}
	if sum, err := hex.DecodeString(text); err != nil || len(sum) != 32 {
		return usageError{fmt.Sprintf("--sha256 %q: 64 hexadecimal digits are wanted", text)}
	}
	return nil
}

// deltaSignatureOptions is the command line of fwpack delta signature.
type deltaSignatureOptions struct {
	rdiff.SignatureOptions
	out           string
	hash, rolling string
}

func newDeltaSignature(s surroundings) *cobra.Command {
	var opt deltaSignatureOptions
	cmd := &cobra.Command{
		Use:   "signature OLD -o SIGNATURE",
		Short: "Make the signature of an image, as rdiff does",
		Long: `Signature writes the checksums of the blocks of an image, byte for byte as rdiff
signature does with the same options.`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDeltaSignature(cmd.Context(), args[0], opt, s)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&opt.out, "output", "o", "", "write the signature to `FILE`")
	f.StringVar(&opt.hash, "hash", "blake2", "strong sum: blake2 or md4")
	f.StringVar(&opt.rolling, "rolling", "rabinkarp", "weak sum: rabinkarp or rollsum")
	f.IntVar(&opt.BlockLength, "block-length", 0, "of a block, in `bytes`; 0 lets the size of the image decide")
	f.IntVar(&opt.StrongLength, "strong-length", 0, "`bytes` of each strong sum that are kept; 0 keeps all, -1 as few as may do")
	addJobs(cmd, &opt.Jobs)
	return cmd
}

func runDeltaSignature(ctx context.Context, image string, opt deltaSignatureOptions, s surroundings) error {
	if err := checkOutput(opt.out, opt.Jobs); err != nil {
		return err
	}
	if err := opt.parse(); err != nil {
		return err
	}
	if err := deltafile.Signature(ctx, image, opt.out, opt.SignatureOptions); err != nil {
		return err
	}
	_, err := fmt.Fprintln(s.stdout, opt.out)
	return err
}

// parse finds the magic that stands for both sums.
func (o *deltaSignatureOptions) parse() error {
	for _, magic := range []rdiff.Magic{rdiff.RollsumMD4, rdiff.RollsumBLAKE2, rdiff.RabinKarpMD4, rdiff.RabinKarpBLAKE2} {
		if magic.String() == o.rolling+"-"+o.hash {
			o.Magic = magic
		}
	}
	switch {
	case o.Magic == 0:
		return usageError{fmt.Sprintf("--rolling %s --hash %s: rabinkarp or rollsum, and blake2 or md4 are allowed", o.rolling, o.hash)}
	case o.BlockLength < 0 || o.BlockLength > rdiff.MaxBlockLength:
		return usageError{fmt.Sprintf("--block-length %d: 1 to %d are allowed", o.BlockLength, rdiff.MaxBlockLength)}
	case o.StrongLength < rdiff.MinStrongLength || o.StrongLength > o.Magic.MaxStrong():
		return usageError{fmt.Sprintf("--strong-length %d: -1 to %d are allowed", o.StrongLength, o.Magic.MaxStrong())}
	}
	return nil
}

func newDeltaInspect(s surroundings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Say what a patch or a signature holds",
		Long: `Inspect reads a patch or a signature to its end and sums it up. Exit status 3
says that it is damaged.`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			sum, err := deltafile.Inspect(args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(s.stdout, sum)
			}
			return printDelta(s.stdout, args[0], sum)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printDelta(w io.Writer, file string, sum *deltafile.Summary) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "%s: rdiff %s\n", printable(file), sum.Kind)
	if p := sum.Patch; p != nil {
		fmt.Fprintf(tw, "makes\t%d bytes\n", p.Result)
		fmt.Fprintf(tw, "copied\t%d bytes in %s\n", p.CopyBytes, plural(int(p.Copies), "command"))
		fmt.Fprintf(tw, "new\t%d bytes in %s\n", p.LiteralBytes, plural(int(p.Literals), "command"))
		fmt.Fprintf(tw, "needs\ta base of %d bytes or more\n", p.BaseEnd)
	}
	if g := sum.Signature; g != nil {
		fmt.Fprintf(tw, "sums\t%s, %d bytes of the strong one\n", g.Sums, g.StrongLength)
		fmt.Fprintf(tw, "blocks\t%d of %d bytes\n", g.Blocks, g.BlockLength)
	}
	return tw.Flush()
}
