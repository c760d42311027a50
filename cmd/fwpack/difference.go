package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"text/tabwriter"

	"github.com/fwpack/fwpack/pack/diff"
)

// printDifference prints what somebody wants to read before signing, or with all of
// it everything.
func printDifference(w io.Writer, d *diff.Difference, all bool) error {
	p := &differencePrinter{all: all}
	p.printf("%s -> %s: %s\n", d.Old.Name, d.New.Name, d.Kind)
	switch {
	case d.Old.SHA256 == d.New.SHA256:
		p.printf("no differences\n")
	case bare(d):
		p.printf("no differences but in the layout of the files\n")
	case !d.Different && !all:
		p.printf("no differences but for what each build makes anew: --all lists it\n")
	default:
		p.difference(d)
	}
	_, err := io.WriteString(w, tame(withoutBlanks(p.String())))
	return err
}

// bare tells whether there is not even a detail to tell.
func bare(d *diff.Difference) bool {
	return d.Description == nil && d.Content == nil && len(d.Signature)+len(d.Archive)+len(d.Payloads)+len(d.Notes) == 0
}

// differencePrinter writes text for people.
type differencePrinter struct {
	strings.Builder
	all bool
}

func (p *differencePrinter) printf(format string, args ...any) { fmt.Fprintf(p, format, args...) }

func (p *differencePrinter) difference(d *diff.Difference) {
	if d.Description != nil {
		p.section("description", d.Description.Settings)
		p.entries(d.Description.Entries)
		if d.Description.More > 0 {
			p.printf("\nand %d more changes of the description\n", d.Description.More)
		}
	}
	p.payloads(d.Payloads)
	p.section("signature (not verified)", d.Signature)
	p.section("archive", d.Archive)
	if d.Content != nil {
		p.printf("\n")
		p.fact("", "size", sizes(d.Old.Size, d.New.Size))
		p.content("", d.Content)
	}
	p.notes("", d.Notes)
}

// section prints a list of changes below a title.
func (p *differencePrinter) section(title string, changes []diff.Change) {
	if shown := p.shown(changes); len(shown) > 0 {
		p.printf("\n%s\n", title)
		p.changes("", shown)
	}
}

// shown leaves details out, unless all are wanted.
func (p *differencePrinter) shown(changes []diff.Change) []diff.Change {
	var shown []diff.Change
	for _, c := range changes {
		if p.all || !c.Detail {
			shown = append(shown, c)
		}
	}
	return shown
}

// changes prints a table.
func (p *differencePrinter) changes(indent string, changes []diff.Change) {
	tw := tabwriter.NewWriter(p, 0, 0, 2, ' ', 0)
	for _, c := range changes {
		fmt.Fprintf(tw, "%s%s %s\t%s\n", indent, mark(c.Mark), cell(strings.TrimPrefix(c.Name, "software.")), p.values(c))
	}
	tw.Flush()
}

// mark is one character, as diff has them.
func mark(m diff.Mark) string {
	return map[diff.Mark]string{diff.Added: "+", diff.Removed: "-", diff.Changed: "~"}[m]
}

func (p *differencePrinter) values(c diff.Change) string {
	was, is := p.value(c.Old), p.value(c.New)
	switch c.Mark {
	case diff.Added:
		return is
	case diff.Removed:
		return was
	}
	return was + " -> " + is
}

// cell is text that cannot leave its column.
func cell(text string) string {
	return strings.NewReplacer("\t", `\t`, "\v", `\v`, "\f", `\f`, "\n", `\n`).Replace(text)
}

// digests are what nobody reads to the end.
var digests = regexp.MustCompile(`\b[0-9a-f]{40,}\b`)

// value shortens digests, unless all is wanted.
func (p *differencePrinter) value(text string) string {
	if p.all {
		return cell(text)
	}
	return cell(digests.ReplaceAllStringFunc(text, func(digits string) string { return digits[:16] + "..." }))
}

// entries prints those of all sections.
func (p *differencePrinter) entries(entries []diff.Entry) {
	title := "\nentries\n"
	for _, e := range entries {
		settings := p.shown(e.Settings)
		if e.Mark == diff.Changed && e.Was == "" && len(settings) == 0 {
			continue
		}
		p.printf("%s%s %s %s%s%s%s\n", title, mark(e.Mark), e.Section, cell(e.Name), before(e.Was), where(e.Places), says(e.Says))
		title = ""
		if e.Mark == diff.Changed || p.all {
			p.changes("    ", settings)
		}
	}
}

// before tells the name that something had.
func before(was string) string {
	if was == "" {
		return ""
	}
	return ", was " + cell(was)
}

// where tells boards and slots; the top of the description needs no word.
func where(places []string) string {
	var names []string
	for _, place := range places {
		if name := strings.TrimPrefix(strings.TrimPrefix(place, "software"), "."); name != "" {
			names = append(names, cell(name))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " in " + strings.Join(names, ", ")
}

func says(use string) string {
	if use == "" {
		return ""
	}
	return ": " + cell(use)
}

// notes prints remarks.
func (p *differencePrinter) notes(indent string, notes []string) {
	for _, note := range notes {
		p.printf("%snote: %s\n", indent, cell(note))
	}
}
