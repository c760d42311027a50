package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/fwpack/fwpack/pack/imagefile"
)

func inspectImage(ctx context.Context, file *finishedFile, decrypt decryptOptions, asJSON bool, s surroundings) error {
	f, err := imagefile.Read(file.path, file)
	if err != nil {
		return err
	}
	key, err := decrypt.imageKey(ctx, f, s)
	if err != nil {
		return err
	}
	ins, err := f.Inspect(key)
	if err != nil {
		return err
	}
	if asJSON {
		err = printJSON(s.stdout, ins)
	} else {
		err = printImage(s.stdout, ins)
	}
	return orFindings(err, file.path, ins.Problems)
}

func printImage(w io.Writer, ins *imagefile.Inspection) error {
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "%s: MCUboot image, %s\n", ins.File, imageFormat(ins))
	printImageHeader(tw, ins)
	printImageKeys(tw, ins)
	for _, problem := range ins.Problems {
		fmt.Fprintf(tw, "problem\t%s\n", problem)
	}
	tw.Flush()
	printTLVs(&b, "protected TLVs", ins.Protected)
	printTLVs(&b, "unprotected TLVs", ins.TLVs)
	printLayout(&b, ins, blocksFor(w))
	fmt.Fprintf(&b, "\nOnly the digest was looked at: \"fwpack verify\" verifies the rest.\n")
	_, err := io.WriteString(w, tame(withoutBlanks(b.String())))
	return err
}

func imageFormat(ins *imagefile.Inspection) string {
	format := "binary"
	if ins.Address != nil {
		format = fmt.Sprintf("Intel HEX, at %#x", *ins.Address)
	}
	if ins.ByteOrder != "little" {
		format += ", " + ins.ByteOrder + "-endian"
	}
	return format
}

func printImageHeader(w io.Writer, ins *imagefile.Inspection) {
	h := ins.Header
	fmt.Fprintf(w, "version\t%s\n", h.Version)
	fmt.Fprintf(w, "flags\t%s\n", listOr(h.FlagNames, "none"))
	if h.LoadAddress != 0 {
		fmt.Fprintf(w, "load address\t%#x\n", h.LoadAddress)
	}
	if d := ins.Digest; d != nil {
		matches := map[string]string{"yes": "matches", "no": "does not match", "unknown": "not checked: the body is encrypted"}
		fmt.Fprintf(w, "digest\t%s %s (%s)\n", d.Hash, d.Value, matches[d.Matches])
	}
	if e := ins.Encryption; e != nil {
		fmt.Fprintf(w, "encryption\t%s, key in %s (%s)\n", e.Cipher, listOr(e.KeyTLVs, "no TLV"), encryptionState(e))
	}
	if ins.Compressed != "" {
		fmt.Fprintf(w, "compression\t%s\n", ins.Compressed)
	}
	if ins.Trailer != nil {
		fmt.Fprintf(w, "trailer\t%s\n", ins.Trailer)
	}
}

func encryptionState(e *imagefile.Encryption) string {
	switch {
	case e.Clear:
		return "the body is in the clear: for the primary slot"
	case e.Opened:
		return "opened"
	}
	return "not opened: --decrypt FILE names the key"
}

func printImageKeys(w io.Writer, ins *imagefile.Inspection) {
	if len(ins.Signatures) == 0 {
		fmt.Fprintln(w, "signature\tnone: the image is not signed")
	}
	for _, key := range ins.Keys {
		fmt.Fprintf(w, "key\t%s %s\n", key.By, shortened(key.Value))
		if key.Published != "" {
			fmt.Fprintf(w, "  published\teverybody has the private key: %s\n", key.Published)
		}
	}
	for _, signature := range ins.Signatures {
		pure := ""
		if signature.Pure {
			pure = " of the image itself"
		}
		fmt.Fprintf(w, "signature\t%s, %d bytes%s (not verified)\n", signature.Type, signature.Size, pure)
	}
}

// mostDigits is how many hexadecimal digits are shown of a value: those of a
// SHA-256 digest.
const mostDigits = 64

func shortened(digits string) string {
	if len(digits) <= mostDigits {
		return digits
	}
	return digits[:mostDigits-3] + "..."
}

func printTLVs(w io.Writer, title string, tlvs []imagefile.TLV) {
	if len(tlvs) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n%8s  %5s  %-16s  %s\n", title, "OFFSET", "SIZE", "TYPE", "VALUE")
	for _, tlv := range tlvs {
		value := tlv.Value
		const room = 43 // of 80 columns
		if len(value) > room {
			value = value[:room-3] + "..."
		}
		fmt.Fprintf(w, "%8s  %5d  %-16s  %s\n", fmt.Sprintf("%#x", tlv.Offset), tlv.Size, tlv.Name, value)
		if tlv.Says != "" {
			fmt.Fprintf(w, "%35s%s\n", "", tlv.Says)
		}
	}
}
