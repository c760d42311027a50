package predict_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/predict"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// streamedScript is what is wrong with one published template: Debian 12's
// client refuses it as well.
const streamedScript = "installed-directly does not work for scripts"

// TestCorpus reads real descriptions from the folder $FWPACK_CORPUS and selects
// every slot in them: each has something to be done.
func TestCorpus(t *testing.T) {
	dir := os.Getenv("FWPACK_CORPUS")
	if dir == "" {
		t.Skip("FWPACK_CORPUS is not set")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in FWPACK_CORPUS: %v", err)
	}
	slots := 0
	for _, file := range files {
		doc, err := swdesc.ParseAny(read(t, file))
		if err != nil {
			t.Logf("%s: %v", filepath.Base(file), err)
			continue
		}
		for _, d := range slotsOf(doc) {
			slots++
			p := predict.Predict(doc, nil, d)
			if r := p.Refusal; r != nil && strings.HasSuffix(file, "imx6ull-sd-dualcopy-image.template") && r.Why == streamedScript {
				continue
			}
			if !p.Accepted || len(p.Steps) == 0 {
				t.Errorf("%s: %s,%s: %+v", filepath.Base(file), d.Set, d.Mode, p.Refusal)
			}
		}
	}
	if slots < 25 {
		t.Errorf("%d slots", slots)
	}
}

// slotsOf returns a device for each group with sections: its board and
// selection, or its selection.
func slotsOf(doc *swdesc.Document) []predict.Device {
	var all []predict.Device
	software := doc.Find("software")
	if software == nil {
		return nil
	}
	profile := swupdate.Profile{Release: swupdate.Release{Year: 2022, Month: 12}, Verifier: swupdate.VerifierNone, HardwareCheck: swupdate.No,
		Custom: []swupdate.CustomHandler{{Name: "fpga"}}} // of the manual's example
	var visit func(g *swdesc.Group, names []string)
	visit = func(g *swdesc.Group, names []string) {
		d := predict.Device{Profile: profile, Hardware: &predict.Hardware{}}
		switch len(names) {
		case 1:
			d.Hardware.Board = names[0]
		case 2:
			d.Set, d.Mode = names[0], names[1]
		case 3:
			d.Hardware.Board, d.Set, d.Mode = names[0], names[1], names[2]
		}
		if hasSection(g) && len(names) <= 3 {
			all = append(all, d)
		}
		for _, s := range g.Settings() {
			if sub, ok := s.Value().(*swdesc.Group); ok {
				visit(sub, append(names[:len(names):len(names)], s.Name()))
			}
		}
	}
	if g, ok := software.Value().(*swdesc.Group); ok {
		visit(g, nil)
	}
	return all
}

func hasSection(g *swdesc.Group) bool {
	for _, s := range g.Settings() {
		if _, ok := swupdate.ParseSection(s.Name()); ok {
			return true
		}
	}
	return false
}
