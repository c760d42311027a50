package diff

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc"
)

func parse(t testing.TB, src string) *swdesc.Document {
	t.Helper()
	doc, err := swdesc.ParseAny([]byte(src))
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return doc
}

func TestDescriptions(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"layout, comments, order of settings and notation": {
			`software = { version = "1"; n = 16; list: ("a", "b"); };`,
			"# new\nsoftware :\n{ n = 0x10, list = [\"a\", \"b\"], version = \"1\" }\n", ``,
		},
		"metadata": {
			`software = { version = "1"; hardware-compatibility = ["1.0"]; gone = true; }`,
			`software = { version = "2"; hardware-compatibility = ["1.0", "1.1"]; new = 3; }`,
			`~ software.version "1" > "2"
			~ software.hardware-compatibility ["1.0"] > ["1.0", "1.1"]
			- software.gone true >
			+ software.new > 3`,
		},
		"the type of a value": {`software = { a = "1"; b = true; }`, `software = { a = 1; b = "true"; }`, `~ software.a "1" > 1
			~ software.b true > "true"`},
		"format": {`software = { version = "1"; }`, `{"software": {"version": "1"}}`, `~ format libconfig > json`},
		"a new version in the name of the file": {
			`software = { version = "1.2.0"; images: ({ filename = "rootfs-1.2.0.ext4"; device = "/dev/a"; sha256 = "11"; version = "1.2.0"; }); }`,
			`software = { version = "1.3.0-rc1"; images: ({ filename = "rootfs-1.3.0-rc1.ext4"; device = "/dev/a"; sha256 = "22"; version = "1.3.0-rc1"; }); }`,
			`~ software.version "1.2.0" > "1.3.0-rc1"
			~ images[rootfs-1.3.0-rc1.ext4 was rootfs-1.2.0.ext4] software: ~ sha256 "11" > "22" (detail); ~ version "1.2.0" > "1.3.0-rc1"`,
		},
		"both slots at once": {
			`software = { stable = { copy1 = { images: ({ filename = "a"; device = "/dev/1"; compressed = "zlib"; }); }; copy2 = { images: ({ filename = "a"; device = "/dev/2"; compressed = "zlib"; }); }; }; }`,
			`software = { stable = { copy1 = { images: ({ filename = "a"; device = "/dev/1"; compressed = "zstd"; }); }; copy2 = { images: ({ filename = "a"; device = "/dev/2"; compressed = "zstd"; }); }; }; }`,
			`~ images[a] software.stable.copy1, software.stable.copy2: ~ compressed "zlib" > "zstd"`,
		},
		"entries come and go": {
			`software = { scripts: ({ filename = "a.sh"; type = "shellscript"; }); images: ({ filename = "x"; device = "/dev/x"; encrypted = true; }); }`,
			`software = { scripts: ({ filename = "a.sh"; type = "shellscript"; }, { filename = "b.lua"; type = "lua"; }); images: (); }`,
			`- images[x] software says to /dev/x, encrypted: - device "/dev/x" > (detail); - encrypted true > (detail); - filename "x" > (detail)
			+ scripts[b.lua] software says lua: + filename > "b.lua" (detail); + type > "lua" (detail)`,
		},
		"another device": {
			`software = { images: ({ filename = "x"; device = "/dev/x"; }, { filename = "y"; device = "/dev/y"; }); }`,
			`software = { images: ({ filename = "x"; device = "/dev/y"; }, { filename = "y"; device = "/dev/x"; }); }`,
			`~ images[x] software: ~ device "/dev/x" > "/dev/y"
			~ images[y] software: ~ device "/dev/y" > "/dev/x"`,
		},
		"another file on the same device": {
			`software = { images: ({ filename = "debug.img"; device = "/dev/x"; }); }`,
			`software = { images: ({ filename = "release.img"; device = "/dev/x"; }); }`,
			`~ images[release.img was debug.img] software: `,
		},
		"the environment by its names": {
			`software = { bootenv: ({ name = "a"; value = "1"; }, { name = "b"; value = "2"; }); }`,
			`software = { bootenv: ({ name = "b"; value = "3"; }, { name = "c"; value = "1"; }); }`,
			`~ bootenv[b] software: ~ value "2" > "3"
			+ bootenv[c] software says "1": + name > "c" (detail); + value > "1" (detail)
			- bootenv[a] software says "1": - name "a" > (detail); - value "1" > (detail)`,
		},
		"order of what is installed": {
			`software = { images: ({ filename = "a"; }, { filename = "b"; }, { filename = "c"; }); }`,
			`software = { images: ({ filename = "c"; }, { filename = "a"; }); }`,
			`- images[b] software: - filename "b" > (detail)
			~ order of software.images a, c > c, a`,
		},
		"properties belong to the handler": {
			`software = { images: ({ filename = "a"; properties: { sha256 = "1"; decompressed-size = "5"; url = "x"; }; }); }`,
			`software = { images: ({ filename = "a"; properties: { sha256 = "2"; decompressed-size = "6"; }; }); }`,
			`~ images[a] software: ~ properties.decompressed-size "5" > "6" (detail); ~ properties.sha256 "1" > "2"; - properties.url "x" >`,
		},
		"the size of a partition is none of a payload": {
			`software = { partitions: ({ name = "vol"; device = "mtd0"; size = 5; }); }`,
			`software = { partitions: ({ name = "vol"; device = "mtd0"; size = 6; }); }`,
			`~ partitions[vol] software: ~ size 5 > 6`,
		},
		"links are links": {
			`software = { common = { images: ({ filename = "a"; }); }; stable = { copy1 = { images: ({ ref = "#./../../common"; }); }; }; }`,
			`software = { common = { images: ({ filename = "a"; hook = "f"; }); }; stable = { copy1 = { images = { ref = "#./../../common"; }; }; }; }`,
			`~ images[a] software.common: + hook > "f"
			~ software.stable.copy1.images [{ ref = "#./../../common"; }] > { ref = "#./../../common"; }`,
		},
		"a board comes": {
			`software = { version = "1"; }`,
			`software = { version = "1"; board = { hardware-compatibility = ["2"]; files: ({ filename = "f"; path = "/f"; }); empty = {}; }; }`,
			`+ software.board.hardware-compatibility > ["2"]
			+ software.board.empty > { }
			+ files[f] software.board says to /f: + filename > "f" (detail); + path > "/f" (detail)`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := Descriptions(parse(t, c.old), parse(t, c.new))
			if got, want := brief(d), sortedLines(c.want); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if d.Empty() != (c.want == "") || d.Matters() == (c.want == "") {
				t.Errorf("empty %v, matters %v", d.Empty(), d.Matters())
			}
			checkMirror(t, d, Descriptions(parse(t, c.new), parse(t, c.old)))
		})
	}
}

