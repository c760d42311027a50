package pack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// bundleFile is a finished .swu, read to its end.
type bundleFile struct {
	stored  []byte           // sw-description as it is in the archive
	source  []byte           // the same in clear
	doc     *swdesc.Document // nil where it does not parse
	syntax  error
	archive swupdate.Archive

	signature []byte        // nil where there is none
	payloads  []storedEntry // as archive.Entries
	open      openFunc      // reads an encrypted description; nil where nothing does

	hashOnly bool // do not decompress payloads

	packed map[string]payload.Compression // how the description says that a file is compressed
}

// readBundleFile reads the .swu at path; open is for a description that is
// encrypted, and may be nil. The error is for what cannot be read at all.
func readBundleFile(ctx context.Context, path string, open openFunc) (*bundleFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b := &bundleFile{open: open}
	if err := b.readAll(ctx, file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return b, nil
}

func (b *bundleFile) readAll(ctx context.Context, file io.Reader) error {
	r := swu.NewReader(file)
	r.Report = func(problem *swu.FormatError) { b.archive.Problems = append(b.archive.Problems, problem.Error()) }
	for {
		entry, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = b.read(ctx, entry, r)
		}
		if err != nil {
			return err
		}
	}
}

func (b *bundleFile) read(ctx context.Context, entry *swu.Entry, data io.Reader) error {
	switch entry.Name {
	case swu.Description:
		stored, err := readBounded(data, entry)
		if err != nil {
			return err
		}
		b.stored = stored
		return b.parse()
	case swu.Signature:
		der, err := readBounded(data, entry)
		b.archive.Signature, b.signature = describeSignature(der), der
		return err
	}
	found, err := b.examine(ctx, entry, data)
	b.archive.Entries = append(b.archive.Entries, found)
	return err
}

// storedEntry is a payload in the file.
type storedEntry struct {
	swu.Header
	data   int64 // where its bytes begin
	sha256 string
}

// readBounded reads what is kept in memory.
func readBounded(r io.Reader, entry *swu.Entry) ([]byte, error) {
	if entry.Size > maxInspected {
		return nil, fmt.Errorf("%s has %d bytes, and %d are read at most", entry.Name, entry.Size, maxInspected)
	}
	return io.ReadAll(r)
}

func (b *bundleFile) parse() error {
	b.source = b.stored
	if b.open != nil && isEncrypted(b.stored) {
		var err error
		if b.source, err = b.open(b.stored); err != nil {
			return fmt.Errorf("%s: %w", swu.Description, err)
		}
	}
	b.doc, b.syntax = swdesc.ParseAny(b.source)
	if b.syntax != nil {
		return nil
	}
	b.packed = map[string]payload.Compression{}
	for group, filename := range payloadGroups(b.doc) {
		name, ok := filename.Value().(*swdesc.String)
		if d := describedBy(group); ok && !d.encrypted {
			b.packed[name.Value()] = payload.Compression(d.compressed)
		}
	}
	return nil
}

// examine hashes an entry and decompresses what the description says to be
// compressed and not encrypted.
func (b *bundleFile) examine(ctx context.Context, entry *swu.Entry, data io.Reader) (swupdate.Entry, error) {
	hash, sum := sha256.New(), &swu.Sum{}
	data = io.TeeReader(&stoppable{ctx, data}, io.MultiWriter(hash, sum))
	found := swupdate.Entry{Name: entry.Name, Size: entry.Size}
	if method := b.packed[entry.Name]; !b.hashOnly && payload.CanExamine(method) {
		examined, err := payload.Examine(method, data)
		if err != nil {
			return found, err
		}
		found.Unpacked = &swupdate.Unpacked{Size: examined.Size, Members: examined.Members, Trailing: examined.Trailing}
		if examined.Problem != nil {
			found.Unpacked.Problem = examined.Problem.Error()
		}
	}
	_, err := io.Copy(io.Discard, data)
	found.SHA256 = hex.EncodeToString(hash.Sum(nil))
	header := swu.Header{Name: entry.Name, Size: entry.Size, Sum: sum.Sum32()} // one of 070701 has none
	b.payloads = append(b.payloads, storedEntry{header, entry.Data, found.SHA256})
	return found, err
}

// stoppable is a reader that ends with its context.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// describeSignature counts what a client may object to.
func describeSignature(data []byte) *swupdate.Signature {
	if len(data) == 0 || data[0] != cmsTag {
		return &swupdate.Signature{Scheme: "raw"}
	}
	cms, err := sign.ParseCMS(data)
	if err != nil {
		return &swupdate.Signature{Scheme: "raw"} // a raw signature may begin with any byte
	}
	return &swupdate.Signature{
		Scheme: string(sign.SchemeCMS), Signers: len(cms.Signers), Intermediates: max(0, len(cms.Certificates)-len(cms.Signers)),
	}
}
