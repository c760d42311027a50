package pack

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/fwpack/fwpack/mcuboot/profile"
)

// describe lists what the image is made with, what its bootloader is taken for,
// and where each value came from.
func (p *PlannedImage) describe(b *strings.Builder) {
	fmt.Fprintf(b, "\nimage %s %s  from %s\n", p.Name, p.Version, p.Input)
	for _, o := range p.Outputs {
		fmt.Fprintf(b, "  %s  %s\n", o.Name, o.Purpose)
	}
	switch {
	case p.Sign == "":
		b.WriteString("  not signed\n")
	case p.Request != "":
		fmt.Fprintf(b, "  to be signed, as %s says, by %s\n", p.Request, p.Sign)
	default:
		fmt.Fprintf(b, "  signed by %s\n", p.Sign)
	}
	if p.Encrypt != "" {
		fmt.Fprintf(b, "  encrypted for %s\n", p.Encrypt)
	}
	describeSettings(b, "made with", p.Settings)
	describeSettings(b, "its bootloader", p.Bootloader)
	if p.Fit != nil {
		b.WriteString("  in its slot\n")
		for line := range strings.Lines(p.Fit.table()) {
			b.WriteString("    " + line)
		}
	}
}

func describeSettings(b *strings.Builder, title string, settings []profile.Setting) {
	fmt.Fprintf(b, "  %s\n", title)
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, s := range settings {
		fmt.Fprintf(w, "    %s\t%s\t%s\n", s.Key, s.Value, s.From)
	}
	w.Flush() // a strings.Builder takes everything
}
