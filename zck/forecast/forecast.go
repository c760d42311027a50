package forecast

import (
	"errors"
	"fmt"
	"iter"

	"github.com/fwpack/fwpack/zck"
)

// Base is what is installed on some devices.
type Base struct {
	Name   string
	Header *zck.Header // what a device finds there, see zck.Index; nil for nothing
	Patch  *Patch      // an rdiff patch from it; nil where there is none
	Notes  []string    // what is to be known about it
}

// Locator tells what lies in a range of the new image: names, with the bytes of
// the range that each has.
type Locator func(offset, length int64) iter.Seq2[string, int64]

// Input is all that a Forecast is made of.
type Input struct {
	Target Target
	Bases  []Base
	Client Client

	// Full is what a full update downloads, in bytes; 0 means the raw image.
	Full int64

	// Locate is nil where the files of the image are not known.
	Locate Locator
}

// Forecast says what devices download, in bytes. It is meant to be printed as
// JSON as it is.
type Forecast struct {
	Size      int64    `json:"size"`       // of the raw image
	Chunks    int      `json:"chunks"`     // of the image
	Full      int64    `json:"full"`       // what a full update downloads
	MaxRanges int      `json:"max_ranges"` // of one request
	Bases     []Result `json:"bases"`
	Notes     []string `json:"notes,omitempty"` // about the new release
}

// Method is a way to update.
type Method string

// The ways to update.
const (
	Full   Method = "full"
	Zchunk Method = "zchunk"
	Rdiff  Method = "rdiff"
)

// Result is the forecast for one Base.
type Result struct {
	Name   string   `json:"name"`
	Size   int64    `json:"size"`   // of what is installed, in raw bytes
	Winner Method   `json:"winner"` // the smallest download
	Zchunk Download `json:"zchunk"`
	Rdiff  *Patch   `json:"rdiff,omitempty"`
	Costs  Costs    `json:"device"`
	Files  []File   `json:"files,omitempty"` // where the missing bytes lie, the most first
	Notes  []string `json:"notes,omitempty"`
	Map    Map      `json:"-"`
}

// Download is what is downloaded of a zchunk file.
type Download struct {
	Total       int64 `json:"total"`        // Header, Missing and Overhead
	Header      int64 `json:"header"`       // inside the bundle, not compressed
	HeaderExact bool  `json:"header_exact"` // otherwise a few bytes more or less
	Missing     int64 `json:"missing"`      // stored bytes of the missing chunks
	MissingRaw  int64 `json:"missing_raw"`  // the same bytes before compression
	Exact       bool  `json:"exact"`        // Missing is; otherwise from a sample
	Chunks      int   `json:"chunks"`       // that are missing
	Duplicates  int   `json:"duplicates"`   // of those, which are fetched once more
	Repeated    int64 `json:"repeated"`     // stored bytes of the duplicates
	Ranges      int   `json:"ranges"`
	Requests    int   `json:"requests"`
	Overhead    int64 `json:"overhead"` // of HTTP, an estimate
	TooLong     bool  `json:"too_long"` // a request does not fit in zck.PayloadLimit: the update fails
}

// What HTTP adds to the chunks, in bytes: the head of each part of a multipart
// answer, and request and response heads. Between a SWUpdate 2022.12 and nginx
// 1.22 or Go's net/http it was 120 to 160 for a range and 300 to 600 for a
// request.
const (
	RangeOverhead   = 140
	RequestOverhead = 450
)

// Of makes the forecast. It refuses files that SWUpdate's delta handler cannot
// compare with what is installed.
func Of(in Input) (*Forecast, error) {
	target := in.Target.Header
	switch {
	case target.ChunkHash != zck.SHA256:
		return nil, fmt.Errorf("forecast: the chunks have %s digests, and SWUpdate's delta handler knows %s only", target.ChunkHash, zck.SHA256)
	case in.Client.Old.NoDelta:
		return nil, errors.New("forecast: SWUpdate has a delta handler since 2021.11")
	}
	f := &Forecast{Size: target.Size(), Chunks: len(target.Chunks), Full: in.Full, MaxRanges: in.Client.maxRanges(), Notes: unfit(target)}
	if f.Full == 0 {
		f.Full = f.Size
	}
	for _, base := range in.Bases {
		result, err := in.result(base, f.Full)
		if err != nil {
			return nil, fmt.Errorf("forecast: %s: %w", base.Name, err)
		}
		f.Bases = append(f.Bases, *result)
	}
	return f, nil
}

func (in *Input) result(base Base, full int64) (*Result, error) {
	target := in.Target.Header
	missing, err := zck.Missing(target, base.Header, in.Client.zck())
	if err != nil {
		return nil, err
	}
	r := &Result{Name: base.Name, Rdiff: base.Patch, Notes: base.Notes}
	if base.Header != nil {
		r.Size = base.Header.Size()
	}
	r.Zchunk = in.Target.download(missing)
	r.Winner = winner(full, r)
	r.Map = newMap(target, missing)
	r.Costs = costs(target, base, &r.Zchunk, in.Client)
	r.Files = blame(target, missing, in.Locate)
	return r, nil
}

func winner(full int64, r *Result) Method {
	best, method := full, Full
	if r.Zchunk.Total < best {
		best, method = r.Zchunk.Total, Zchunk
	}
	if r.Rdiff != nil && r.Rdiff.Packed < best {
		method = Rdiff
	}
	return method
}

// download sums up what is missing.
func (t *Target) download(missing *zck.Download) Download {
	d := Download{
		Header: t.Header.Len(), HeaderExact: t.HeaderExact,
		Missing: missing.Bytes, Exact: t.Exact,
		Chunks: len(missing.Chunks), Duplicates: missing.Duplicates, Repeated: missing.Repeated,
		Ranges: missing.Ranges(), Requests: len(missing.Requests),
	}
	for _, i := range missing.Chunks {
		d.MissingRaw += t.Header.Chunks[i].Size
	}
	d.Overhead = int64(d.Ranges)*RangeOverhead + int64(d.Requests)*RequestOverhead
	d.Total = d.Header + d.Missing + d.Overhead
	_, d.TooLong = missing.TooLong()
	return d
}

// unfit says why SWUpdate's delta handler cannot install a file, or not as a delta.
func unfit(h *zck.Header) (notes []string) {
	if h.Compression == zck.None {
		notes = append(notes, "the chunks are not compressed: SWUpdate's delta handler takes zstd only, and the update fails")
	}
	if h.Dictionary.Size > 0 {
		notes = append(notes, "the file has a dictionary: SWUpdate's delta handler knows none, and the update fails")
	}
	if !h.Uncompressed {
		notes = append(notes, "the file has no uncompressed digests: a device finds nothing to reuse")
	}
	return notes
}
