package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
)

// shownFile is what a file of keys holds.
type shownFile struct {
	File  string        `json:"file"`
	AES   *shownAES     `json:"aes,omitempty"`
	Items []keygen.Item `json:"items,omitempty"`
}

// shownAES describes an AES key without giving it away.
type shownAES struct {
	Key        string `json:"key"`
	CheckValue string `json:"check_value"`
	IV         bool   `json:"iv"` // the file has one
}

func newKeyShow(s surroundings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show FILE...",
		Short: "Say what key and certificate files hold",
		Long: `Show recognises private and public keys, certificates and AES keys. It never
shows a secret, and asks for no passphrase. A certificate's purposes are those
of SWUpdate that it may sign for.`,
		Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error { return runKeyShow(args, asJSON, s) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func runKeyShow(paths []string, asJSON bool, s surroundings) error {
	files := []shownFile{}
	for _, path := range paths {
		file, err := showFile(path)
		if err != nil {
			return err
		}
		files = append(files, file)
	}
	if asJSON {
		return printJSON(s.stdout, files)
	}
	for _, file := range files {
		if err := printShown(s.stdout, file); err != nil {
			return err
		}
	}
	return nil
}

func showFile(path string) (shownFile, error) {
	data, err := readKeyFile(path)
	if err != nil {
		return shownFile{}, err
	}
	if key, iv, err := payload.ParseAESKey(data); err == nil {
		return shownFile{File: path, AES: &shownAES{key.String(), key.Fingerprint(), iv != nil}}, nil
	}
	items, err := keygen.Describe(data)
	if err != nil {
		return shownFile{}, fmt.Errorf("%s: %w", path, err)
	}
	return shownFile{File: path, Items: items}, nil
}

func printShown(w io.Writer, file shownFile) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if a := file.AES; a != nil {
		fmt.Fprintf(tw, "%s: %s\n  check value\t%s\n  IV\t%s\n", printable(file.File), a.Key, a.CheckValue, yesNo(a.IV))
	}
	for _, item := range file.Items {
		printItem(tw, file.File, item)
	}
	return tw.Flush()
}

func printItem(w io.Writer, file string, item keygen.Item) {
	fmt.Fprintf(w, "%s: %s\n", printable(file), itemTitle(item))
	if item.Problem != "" {
		fmt.Fprintf(w, "  problem\t%s\n", printable(item.Problem))
	}
	if item.Key != "" {
		fmt.Fprintf(w, "  key\t%s\n  key fingerprint\t%s\n", item.Key, item.Fingerprint)
	}
	if item.Published != "" {
		fmt.Fprintf(w, "  published\t%s\n", item.Published)
	}
	if item.Certificate != nil {
		for _, line := range certificateRows(item.Certificate) {
			fmt.Fprintf(w, "  %s\t%s\n", line[0], line[1])
		}
	}
}

func itemTitle(item keygen.Item) string {
	switch {
	case item.Encrypted:
		return "private key, encrypted"
	case item.Kind == keygen.KindOther:
		return "not looked into: PEM block " + printable(item.Form)
	}
	return strings.ReplaceAll(item.Kind, "-", " ")
}

// certificateRows are what is shown of a certificate.
func certificateRows(c *keygen.Certificate) [][2]string {
	issuer := printable(c.Issuer)
	if c.SelfSigned {
		issuer = "itself"
	}
	return [][2]string{
		{"subject", printable(c.Subject)},
		{"issuer", issuer},
		{"serial", c.Serial},
		{"not before", c.NotBefore.Format(time.RFC3339)},
		{"not after", c.NotAfter.Format(time.RFC3339)},
		{"authority", yesNo(c.CA)},
		{"key usage", listOr(c.KeyUsage, "any")},
		{"extended key usage", listOr(c.ExtendedKeyUsage, "any")},
		{"SWUpdate purposes", listOr(purposeNames(c.Purposes), "none")},
		{"signed with", c.SignatureAlgorithm},
		{"fingerprint", c.Fingerprint},
	}
}

func purposeNames(purposes []sign.Purpose) []string {
	var names []string
	for _, p := range purposes {
		names = append(names, string(p))
	}
	return names
}

func listOr(names []string, empty string) string {
	if len(names) == 0 {
		return empty
	}
	return strings.Join(names, ", ")
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