// brief writes a difference on few lines, sorted.
func brief(d *Description) string {
	var lines []string
	for _, c := range d.Settings {
		lines = append(lines, briefChange(c))
	}
	for _, e := range d.Entries {
		name := e.Name
		if e.Was != "" {
			name += " was " + e.Was
		}
		line := fmt.Sprintf("%s %s[%s] %s", marks[e.Mark], e.Section, name, strings.Join(e.Places, ", "))
		if e.Says != "" {
			line += " says " + e.Says
		}
		var settings []string
		for _, c := range e.Settings {
			settings = append(settings, briefChange(c))
		}
		lines = append(lines, line+": "+strings.Join(settings, "; "))
	}
	return sortedLines(strings.Join(lines, "\n"))
}

var marks = map[Mark]string{Added: "+", Removed: "-", Changed: "~"}

func briefChange(c Change) string {
	line := strings.Join(strings.Fields(fmt.Sprintf("%s %s %s > %s", marks[c.Mark], c.Name, c.Old, c.New)), " ")
	if c.Detail {
		line += " (detail)"
	}
	return line
}

func sortedLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// checkMirror wants one of two differences to be the other, seen from the other side.
func checkMirror(t *testing.T, d, back *Description) {
	t.Helper()
	if got, want := ordered(t, back), ordered(t, mirrorDescription(d)); got != want {
		t.Errorf("back\n%s\nwant\n%s", got, want)
	}
}

// ordered is JSON of a description's difference, in an order that does not depend on
// the direction.
func ordered(t *testing.T, d *Description) string {
	t.Helper()
	return form(t, sortedDescription(d))
}

