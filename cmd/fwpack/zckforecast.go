package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/deltafile"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
	"github.com/fwpack/fwpack/zck/forecast"
)

// zckForecastOptions is the command line of fwpack zck forecast.
type zckForecastOptions struct {
	deltafile.ForecastOptions
	level   string
	client  string
	noRdiff bool
	ascii   bool
	json    bool
	svg     string
}

func newZckForecast(s surroundings) *cobra.Command {
	var opt zckForecastOptions
	cmd := &cobra.Command{
		Use:   "forecast NEW --from OLD",
		Short: "Tell what devices will download of a release",
		Long: `Forecast compares a release with older ones that devices have, and tells for each
what an update downloads: in full, as a zchunk file with SWUpdate's delta handler,
and as an rdiff patch. NEW and OLD are images, zchunk files, headers of those, or
bundles that hold one of these; FILE.swu#NAME is an entry of a bundle.

Where NEW is an image, the chunks that are missing on some device are compressed
to know their sizes, and nothing is written. The map shows the image from its
begin to its end: reused, downloaded in parts, and downloaded.`,
		Example: `  fwpack zck forecast rootfs.ext4 --from 2.3.0/rootfs.ext4 --from 2.2.0.swu
  fwpack zck forecast rootfs.zck --from 2.3.0.swu#rootfs.zck.header --client 2022.12 --json`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.New = args[0]
			return runZckForecast(cmd.Context(), opt, s)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&opt.From, "from", nil, "`release` that devices have; may be repeated")
	f.StringVar(&opt.Full, "full", "", "the `file` that a full update downloads, where that is not NEW")
	f.StringVar(&opt.client, "client", "newest", "`release` of SWUpdate on the devices, such as 2022.12")
	f.IntVar(&opt.Client.MaxRanges, "max-ranges", 0, "the handler's property; 0 stands for the client's own number")
	f.IntVar(&opt.Client.URLLen, "url-length", 0, "length of the URL of the zchunk file in bytes")
	f.BoolVar(&opt.Client.NoSourceSize, "no-source-size", false, "the handler's property source-size is not set, and the partition is larger than the image")
	f.StringVar(&opt.level, "level", "better", "of the zchunk file, where NEW is an image: fastest, fast, better or best")
	f.BoolVar(&opt.Sample, "sample", false, "compress only some of the missing chunks and estimate the others: faster")
	f.BoolVar(&opt.noRdiff, "no-rdiff", false, "make no rdiff patches: faster")
	f.BoolVar(&opt.Files, "files", false, "tell which files of an ext4 or squashfs image the missing bytes lie in, and what to change where builds differ without need")
	f.BoolVar(&opt.ascii, "ascii", false, "draw the map with ASCII characters")
	f.StringVar(&opt.svg, "svg", "", "draw the maps to `FILE`")
	f.BoolVar(&opt.json, "json", false, "print JSON")
	addJobs(cmd, &opt.Jobs)
	return cmd
}

// parse reads the words of the command line.
func (o *zckForecastOptions) parse() error {
	switch {
	case len(o.From) == 0:
		return usageError{"--from OLD is missing"}
	case o.Client.MaxRanges < 0:
		return usageError{fmt.Sprintf("--max-ranges %d: 1 or more are allowed", o.Client.MaxRanges)}
	case o.Client.URLLen < 0:
		return usageError{fmt.Sprintf("--url-length %d: 0 or more are allowed", o.Client.URLLen)}
	case o.json && o.ascii:
		return usageError{"--ascii does nothing with --json"}
	case o.svg != "" && len(o.From) > forecast.MaxPictures:
		return usageError{fmt.Sprintf("--svg: %d releases; a picture shows %d at most", len(o.From), forecast.MaxPictures)}
	}
	if err := o.Level.UnmarshalText([]byte(o.level)); err != nil {
		return usageError{"--level: " + err.Error()}
	}
	release, err := swupdate.ParseRelease(o.client)
	if err != nil {
		return usageError{"--client: " + err.Error()}
	}
	o.Client.Old = forecast.AgeOf(release.Year, release.Month)
	o.Rdiff = !o.noRdiff
	return checkJobs(o.Jobs)
}

