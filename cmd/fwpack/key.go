package main

import (
	"crypto"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/sign/keygen"
)

func newKey(s surroundings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Make keys and certificates, and look at them",
		Args:  usageArgs(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKeyNew(s), newKeyCert(s), newKeyShow(s), newKeyPublic(s), newKeyHash(s), newKeyDoctor(s), newKeyTest(s))
	return cmd
}

func newKeyPublic(s surroundings) *cobra.Command {
	var pass passphraseOptions
	cmd := &cobra.Command{
		Use:   "public KEY",
		Short: "Print the public key of a key or a certificate",
		Long: `Public prints the public half of KEY in PEM. KEY is plugin:NAME:REFERENCE, a
pkcs11: URI, or a file: of its private key, else its public key, else its first
certificate.`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			pub, err := publicKey(cmd, args[0], pass, s)
			if err != nil {
				return err
			}
			text, err := keygen.MarshalPublicKey(pub)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			_, err = s.stdout.Write(text)
			return err
		},
	}
	pass.addFlags(cmd, "", "KEY")
	return cmd
}

func newKeyHash(s surroundings) *cobra.Command {
	var pass passphraseOptions
	var format string
	cmd := &cobra.Command{
		Use:   "hash KEY",
		Short: "Print the SHA-256 of the public key of a key or a certificate",
		Long: `Hash prints the SHA-256 of a public key in hex. Its formats:

  spki     of the SubjectPublicKeyInfo, as in fwpack's fingerprints
  mcuboot  as imgtool getpubhash: of PKCS #1 for RSA, as spki for others`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			var f keygen.HashFormat
			if err := f.UnmarshalText([]byte(format)); err != nil {
				return usageError{"--format: " + err.Error()}
			}
			pub, err := publicKey(cmd, args[0], pass, s)
			if err != nil {
				return err
			}
			hash, err := keygen.Hash(pub, f)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			_, err = fmt.Fprintln(s.stdout, hash)
			return err
		},
	}
	cmd.Flags().StringVar(&format, "format", string(keygen.HashSPKI), "`format`: spki or mcuboot")
	pass.addFlags(cmd, "", "KEY")
	return cmd
}

// publicKey reads the public half of the key that is named.
func publicKey(cmd *cobra.Command, reference string, pass passphraseOptions, s surroundings) (crypto.PublicKey, error) {
	ring := keyring{s: s}
	defer ring.close()
	return ring.public(cmd.Context(), reference, pass)
}

// maxKeyFile is more than any file of keys has, and little to read by mistake.
const maxKeyFile = 1 << 20

// readKeyFile reads a file that should hold keys or certificates.
func readKeyFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxKeyFile {
		return nil, fmt.Errorf("%s: too long for a file of keys: at most %d bytes are allowed", path, maxKeyFile)
	}
	return data, nil
}
