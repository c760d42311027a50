package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/pack/deltafile"
	"github.com/fwpack/fwpack/zck/forecast"
)

// plannedDownload is what devices download of one delta.
type plannedDownload struct {
	Entry string `json:"entry"`
	*forecast.Forecast
}

// downloads tells for each delta of the bundle what devices with older releases
// download.
func (o *planOptions) downloads(ctx context.Context, subject *pack.Subject) ([]plannedDownload, error) {
	if len(o.from) == 0 {
		return nil, nil
	}
	deltas := subject.Deltas()
	if len(deltas) == 0 {
		return nil, usageError{fmt.Sprintf("--from: %s has no delta whose new image is known", o.file)}
	}
	var list []plannedDownload
	for _, d := range deltas {
		f, err := deltafile.Forecast(ctx, deltafile.ForecastOptions{
			New: d.New, From: olderEntries(ctx, o.from, d.Entry), Client: clientOf(subject, d), Scratch: os.TempDir(),
			Rdiff: !strings.Contains(d.New, "#"),
		})
		if err != nil {
			return nil, fmt.Errorf("entry %s: %w", d.Entry, err)
		}
		list = append(list, plannedDownload{d.Entry, f})
	}
	return list, nil
}

// clientOf is the release of the target, as far as deltas are concerned.
func clientOf(subject *pack.Subject, d pack.DeltaEntry) forecast.Client {
	client := forecast.Client{MaxRanges: d.MaxRanges, URLLen: d.URLLen, NoSourceSize: d.NoSourceSize}
	if release := subject.Target.Release; release.Year > 0 {
		client.Old = forecast.AgeOf(release.Year, release.Month)
	}
	return client
}

// olderEntries names the entry of the same name in older bundles that have one.
func olderEntries(ctx context.Context, from []string, entry string) []string {
	var names []string
	for _, name := range from {
		same := name + "#" + entry
		if release, err := deltafile.OpenRelease(ctx, same); err == nil {
			release.Close()
			name = same
		}
		names = append(names, name)
	}
	return names
}

func printDownloads(w io.Writer, list []plannedDownload) error {
	var b strings.Builder
	for _, d := range list {
		fmt.Fprintf(&b, "\ndownload of %s, %s in full:\n", d.Entry, size(d.Full))
		tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprint(tw, "zchunk\t= header\t+ chunks\t+ http\trequests\trdiff\tsmallest\t  from\n")
		for i := range d.Bases {
			r := &d.Bases[i]
			z, patch := &r.Zchunk, "-"
			if r.Rdiff != nil {
				patch = size(r.Rdiff.Packed)
			}
			fmt.Fprintf(tw, "%s\t%s\t%s\t~%s\t%d\t%s\t%s\t  %s\n", about(z.Exact && z.HeaderExact)+size(z.Total),
				about(z.HeaderExact)+size(z.Header), about(z.Exact)+size(z.Missing), size(z.Overhead), z.Requests, patch, r.Winner, r.Name)
		}
		tw.Flush()
		for i := range d.Bases {
			if d.Bases[i].Zchunk.TooLong {
				fmt.Fprintf(&b, "  problem: from %s a request is too long, and the update fails: a smaller max-ranges helps\n", d.Bases[i].Name)
			}
		}
	}
	_, err := io.WriteString(w, tame(b.String()))
	return err
}
