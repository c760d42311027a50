package lint

import (
	"reflect"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// FuzzCheck asks for every profile what any description breaks: there is an
// answer, it is the same twice, each finding names a rule and a place, and none
// is louder than its rule.
func FuzzCheck(f *testing.F) {
	for _, r := range Rules() {
		for _, e := range append(r.Failing, r.Passing...) {
			f.Add([]byte(e.Description), e.Format == swdesc.JSON, e.Draft)
		}
	}
	f.Add([]byte(faulty), false, false)
	profiles := append(swupdate.Profiles(), swupdate.Profile{}, bare2022)
	archive := &swupdate.Archive{
		Entries:   []swupdate.Entry{packed("rootfs.ext4"), unpackedZImage(swupdate.Unpacked{Members: 2, Trailing: 1, Problem: "cut off"})},
		Signature: &swupdate.Signature{Scheme: "cms", Signers: 2, Intermediates: 1},
	}
	f.Fuzz(func(t *testing.T, src []byte, asJSON, draft bool) {
		format := swdesc.Libconfig
		if asJSON {
			format = swdesc.JSON
		}
		doc, err := swdesc.ParseAs(src, format)
		if err != nil {
			return
		}
		for _, p := range profiles {
			s := Subject{Doc: doc, Draft: draft, Archive: archive}
			findings := Check(s, p)
			if again := Check(s, p); !reflect.DeepEqual(findings, again) {
				t.Fatalf("%s and\n%s", lines(findings), lines(again))
			}
			for _, finding := range findings {
				r, ok := Lookup(finding.Rule)
				if !ok || finding.Severity < r.Severity || finding.Offset < 0 || finding.Offset > len(src) || finding.Msg == "" {
					t.Fatalf("%+v", finding)
				}
			}
		}
	})
}

// bare2022 is a device that has next to nothing.
var bare2022 = swupdate.Profile{
	Release: swupdate.Release{Year: 2022, Month: 12}, Handlers: []string{"raw"}, Compressions: []string{}, Verifier: swupdate.VerifierRSAPSS,
	HardwareCheck: swupdate.No, Lua: swupdate.No, JSON: swupdate.No, Encryption: swupdate.No, DeltaDownload: swupdate.No,
	FileSystems: []string{"ext4"}, Custom: []swupdate.CustomHandler{{Name: "fpga", NoData: true}},
}
