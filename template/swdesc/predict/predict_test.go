package predict_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/predict"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// target is the folder that the unit tests install to. Nothing is.
const target = "/target"

var shaOf = regexp.MustCompile(`\$SHA\(([^)]*)\)`)

// contents returns the members that a scenario's archive has.
func (s scenario) contents(dir string) map[string]string {
	all := map[string]string{}
	for _, m := range members {
		all[m.name] = strings.ReplaceAll(m.data, "$DIR", dir)
	}
	return all
}

// text is the description that installs to dir.
func (s scenario) text(dir string) string {
	contents := s.contents(dir)
	text := s.bare
	if text == "" {
		text = "software = { " + s.description + "};\n"
	}
	text = shaOf.ReplaceAllStringFunc(text, func(call string) string {
		name := shaOf.FindStringSubmatch(call)[1]
		return fmt.Sprintf("%x", sha256.Sum256([]byte(contents[name])))
	})
	return strings.ReplaceAll(text, "$DIR", dir)
}

// archive describes the members to Predict.
func (s scenario) archive(dir string) *swupdate.Archive {
	a := &swupdate.Archive{Signature: &swupdate.Signature{Scheme: "cms", Signers: 1}}
	contents := s.contents(dir)
	for _, m := range members {
		data := contents[m.name]
		a.Entries = append(a.Entries, swupdate.Entry{
			Name: m.name, Size: int64(len(data)), SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(data))),
		})
	}
	return a
}

// predictedDevice describes the client to Predict.
func (s scenario) predictedDevice(t *testing.T) predict.Device {
	t.Helper()
	board, revision, _ := strings.Cut(s.board(), ":")
	d := predict.Device{Profile: swupdate.Debian12(), Hardware: &predict.Hardware{Board: board, Revision: revision}}
	d.Set, d.Mode, _ = strings.Cut(s.selected, ",")
	var err error
	if d.Installed, err = predict.ParseSWVersions([]byte(s.config())); err != nil {
		t.Fatal(err)
	}
	switch option, version, _ := strings.Cut(s.limit, " "); option {
	case "-N":
		d.NoDowngrade = version
	case "-R":
		d.NoReinstall = version
	case "--max-version":
		d.MaxVersion = version
	}
	return d
}

func (s scenario) board() string {
	if s.hardware == "" {
		return "board:1.0"
	}
	return s.hardware
}

// config is the client's swupdate.cfg.
func (s scenario) config() string {
	return "globals : { };\nversions = ( " + s.versions + " );\n"
}

func (s scenario) parse(t *testing.T, dir string) *swdesc.Document {
	t.Helper()
	format := swdesc.Libconfig
	if s.json {
		format = swdesc.JSON
	}
	doc, err := swdesc.ParseAs([]byte(s.text(dir)), format)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// changed are the files below dir that the steps leave, as the table has them.
func changed(p predict.Prediction, dir string) string {
	files := map[string]bool{}
	for _, s := range p.Steps {
		switch s.Phase {
		case predict.PhaseStream, predict.PhaseImage, predict.PhaseFile:
			if name, ok := strings.CutPrefix(s.Target, dir+"/"); ok && s.Outcome != predict.Failed && s.Handler != "dummy" {
				files[name] = true
			}
		}
	}
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// ran are the scripts that the steps run, with what they are told.
func ran(p predict.Prediction) string {
	var all []string
	for _, s := range p.Steps {
		if s.Outcome != predict.Done || path.Ext(s.Filename) != ".sh" {
			continue
		}
		switch s.Handler {
		case "shellscript":
			all = append(all, s.Filename+" "+string(s.Phase))
		case "preinstall", "postinstall":
			all = append(all, s.Filename)
		}
	}
	return strings.Join(all, ", ")
}

// TestPredict holds the table against Predict. Whether the table is right is
// what TestConformancePredict asks the client.
func TestPredict(t *testing.T) {
	names := map[string]bool{}
	for _, s := range scenarios() {
		if names[s.name] {
			t.Errorf("two scenarios are called %s", s.name)
		}
		names[s.name] = true
		if s.refused == "" && s.device {
			t.Errorf("%s: nothing is refused that could depend on the device", s.name)
		}
		for _, id := range strings.Fields(s.lint) {
			if !strings.HasPrefix(id, "SWD") {
				t.Errorf("%s: %q is no rule", s.name, id)
			}
		}
		t.Run(s.name, func(t *testing.T) {
			s.check(t, predict.Predict(s.parse(t, target), s.archive(target), s.predictedDevice(t)), target)
		})
	}
	if len(names) < 60 {
		t.Errorf("%d scenarios", len(names))
	}
}

// check compares a prediction with the table.
func (s scenario) check(t *testing.T, p predict.Prediction, dir string) {
	t.Helper()
	if p.Accepted != (s.refused == "") || p.Accepted != (p.Refusal == nil) {
		t.Fatalf("accepted %v, refusal %+v, want %q", p.Accepted, p.Refusal, s.refused)
	}
	if p.Refusal != nil {
		if !strings.HasPrefix(p.Refusal.Message, s.refused) {
			t.Errorf("message %q, want %q", p.Refusal.Message, s.refused)
		}
		if p.Refusal.Why == "" || strings.HasSuffix(p.Refusal.Why, ".") {
			t.Errorf("why %q", p.Refusal.Why)
		}
	}
	if got := changed(p, dir); got != s.installed {
		t.Errorf("installed %q, want %q", got, s.installed)
	}
	if got := ran(p); got != s.ran {
		t.Errorf("ran %q, want %q", got, s.ran)
	}
	if _, err := json.Marshal(p); err != nil {
		t.Error(err)
	}
	if text := p.Text(); strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }) {
		t.Errorf("text is not plain: %q", text)
	}
}
