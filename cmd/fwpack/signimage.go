package main

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/imgtool"
)

// imageSignOptions are the flags of fwpack sign for images alone.
type imageSignOptions struct {
	hash    crypto.Hash
	pure    bool
	fullKey *bool
}

func (o *imageSignOptions) addFlags(cmd *cobra.Command) {
	parsed(cmd, &o.hash, "sha", "", "`hash` of an image: 256, 384 or 512 (default as it is, where the key allows it)", imgtool.ParseHash)
	cmd.Flags().BoolVar(&o.pure, "pure", false, "sign an image itself, not its digest (ed25519)")
	parsed(cmd, &o.fullKey, "public-key-format", "", "how an image names its key: `hash|full` (default as it is)", pointed(imgtool.ParseKeyFormat))
}

// imageOnly and imageToo are the flags of fwpack sign that images have.
var (
	imageOnly = []string{"sha", "pure", "public-key-format"}
	imageToo  = []string{
		"output", "key", "file", "var", "vars", "passphrase-env", "passphrase-file", "strip", "trust", "decrypt",
		"decrypt-passphrase-env", "decrypt-passphrase-file", "release", "json", "public", "export-request", "request", "attach",
	}
)

// forKind refuses flags that are for another kind of file.
func forKind(cmd *cobra.Command, kind pack.FileKind) error {
	var wrong []string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		only, too := slices.Contains(imageOnly, f.Name), slices.Contains(imageToo, f.Name)
		if kind == pack.KindImage && !only && !too || kind == pack.KindBundle && only {
			wrong = append(wrong, "--"+f.Name)
		}
	})
	switch {
	case len(wrong) == 0:
		return nil
	case kind == pack.KindImage:
		return usageError{fmt.Sprintf("%s: for bundles, and the file is an MCUboot image", strings.Join(wrong, ", "))}
	}
	return usageError{fmt.Sprintf("%s: for MCUboot images, and the file is a .swu", strings.Join(wrong, ", "))}
}

// checkImage refuses what goes together with nothing.
func (o signOptions) checkImage() error {
	exports := o.export != ""
	switch {
	case exports && (o.out != "" || len(o.attach) > 0 || o.request != ""):
		return usageError{"--export-request stands by itself: -o, --attach and --request are for the second step"}
	case !exports && o.out == "":
		return usageError{"-o FILE is missing"}
	case o.request != "" && len(o.attach) == 0:
		return usageError{"--request does nothing without --attach"}
	case len(o.attach) > 1:
		return usageError{"--attach: an image has one signature"}
	case len(o.strip) > 0 && (exports || len(o.attach) > 0):
		return usageError{"--strip makes an image that is not signed"}
	case len(o.strip) > 0 && !slices.Equal(o.strip, []string{"all"}):
		return usageError{"--strip: an image does not say who its signers are: all is allowed"}
	case len(o.strip) > 0 && len(o.refs) > 0:
		return usageError{"--strip and --key: one of the two is allowed, as a new signature takes the place of the old one"}
	case len(o.strip) == 0 && max(len(o.refs), len(o.publics)) != 1:
		return usageError{fmt.Sprintf("%s: an image is signed by one: want one --key, --public for a key that is elsewhere, or --strip all", plural(max(len(o.refs), len(o.publics)), "key"))}
	}
	return o.signerOptions.check()
}

func signImage(ctx context.Context, file *finishedFile, opt signOptions, s surroundings) error {
	if err := opt.checkImage(); err != nil {
		return err
	}
	f, err := imagefile.Read(file.path, file)
	if err != nil {
		return err
	}
	options := imagefile.SignOptions{Hash: opt.image.hash, Pure: opt.image.pure, FullKey: opt.image.fullKey, Rand: s.rand}
	if options.Trust, err = imagefile.ReadTrust(opt.trust); err != nil {
		return err
	}
	if options.DecryptionKey, err = opt.decrypt.imageKey(ctx, f, s); err != nil {
		return err
	}
	if opt.export != "" || len(opt.attach) > 0 {
		return opt.signElsewhere(ctx, f, options, s)
	}
	signature, job, err := opt.resign(ctx, f, options, s)
	if err != nil {
		return err
	}
	report, err := job.Seal(ctx, signature, opt.out)
	if err != nil {
		return err
	}
	return printImageReport(report, opt, s)
}

func printImageReport(report *imagefile.SignReport, opt signOptions, s surroundings) error {
	if opt.json {
		return printJSON(s.stdout, report)
	}
	return printResigned(s, report)
}

// resign makes the signature. The key is closed before anything is written.
func (o signOptions) resign(ctx context.Context, f *imagefile.File, options imagefile.SignOptions, s surroundings) (signature []byte, job *imagefile.Resigning, err error) {
	if len(o.strip) == 0 {
		_, key, err := o.imageKey(ctx, s)
		if err != nil {
			return nil, nil, err
		}
		defer func() { err = errors.Join(err, key.Close()) }()
		options.Signer = key.Signer
	}
	if job, err = f.Resign(options); err != nil {
		return nil, nil, err
	}
	signature, err = job.Sign()
	return signature, job, err
}

// imageKey opens the key in the way of those of bundles.
func (o signOptions) imageKey(ctx context.Context, s surroundings) (*pack.Key, *pack.OpenedKey, error) {
	key, err := o.namedImageKey(s)
	if err != nil {
		return nil, nil, err
	}
	opened, err := pack.OpenKey(ctx, key, pack.Options{
		Env: s.env, Programs: s.programs(), Release: o.release, Passphrase: o.pass.asker(ctx, s),
	})
	return key, opened, err
}

// namedImageKey is the key that the command line names. What signs elsewhere is
// not asked for more than its public half.
func (o signOptions) namedImageKey(s surroundings) (*pack.Key, error) {
	if o.project != "" {
		keys, _, err := o.projectKeys(s)
		if err != nil {
			return nil, err
		}
		if o.export != "" {
			keys = elsewhere(keys)
		}
		return keys[0], nil
	}
	key := &pack.Key{}
	if len(o.publics) > 0 {
		key.Name, key.Public, key.Elsewhere = o.publics[0], o.publics[0], true
	}
	if len(o.refs) > 0 {
		key.Elsewhere = false
		return key, refer(key, o.refs[0])
	}
	return key, nil
}

func printResigned(s surroundings, report *imagefile.SignReport) error {
	var b strings.Builder
	for _, old := range report.Removed {
		fmt.Fprintf(&b, "removed signature %s\n", old.Type)
	}
	if key := report.Added; key != nil {
		fmt.Fprintf(&b, "signed by %s %s\n", key.Type, key.Fingerprint)
	} else {
		b.WriteString("not signed any more\n")
	}
	fmt.Fprintf(&b, "version %s, digest %s %s\n", report.Version, report.Hash, report.Digest)
	fmt.Fprintf(&b, "body, %d bytes, the same as before\n", report.Body.Size)
	fmt.Fprint(s.stderr, tame(b.String()))
	_, err := fmt.Fprintln(s.stdout, report.Output)
	return err
}
