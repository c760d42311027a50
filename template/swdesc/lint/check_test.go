package lint

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

func parse(t testing.TB, text string) *swdesc.Document {
	t.Helper()
	doc, err := swdesc.ParseAny([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return doc
}

func lines(findings []Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s %s %s: %s (%s)\n", f.Rule, f.Severity, f.Path, f.Msg, f.Hint)
	}
	return b.String()
}

// faulty breaks a rule in most of its lines.
const faulty = `software = {
	version = 1;
	hardware-compatability = [ "1.0" ];
	board = {
		stable = {
			images = (
				{ filename = "a/rootfs"; typ = "raw"; device = "/dev/mmcblk0p2"; },
				{ filename = "boot"; type = "row"; offset = "16kb"; sha256 = "xyz"; },
				{ ref = "#./nowhere"; }
			);
			scripts = ( { filename = "set up.sh"; type = "shellscript"; } );
			bootenv = ( { value = "2"; } );
		};
	};
};
`

func TestCheck(t *testing.T) {
	want := `SWD011 error software: there is no hardware-compatibility (add hardware-compatibility = [ "..." ]; with the revisions of /etc/hwrevision)
SWD020 error software.version: version is an integer, 1, and must be a string (write the value as the type that is asked for: texts in double quotes, numbers, true and false without)
SWD015 warning software.hardware-compatability: unknown key "hardware-compatability" (did you mean hardware-compatibility?)
SWD110 error software.board.stable.images[0]: entry has no sha256 (add sha256 = "..."; of the artifact as it lies in the archive)
SWD801 note software.board.stable.images[0]: entry has no type; the client takes raw (add type = "...";)
SWD102 error software.board.stable.images[0].filename: filename "a/rootfs" has a folder in it (use the bare name of the file, in the archive, too)
SWD024 warning software.board.stable.images[0].typ: unknown attribute "typ" in images (did you mean type?)
SWD201 error software.board.stable.images[1].type: no release of SWUpdate has a handler "row" (did you mean raw?)
SWD120 warning software.board.stable.images[1].offset: offset "16kb" is read as 16384 (write a number of bytes, or a text that ends in K, M or G for powers of 1024)
SWD111 error software.board.stable.images[1].sha256: sha256 is "xyz", and must be 64 hex digits (write the 64 hex digits that sha256sum prints)
SWD050 error software.board.stable.images[2].ref: there is no software.board.stable.nowhere (name the target from the file, as in "#/software/stable/copy1/images", or from the link, as in "#./../copy1/images")
SWD110 error software.board.stable.scripts[0]: entry has no sha256 (add sha256 = "..."; of the artifact as it lies in the archive)
SWD130 error software.board.stable.scripts[0].filename: filename "set up.sh" has ' ' in it, which means something to the shell (use letters, digits, dots, dashes and underscores)
SWD802 note software.board.stable.scripts[0].type: shellscript runs in a shell (write the script in Lua, and give it type = "lua";)
SWD601 error software.board.stable.bootenv[0]: variable of bootenv has no name (add name = "...";)
`
	target, _ := swupdate.LookupProfile("debian-12")
	if got := lines(Check(Subject{Doc: parse(t, faulty)}, target)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The same description is judged by the device that it is for.
func TestTargets(t *testing.T) {
	text := images(rootfs(`compressed = "xz"`, withDigest))
	for target, want := range map[string]string{
		"":          "SWD402 note",
		"newest":    "",
		"debian-12": "SWD402 error",
		"2025.12":   "",
	} {
		profile, _ := swupdate.LookupProfile(target)
		got := ""
		for _, f := range Check(Subject{Doc: parse(t, text)}, profile) {
			got += f.Rule + " " + f.Severity.String()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", target, got, want)
		}
	}
}

// What a placeholder stands for is not known in a draft, and is wrong in what is
// finished.
func TestPlaceholders(t *testing.T) {
	for _, value := range []string{"@@OFFSET@@", "$swupdate_get_pkgvar(u-boot)", "@file", "x@@A[b]@@"} {
		doc := parse(t, images(rootfs(`offset = "`+value+`"`)))
		if got := Check(Subject{Doc: doc, Draft: true}, swupdate.Profile{}); len(got) > 0 {
			t.Errorf("%s: %s", value, lines(got))
		}
		if got := ids(Check(Subject{Doc: doc}, swupdate.Profile{})); !slices.Contains(got, "SWD120") {
			t.Errorf("%s: got %v", value, got)
		}
	}
	for _, value := range []string{"${mmcdev}", "$(root)", "$", "a$", "$a", "$a b("} {
		if callsFunction(value) {
			t.Errorf("%s is no call", value)
		}
	}
}

// Entries are found behind links, and told of once.
func TestLinkedEntries(t *testing.T) {
	text := software(
		list("slots", rootfs(`oops = "1"`)),
		"stable = "+group("copy1 = "+group(`images = { ref = "#/software/slots"; }`), "copy2 = "+group(`images = ( { ref = "#/software/slots"; } )`)))
	got := lines(Check(Subject{Doc: parse(t, text), Draft: true}, swupdate.Profile{}))
	if want := "SWD024 warning software.slots[0].oops: unknown attribute \"oops\" in images (remove it, or put it into properties)\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// Entries of two lists that one device never sees together may share a streamed
// artifact.
func TestStreamedSlots(t *testing.T) {
	slot := func(device string) string {
		return list("images", group(`filename = "rootfs"`, `type = "raw"`, `device = "`+device+`"`, streamed))
	}
	text := software("stable = " + group("copy1 = "+group(slot("/dev/a")), "copy2 = "+group(slot("/dev/b"))))
	if got := Check(Subject{Doc: parse(t, text), Draft: true}, swupdate.Profile{}); len(got) > 0 {
		t.Error(lines(got))
	}
}

// A handler of the project's own is not known, and takes what it likes.
func TestCustomHandlers(t *testing.T) {
	custom := swupdate.Profile{Custom: []swupdate.CustomHandler{{Name: "fpga", Sections: []swupdate.Section{swupdate.Images}}}}
	entry := typed("fpga", `filename = "a.bit"`, properties(`speed = "9"`))
	if got := Check(Subject{Doc: parse(t, images(entry)), Draft: true}, custom); len(got) > 0 {
		t.Error(lines(got))
	}
	got := ids(Check(Subject{Doc: parse(t, software(list("scripts", entry))), Draft: true}, custom))
	if !slices.Equal(got, []string{"SWD203"}) {
		t.Errorf("in another section: %v", got)
	}
}

func TestChainedHandler(t *testing.T) {
	for text, want := range map[string][]string{
		`chain = "rawfile"`: {"SWD204"}, // no path
		`chain = "ubivol"`:  {"SWD204"}, // no volume
		`chain = "raw"`:     nil,
		`chain = "@@C@@"`:   nil,
	} {
		doc := parse(t, delta(zckURL, quiet, text))
		if got := ids(Check(Subject{Doc: doc, Draft: true}, swupdate.Profile{})); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
	doc := parse(t, delta(zckURL, quiet, `chain = "ubivol"`, `auto-resize = "true"`, `replaces = "old"`))
	if got := ids(Check(Subject{Doc: doc, Draft: true}, swupdate.Profile{})); slices.Contains(got, "SWD211") {
		t.Errorf("properties of the chained handler are unknown: %v", got)
	}
}

func TestFindingJSON(t *testing.T) {
	data, err := marshal(Finding{Rule: "SWD101", Severity: Warning, Offset: 7, Path: "software", Msg: "m"})
	if want := `{"rule":"SWD101","severity":"warning","offset":7,"path":"software","message":"m"}`; err != nil || data != want {
		t.Errorf("got %s, %v", data, err)
	}
	if got := Severity(9).String(); got != "severity 9" {
		t.Errorf("got %s", got)
	}
}

func marshal(v any) (string, error) {
	data, err := json.Marshal(v)
	return string(data), err
}

func TestSameFindingsTwice(t *testing.T) {
	doc := parse(t, faulty)
	first := Check(Subject{Doc: doc}, swupdate.Profile{})
	for range 5 {
		if again := Check(Subject{Doc: doc}, swupdate.Profile{}); !reflect.DeepEqual(first, again) {
			t.Fatalf("got\n%s\nand\n%s", lines(first), lines(again))
		}
	}
	if !slices.IsSortedFunc(first, func(a, b Finding) int { return a.Offset - b.Offset }) {
		t.Errorf("not in the order of the text:\n%s", lines(first))
	}
}

// A description made to keep a checker busy is not worse than any other of its
// size.
func TestHostile(t *testing.T) {
	var chains, places, wide strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&chains, "l%d = { ref = \"#/software/l%d/l%d/l%d\"; };\n", i, i+1, i+1, i+1)
		fmt.Fprintf(&places, "b%d = { images = { ref = \"#/software/all\"; }; };\n", i)
		fmt.Fprintf(&wide, "k%d = 1;\n", i)
	}
	all := strings.TrimSuffix(strings.Repeat(rootfs()+",\n", 4000), ",\n")
	for name, text := range map[string]string{
		"links":  bare(chains.String() + `images = ( { ref = "#/software/l0"; } )`),
		"places": bare("all = ( " + all + " );" + places.String() + `version = "1"`),
		"wide":   bare(wide.String() + "images = ( " + all + " )"),
	} {
		doc := parse(t, text)
		start := time.Now()
		Check(Subject{Doc: doc}, swupdate.Profile{})
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: %v for %d bytes", name, took, len(text))
		}
	}
}