func sortedDescription(d *Description) *Description {
	sorted := &Description{Settings: sortedChanges(d.Settings), Entries: slices.Clone(d.Entries), More: d.More}
	for i := range sorted.Entries {
		places := slices.Clone(sorted.Entries[i].Places)
		slices.Sort(places)
		sorted.Entries[i].Places = places
		sorted.Entries[i].Settings = sortedChanges(sorted.Entries[i].Settings)
	}
	slices.SortFunc(sorted.Entries, func(a, b Entry) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return sorted
}

func sortedChanges(changes []Change) []Change {
	sorted := slices.Clone(changes)
	slices.SortFunc(sorted, func(a, b Change) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return sorted
}

func sortedPayloads(payloads []Payload) []Payload {
	sorted := slices.Clone(payloads)
	for i := range sorted {
		sorted[i].Content = without(sorted[i].Content)
		sorted[i].Notes = nil
	}
	slices.SortFunc(sorted, func(a, b Payload) int { return cmp.Compare(a.Name+a.Was, b.Name+b.Was) })
	return sorted
}

func mirrorDescription(d *Description) *Description {
	m := &Description{More: d.More, Settings: mirrorChanges(d.Settings)}
	for _, e := range d.Entries {
		e.Mark = opposite[e.Mark]
		if e.Was != "" {
			e.Name, e.Was = e.Was, e.Name
		}
		e.Settings = mirrorChanges(e.Settings)
		m.Entries = append(m.Entries, e)
	}
	return m
}

var opposite = map[Mark]Mark{Added: Removed, Removed: Added, Changed: Changed}

func mirrorChanges(changes []Change) []Change {
	var m []Change
	for _, c := range changes {
		c.Mark, c.Old, c.New = opposite[c.Mark], c.New, c.Old
		m = append(m, c)
	}
	return m
}

// randomDescription has few names, so that two of them have much in common.
func randomDescription(r *rand.Rand) string {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	var b strings.Builder
	entry := func() {
		b.WriteString("{")
		for _, name := range []string{"filename", "name", "device", "type", "sha256", "ref"} {
			if r.IntN(2) == 0 {
				fmt.Fprintf(&b, "%s = %q; ", name, pick("a", "b", "c-1.0", "c-2.0"))
			}
		}
		if r.IntN(3) == 0 {
			fmt.Fprintf(&b, "properties = { x = %q; }; ", pick("1", "2"))
		}
		b.WriteString("}")
	}
	sections := func() {
		for _, name := range []string{"images", "files", "uboot"} {
			if r.IntN(2) == 0 {
				continue
			}
			fmt.Fprintf(&b, "%s: (", name)
			for i := range r.IntN(4) {
				if i > 0 {
					b.WriteString(", ")
				}
				entry()
			}
			b.WriteString(");\n")
		}
	}
	b.WriteString("software = {\n")
	fmt.Fprintf(&b, "version = %q;\n", pick("1.0", "2.0"))
	sections()
	for _, board := range []string{"x", "y"} {
		if r.IntN(2) == 0 {
			fmt.Fprintf(&b, "%s = {\n", board)
			sections()
			b.WriteString("};\n")
		}
	}
	b.WriteString("};\n")
	return b.String()
}

// A description differs in nothing from itself, and what is told of two is the same
// from either side. Two that are not Equal differ in something.
func TestDescriptionProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	equal := 0
	for range 600 {
		a, b := parse(t, randomDescription(r)), parse(t, randomDescription(r))
		if self := Descriptions(a, a); !self.Empty() {
			t.Fatalf("of itself:\n%s\n%s", brief(self), a.Bytes())
		}
		d := Descriptions(a, b)
		checkMirror(t, d, Descriptions(b, a))
		same := swdesc.Equal(a.Root, b.Root)
		if same {
			equal++
		}
		if same != d.Empty() {
			t.Fatalf("equal %v, but\n%s\n%s\n%s", same, brief(d), a.Bytes(), b.Bytes())
		}
		if t.Failed() {
			t.Fatalf("%s\n%s", a.Bytes(), b.Bytes())
		}
	}
	if equal == 600 {
		t.Error("all are equal")
	}
}

// Millions of differences are counted and not listed.
func TestManyChanges(t *testing.T) {
	var old, new strings.Builder
	for i := range 3 * maxChanges {
		fmt.Fprintf(&old, "a%d = 1; ", i)
		fmt.Fprintf(&new, "a%d = 2; ", i)
	}
	d := Descriptions(parse(t, old.String()), parse(t, new.String()))
	if len(d.Settings) != maxChanges || d.More != 2*maxChanges || d.Empty() || !d.Matters() {
		t.Errorf("%d changes and %d more", len(d.Settings), d.More)
	}
	long := strings.Repeat("x", 100_000)
	d = Descriptions(parse(t, "software = { s = \""+long+"1\"; "+long+" = 1; };"), parse(t, "software = { s = \""+long+"2\"; };"))
	for _, line := range d.Lines() {
		if len(line) > 2*maxPath {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
	if len(d.Settings) != 2 || d.Settings[0].Old == d.Settings[0].New {
		t.Errorf("%+v", d.Settings)
	}
}
