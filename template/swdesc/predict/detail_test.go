package predict_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/predict"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

func TestSignatures(t *testing.T) {
	doc := parse(t, swdesc.Libconfig, `software = { version = "1"; files = ( { filename = "f"; path = "/f"; sha256 = "`+wrong+`"; } ); };`+"\n")
	for _, test := range []struct {
		verifier swupdate.Verifier
		scheme   string // "" for no signature
		message  string
		refused  bool
	}{
		{"", "", "", false},
		{swupdate.VerifierNone, "", "", false},
		{swupdate.VerifierCMS, "cms", "", false},
		{swupdate.VerifierCMS, "", "Image invalid or corrupted. Not installing ...", true},
		{swupdate.VerifierCMS, "raw", "sw-description.sig cannot be parsed as DER-encoded CMS signature blob", true},
		{swupdate.VerifierRSAPSS, "rsa-pss", "", false},
		{swupdate.VerifierRSAPSS, "raw", "", false},
		{swupdate.VerifierRSAPSS, "rsa-pkcs1v15", "", true},
		{swupdate.VerifierRSAPKCS1v15, "cms", "", true},
		{swupdate.VerifierAny, "cms", "", false},
	} {
		a := only("f")
		if test.scheme != "" {
			a.Signature = &swupdate.Signature{Scheme: test.scheme}
		}
		p := predict.Predict(doc, a, predict.Device{Profile: swupdate.Profile{Verifier: test.verifier}})
		if (p.Refusal != nil) != test.refused || p.Refusal != nil && (p.Refusal.Stage != predict.StageSignature || p.Refusal.Message != test.message) {
			t.Errorf("%s with %q: %+v", test.verifier, test.scheme, p.Refusal)
		}
	}
}

func variables(list []predict.Variable) string {
	var all []string
	for _, v := range list {
		change := "=" + v.Value
		if v.Unset {
			change = " removed"
		}
		all = append(all, v.Name+change+" from "+v.From)
	}
	return strings.Join(all, ", ")
}

func TestBootenv(t *testing.T) {
	const variable = `{ name = "slot"; value = "2"; }`
	const marks = "recovery_status removed from bootloader_transaction_marker, ustate=1 from bootloader_state_marker"
	for _, test := range []struct{ release, text, want string }{
		{"2022.12", section("bootenv", []string{variable, `{ name = "old"; }`, `{ name = "slot"; value = "3"; }`}),
			"slot=2 from software.bootenv[0], old removed from software.bootenv[1], " + marks},
		{"2022.12", section("uboot", []string{variable}), "slot=2 from software.uboot[0], " + marks},
		{"2022.12", section("bootenv", []string{variable}) + section("uboot", []string{`{ name = "x"; value = "y"; }`}), "slot=2 from software.bootenv[0], " + marks},
		{"2022.12", section("bootenv", []string{variable}) + "bootloader_transaction_marker = false; bootloader_state_marker = false; ", "slot=2 from software.bootenv[0]"},
		{"2020.11", section("bootenv", []string{variable}), "slot=2 from software.bootenv[0], recovery_status removed from bootloader_transaction_marker"},
		{"2022.12", section("files", []string{`{ filename = "f"; }`}), "recovery_status=failed from bootloader_transaction_marker, ustate=3 from bootloader_state_marker"},
		{"2022.12", section("files", nil), ""},
	} {
		doc := parse(t, swdesc.Libconfig, `software = { version = "1"; `+test.text+"};\n")
		p := predict.Predict(doc, nil, predict.Device{Profile: unsigned(t, test.release)})
		if got := variables(p.Bootenv); got != test.want {
			t.Errorf("%s: %s: got %s, want %s", test.release, test.text, got, test.want)
		}
	}
}

func TestSpace(t *testing.T) {
	doc := parse(t, swdesc.Libconfig, `software = { version = "1";
		images = ( { filename = "i"; device = "/d"; compressed = "zstd"; installed-directly = true; properties = { decompressed-size = "1K"; }; } );
		files = ( { filename = "f"; path = "/f"; }, { filename = "f"; path = "/g"; },
			{ filename = "z"; path = "/z"; compressed = "zlib"; }, { filename = "e"; path = "/e"; encrypted = true; properties = { decrypted-size = "7"; }; } );
		scripts = ( { filename = "s"; type = "shellscript"; } ); };`+"\n")
	a := only("i", "f", "z", "e", "s", "extra")
	a.Entries[2].Unpacked = &swupdate.Unpacked{Size: 99, Members: 1}
	a.Entries[3].Size = -1
	p := predict.Predict(doc, a, predict.Device{Profile: unsigned(t, "2022.12")})
	if got, want := fmt.Sprint(p.Space), "{24 [e] [{i /d 1024} {z /z 99} {e /e 7}]}"; got != want {
		t.Errorf("space %s, want %s", got, want)
	}
	if got := fmt.Sprint(p.Unused); got != "[extra]" {
		t.Errorf("unused %s", got)
	}
	a.Entries[2].Unpacked = &swupdate.Unpacked{Problem: "unexpected EOF"}
	p = predict.Predict(doc, a, predict.Device{Profile: unsigned(t, "2022.12")})
	if text := p.Text(); !strings.Contains(text, "does not decompress") || !strings.Contains(text, "size not known") {
		t.Errorf("text %s", text)
	}
}

