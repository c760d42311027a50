package lint_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/lint"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// asked are descriptions that the client of Debian 12 was asked to install:
// whether it accepts them, and which files it then has written into $DIR. Where
// it refuses them, or writes less than they say, rule says so.
var asked = []struct {
	name, sections, rule string
	accepted             bool
	written              string
}{
	{"good", `files = ( { filename = "payload"; type = "rawfile"; path = "$DIR/out"; $SHA } );`, "", true, "out"},
	{"link to a list", `more = ( { filename = "payload"; type = "rawfile"; path = "$DIR/out"; $SHA } ); files = ( { ref = "#./more"; } );`, "", true, "out"},
	{"link to an entry", `more = { filename = "payload"; type = "rawfile"; path = "$DIR/out"; $SHA }; files = ( { ref = "#./more"; } );`, "SWD053", false, ""},
	{"dangling link", `files = ( { filename = "payload"; type = "rawfile"; path = "$DIR/out"; $SHA }, { ref = "#./more"; } );`, "SWD050", true, "out"},
	{"beside ref", `more = ( { filename = "payload"; type = "rawfile"; path = "$DIR/out"; $SHA } ); files = ( { path = "$DIR/other"; ref = "#./more"; } );`, "SWD055", true, "out"},
	{"no entries", `bootenv = ( );`, "SWD003", false, ""},
	{"too deep", `board = { set = { mode = { x = { files = ( { filename = "payload"; type = "rawfile"; path = "$DIR/out"; $SHA } ); }; }; }; };`, "SWD005", false, ""},
	{"a group", `files = { filename = "payload"; type = "rawfile"; path = "$DIR/out"; $SHA };`, "SWD021", false, ""},
	{"not a group", `files = ( "payload", { filename = "payload"; type = "rawfile"; path = "$DIR/out"; $SHA } );`, "SWD022", true, "out"},
	{"no handler", `images = ( { filename = "payload"; type = "row"; path = "$DIR/out"; $SHA } );`, "SWD201", false, ""},
	{"no type", `images = ( { filename = "payload"; $SHA } );`, "SWD104", false, ""},
	{"no path", `files = ( { filename = "payload"; type = "rawfile"; $SHA } );`, "SWD204", false, ""},
	{"wrong section", `scripts = ( { filename = "payload"; type = "rawfile"; path = "$DIR/out"; $SHA } );`, "SWD203", false, ""},
	{"no digest", `files = ( { filename = "payload"; type = "rawfile"; path = "$DIR/out"; } );`, "SWD110", false, ""},
	{"compression", `files = ( { filename = "payload"; type = "rawfile"; path = "$DIR/out"; compressed = "gzip"; $SHA } );`, "SWD401", false, ""},
	{"boolean property", `files = ( { filename = "payload"; type = "rawfile"; path = "$DIR/a/out"; $SHA properties = { create-destination = true; }; } );`, "SWD023", false, ""},
	{"yes", `files = ( { filename = "payload"; type = "rawfile"; path = "$DIR/a/out"; $SHA properties = { create-destination = "yes"; }; } );`, "SWD213", false, ""},
	{"hook without script", `files = ( { filename = "payload"; type = "rawfile"; path = "$DIR/out"; $SHA hook = "check"; } );`, "SWD135", true, "out"},
	{"function not in script", `embedded-script = "function a(image) return true, image end"; files = ( { filename = "payload"; type = "rawfile"; path = "$DIR/out"; $SHA hook = "check"; } );`, "SWD136", false, ""},
	{"streamed script", `scripts = ( { filename = "payload"; type = "postinstall"; installed-directly = true; $SHA } );`, "SWD424", false, ""},
	{"script and image", `files = ( { filename = "payload"; type = "rawfile"; path = "$DIR/out"; $SHA } ); scripts = ( { filename = "payload"; type = "postinstall"; $SHA } );`, "SWD141", false, ""},
	{"variable without name", `bootenv = ( { value = "1"; } );`, "SWD601", false, ""},
	{"too new", `images = ( { filename = "payload"; type = "docker_imageload"; $SHA } );`, "SWD202", false, ""},
	{"no filename", `files = ( { type = "rawfile"; path = "$DIR/out"; } );`, "SWD101", false, ""},
	{"missing artifact", `files = ( { filename = "other"; type = "rawfile"; path = "$DIR/out"; $SHA } );`, "SWD305", false, ""},
}

// The client does what the rule says, and the rule is found.
func TestConformanceRules(t *testing.T) {
	reftool.Need(t, "swupdate")
	slots := make(chan struct{}, 4)
	for _, test := range asked {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			text := describe(strings.NewReplacer("$DIR", dir, "$SHA", digest()).Replace(test.sections))
			slots <- struct{}{}
			verdict := device().Install(t, pack(t, text))
			<-slots
			if got := written(t, dir); verdict.Accepted != test.accepted || got != test.written {
				t.Errorf("accepted %v, wrote %q: %s", verdict.Accepted, got, verdict.Reason)
			}
		})
	}
}

// TestAsked is the half of TestConformanceRules that needs no client: an error
// for every refusal, and none for what is installed as it is written.
func TestAsked(t *testing.T) {
	for _, test := range asked {
		doc, err := swdesc.Parse([]byte(describe(strings.NewReplacer("$DIR", "/tmp", "$SHA", digest()).Replace(test.sections))))
		if err != nil {
			t.Fatal(err)
		}
		archive := &swupdate.Archive{Entries: []swupdate.Entry{{Name: "payload", Size: -1}}, Signature: &swupdate.Signature{Scheme: "cms", Signers: 1}}
		var found []string
		for _, f := range lint.Check(lint.Subject{Doc: doc, Archive: archive}, swupdate.Debian12()) {
			if f.Severity != lint.Note {
				found = append(found, f.Rule)
			}
		}
		if test.rule == "" && len(found) > 0 || test.rule != "" && !slices.Contains(found, test.rule) {
			t.Errorf("%s: got %v, want %s", test.name, found, test.rule)
		}
	}
}

func written(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			names = append(names, filepath.Base(file))
		}
	}
	return strings.Join(names, " ")
}
