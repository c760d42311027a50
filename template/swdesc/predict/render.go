package predict

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// Text is the prediction for people, in lines of plain ASCII: the verdict, where
// sections were found, the steps in order, what is skipped and why, what changes
// in the bootloader's environment, the space, and what cannot be told. It ends
// with a newline.
func (p Prediction) Text() string {
	var b strings.Builder
	p.verdict(&b)
	for _, part := range []struct {
		title string
		rows  [][]string
	}{
		{"found", p.foundRows()},
		{"steps", p.stepRows()},
		{"skipped", p.skipRows()},
		{"not used", p.unusedRows()},
		{"variables", variableRows(p.Vars)},
		{"bootloader", variableRows(p.Bootenv)},
		{"space", p.spaceRows()},
		{"cannot be told", p.noteRows()},
	} {
		table(&b, part.title, part.rows)
	}
	return b.String()
}

func (p Prediction) verdict(b *strings.Builder) {
	if p.Refusal == nil {
		fmt.Fprintf(b, "accepted: version %s", plain(p.Version))
		switch p.Reboot {
		case swupdate.Yes:
			b.WriteString(", then a reboot")
		case swupdate.No:
			b.WriteString(", without a reboot")
		}
		b.WriteString("\n")
		return
	}
	r := p.Refusal
	fmt.Fprintf(b, "refused at stage %s: %s\n", r.Stage, plain(r.Why))
	if r.Message != "" {
		fmt.Fprintf(b, "  the client says: %s\n", plain(r.Message))
	}
	if r.Path != "" {
		fmt.Fprintf(b, "  at: %s\n", plain(r.Path))
	}
}

// table writes rows in aligned columns below a title, and nothing where there
// are none.
func table(b *strings.Builder, title string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			row[i] = plain(cell)
		}
		fmt.Fprintln(w, "  "+strings.Join(row, "\t"))
	}
	w.Flush() // into memory, which cannot fail
	for line := range strings.Lines(text.String()) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
}

var ruleNames = [...]string{"", "board and selection", "selection", "board", "software"}

func (p Prediction) foundRows() (rows [][]string) {
	for _, f := range p.Found {
		link := ""
		if f.Link != "" {
			link = "-> " + f.Link
		}
		rows = append(rows, []string{f.Key, "rule " + strconv.Itoa(f.Rule) + ", " + ruleNames[f.Rule], f.Path, link})
	}
	return rows
}

func (p Prediction) stepRows() (rows [][]string) {
	for i, s := range p.Steps {
		rows = append(rows, []string{
			strconv.Itoa(i + 1), string(s.Phase), s.Handler, s.Filename, s.Target, bytesOf(s), s.remarks(),
		})
	}
	return rows
}

func bytesOf(s Step) string {
	if s.Size < 0 {
		return ""
	}
	return fmt.Sprintf("%d bytes", s.Size)
}

// remarks says how a step ends and goes, unless it is as usual.
func (s Step) remarks() string {
	var all []string
	switch s.Outcome {
	case Failed:
		all = append(all, "FAILS")
	case Spoiled:
		all = append(all, "FAILS after writing")
	}
	switch {
	case s.Streamed:
		all = append(all, "streamed")
	case s.ViaTMPDIR:
		all = append(all, "via TMPDIR")
	}
	return strings.Join(append(all, s.Notes...), "; ")
}

func (p Prediction) skipRows() (rows [][]string) {
	for _, s := range p.Skipped {
		rows = append(rows, []string{s.Path, s.Filename, s.Why})
	}
	return rows
}

func (p Prediction) unusedRows() (rows [][]string) {
	for _, name := range p.Unused {
		rows = append(rows, []string{name})
	}
	return rows
}

func variableRows(list []Variable) (rows [][]string) {
	for _, v := range list {
		change := "= " + v.Value
		if v.Unset {
			change = "removed"
		}
		rows = append(rows, []string{v.Name, change, v.From})
	}
	return rows
}

func (p Prediction) spaceRows() (rows [][]string) {
	if p.Space.TMPDIR > 0 {
		rows = append(rows, []string{"TMPDIR", fmt.Sprintf("%d bytes", p.Space.TMPDIR), ""})
	}
	for _, name := range p.Space.Unknown {
		rows = append(rows, []string{"TMPDIR", "size not known", name})
	}
	for _, s := range p.Space.Unpacked {
		rows = append(rows, []string{"unpacked", fmt.Sprintf("%d bytes", s.Bytes), s.Filename + " in " + s.Target})
	}
	return rows
}

func (p Prediction) noteRows() (rows [][]string) {
	for _, n := range p.Unpredictable {
		rows = append(rows, []string{n.Path, n.Text})
	}
	return rows
}

// plain writes what is not printable ASCII as escapes: the text comes from
// files that nobody vouches for.
func plain(s string) string {
	quoted := strconv.QuoteToASCII(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