// TestNeeds are handlers that Debian's client does not have, or that need
// hardware.
func TestNeeds(t *testing.T) {
	for _, test := range []struct{ entry, want string }{
		{`type = "ubivol"; volume = "r";`, "image volume r"},
		{`type = "ubivol";`, "refused: ubivol needs volume"},
		{`type = "ubivol"; volume = "r"; compressed = "zstd";`, "refused: ubivol needs the property decompressed-size of a compressed artifact"},
		{`type = "ubivol"; volume = "r"; encrypted = true;`, "refused: ubivol needs the property decrypted-size of an encrypted artifact"},
		{`type = "ubivol"; volume = "r"; properties = { auto-resize = "true"; };`, "refused: ubivol needs device"},
		{`type = "flash"; mtdname = "boot";`, "image mtd boot"},
		{`type = "gptpart"; device = "/d";`, "refused: gptpart needs volume"},
		{`type = "swuforward"; encrypted = true; properties = { url = "http://x"; };`, "refused: swuforward does not work with encrypted"},
		{`type = "rdiff_image"; device = "/d"; offset = 1; properties = { rdiffbase = "/e"; };`, "refused: rdiff_image does not work with offset"},
		{`type = "delta"; device = "/d"; properties = { url = "u"; source = "s"; chain = "delta"; };`, "refused: delta cannot hand on to delta"},
		{`type = "delta"; device = "/d"; properties = { url = "u"; source = "s"; chain = "nope"; };`, "refused: delta hands on to nope, which is unknown"},
		{`type = "delta"; properties = { url = "u"; source = "s"; chain = "raw"; };`, "refused: raw needs device"},
		{`type = "executor"; properties = { cmd = { x = "1"; }; };`, "image"},
	} {
		doc := parse(t, swdesc.Libconfig, `software = { version = "1"; images = ( { filename = "f"; `+test.entry+" } ); };\n")
		if got := short(predict.Predict(doc, only("f"), predict.Device{Profile: unsigned(t, "newest")})); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: got %s, want %s", test.entry, got, test.want)
		}
	}
	for _, test := range []struct{ entry, want string }{
		{`type = "diskformat"; device = "/d"; properties = { fstype = "zfs"; };`, "refused: the property fstype of diskformat must be one of ext4"},
		{`type = "diskformat"; device = "/d"; properties = { fstype = "ext4"; };`, "partition /d"},
		{`device = "mtd0"; name = "v"; size = "1";`, "partition volume v on mtd0 its size is 0: the volume is deleted"},
		{`type = "docker_containerstop"; device = "x";`, "refused: the handler docker_containerstop is unusable"},
	} {
		doc := parse(t, swdesc.Libconfig, `software = { version = "1"; partitions = ( { `+test.entry+" } ); };\n")
		p := unsigned(t, "newest")
		p.FileSystems = []string{"ext4"}
		if got := short(predict.Predict(doc, nil, predict.Device{Profile: p})); got != test.want {
			t.Errorf("%s: got %s, want %s", test.entry, got, test.want)
		}
	}
}

// TestCustomHandler: a handler that the project declares has no needs.
func TestCustomHandler(t *testing.T) {
	doc := parse(t, swdesc.Libconfig, `software = { version = "1"; images = ( { filename = "f"; type = "mine"; device = "x"; } ); };`+"\n")
	p := unsigned(t, "2022.12")
	p.Custom = []swupdate.CustomHandler{{Name: "mine"}}
	if got := short(predict.Predict(doc, nil, predict.Device{Profile: p})); got != "image x" {
		t.Errorf("got %s", got)
	}
}

