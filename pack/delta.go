package pack

import (
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/zck"
)

// The kinds of delta that SWUpdate's handlers know.
const (
	deltaZchunk = "zchunk" // handler delta: chunks from a web server, whatever is installed
	deltaRdiff  = "rdiff"  // handlers rdiff_image and rdiff_file: a patch for one old image
)

// Delta says that devices get an artifact as what is new in it.
type Delta struct {
	Kind string `json:"kind"` // "zchunk" or "rdiff"

	// Of zchunk: properties of the handler, "" for those that the description
	// gives or does without. In URL and Output, {sha256} stands for the digest of
	// the .zck.
	URL        string `json:"url,omitempty"`
	Source     string `json:"source,omitempty"` // what is installed, on the device
	Chain      string `json:"chain,omitempty"`
	MaxRanges  int    `json:"max_ranges,omitempty"`
	SourceSize string `json:"source_size,omitempty"`
	LogLevel   string `json:"zckloglevel,omitempty"`

	Output   string    `json:"output,omitempty"` // the .zck, in the output folder
	Level    zck.Level `json:"level"`
	Bases    []string  `json:"bases,omitempty"`    // older releases whose chunks are kept as they are
	Releases []string  `json:"releases,omitempty"` // older releases that may be installed, for MaxDownload
	// MaxDownload is how many bytes a device with one of Releases may have to
	// download; 0 is any number.
	MaxDownload int64 `json:"max_download,omitempty"`

	// Of rdiff.
	Base      string `json:"base,omitempty"`      // the old image, here
	RdiffBase string `json:"rdiffbase,omitempty"` // the same on the device

	Pos diag.Pos `json:"-"`
}

// placeholder of the digest, in URL and Output.
const digestPlaceholder = "{sha256}"

// delta reads the delta table of an artifact, nil where there is none.
func (d *decoder) delta(name string, t *table) *Delta {
	if t == nil {
		return nil
	}
	delta := &Delta{Kind: t.string("kind"), Pos: t.here()}
	switch delta.Kind {
	case "", deltaZchunk:
		delta.Kind = deltaZchunk
		d.zchunk(delta, name, t)
		t.idle("is for kind rdiff", "base", "rdiffbase")
	case deltaRdiff:
		delta.Base, delta.RdiffBase = d.path(t.required("base")), t.string("rdiffbase")
		t.idle("is for kind zchunk", "url", "source", "chain", "max-ranges", "source-size", "zckloglevel", "output", "level", "bases", "releases", "max-download")
	default:
		t.errorf("kind", "kind %q is unknown: %s and %s are allowed", delta.Kind, deltaZchunk, deltaRdiff)
		return nil
	}
	t.rest()
	return delta
}

func (d *decoder) zchunk(delta *Delta, name string, t *table) {
	delta.URL, delta.Source, delta.Chain, delta.LogLevel = t.string("url"), t.string("source"), t.string("chain"), t.string("zckloglevel")
	if delta.MaxRanges = t.int("max-ranges"); delta.MaxRanges < 0 || t.has("max-ranges") && delta.MaxRanges == 0 {
		t.errorf("max-ranges", "max-ranges %d: 1 and more are allowed", delta.MaxRanges)
	}
	delta.SourceSize = t.string("source-size")
	if _, err := parseSize(delta.SourceSize); delta.SourceSize != "" && delta.SourceSize != "detect" && err != nil {
		t.errorf("source-size", "source-size is %q: a number, with K, M or G behind it, and detect are allowed", delta.SourceSize)
	}
	t.text("level", &delta.Level)
	delta.Bases, delta.Releases = d.paths(t.strings("bases")), d.paths(t.strings("releases"))
	d.maxDownload(delta, t)
	d.zckOutput(delta, name, t)
}

// maxDownload reads a size such as "20MiB".
func (d *decoder) maxDownload(delta *Delta, t *table) {
	text := t.string("max-download")
	if text == "" {
		return
	}
	size, err := parseBytes(text)
	switch {
	case err != nil:
		t.errorf("max-download", "max-download %q: %v", text, err)
	case len(delta.Releases) == 0:
		t.errorf("max-download", "max-download does nothing without releases, which may be installed on a device")
	}
	delta.MaxDownload = size
}

