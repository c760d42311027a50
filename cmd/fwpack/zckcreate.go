package main

import (
	"context"
	"encoding"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/deltafile"
	"github.com/fwpack/fwpack/zck"
)

// zckCreateOptions is the command line of fwpack zck create.
type zckCreateOptions struct {
	deltafile.CreateOptions
	out                string
	level, compression string
	hash, chunkHash    string
}

func newZckCreate(s surroundings) *cobra.Command {
	var opt zckCreateOptions
	cmd := &cobra.Command{
		Use:   "create IMAGE -o FILE",
		Short: "Make a zchunk file of an image",
		Long: `Create makes the zchunk file that SWUpdate's delta handler wants: zstd, SHA-256,
digests of the raw chunks (what zck -u makes). The chunks are cut where zck cuts
them. The same image gives the same file, with any number of jobs.

With --base, an older release that devices have, chunks that it lacks are joined
where they follow each other: the download takes fewer requests and is a little
smaller. A base is an image, a zchunk file or a header of one, or a bundle with
one of these; devices with other releases find all that they have, too.

Other kinds of files (--stored-only, --dict, --compression none) are for other
readers: SWUpdate installs none of them as a delta.`,
		Example: `  fwpack zck create rootfs.ext4 -o rootfs-2.4.0.zck --header rootfs-2.4.0.zck.header
  fwpack zck create rootfs.ext4 -o rootfs-2.4.0.zck --base old/rootfs.ext4 --level best`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runZckCreate(cmd.Context(), args[0], opt, s)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&opt.out, "output", "o", "", "write the zchunk file to `FILE`")
	f.StringVar(&opt.Header, "header", "", "write its header to `FILE`, too")
	f.StringVar(&opt.level, "level", "better", "how hard zstd works: fastest, fast, better or best")
	f.StringVar(&opt.compression, "compression", "zstd", "zstd or none")
	f.StringVar(&opt.hash, "hash", "sha256", "of the header: sha256, sha512, sha512_128 or sha1")
	f.StringVar(&opt.chunkHash, "chunk-hash", "", "of the chunks: sha256 or sha512; with --stored-only also sha512_128, which is the default there, and sha1")
	f.BoolVar(&opt.StoredOnly, "stored-only", false, "leave the digests of raw chunks out, as zck without -u")
	f.StringVar(&opt.Dictionary, "dict", "", "compress with the dictionary in `FILE`")
	f.StringArrayVar(&opt.Bases, "base", nil, "older `release` whose chunks stay as they are; may be repeated")
	addJobs(cmd, &opt.Jobs)
	return cmd
}

// parse reads the words of the command line and refuses options without effect.
func (o *zckCreateOptions) parse() error {
	if err := checkOutput(o.out, o.Jobs); err != nil {
		return err
	}
	if o.chunkHash == "" {
		o.chunkHash = "sha256"
		if o.StoredOnly {
			o.chunkHash = "sha512_128"
		}
	}
	for _, word := range []struct {
		flag, text string
		to         encoding.TextUnmarshaler
	}{
		{"level", o.level, &o.Level},
		{"compression", o.compression, &o.Compression},
		{"hash", o.hash, &o.Hash},
		{"chunk-hash", o.chunkHash, &o.ChunkHash},
	} {
		if err := word.to.UnmarshalText([]byte(word.text)); err != nil {
			return usageError{fmt.Sprintf("--%s: %v", word.flag, err)}
		}
	}
	return o.checkTogether()
}

func (o *zckCreateOptions) checkTogether() error {
	wide := o.ChunkHash == zck.SHA256 || o.ChunkHash == zck.SHA512
	switch {
	case o.Compression == zck.None && o.Level != zck.LevelBetter:
		return usageError{"--level does nothing with --compression none"}
	case o.Compression == zck.None && o.Dictionary != "":
		return usageError{"--dict does nothing with --compression none"}
	case !o.StoredOnly && !wide:
		return usageError{"--chunk-hash " + o.chunkHash + " is for --stored-only: sha256 and sha512 are allowed"}
	case o.StoredOnly && len(o.Bases) > 0:
		return usageError{"--base does nothing with --stored-only"}
	case o.ChunkHash != zck.SHA256 && len(o.Bases) > 0:
		return usageError{"--base wants --chunk-hash sha256, as devices do"}
	case o.Header == o.out:
		return usageError{"--header and -o are the same file"}
	}
	return nil
}

func runZckCreate(ctx context.Context, image string, opt zckCreateOptions, s surroundings) error {
	if err := opt.parse(); err != nil {
		return err
	}
	made, err := deltafile.Create(ctx, image, opt.out, opt.CreateOptions)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.stderr, "%s, %s of %s, header %d bytes\n", plural(made.Chunks, "chunk"), size(made.HeaderSize+made.BodySize), size(made.Size), made.HeaderSize)
	if _, err := fmt.Fprintln(s.stdout, opt.out); err != nil || opt.Header == "" {
		return err
	}
	_, err = fmt.Fprintln(s.stdout, opt.Header)
	return err
}
