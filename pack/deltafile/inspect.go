package deltafile

import (
	"bufio"
	"bytes"
	"io"
	"os"

	"github.com/fwpack/fwpack/zck/rdiff"
)

// Summary sums up a patch or a signature of rdiff.
type Summary struct {
	Kind      string            `json:"kind"` // "patch" or "signature"
	Patch     *PatchSummary     `json:"patch,omitempty"`
	Signature *SignatureSummary `json:"signature,omitempty"`
}

// PatchSummary is what a patch does, in bytes.
type PatchSummary struct {
	Result       int64 `json:"result"` // size of what it makes
	Copies       int64 `json:"copies"` // commands
	CopyBytes    int64 `json:"copy_bytes"`
	Literals     int64 `json:"literals"` // commands
	LiteralBytes int64 `json:"literal_bytes"`
	BaseEnd      int64 `json:"base_end"` // the smallest base that has all that is copied
	Size         int64 `json:"size"`     // of the patch
}

// SignatureSummary is the shape of a signature.
type SignatureSummary struct {
	Sums         string `json:"sums"` // as in "rabinkarp-blake2"
	BlockLength  int    `json:"block_length"`
	StrongLength int    `json:"strong_length"`
	Blocks       int64  `json:"blocks"`
}

// signatureID is what the magics of all signatures begin with.
var signatureID = []byte("rs\x01")

// Inspect reads a patch or a signature to its end. An error of type
// *rdiff.FormatError says that it is damaged, or none.
func Inspect(path string) (*Summary, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	sum, err := Summarize(file)
	if err != nil {
		return nil, inFile(path, err)
	}
	return sum, nil
}

// Summarize is Inspect of what r gives. It keeps nothing of it in memory.
func Summarize(r io.Reader) (*Summary, error) {
	buffered := bufio.NewReaderSize(r, bufferSize)
	if id, _ := buffered.Peek(len(signatureID)); bytes.Equal(id, signatureID) {
		shape, err := rdiff.InspectSignature(buffered)
		if err != nil {
			return nil, err
		}
		return &Summary{Kind: "signature", Signature: &SignatureSummary{
			shape.Magic.String(), shape.BlockLength, shape.StrongLength, shape.Blocks,
		}}, nil
	}
	stats, err := rdiff.Inspect(buffered)
	if err != nil {
		return nil, err
	}
	return &Summary{Kind: "patch", Patch: &PatchSummary{
		Result: stats.Result(), Copies: stats.Copies, CopyBytes: stats.CopyBytes,
		Literals: stats.Literals, LiteralBytes: stats.LiteralBytes,
		BaseEnd: stats.BaseEnd, Size: stats.Size,
	}}, nil
}
