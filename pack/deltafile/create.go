package deltafile

import (
	"context"
	"io"
	"os"

	"github.com/fwpack/fwpack/zck"
)

// CreateOptions say what Create makes. The zero CreateOptions are those for
// SWUpdate's delta handler.
type CreateOptions struct {
	Compression zck.Compression
	Level       zck.Level
	Hash        zck.Hash
	ChunkHash   zck.Hash
	StoredOnly  bool   // no uncompressed digests, as zck without -u
	Dictionary  string // a file; "" for none
	Jobs        int

	// Bases are older releases, as OpenRelease takes them. Chunks that none of
	// them has are joined where they follow each other.
	Bases []string

	// Header is where the header goes as a file of its own, too; "" for nowhere.
	Header string
}

// Create makes the zchunk file out of an image, which may be a pipe.
func Create(ctx context.Context, image, out string, opt CreateOptions) (made zck.Summary, err error) {
	options, err := opt.options(ctx)
	if err != nil {
		return made, err
	}
	in, err := os.Open(image)
	if err != nil {
		return made, err
	}
	defer in.Close()
	paths := []string{out}
	if opt.Header != "" {
		paths = append(paths, opt.Header)
	}
	err = outputs(ctx, paths, func(files []*os.File) error {
		made, err = create(ctx, files, in, options)
		return inFile(image, err)
	})
	return made, err
}

// create writes the zchunk file and, if there is another file, its header there.
func create(ctx context.Context, files []*os.File, image io.Reader, options zck.Options) (zck.Summary, error) {
	spool, err := stage(files[0].Name())
	if err != nil {
		return zck.Summary{}, err
	}
	defer spool.Close()
	options.Spool = spool.File
	made, err := zck.Create(ctx, files[0], image, options)
	if err != nil || len(files) == 1 {
		return made, err
	}
	_, err = io.CopyN(files[1], io.NewSectionReader(files[0], 0, made.HeaderSize), made.HeaderSize)
	return made, err
}

// options reads the files that o names.
func (o *CreateOptions) options(ctx context.Context) (zck.Options, error) {
	options := zck.Options{
		Compression: o.Compression, Level: o.Level, Hash: o.Hash, ChunkHash: o.ChunkHash,
		StoredOnly: o.StoredOnly, Jobs: o.Jobs,
	}
	var err error
	if o.Dictionary != "" {
		if options.Dictionary, err = readBounded(o.Dictionary, zck.ChunkLimit); err != nil {
			return options, err
		}
	}
	for _, name := range o.Bases {
		base, err := installed(ctx, name, o.Jobs)
		if err != nil {
			return options, err
		}
		options.Bases = append(options.Bases, base)
	}
	return options, nil
}

// installed returns what a device with a release finds.
func installed(ctx context.Context, name string, jobs int) (*zck.Header, error) {
	release, err := OpenRelease(ctx, name)
	if err != nil {
		return nil, err
	}
	defer release.Close()
	return release.Installed(ctx, jobs)
}

// writeFile makes a file of data.
func writeFile(ctx context.Context, path string, data []byte) error {
	return output(ctx, path, func(file *os.File) error {
		_, err := file.Write(data)
		return err
	})
}
