package predict_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/predict"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// unsigned is a client without a verifier, which lets descriptions be short.
func unsigned(t *testing.T, release string) swupdate.Profile {
	t.Helper()
	r, err := swupdate.ParseRelease(release)
	if err != nil {
		t.Fatal(err)
	}
	return swupdate.Profile{Release: r, Verifier: swupdate.VerifierNone}
}

func parse(t *testing.T, format swdesc.Format, text string) *swdesc.Document {
	t.Helper()
	doc, err := swdesc.ParseAs([]byte(text), format)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// only is an archive with these files of 8 bytes each.
func only(names ...string) *swupdate.Archive {
	a := &swupdate.Archive{}
	for _, name := range names {
		a.Entries = append(a.Entries, swupdate.Entry{Name: name, Size: 8})
	}
	return a
}

// short names a prediction: the reason of a refusal, or the steps with their
// targets and notes.
func short(p predict.Prediction) string {
	if p.Refusal != nil {
		return "refused: " + p.Refusal.Why
	}
	var all []string
	for _, s := range p.Steps {
		all = append(all, strings.Join(strings.Fields(string(s.Phase)+" "+s.Target+" "+strings.Join(s.Notes, "; ")), " "))
	}
	return strings.Join(all, ", ")
}

// TestReleases: what another release does with the same description. Each pair
// is a release and what it does.
func TestReleases(t *testing.T) {
	const f = `filename = "f"; path = "/f"; `
	for _, test := range []struct {
		name, entry, more string
		want              [][2]string
	}{
		{"numeric offset", f + "offset = 16;", "", [][2]string{
			{"2022.05", "file /f offset is a number, which this client takes for 0"}, {"2022.12", "file /f at offset 16"}}},
		{"offset with a fraction", f + `offset = "1.5K";`, "", [][2]string{
			{"2022.12", `file /f at offset 1; offset "1.5K" is read as 1`},
			{"2026.05", `refused: the offset "1.5K" is no number, and one such entry refuses the whole description`}}},
		{"size", f + "size = 9;", "", [][2]string{
			{"2024.05", "file /f"}, {"2024.12", "refused: size is 9, and the archive has 8 bytes"}}},
		{"cipher", f + `encrypted = "aes-cbc";`, "", [][2]string{
			{"2022.12", "file /f encrypted is a string, which this client passes over: it installs the ciphertext"},
			{"2025.12", "file /f decrypted with the device's key"}}},
		{"number for a boolean", f + "encrypted = 1;", "", [][2]string{
			{"2024.05", "file /f decrypted with the device's key"}, {"2024.12", "file /f"}}},
		{"xz", f + `compressed = "xz";`, "", [][2]string{
			{"2025.05", `refused: the compression "xz" is not in this release, and one such entry refuses the whole description`},
			{"2025.12", "file /f decompressed, xz"}}},
		{"vars", f, `vars = ( { name = "x"; value = "1"; }, { ref = "#./v"; } ); v = ( { name = "y"; value = "2"; } );`, [][2]string{
			{"2023.05", "file /f"}, {"2023.12", "file /f, vars 1 variable, bootenv 1 variable"}}},
		{"conditional partitions", f, `partitions = ( { type = "dummy"; device = "x"; name = "c"; version = "1"; install-if-different = true; } );`, [][2]string{
			{"2024.05", "partition volume c on x, file /f"}, {"2024.12", "file /f"}}},
		{"handler of the embedded script", f + `type = "mine";`, `embedded-script = "swupdate.register_handler(...)";`, [][2]string{
			{"2023.12", "refused: the handler mine is unknown"}, {"2024.05", "file /f"}}},
		{"delta", `filename = "f"; type = "delta"; device = "/dev/x"; compressed = "zstd"; properties = { url = "http://h/z"; source = "/dev/y"; chain = "raw"; };`, "", [][2]string{
			{"2022.12", "refused: this client cannot decompress or decrypt the header of a delta"},
			{"2023.05", "file /dev/x http://h/z from /dev/y, installed by raw; decompressed, zstd"}}},
	} {
		for _, want := range test.want {
			doc := parse(t, swdesc.Libconfig, `software = { version = "1"; files = ( { `+test.entry+` } ); `+test.more+" };\n")
			d := predict.Device{Profile: unsigned(t, want[0]), Installed: []predict.Component{{Name: "c", Version: "1.0"}}}
			if got := short(predict.Predict(doc, only("f"), d)); got != want[1] {
				t.Errorf("%s: %s: got %s, want %s", test.name, want[0], got, want[1])
			}
		}
	}
}

// TestCrashes are descriptions that end Debian 12's client. The real one is not
// asked in the table, because a crash has no verdict.
func TestCrashes(t *testing.T) {
	const json = `{"software": {"version": "1", "hardware-compatibility": `
	const entry = `{"filename": "f", "path": "/f", "sha256": "` + wrong + `"}`
	for _, test := range []struct {
		format     swdesc.Format
		text       string
		why, later string // of a client of 2024.12
	}{
		{swdesc.Libconfig, `software = { version = "1"; hardware-compatibility = ["1"]; files = ( { ref = "#./files"; } ); };`,
			"the list links to itself", "refused: the list links to itself, and the client follows without end until it crashes"},
		{swdesc.Libconfig, `software = { version = "1"; hardware-compatibility = ["1"]; a = ( { ref = "#./b"; } ); b = ( { ref = "#./a"; } ); files = { ref = "#./a"; }; };`,
			"the list links to itself", "refused: the list links to itself, and the client follows without end until it crashes"},
		{swdesc.JSON, json + `["1"], "files": ` + entry + `}}`, "files in JSON must be an array", "file /f"},
		{swdesc.JSON, json + `["1"], "files": "f"}}`, "files in JSON must be an array", "refused: no images, files, scripts, partitions or bootenv are found for this device"},
		{swdesc.JSON, json + `["1"], "x": ` + entry + `, "files": [{"ref": "#./x"}]}}`, "files in JSON must be an array", "file /f"},
		{swdesc.JSON, json + `"1", "files": [` + entry + `]}}`, "hardware-compatibility in JSON must be an array", `refused: no entry of hardware-compatibility matches the revision "1"`},
	} {
		doc := parse(t, test.format, test.text+"\n")
		hardware := &predict.Hardware{Board: "b", Revision: "1"}
		p := predict.Predict(doc, nil, predict.Device{Profile: swupdate.Debian12(), Hardware: hardware})
		if p.Refusal == nil || p.Refusal.Stage != predict.StageRead || p.Refusal.Message != "" || !strings.HasPrefix(p.Refusal.Why, test.why) {
			t.Errorf("%s: got %+v, want %s", test.text, p.Refusal, test.why)
		}
		p = predict.Predict(doc, nil, predict.Device{Profile: unsigned(t, "2024.12"), Hardware: hardware})
		if got := short(p); got != test.later {
			t.Errorf("%s: later got %s, want %s", test.text, got, test.later)
		}
	}
}

// TestNamesInArchive: what is not in the table because of TMPDIR.
func TestNamesInArchive(t *testing.T) {
	long := strings.Repeat("n", 251)
	for _, test := range []struct{ release, name, want string }{
		{"2022.12", long[1:], "file /f"},
		{"2022.12", long, "refused: the name has 251 bytes, and with /tmp for TMPDIR 250 are left"},
		{"2022.12", "x/y", "refused: the name has a folder, which TMPDIR does not have"},
		{"2022.12", "../y", "refused: the name has a folder, which TMPDIR does not have"},
		{"2026.05", "../y", `refused: the archive has a file called "../y", which the client takes for an attack`},
		{"2026.05", "/y", `refused: the archive has a file called "/y", which the client takes for an attack`},
	} {
		doc := parse(t, swdesc.Libconfig, `software = { version = "1"; files = ( { filename = "`+test.name+`"; path = "/f"; } ); };`+"\n")
		if got := short(predict.Predict(doc, only(test.name), predict.Device{Profile: unsigned(t, test.release)})); got != test.want {
			t.Errorf("%s: %s: got %s, want %s", test.release, test.name, got, test.want)
		}
	}
	doc := parse(t, swdesc.Libconfig, `software = { version = "1"; scripts = ( { filename = "`+long[:243]+`"; type = "shellscript"; } ); };`+"\n")
	want := "refused: the name has 243 bytes, and with /tmp for TMPDIR 242 are left"
	if got := short(predict.Predict(doc, only(long[:243]), predict.Device{Profile: unsigned(t, "2022.12")})); got != want {
		t.Errorf("script: got %s, want %s", got, want)
	}
}

// TestOffsetInJSON: bytes of text for a number.
func TestOffsetInJSON(t *testing.T) {
	doc := parse(t, swdesc.JSON, `{"software": {"version": "1", "images": [{"filename": "f", "device": "/d", "offset": "16K"}]}}`)
	for release, want := range map[string]string{
		"2022.05": "image /d at offset 16384",
		"2022.12": `image /d at offset 4929073; offset "16K" is a string in JSON, whose bytes this client takes for a number`,
		"2023.12": "image /d at offset 16384",
	} {
		if got := short(predict.Predict(doc, only("f"), predict.Device{Profile: unsigned(t, release)})); got != want {
			t.Errorf("%s: got %s, want %s", release, got, want)
		}
	}
}

func TestReboot(t *testing.T) {
	for _, test := range []struct {
		release, value string
		want           swupdate.Answer
	}{
		{"2023.05", "false", swupdate.Unknown},
		{"2023.12", "false", swupdate.No},
		{"2023.12", "true", swupdate.Yes},
		{"2023.12", `"disabled"`, swupdate.Yes},
		{"2025.12", `"disabled"`, swupdate.No},
		{"2025.12", `"enabled"`, swupdate.Yes},
	} {
		doc := parse(t, swdesc.Libconfig, `software = { version = "1"; reboot = `+test.value+`; files = ( { filename = "f"; path = "/f"; } ); };`+"\n")
		p := predict.Predict(doc, nil, predict.Device{Profile: unsigned(t, test.release)})
		if p.Reboot != test.want {
			t.Errorf("%s: reboot %s: got %s", test.release, test.value, p.Reboot)
		}
		if says := strings.Contains(p.Text(), "reboot\n"); says != (test.want != swupdate.Unknown) {
			t.Errorf("%s: reboot %s: text %q", test.release, test.value, p.Text())
		}
	}
}

// TestUnknownDevice: what is not known of a device is no reason to refuse.
func TestUnknownDevice(t *testing.T) {
	doc := parse(t, swdesc.Libconfig, `software = { version = "1"; hardware-compatibility = ["1"]; update-type = "app";
		embedded-script = "x = 1";
		files = ( { filename = "f"; path = "/f"; hook = "h"; postinstall = "after"; } ); };`+"\n")
	p := predict.Predict(doc, nil, predict.Device{})
	if !p.Accepted {
		t.Fatalf("refused: %+v", p.Refusal)
	}
	var texts []string
	for _, n := range p.Unpredictable {
		texts = append(texts, n.Path+": "+n.Text)
	}
	want := []string{
		"software.embedded-script: the embedded script is run while the description is read: an error in it refuses the update",
		`software.update-type: the update is refused unless swupdate.cfg lists the update type "app"`,
		"software.files[0]: the hook h can change the entry, skip it, or refuse the update",
		"software.files[0]: the postinstall function after can refuse the update",
		"software.files[0]: the entry has no sha256: clients that verify signatures refuse it, others do not check the artifact",
		"hardware-compatibility: whether the update is for this hardware: neither board nor revision are known",
	}
	if !slices.Equal(texts, want) {
		t.Errorf("notes\n%s\nwant\n%s", strings.Join(texts, "\n"), strings.Join(want, "\n"))
	}
}
