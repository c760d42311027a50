package swupdate

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

func TestDebian12(t *testing.T) {
	p := Debian12()
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	if !slices.IsSorted(p.Handlers) {
		t.Error("not sorted")
	}
	for _, name := range p.Handlers {
		if h, state := p.Handler(name); state != HandlerKnown || !slices.Contains(h.Names(), name) {
			t.Errorf("%s: %s, %v", name, h.Name, state)
		}
	}
	if names := p.HandlerNames(); !slices.Equal(names, p.Handlers) {
		t.Errorf("names %q", names)
	}
	if p.Signed() != Yes {
		t.Error("not signed")
	}
}

func TestProfileHandler(t *testing.T) {
	custom := Profile{Release: Release{2022, 5}, Custom: []CustomHandler{{Name: "fpga", Sections: []Section{Images}}, {Name: "raw", NoData: true}}}
	for _, test := range []struct {
		profile Profile
		name    string
		want    HandlerState
	}{
		{Profile{}, "raw", HandlerKnown}, {Profile{}, "executor", HandlerKnown}, {Profile{}, "nosuch", HandlerUnknown}, {Profile{}, "Raw", HandlerUnknown},
		{Profile{}, "docker_containerstop", HandlerUnusable}, {Debian12(), "docker_containerstop", HandlerUnusable},
		{Debian12(), "copy", HandlerNotCompiled}, {Debian12(), "executor", HandlerTooNew}, {Debian12(), "tar", HandlerKnown}, {Debian12(), "", HandlerUnknown},
		{Profile{Handlers: []string{"archive"}}, "tar", HandlerKnown}, {Profile{Handlers: []string{"uboot"}}, "bootloader", HandlerKnown},
		{Profile{Handlers: []string{}}, "raw", HandlerNotCompiled},
		{Profile{Release: Release{2022, 5}}, "copy", HandlerTooNew}, {Profile{Release: Release{2022, 5}}, "rawcopy", HandlerKnown},
		{custom, "fpga", HandlerCustom}, {custom, "raw", HandlerCustom}, {custom, "rawfile", HandlerKnown},
	} {
		h, state := test.profile.Handler(test.name)
		if state != test.want {
			t.Errorf("%s %s: %v, want %v", test.profile.Release, test.name, state, test.want)
		}
		if (h.Name == "") != (state == HandlerUnknown) {
			t.Errorf("%s: the handler is %q", test.name, h.Name)
		}
		if names := test.profile.HandlerNames(); slices.Contains(names, test.name) != state.OK() {
			t.Errorf("%s: the names differ", test.name)
		}
	}
}

func TestCustomHandler(t *testing.T) {
	for _, test := range []struct {
		custom   CustomHandler
		sections Section
		data     DataNeed
		calls    Call
	}{
		{CustomHandler{Name: "x"}, Entries, NeedsData, CallPreinst | CallPostinst | CallPostfailure},
		{CustomHandler{Name: "x", Sections: []Section{Files}}, Payloads, NeedsData, 0},
		{CustomHandler{Name: "x", Sections: []Section{Scripts}, NoData: true}, Scripts, NoData, CallPreinst | CallPostinst | CallPostfailure},
		{CustomHandler{Name: "x", Sections: []Section{Partitions}, NoData: true}, Partitions, NoData, 0},
	} {
		h, _ := Profile{Custom: []CustomHandler{test.custom}}.Handler("x")
		if h.Sections != test.sections || h.Data != test.data || h.Calls != test.calls || h.Doc == "" {
			t.Errorf("%+v: got %+v", test.custom, h)
		}
	}
}

func TestProfileCompression(t *testing.T) {
	for _, test := range []struct {
		profile Profile
		name    string
		want    HandlerState
	}{
		{Profile{}, "xz", HandlerKnown}, {Profile{}, "gzip", HandlerUnknown}, {Profile{}, "", HandlerUnknown}, {Debian12(), "zstd", HandlerKnown},
		{Debian12(), "xz", HandlerTooNew}, {Profile{Compressions: []string{"zlib"}}, "zstd", HandlerNotCompiled},
	} {
		if _, state := test.profile.Compression(test.name); state != test.want {
			t.Errorf("%s %s: %v, want %v", test.profile.Release, test.name, state, test.want)
		}
	}
}

func TestProfileHas(t *testing.T) {
	for _, test := range []struct {
		profile string
		feature Feature
		want    bool
	}{
		{"debian-12", FeatureNumericOffset, true}, {"debian-12", FeatureEncryptedName, false}, {"debian-12", FeatureJSONStringOffset, false},
		{"2022.05", FeatureNumericOffset, false}, {"2025.12", FeatureEncryptedName, true}, {"newest", FeatureFilenameCheck, true},
	} {
		p, ok := LookupProfile(test.profile)
		if !ok || p.Has(test.feature) != test.want {
			t.Errorf("%s %v: %v", test.profile, test.feature, !test.want)
		}
	}
	if (Profile{}).Has(FeatureFewDeltaRanges) != true {
		t.Error("the zero Profile is not the newest")
	}
}

