package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/pack/imgtool"
)

func newImgtoolSign(s surroundings) *cobra.Command {
	var opt imgtool.SignOptions
	var pass passphraseOptions
	cmd := &cobra.Command{
		Use:     "sign INFILE OUTFILE",
		Aliases: []string{"create"},
		Short:   "Create a signed or unsigned image",
		Long: `Sign makes the image OUTFILE of the firmware INFILE. Either is Intel HEX if its
name ends in .hex, and binary otherwise. Numbers may be given as 0x1000, 0o777
or 0b1. Images that are not encrypted repeat byte for byte, except for the
signatures of RSA keys.`,
		DisableFlagParsing: true, // two options take two values each
		RunE: func(cmd *cobra.Command, args []string) error {
			files, help, err := parsePairs(cmd, args)
			if help || err != nil {
				return orHelp(cmd, err)
			}
			if err := checkSign(cmd, files); err != nil {
				return err
			}
			opt.Input, opt.Output, opt.Rand = files[0], files[1], s.rand
			if opt.Passphrase, err = imgtoolPassphrases(cmd, pass, s); err != nil {
				return err
			}
			notes, err := imgtool.Sign(opt)
			if err != nil {
				return imgtoolError(err)
			}
			return printLines(s.stdout, notes...)
		},
	}
	cmd.Flags().SortFlags = false
	addImageFlags(cmd, &opt)
	addSlotFlags(cmd, &opt)
	addMetadataFlags(cmd, &opt)
	addKeyFlags(cmd, &opt)
	pass.addFlags(cmd, "", "the keys")
	return cmd
}

func orHelp(cmd *cobra.Command, err error) error {
	if err != nil {
		return usageError{err.Error()}
	}
	return cmd.Help()
}

func checkSign(cmd *cobra.Command, files []string) error {
	if len(files) != 2 {
		return usageError{fmt.Sprintf("%d files: want INFILE and OUTFILE", len(files))}
	}
	return want(cmd, "version", "header-size", "slot-size")
}

func addImageFlags(cmd *cobra.Command, opt *imgtool.SignOptions) {
	f := cmd.Flags()
	parsed(cmd, &opt.Version, "version", "v", "version of the image: `MAJOR[.MINOR[.REVISION[+BUILD]]]`; required", mcuboot.ParseVersion)
	parsed(cmd, &opt.HeaderSize, "header-size", "H", "size of the header area in `bytes`; required", imgtool.ParseHeaderSize)
	f.BoolVar(&opt.PadHeader, "pad-header", false, "put the header in front of INFILE, which else begins with as many bytes 0")
	parsed(cmd, &opt.HexAddr, "hex-addr", "x", "`address` of an Intel HEX output", pointed(imgtool.ParseUint32))
	parsed(cmd, &opt.LoadAddr, "load-addr", "L", "`address` in RAM that the image is run at", imgtool.ParseUint32)
	parsed(cmd, &opt.ROMFixed, "rom-fixed", "F", "`address` in flash that the image is built for", imgtool.ParseUint32)
	f.BoolVar(&opt.NonBootable, "non-bootable", false, "mark the image as one that is not booted")
	parsed(cmd, &opt.ByteOrder, "endian", "e", "byte order of the image's integers: `little|big` (default little)", imgtool.ParseByteOrder)
	parsed(cmd, &opt.Compression, "compression", "", "how to compress: `disabled|lzma2|lzma2armthumb` (default disabled)", imgtool.ParseCompression)
}