// TestProfileLimits: parts that a client was built without.
func TestProfileLimits(t *testing.T) {
	p := unsigned(t, "2022.12")
	p.JSON, p.Encryption, p.HardwareCheck = swupdate.No, swupdate.No, swupdate.No
	got := short(predict.Predict(parse(t, swdesc.JSON, `{"software": {"version": "1"}}`), nil, predict.Device{Profile: p}))
	if got != "refused: the client was built without the parser of JSON" {
		t.Errorf("got %s", got)
	}
	doc := parse(t, swdesc.Libconfig, `software = { version = "1"; hardware-compatibility = ["7"]; files = ( { filename = "f"; path = "/f"; encrypted = true; } ); };`+"\n")
	got = short(predict.Predict(doc, nil, predict.Device{Profile: p, Hardware: &predict.Hardware{Board: "b", Revision: "1"}}))
	if got != "refused: the artifact is encrypted, and the client was built without decryption" {
		t.Errorf("got %s", got)
	}
}

// TestJSONForm pins the names by which programs read a prediction.
func TestJSONForm(t *testing.T) {
	doc := parse(t, swdesc.Libconfig, `software = { version = "1"; files = ( { filename = "f"; path = "/f"; }, { path = "/g"; } ); };`+"\n")
	p := predict.Predict(doc, only("f"), predict.Device{Profile: unsigned(t, "2022.12")})
	got, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"accepted":true,"version":"1",` +
		`"found":[{"key":"version","path":"software.version","rule":4,"offset":23},{"key":"files","path":"software.files","rule":4,"offset":36}],` +
		`"steps":[{"phase":"file","handler":"rawfile","filename":"f","target":"/f","size":8,"streamed":false,"via_tmpdir":true,"outcome":"done","offset":38,"path":"software.files[0]"}],` +
		`"skipped":[{"section":"files","why":"it has no filename","offset":72,"path":"software.files[1]"}],"unused":[],` +
		`"bootenv":[{"name":"recovery_status","value":"","unset":true,"from":"bootloader_transaction_marker"},{"name":"ustate","value":"1","unset":false,"from":"bootloader_state_marker"}],` +
		`"vars":[],"reboot":null,"space":{"tmpdir":8,"unpacked":[]},"unpredictable":[]}`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	empty, _ := json.Marshal(predict.Predict(parse(t, swdesc.Libconfig, ""), nil, predict.Device{}))
	if strings.Contains(string(empty), `:null`) && !strings.Contains(string(empty), `"reboot":null`) {
		t.Errorf("a list is null: %s", empty)
	}
}

// TestText shows a refusal to people.
func TestText(t *testing.T) {
	doc := parse(t, swdesc.Libconfig, `software = { version = "1\n"; images = ( { filename = "f"; device = "/d"; }, { filename = "g`+"\x1b"+`"; type = "raw"; } ); };`+"\n")
	p := predict.Predict(doc, nil, predict.Device{Profile: unsigned(t, "2022.12")})
	want := `refused at stage install: raw needs device
  the client says: Installation failed !
  at: software.images[1]

found
  version  rule 4, software  software.version
  images   rule 4, software  software.images

steps
  1  image  raw  f      /d    via TMPDIR
  2  image  raw  g\x1b        FAILS; via TMPDIR

bootloader
  recovery_status  = failed  bootloader_transaction_marker
  ustate           = 3       bootloader_state_marker

space
  TMPDIR  size not known  f
  TMPDIR  size not known  g\x1b
`
	if got := p.Text(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestBound: lists that link to each other twice are cut off, long ones are read
// in linear time.
func TestBound(t *testing.T) {
	var twice strings.Builder
	twice.WriteString(`software = { version = "1"; files = { ref = "#./l0"; }; `)
	for i := range 40 {
		fmt.Fprintf(&twice, "l%d = ( { ref = \"#./l%d\"; }, { ref = \"#./l%d\"; } ); ", i, i+1, i+1)
	}
	twice.WriteString(`l40 = ( { filename = "f"; path = "/f"; } ); };` + "\n")
	begin := time.Now()
	p := predict.Predict(parse(t, swdesc.Libconfig, twice.String()), nil, predict.Device{})
	if p.Refusal == nil || !strings.Contains(p.Refusal.Why, "more than 65536 entries") {
		t.Errorf("%+v", p.Refusal)
	}
	var long strings.Builder
	long.WriteString(`software = { version = "1"; files = ( { filename = "f"; path = "/f"; }`)
	a := only("f")
	for i := range 10000 {
		fmt.Fprintf(&long, ", { filename = \"f%d\"; path = \"/f\"; }", i)
		a.Entries = append(a.Entries, swupdate.Entry{Name: fmt.Sprintf("f%d", i), Size: 8})
	}
	long.WriteString(" ); };\n")
	p = predict.Predict(parse(t, swdesc.Libconfig, long.String()), a, predict.Device{Profile: unsigned(t, "newest")})
	if !p.Accepted || len(p.Steps) != 10001 {
		t.Errorf("%d steps, %+v", len(p.Steps), p.Refusal)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}
