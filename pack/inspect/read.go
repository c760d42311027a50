package inspect

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"

	"github.com/fwpack/fwpack/mcuboot/firmware"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swufile"
)

// Options say what is known beforehand. The zero value knows nothing.
type Options struct {
	Keyring Keyring       // names signers
	Keys    *swufile.Keys // open what is encrypted; may be nil
}

const (
	// maxDepth is how many files are opened inside each other.
	maxDepth = 8
	// maxHeld is how many bytes of all that is inside of a file are held in memory
	// to be read, one file after the other.
	maxHeld = 32 << 20
)

// Read reads the file in r to its end and says what it is. The error is one of
// reading r; what is wrong with the file is among the problems.
func Read(ctx context.Context, name string, r io.Reader, o Options) (*Inspection, error) {
	in := &inspector{ctx: ctx, opt: o, budget: payload.NewBudget(), left: maxHeld, size: sizeOf(r)}
	file := &measured{ctx: ctx, r: r, sum: sha256.New()}
	ins := in.look(name, file, 0)
	io.Copy(io.Discard, file) // its error is kept
	if file.err != nil {
		return nil, fmt.Errorf("%s: %w", name, file.err)
	}
	ins.Schema = Schema
	ins.Size, ins.SHA256 = file.size, hex.EncodeToString(file.sum.Sum(nil))
	return ins, nil
}

// sizeOf returns the size of a regular file, 0 for anything else.
func sizeOf(r io.Reader) int64 {
	file, ok := r.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return 0
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return 0
	}
	return info.Size()
}

// measured counts and hashes what is read, and keeps errors that are none of a
// decoder. It ends with its context.
type measured struct {
	ctx  context.Context
	r    io.Reader
	sum  hash.Hash
	size int64
	err  error
}

func (m *measured) Read(p []byte) (int, error) {
	if m.err == nil && m.ctx.Err() != nil {
		m.err = context.Cause(m.ctx)
	}
	if m.err != nil {
		return 0, m.err
	}
	n, err := m.r.Read(p)
	m.sum.Write(p[:n])
	m.size += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		m.err = err
	}
	return n, err
}

// inspector looks at one file and what is in it.
type inspector struct {
	ctx    context.Context
	opt    Options
	budget *payload.Budget
	left   int64 // of maxHeld
	size   int64 // of the file; 0 where that is not known
}

// look says what r holds, without its size and digest. It need not read all of it.
func (in *inspector) look(name string, r io.Reader, depth int) *Inspection {
	file := bufio.NewReaderSize(r, headSize)
	head, _ := file.Peek(headSize) // an error comes again
	ins := &Inspection{Kind: recognise(head, depth > 0), Name: name, Problems: []string{}}
	if depth > maxDepth && ins.Kind != KindData {
		ins.problemf("%d files are opened inside each other: this one is not", maxDepth)
		ins.Kind = KindData
	}
	switch ins.Kind {
	case KindBundle:
		in.bundle(ins, file, depth)
	case KindCompressed:
		in.compressed(ins, file, payload.Magic(head), depth)
	case KindZchunk:
		in.zchunk(ins, file, depth)
	case KindDelta:
		in.delta(ins, file)
	case KindDFU:
		in.dfu(ins, file, depth)
	case KindImage:
		in.image(ins, file, depth)
	case KindFirmware:
		ins.Firmware = &Firmware{firmware.DetectFormat(head).String()}
	case KindPEM:
		in.pem(ins, file, depth)
	case kindText:
		in.text(ins, file, depth)
	case kindDER:
		in.der(ins, file, depth)
	case KindData:
		in.data(ins, file, depth)
	}
	return ins
}

// hold reads a file that has at most limit bytes and must be in memory as a whole.
// It is nil where there are more, which is noted, or where they cannot be read.
func (in *inspector) hold(ins *Inspection, r io.Reader, limit int64, depth int) []byte {
	var data bytes.Buffer
	if depth == 0 {
		data.Grow(int(min(in.size, limit) + bytes.MinRead))
	} else {
		limit = min(limit, in.left)
	}
	n, err := io.Copy(&data, io.LimitReader(r, limit+1))
	if depth > 0 {
		in.left -= min(n, limit)
	}
	switch {
	case err != nil:
		ins.problemf("%v", err)
		return nil
	case n > limit:
		ins.notef("more than %d bytes: not looked into", limit)
		return nil
	}
	return data.Bytes()
}

// compressed opens a compressed file.
func (in *inspector) compressed(ins *Inspection, r io.Reader, method payload.Compression, depth int) {
	content := payload.Open(in.ctx, r, payload.Packing{Compress: method}, in.budget)
	inner := in.look(ins.Name, content, depth+1)
	found, _ := content.Finish() // an error of reading the file comes again
	ins.Compressed = &Compressed{Method: string(method), Trailing: found.Trailing, Size: -1}
	if method == payload.Zlib {
		ins.Compressed.Members = found.Members
	}
	if found.Unpacked != nil {
		inner.Size, inner.SHA256 = found.Unpacked.Size, hex.EncodeToString(found.Unpacked.SHA256[:])
		ins.Compressed.Size, ins.Compressed.SHA256 = inner.Size, inner.SHA256
	}
	if found.Problem != nil {
		ins.problemf("%s: %v", method, found.Problem)
	}
	if inner.Kind != KindData || len(inner.Problems) > 0 {
		ins.Contents = append(ins.Contents, inner)
	}
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