func addSlotFlags(cmd *cobra.Command, opt *imgtool.SignOptions) {
	f := cmd.Flags()
	parsed(cmd, &opt.SlotSize, "slot-size", "S", "size of the slot in `bytes`, of the secondary one if they differ; required", imgtool.ParseSize)
	f.BoolVar(&opt.Pad, "pad", false, "pad the image to the size of the slot, and add a trailer")
	f.BoolVar(&opt.Confirm, "confirm", false, "the same, and mark the image as confirmed")
	f.BoolVar(&opt.Test, "test", false, "the same as --pad; in Intel HEX, the mark is written, erased")
	parsed(cmd, &opt.Align, "align", "", "size of the flash's smallest write: `1|2|4|8|16|32` (default 1)", choiceOf(1, 2, 4, 8, 16, 32))
	parsed(cmd, &opt.MaxAlign, "max-align", "", "alignment of the trailer's fields: `8|16|32` (default that of --align, and at least 8)", choiceOf(8, 16, 32))
	parsed(cmd, &opt.MaxSectors, "max-sectors", "M", "`number` of sectors that the trailer has room for (default 128)", imgtool.ParseMaxSectors)
	f.BoolVar(&opt.OverwriteOnly, "overwrite-only", false, "the bootloader copies, it does not swap")
	f.BoolVar(&opt.SaveEncTLV, "save-enctlv", false, "the bootloader keeps wrapped keys in the trailer")
	parsed(cmd, &opt.ErasedZero, "erased-val", "R", "what erased flash reads: `0|0xff` (default 0xff)", imgtool.ParseErased)
}

func choiceOf(allowed ...int) func(string) (int, error) {
	return func(text string) (int, error) { return imgtool.ParseChoice(text, allowed...) }
}

func addMetadataFlags(cmd *cobra.Command, opt *imgtool.SignOptions) {
	cmd.Flags().FuncP("security-counter", "s", "security counter, a `number`, or auto, which derives it from the version", func(text string) error {
		counter, auto, err := imgtool.ParseSecurityCounter(text)
		opt.SecurityCounter, opt.AutoCounter = &counter, auto
		return err
	})
	parsed(cmd, &opt.Dependencies, "dependencies", "d", "other images that have to be there: `(IMAGE,VERSION),...`", mcuboot.ParseDependencies)
	parsed(cmd, &opt.BootRecord, "boot-record", "", "add a boot record of this software `type`, of at most 12 characters", pointed(text))
	parsed(cmd, &opt.VendorID, "vid", "", "vendor: a UUID, or a `domain`", pointed(text))
	parsed(cmd, &opt.ClassID, "cid", "", "class of device: a UUID, or a `name` of the vendor's", pointed(text))
	cmd.Flags().Var(pairFlag{"TAG VALUE", func(tag, value string) error {
		tlv, err := imgtool.ParseCustomTLV(tag, value)
		opt.Custom = append(opt.Custom, tlv)
		return err
	}}, "custom-tlv", "add a protected TLV with a text, or with bytes in hex behind 0x; may be repeated")
	cmd.Flags().Var(pairFlag{"TAG FILE", func(tag, path string) error {
		t, err := imgtool.ParseTag(tag)
		opt.CustomFiles = append(opt.CustomFiles, imgtool.CustomFile{Type: t, Path: path})
		return err
	}}, "custom-tlv-file", "the same with the content of a file; may be repeated")
}

