package forecast

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// Measures of the picture, in its own units.
const (
	svgColumns = 64
	svgCells   = 2048 // in all maps together, which bounds the file's size
	svgCell    = 12
	svgText    = 34 // height of the title of a map
	svgMargin  = 16
	svgName    = 60 // characters of a name
)

// MaxPictures is how many bases a picture may show.
const MaxPictures = 32

// colours of cells by how much is missing, and of those that are fetched once more.
var colours = [...]string{"#dfe7ee", "#f2b36b", "#c8452e"}

const duplicateColour = "#7b4fa3"

// SVG draws the maps of f, one below the other, as a picture that needs nothing
// else: no script, no font, no style sheet. It has less than 200 KB, however large
// the image is.
func (f *Forecast) SVG(w io.Writer) error {
	if len(f.Bases) > MaxPictures {
		return fmt.Errorf("forecast: %d bases; a picture shows %d at most", len(f.Bases), MaxPictures)
	}
	rows := svgCells / svgColumns / max(1, len(f.Bases))
	var body strings.Builder
	y := svgMargin
	for i := range f.Bases {
		y = drawMap(&body, &f.Bases[i], y, rows)
	}
	y = drawLegend(&body, y)
	width := svgColumns*svgCell + 2*svgMargin
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="sans-serif" font-size="13">
<rect width="100%%" height="100%%" fill="#fff"/>
%s</svg>
`, width, y, width, y, body.String())
	return err
}

// drawMap draws one map below y and returns where it ends.
func drawMap(b *strings.Builder, r *Result, y, rows int) int {
	fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\">%s: %d of %d chunks, %d bytes in %d requests</text>\n",
		svgMargin, y+14, escaped(r.Name), r.Zchunk.Chunks, len(r.Map.Sizes), r.Zchunk.Missing, r.Zchunk.Requests)
	y += svgText - svgCell
	cells := r.Map.Cells(svgColumns * rows)
	for begin := 0; begin < len(cells); begin += svgColumns {
		drawRow(b, cells[begin:min(begin+svgColumns, len(cells))], y)
		y += svgCell
	}
	return y + svgMargin
}

// drawRow draws cells of the same colour as one.
func drawRow(b *strings.Builder, row []Cell, y int) {
	for i := 0; i < len(row); {
		colour, n := row[i].colour(), 1
		for i+n < len(row) && row[i+n].colour() == colour {
			n++
		}
		box(b, svgMargin+i*svgCell, y, n, colour)
		i += n
	}
}

func box(b *strings.Builder, x, y, cells int, colour string) {
	fmt.Fprintf(b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", x, y, cells*svgCell-1, svgCell-1, colour)
}

func (c Cell) colour() string {
	if c.Duplicate*2 > c.Raw {
		return duplicateColour
	}
	return colours[c.heat()]
}

// drawLegend says what the colours mean.
func drawLegend(b *strings.Builder, y int) int {
	x := svgMargin
	for i, text := range []string{"reused", "downloaded in parts", "downloaded", "downloaded again"} {
		colour := duplicateColour
		if i < len(colours) {
			colour = colours[i]
		}
		box(b, x, y, 1, colour)
		fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\">%s</text>\n", x+svgCell+6, y+11, text)
		x += 190
	}
	return y + svgCell + svgMargin
}

// escaped is a name as text of a picture, shortened at its begin.
func escaped(name string) string {
	if runes := []rune(name); len(runes) > svgName {
		name = "…" + string(runes[len(runes)-svgName:])
	}
	var b strings.Builder
	xml.EscapeText(&b, []byte(name)) // a Builder takes everything
	return b.String()
}
