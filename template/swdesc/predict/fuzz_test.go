package predict_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/predict"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// FuzzPredict: whatever parses is predicted, the same way each time, in printable
// text and in JSON, and a refusal has a reason.
func FuzzPredict(f *testing.F) {
	for i, s := range scenarios() {
		f.Add(s.text(target), s.json, uint8(i))
	}
	archive := scenario{}.archive(target)
	f.Fuzz(func(t *testing.T, text string, isJSON bool, which uint8) {
		format := swdesc.Libconfig
		if isJSON {
			format = swdesc.JSON
		}
		doc, err := swdesc.ParseAs([]byte(text), format)
		if err != nil {
			return
		}
		profiles := swupdate.Profiles()
		d := predict.Device{
			Profile: profiles[int(which)%len(profiles)], Hardware: &predict.Hardware{Board: "board", Revision: "1.0"},
			Set: "s", Mode: "m", Installed: []predict.Component{{Name: "c", Version: "1.2"}}, NoDowngrade: "0.1", MaxVersion: "9",
		}
		checkPrediction(t, predict.Predict(doc, archive, d), predict.Predict(doc, archive, d))
		checkPrediction(t, predict.Predict(doc, nil, predict.Device{}), predict.Predict(doc, nil, predict.Device{}))
	})
}

func checkPrediction(t *testing.T, p, again predict.Prediction) {
	t.Helper()
	first, err := json.Marshal(p)
	second, _ := json.Marshal(again)
	if err != nil || string(first) != string(second) {
		t.Errorf("%v\n%s\n%s", err, first, second)
	}
	if p.Accepted != (p.Refusal == nil) || p.Refusal != nil && p.Refusal.Why == "" {
		t.Errorf("accepted %v, refusal %+v", p.Accepted, p.Refusal)
	}
	text := p.Text()
	if !strings.HasSuffix(text, "\n") || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }) {
		t.Errorf("text is not plain: %q", text)
	}
}