func addKeyFlags(cmd *cobra.Command, opt *imgtool.SignOptions) {
	f := cmd.Flags()
	parsed(cmd, &opt.Key, "key", "k", "sign with the private key in the PEM `file`", given)
	parsed(cmd, &opt.FullKey, "public-key-format", "", "how the image names its key: `hash|full` (default hash)", imgtool.ParseKeyFormat)
	f.BoolVar(&opt.PadSignature, "pad-sig", false, "pad ECDSA signatures, for bootloaders before MCUboot 1.5")
	f.BoolVar(&opt.Pure, "pure", false, "sign the image itself, not its digest (ed25519)")
	parsed(cmd, &opt.Hash, "sha", "", "hash of the image: `auto|256|384|512` (default auto)", imgtool.ParseHash)
	parsed(cmd, &opt.Encrypt, "encrypt", "E", "encrypt for the bootloader with the public key in the PEM `file`", given)
	parsed(cmd, &opt.KeySize, "encrypt-keylen", "", "size of the AES key: `128|256` (default 128)", choiceOf(128, 256))
	parsed(cmd, &opt.HMAC, "hmac-sha", "", "hash that wraps the AES key: `auto|256|512` (default auto)", imgtool.ParseHMAC)
	f.BoolVarP(&opt.Clear, "clear", "c", false, "leave the body in the clear, for the primary slot")
	parsed(cmd, &opt.Vector, "vector-to-sign", "", "write what is to be signed elsewhere: `payload|digest`", imgtool.ParseVector)
	parsed(cmd, &opt.FixSignature, "fix-sig", "", "take the signature in the `file`, in base64", given)
	parsed(cmd, &opt.FixSignatureKey, "fix-sig-pubkey", "", "the public key of that signature, a PEM `file`", given)
	parsed(cmd, &opt.SignatureOutput, "sig-out", "", "write the signature to the `file` as well, in base64", given)
}

// pairFlag is an option with two values, which parsePairs has joined.
type pairFlag struct {
	names string
	set   func(first, second string) error
}

// pairSeparator cannot be in an argument.
const pairSeparator = "\x00"

func (p pairFlag) Set(text string) error {
	first, second, _ := strings.Cut(text, pairSeparator)
	return p.set(first, second)
}

func (p pairFlag) String() string { return "" }
func (p pairFlag) Type() string   { return p.names }

// parsePairs parses the arguments of a command with pair options.
func parsePairs(cmd *cobra.Command, args []string) (files []string, help bool, err error) {
	joined, err := joinPairs(cmd.Flags(), args)
	if err != nil {
		return nil, false, err
	}
	if err := cmd.Flags().Parse(joined); err != nil {
		// pflag quotes the value, in which a person would not know the separator.
		return nil, false, errors.New(strings.ReplaceAll(err.Error(), `\x00`, " "))
	}
	help, err = cmd.Flags().GetBool("help")
	return cmd.Flags().Args(), help, err
}

// joinPairs makes one argument of each pair option and its values.
func joinPairs(flags *pflag.FlagSet, args []string) ([]string, error) {
	var out []string
	for i := 0; i < len(args); i++ {
		if args[i] == "--" {
			return append(out, args[i:]...), nil
		}
		name, first, given := strings.Cut(args[i], "=")
		flag := flags.Lookup(strings.TrimPrefix(name, "--"))
		pair := strings.HasPrefix(name, "--") && flag != nil && isPair(flag)
		switch {
		case pair && given && i+1 < len(args):
			out = append(out, name+"="+first+pairSeparator+args[i+1])
			i++
		case pair && !given && i+2 < len(args):
			out = append(out, name+"="+args[i+1]+pairSeparator+args[i+2])
			i += 2
		case pair:
			return nil, fmt.Errorf("%s: want two values, %s", name, flag.Value.Type())
		case takesNext(flags, args[i]) && i+1 < len(args):
			out = append(out, args[i], args[i+1])
			i++
		default:
			out = append(out, args[i])
		}
	}
	return out, nil
}

func isPair(flag *pflag.Flag) bool {
	_, ok := flag.Value.(pairFlag)
	return ok
}

// takesNext tells whether the next argument is the value of this one.
func takesNext(flags *pflag.FlagSet, arg string) bool {
	if name, long := strings.CutPrefix(arg, "--"); long {
		flag := flags.Lookup(name)
		return flag != nil && flag.NoOptDefVal == ""
	}
	if len(arg) < 2 || arg[0] != '-' {
		return false
	}
	for i := 1; i < len(arg); i++ {
		flag := flags.ShorthandLookup(arg[i : i+1])
		if flag == nil || flag.NoOptDefVal == "" {
			return flag != nil && i == len(arg)-1
		}
	}
	return false
}