// parseBytes reads a number of bytes with a unit: "300kB", "20MiB", "1GiB".
func parseBytes(text string) (int64, error) {
	units := []struct {
		name string
		size int64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}, {"", 1}}
	for _, unit := range units {
		digits, ok := strings.CutSuffix(text, unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n < 1 || n > (1<<62)/unit.size {
			break
		}
		return n * unit.size, nil
	}
	return 0, fmt.Errorf("a whole number of bytes, kB, KiB, MB, MiB, GB or GiB is allowed")
}

// zckOutput finds the name of the .zck: what the project says, else the last part
// of the URL, else that of the artifact.
func (d *decoder) zckOutput(delta *Delta, name string, t *table) {
	delta.Output = t.string("output")
	if u, err := url.Parse(delta.URL); delta.Output == "" && err == nil && path.Base(u.Path) != "." && path.Base(u.Path) != "/" {
		delta.Output = path.Base(u.Path)
	}
	if delta.Output == "" {
		delta.Output = name + ".zck"
	}
	if !isOutputName(delta.Output) {
		t.errorf("output", "output %q must be a plain file name other than %s: it is put into the output folder", delta.Output, reportName)
	}
}

// isOutputName tells whether a file of that name can be put into the output
// folder.
func isOutputName(name string) bool {
	return filepath.IsLocal(name) && filepath.Base(name) == name && name != reportName
}

// named puts the digest of the .zck into a name or an address.
func named(text, digest string) string { return strings.ReplaceAll(text, digestPlaceholder, digest) }

// properties are what the entry of the delta says to its handler, in the order in
// which they are written. digest is that of the .zck.
func (d *Delta) properties(digest string) [][2]string {
	if d.Kind == deltaRdiff {
		return [][2]string{{"rdiffbase", d.RdiffBase}}
	}
	list := [][2]string{{"url", named(d.URL, digest)}, {"source", d.Source}, {"chain", d.Chain}}
	if d.MaxRanges > 0 {
		list = append(list, [2]string{"max-ranges", strconv.Itoa(d.MaxRanges)})
	}
	level := d.LogLevel
	if level == "" {
		level = "error" // without it the client logs every step
	}
	return append(list, [2]string{"source-size", d.SourceSize}, [2]string{"zckloglevel", level})
}

// handlers are those that the entry may name; the first is the usual one in the
// section.
func (d *Delta) handlers(section string) []string {
	switch {
	case d.Kind == deltaZchunk:
		return []string{"delta"}
	case section == "files":
		return []string{"rdiff_file", "rdiff_image"}
	}
	return []string{"rdiff_image", "rdiff_file"}
}

// files are those that the delta depends on besides the artifact, whether they are
// there or not.
func (d *Delta) files() []string {
	if d == nil {
		return nil
	}
	files := []string{d.Base}
	for _, name := range slices.Concat(d.Bases, d.Releases) {
		files = append(files, name, releaseFile(name))
	}
	return files
}

// bases are the files that the bytes of the delta depend on besides the artifact.
func (d *Delta) bases() []string {
	var files []string
	if d != nil && d.Base != "" {
		files = append(files, d.Base)
	}
	if d != nil {
		for _, name := range d.Bases {
			files = append(files, releaseFile(name))
		}
	}
	return files
}

// entries says which parts of bases are meant.
func (d *Delta) entries() (parts []string) {
	for _, name := range d.Bases {
		parts = append(parts, strings.TrimPrefix(name, releaseFile(name)))
	}
	return parts
}

// releaseFile is the file of a release, which may be named FILE.swu#ENTRY; see
// deltafile.OpenRelease.
func releaseFile(name string) string {
	i := strings.LastIndexByte(name, '#')
	if _, err := os.Stat(name); err == nil || i <= 0 {
		return name
	}
	return name[:i]
}