func runZckForecast(ctx context.Context, opt zckForecastOptions, s surroundings) error {
	if err := opt.parse(); err != nil {
		return err
	}
	opt.Scratch = os.TempDir()
	f, err := deltafile.Forecast(ctx, opt.ForecastOptions)
	if err != nil {
		return err
	}
	if opt.svg != "" {
		if err := deltafile.WriteSVG(ctx, f, opt.svg); err != nil {
			return err
		}
	}
	if opt.json {
		return printJSON(s.stdout, f)
	}
	var b strings.Builder
	printForecast(&b, f, opt)
	_, err = io.WriteString(s.stdout, tame(b.String()))
	return err
}

// printForecast prints a table for people, and a paragraph for each older release.
func printForecast(w io.Writer, f *forecast.Forecast, opt zckForecastOptions) {
	fmt.Fprintf(w, "%s: %s, %s; in full %s\n", opt.New, size(f.Size), plural(f.Chunks, "chunk"), size(f.Full))
	for _, note := range f.Notes {
		fmt.Fprintf(w, "  note: %s\n", note)
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(tw, "\nfull\tzchunk\t= header\t+ chunks\t+ http\trequests\trdiff\tsmallest\t  from\n")
	for i := range f.Bases {
		printForecastRow(tw, f, &f.Bases[i])
	}
	tw.Flush()
	for i := range f.Bases {
		printForecastBase(w, &f.Bases[i], opt)
	}
}

func printForecastRow(w io.Writer, f *forecast.Forecast, r *forecast.Result) {
	z := &r.Zchunk
	patch := "-"
	if r.Rdiff != nil {
		patch = size(r.Rdiff.Packed)
	}
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t  %s\n", size(f.Full), about(z.Exact && z.HeaderExact)+size(z.Total),
		about(z.HeaderExact)+size(z.Header), about(z.Exact)+size(z.Missing), "~"+size(z.Overhead), z.Requests, patch, r.Winner, r.Name)
}

// about marks what is an estimate.
func about(exact bool) string {
	if exact {
		return ""
	}
	return "~"
}

// mapWidth and mapLines are the size of a map on the terminal in characters.
const (
	mapWidth = 64
	mapLines = 4
)

func printForecastBase(w io.Writer, r *forecast.Result, opt zckForecastOptions) {
	z := &r.Zchunk
	fmt.Fprintf(w, "\n%s\n", r.Name)
	fmt.Fprintf(w, "  %s missing, %d bytes, in %s and %s%s\n", plural(z.Chunks, "chunk"), z.Missing,
		plural(z.Ranges, "range"), plural(z.Requests, "request"), again(z))
	if z.TooLong {
		fmt.Fprint(w, "  problem: a request is too long, and the update fails: a smaller max-ranges helps\n")
	}
	for _, note := range r.Notes {
		fmt.Fprintf(w, "  note: %s\n", note)
	}
	printCost(w, "zchunk", &r.Costs.Zchunk)
	if r.Costs.Rdiff != nil {
		printCost(w, "rdiff", r.Costs.Rdiff)
	}
	marks := forecast.BlockMarks()
	if opt.ascii {
		marks = forecast.ASCIIMarks()
	}
	fmt.Fprint(w, indented(r.Map.Text(mapWidth, mapLines, marks)))
	printFiles(w, r.Files)
}

func again(z *forecast.Download) string {
	if z.Duplicates == 0 {
		return ""
	}
	return fmt.Sprintf("; %d of them repeat others, %s", z.Duplicates, size(z.Repeated))
}

// printCost says what a device has to do.
func printCost(w io.Writer, name string, c *forecast.Cost) {
	fmt.Fprintf(w, "  %s on the device: reads %s, hashes %s, %s of memory", name, size(c.Read), size(c.Hashed), size(c.Memory))
	if c.Temp > 0 {
		fmt.Fprintf(w, ", %s in TMPDIR", size(c.Temp))
	}
	fmt.Fprintln(w)
}

func indented(text string) string {
	if text == "" {
		return ""
	}
	return "  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
}

// mostFiles is how many files are printed for people.
const mostFiles = 20

func printFiles(w io.Writer, files []forecast.File) {
	for i, file := range files {
		if i == mostFiles {
			fmt.Fprintf(w, "  %10s  and %d more\n", "", len(files)-i)
			return
		}
		fmt.Fprintf(w, "  %10s  %s\n", size(file.Bytes), file.Name)
	}
}