func TestProfiles(t *testing.T) {
	names := ProfileNames()
	if len(names) != len(releases)+2 || names[0] != "debian-12" || names[1] != "newest" {
		t.Errorf("names %q", names)
	}
	for _, name := range names {
		p, ok := LookupProfile(name)
		if !ok || p.Name != name || p.Release == (Release{}) {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if _, ok := LookupProfile("2022.13"); ok {
		t.Error("a profile that is none")
	}
}

func TestSigned(t *testing.T) {
	for verifier, want := range map[Verifier]Answer{"": Unknown, VerifierNone: No, VerifierAny: Yes, VerifierCMS: Yes, VerifierGPG: Yes} {
		if got := (Profile{Verifier: verifier}).Signed(); got != want {
			t.Errorf("%q: %v", verifier, got)
		}
	}
}

func TestStateStrings(t *testing.T) {
	for s := HandlerKnown; s <= HandlerUnusable; s++ {
		if s.String() == "" || s.OK() != (s == HandlerKnown || s == HandlerCustom) {
			t.Errorf("state %d: %q, %v", s, s, s.OK())
		}
	}
}

func TestProfileText(t *testing.T) {
	p := Debian12()
	p.Custom = []CustomHandler{{Name: "fpga", Sections: []Section{Images, Scripts}, NoData: true}}
	for _, p := range []Profile{p, {}, {Release: Newest(), Lua: No}} {
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var back Profile
		if err := json.Unmarshal(data, &back); err != nil || !reflect.DeepEqual(p, back) {
			t.Errorf("%s: got %+v, %v", data, back, err)
		}
	}
	if data, _ := json.Marshal(Profile{}); string(data) != "{}" {
		t.Errorf("the zero Profile is %s", data)
	}
}

func TestProfileTOML(t *testing.T) {
	var p Profile
	meta, err := toml.Decode(`
release = "2024.05"
handlers = ["raw", "rawfile"]
verifier = "rsa-pss"
hardware-check = true
lua = false
delta-download = "unknown"
[[custom]]
name = "fpga"
sections = ["images"]
`, &p)
	want := Profile{
		Release: Release{2024, 5}, Handlers: []string{"raw", "rawfile"}, Verifier: VerifierRSAPSS, HardwareCheck: Yes, Lua: No,
		Custom: []CustomHandler{{Name: "fpga", Sections: []Section{Images}}},
	}
	if err != nil || len(meta.Undecoded()) > 0 || !reflect.DeepEqual(p, want) {
		t.Errorf("got %+v, %v, %v", p, meta.Undecoded(), err)
	}
	for text, want := range map[string]string{
		`release = "2024.06"`: `"2024.06" is no release of SWUpdate`,
		`verifier = "rsa"`:    `"rsa" is no verifier: ["cms" "rsa-pkcs1v15" "rsa-pss" "gpg" "any" "none"]`,
		`lua = "maybe"`:       `"maybe" is no answer: true or false`,
		"[[custom]]\nname = 'x'\nsections = ['files ']": `"files " is no section: images,`,
	} {
		if _, err := toml.Decode(text, &Profile{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestAnswer(t *testing.T) {
	for text, want := range map[string]Answer{"true": Yes, "false": No, "null": Unknown} {
		var a Answer
		if err := json.Unmarshal([]byte(text), &a); err != nil || a != want {
			t.Errorf("%s: %v, %v", text, a, err)
		}
		if data, err := json.Marshal(want); err != nil || string(data) != text {
			t.Errorf("%v: %s, %v", want, data, err)
		}
	}
	for _, a := range []Answer{Yes, No, Unknown} {
		var back Answer
		if err := back.UnmarshalText([]byte(a.String())); err != nil || back != a || a.Maybe() != (a != No) {
			t.Errorf("%v: %v, %v", a, back, err)
		}
	}
	for _, text := range []string{`"true"`, "1", "{}"} {
		if err := json.Unmarshal([]byte(text), new(Answer)); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

func TestValidate(t *testing.T) {
	p := Profile{
		Handlers: []string{"raw", "rawfiel"}, Compressions: []string{"gzip"}, FileSystems: []string{"ext5"},
		Custom: []CustomHandler{{}, {Name: strings.Repeat("n", 64)}, {Name: "v", Sections: []Section{Bootenv}}, {Name: "v"}, {Name: "z", Sections: []Section{0}}},
	}
	err := p.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`"rawfiel" is no handler of SWUpdate: archive, bootloader,`, `"gzip" is no compression of SWUpdate: zlib, zstd, xz, lz4`,
		`"ext5" is no file system of SWUpdate: vfat, ext2, ext3, ext4, btrfs`, `custom handler "": a name has 1 to 63 bytes`, `custom handler "nnn`,
		`custom handler "v": "bootenv" has no handlers: images, files, scripts, partitions`, `custom handler "v" is there twice`, `custom handler "z": "" has no handlers`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %s in\n%v", want, err)
		}
	}
	if err := (Profile{}).Validate(); err != nil {
		t.Error(err)
	}
}
