package pack

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/fwpack/fwpack/pack/deltafile"
	"github.com/fwpack/fwpack/zck"
)

// readReleases reads what is known of older releases, see readRelease.
func readReleases(ctx context.Context, files []string, jobs int) ([]*zck.Header, error) {
	var headers []*zck.Header
	for _, file := range files {
		header, err := readRelease(ctx, file, jobs)
		if err != nil {
			return nil, err // it names the file
		}
		headers = append(headers, header)
	}
	return headers, nil
}

// readRelease returns the chunks of an older release, as a device finds them that
// has it installed.
func readRelease(ctx context.Context, name string, jobs int) (*zck.Header, error) {
	release, err := deltafile.OpenRelease(ctx, name)
	if err != nil {
		return nil, err
	}
	defer release.Close()
	return release.Installed(ctx, jobs)
}

// zckKind returns what a zchunk file begins with, "" for anything else, and goes
// back to its begin.
func zckKind(file io.ReadSeeker) (string, error) {
	magic := make([]byte, len(zckMagic))
	if _, err := io.ReadFull(file, magic); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", err
	}
	_, err := file.Seek(0, io.SeekStart)
	if text := string(magic); text == zckMagic || text == zhrMagic {
		return text, err
	}
	return "", err
}

// The first bytes of a zchunk file and of a detached header.
const (
	zckMagic = "\x00ZCK1"
	zhrMagic = "\x00ZHR1"
)

// checkReleases holds the download of a device with an older release against what
// the project allows.
func (j *payloadJob) checkReleases(ctx context.Context, jobs int) error {
	delta := j.plan.Delta
	if len(delta.Releases) == 0 {
		return nil
	}
	header, err := zck.ReadHeader(io.NewSectionReader(j.zck, 0, j.zckSize))
	if err != nil {
		return err
	}
	client := zck.Client{MaxRanges: delta.MaxRanges, URLLen: len(named(delta.URL, j.zckDigest))}
	shipped := int64(header.Len())
	for _, release := range delta.Releases {
		source, err := readRelease(ctx, release, jobs)
		if err != nil {
			return fmt.Errorf("releases: %w", err)
		}
		download, err := zck.Missing(header, source, client)
		if err != nil {
			return fmt.Errorf("releases: %s: %w", release, err)
		}
		if n, is := download.TooLong(); is {
			return fmt.Errorf("a device with %s would ask for more ranges than fit a request (%d bytes, the limit is %d): want a smaller max-ranges", release, download.Requests[n].Payload, zck.PayloadLimit)
		}
		if total := shipped + download.Bytes; delta.MaxDownload > 0 && total > delta.MaxDownload {
			return fmt.Errorf("a device with %s would download %d bytes (%d of them the header), and max-download is %d", release, total, shipped, delta.MaxDownload)
		}
		j.downloads = append(j.downloads, Download{From: release, Header: shipped, Bytes: download.Bytes, Chunks: len(download.Chunks), Requests: len(download.Requests)})
	}
	return nil
}

// Download is what a device with an older release downloads of a delta.
type Download struct {
	From     string `json:"from"`
	Header   int64  `json:"header"` // bytes in the bundle
	Bytes    int64  `json:"bytes"`  // of missing chunks
	Chunks   int    `json:"chunks"` // missing
	Requests int    `json:"requests"`
}
