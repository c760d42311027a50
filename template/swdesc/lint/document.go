package lint

import (
	"fmt"
	"io"
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

const documentHead = `# Rules

What ` + "`fwpack check`" + ` looks for in a sw-description. This file is generated from the rules
themselves; every example in it is a test.

An *error* is refused by a device, or makes it do something else than is written; a *warning* does so
under some circumstances; a *note* works, and could be better.

A target decides about much of it. Where one is named, what it does not have is an error. Where none
is named, the newest SWUpdate is assumed, and what needs a release after 2022.12 is pointed out by a note.
Where a rule can be less than its severity, it says when.

A template is checked as a template: what fwpack fills in (sha256, ivt, encrypted, compressed, sizes) may be
missing, and values that are not known yet are left alone. Examples are templates unless they say otherwise.

| id | name | severity |
|---|---|---|
`

// Document writes all rules as Markdown: a table, then each rule with its
// reason, its hint and its examples.
func Document(w io.Writer) error {
	var b strings.Builder
	b.WriteString(documentHead)
	for _, r := range Rules() {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", r.ID, anchor(r), r.Name, r.Severity)
	}
	for _, r := range Rules() {
		r.document(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// anchor is what the heading of a rule is called in links.
func anchor(r Rule) string { return strings.ToLower(r.ID) + "-" + r.Name }

func (r Rule) document(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s %s\n\n**%s.** %s\n", r.ID, r.Name, capital(r.Severity.String()), r.Why)
	if r.Depends != "" {
		fmt.Fprintf(b, "\nSeverity: %s\n", r.Depends)
	}
	fmt.Fprintf(b, "\nHint: %s.\n", r.Hint)
	for _, e := range r.Failing {
		e.document(b, "Breaks it")
	}
	for _, e := range r.Passing {
		e.document(b, "Keeps it")
	}
}

func (e Example) document(b *strings.Builder, verdict string) {
	fmt.Fprintf(b, "\n%s%s:\n\n", verdict, e.around())
	if e.Description == "" {
		b.WriteString("(an empty file)\n")
		return
	}
	language := ""
	if e.Format == swdesc.JSON {
		language = "json"
	}
	fmt.Fprintf(b, "```%s\n%s```\n", language, strings.ToValidUTF8(shorten(e.Description), "\uFFFD"))
}

// around says what an example supposes beside its description.
func (e Example) around() string {
	var facts []string
	if !e.Draft {
		facts = append(facts, "finished")
	}
	if e.Target != "" {
		facts = append(facts, "target "+e.Target)
	}
	if e.Device != nil {
		facts = append(facts, describeDevice(*e.Device))
	}
	if e.Archive != nil {
		facts = append(facts, describeArchive(*e.Archive))
	}
	if len(facts) == 0 {
		return ""
	}
	return " (" + strings.Join(facts, "; ") + ")"
}

// describeDevice names what the devices of examples have or lack.
func describeDevice(p swupdate.Profile) string {
	var facts []string
	for _, fact := range []struct {
		answer swupdate.Answer
		what   string
	}{
		{p.HardwareCheck, "check of the hardware"}, {p.Lua, "Lua"}, {p.JSON, "JSON"},
		{p.Encryption, "decryption"}, {p.DeltaDownload, "downloads of deltas"},
	} {
		if fact.answer == swupdate.No {
			facts = append(facts, "without "+fact.what)
		}
	}
	for _, c := range p.Custom {
		facts = append(facts, "with a handler "+c.Name+" of its own")
	}
	return "a device " + strings.Join(facts, ", ")
}

func describeArchive(a swupdate.Archive) string {
	var facts []string
	for _, e := range a.Entries {
		facts = append(facts, describePacked(e))
	}
	text := "archive with " + strings.Join(facts, ", ")
	if s := a.Signature; s != nil {
		text += fmt.Sprintf(" and a signature %s", s.Scheme)
		if s.Signers+s.Intermediates > 0 {
			text += fmt.Sprintf(" of %d, with %d more certificates", s.Signers, s.Intermediates)
		}
	}
	return text
}

func describePacked(e swupdate.Entry) string {
	text := shorten(e.Name)
	if e.Size >= 0 {
		text += fmt.Sprintf(" of %d bytes", e.Size)
	}
	if e.SHA256 != "" {
		text += " with sha256 " + e.SHA256[:8] + "..."
	}
	if u := e.Unpacked; u != nil && u.Problem != "" {
		text += " that cannot be decompressed"
	} else if u != nil {
		text += fmt.Sprintf(" with %d members, %d bytes decompressed and %d behind them", u.Members, u.Size, u.Trailing)
	}
	return text
}

// shorten replaces runs of one letter, which stand for any long text.
func shorten(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		n := run(text[i:])
		if n >= longRun {
			fmt.Fprintf(&b, "%c... (%d bytes)", text[i], n)
		} else {
			b.WriteString(text[i : i+n])
		}
		i += n
	}
	return b.String()
}

// longRun is the shortest run that shorten replaces: more than the zeros of a
// digest.
const longRun = 65

// run is how often the first byte of text is repeated at its beginning.
func run(text string) int {
	n := 1
	for n < len(text) && text[n] == text[0] {
		n++
	}
	return n
}

func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
