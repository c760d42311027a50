package main

import (
	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/imgtool"
)

func newImgtoolKeygen(s surroundings) *cobra.Command {
	opt := imgtool.KeygenOptions{Rand: s.rand}
	var pass passphraseOptions
	cmd := &cobra.Command{
		Use:   "keygen -k FILE -t TYPE",
		Short: "Make a key",
		Long: `Keygen makes a key of type rsa-2048, rsa-3072, ecdsa-p256, ecdsa-p384, ed25519 or
x25519, in a file that must not exist yet and that only its owner may read.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := want(cmd, "key", "type"); err != nil {
				return err
			}
			if err := checkKeygen(cmd, pass, s); err != nil {
				return err
			}
			if opt.Passphrase, err = pass.fresh(cmd.Context(), opt.Key, s); err != nil {
				return err
			}
			defer clear(opt.Passphrase)
			return imgtoolError(imgtool.Keygen(opt))
		},
	}
	f := cmd.Flags()
	parsed(cmd, &opt.Key, "key", "k", "write the key to the `file`; required", given)
	parsed(cmd, &opt.Type, "type", "t", "`type` of the key; required", imgtool.ParseKeyType)
	f.BoolVarP(&pass.ask, "password", "p", false, "encrypt with a passphrase asked for at the terminal, twice")
	parsed(cmd, &pass.env, "passphrase-env", "", "encrypt with the passphrase in environment variable `NAME`", given)
	parsed(cmd, &pass.file, "passphrase-file", "", "encrypt with the passphrase in `FILE`, one line", given)
	return cmd
}

func checkKeygen(cmd *cobra.Command, pass passphraseOptions, s surroundings) error {
	switch {
	case pass.sources() > 1:
		return usageError{"--password, --passphrase-env, --passphrase-file: one of them is allowed"}
	case pass.ask && s.passphrase(cmd.Context()) == nil:
		return usageError{"--password: there is no terminal to ask at: want --passphrase-env or --passphrase-file"}
	}
	return nil
}

// getpubOptions are the flags of getpub and getpubhash.
type getpubOptions struct {
	imgtool.GetpubOptions
	out  string
	lang imgtool.Encoding
	pass passphraseOptions
}

func (o *getpubOptions) addFlags(cmd *cobra.Command, encodings string, parse func(string) (imgtool.Encoding, error)) {
	f := cmd.Flags()
	parsed(cmd, &o.Key, "key", "k", "PEM `file` of the key, public or private; required", given)
	parsed(cmd, &o.Encoding, "encoding", "e", "`"+encodings+"` (default lang-c)", parse)
	parsed(cmd, &o.out, "output", "o", "write to the `file` (default standard output)", given)
	f.StringVar(&o.NameSuffix, "name-suffix", "", "`text` to add to the names in source code")
	o.pass.addFlags(cmd, "", "the key")
}

// run prints what get returns, or writes it to the file.
func (o *getpubOptions) run(cmd *cobra.Command, get func(imgtool.GetpubOptions) ([]byte, error), s surroundings) (err error) {
	if err := want(cmd, "key"); err != nil {
		return err
	}
	if o.Passphrase, err = imgtoolPassphrases(cmd, o.pass, s); err != nil {
		return err
	}
	if o.lang != "" && o.Encoding != "" {
		return usageError{"--lang and --encoding: one of them is allowed"}
	}
	if o.lang != "" {
		o.Encoding = o.lang
	}
	data, err := get(o.GetpubOptions)
	switch {
	case err != nil:
		return imgtoolError(err)
	case o.out != "":
		return imgtool.WriteFile(o.out, data)
	}
	_, err = s.stdout.Write(data)
	return err
}

func newImgtoolGetpub(s surroundings) *cobra.Command {
	var opt getpubOptions
	cmd := &cobra.Command{
		Use:   "getpub -k FILE",
		Short: "Print a public key for a bootloader's source",
		Args:  usageArgs(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return opt.run(cmd, imgtool.Getpub, s) },
	}
	opt.addFlags(cmd, "lang-c|lang-rust|pem|raw", imgtool.ParseEncoding)
	parsed(cmd, &opt.lang, "lang", "l", "`c|rust`: the older form of --encoding", imgtool.ParseLanguage)
	return cmd
}

func newImgtoolGetpubhash(s surroundings) *cobra.Command {
	var opt getpubOptions
	cmd := &cobra.Command{
		Use:   "getpubhash -k FILE",
		Short: "Print the SHA-256 of a public key for a bootloader's source",
		Args:  usageArgs(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return opt.run(cmd, imgtool.Getpubhash, s) },
	}
	opt.addFlags(cmd, "lang-c|raw", imgtool.ParseHashEncoding)
	return cmd
}

func newImgtoolGetpriv(s surroundings) *cobra.Command {
	var opt imgtool.GetprivOptions
	var pass passphraseOptions
	cmd := &cobra.Command{
		Use:   "getpriv -k FILE",
		Short: "Print a private key for the source of a bootloader that decrypts",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := want(cmd, "key"); err != nil {
				return err
			}
			if opt.Passphrase, err = imgtoolPassphrases(cmd, pass, s); err != nil {
				return err
			}
			data, err := imgtool.Getpriv(opt)
			if err != nil {
				return imgtoolError(err)
			}
			defer clear(data)
			_, err = s.stdout.Write(data)
			return err
		},
	}
	parsed(cmd, &opt.Key, "key", "k", "PEM `file` of the private key; required", given)
	cmd.Flags().BoolVar(&opt.Minimal, "minimal", false, "leave out what the bootloader can compute")
	parsed(cmd, &opt.Format, "format", "f", "`openssl|pkcs8` (default openssl for RSA, pkcs8 for others)", imgtool.ParsePrivateFormat)
	pass.addFlags(cmd, "", "the key")
	return cmd
}

func newImgtoolKeyinfo(s surroundings) *cobra.Command {
	var path string
	var require imgtool.KeyHalf
	cmd := &cobra.Command{
		Use:   "keyinfo -k FILE",
		Short: "Say whether a key is private or public",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := want(cmd, "key"); err != nil {
				return err
			}
			half, err := imgtool.Keyinfo(path, require)
			if err != nil {
				return imgtoolError(err)
			}
			return printLines(s.stdout, string(half))
		},
	}
	parsed(cmd, &path, "key", "k", "PEM `file` of the key; required", given)
	parsed(cmd, &require, "require", "", "be content with `private|public` only", imgtool.ParseKeyHalf)
	return cmd
}
