package swupdate

import (
	"slices"
	"strings"
	"testing"
)

// checkDoc wants one line that begins small and has no full stop.
func checkDoc(t *testing.T, what, doc string) {
	t.Helper()
	if doc == "" || strings.ContainsAny(doc, "\n\t") || strings.HasSuffix(doc, ".") || doc != strings.TrimSpace(doc) {
		t.Errorf("%s: doc %q", what, doc)
	}
}

// checkSince wants a release that the tables know.
func checkSince(t *testing.T, what string, since Release) {
	t.Helper()
	if !slices.Contains(releases, since) {
		t.Errorf("%s: since %v, which is no release", what, since)
	}
}

func checkLater(t *testing.T, what string, types Type, since Release, later []TypeSince) {
	t.Helper()
	for _, l := range later {
		checkSince(t, what, l.Since)
		if !types.Has(l.Type) || !since.Before(l.Since) {
			t.Errorf("%s: %v since %v is not later", what, l.Type, l.Since)
		}
	}
}

func TestKeys(t *testing.T) {
	if !slices.IsSortedFunc(keys, func(a, b Key) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("not sorted")
	}
	for _, k := range Keys() {
		checkDoc(t, k.Name, k.Doc)
		checkSince(t, k.Name, k.Since)
		checkLater(t, k.Name, k.Types, k.Since, k.Later)
		if found, ok := LookupKey(k.Name); !ok || found.Doc != k.Doc {
			t.Errorf("%s is not found", k.Name)
		}
		section, ok := ParseSection(k.Name)
		if section != k.Section || ok != (k.Types == TypeGroups) {
			t.Errorf("%s: section %v, types %v", k.Name, k.Section, k.Types)
		}
		if k.Max == 0 && k.Types&(TypeString|TypeStrings) != 0 && k.Name != "embedded-script" && k.Name != "reboot" {
			t.Errorf("%s: text without a limit", k.Name)
		}
	}
	if _, ok := LookupKey("nosuch"); ok {
		t.Error("a key that is none")
	}
}

func TestKeyTypes(t *testing.T) {
	reboot, _ := LookupKey("reboot")
	for r, want := range map[Release]Type{{2024, 12}: TypeBool, {2025, 12}: TypeBool | TypeString, {}: TypeBool | TypeString} {
		if got := reboot.TypesIn(r); got != want {
			t.Errorf("%v: %v", r, got)
		}
	}
}

func TestAttributes(t *testing.T) {
	if !slices.IsSortedFunc(attributes, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("not sorted")
	}
	seen := map[string]Section{}
	for _, a := range Attributes() {
		checkDoc(t, a.Name, a.Doc)
		checkSince(t, a.Name, a.Since)
		checkLater(t, a.Name, a.Types, a.Since, a.Later)
		if a.Sections == 0 || seen[a.Name]&a.Sections != 0 {
			t.Errorf("%s: sections %v, after %v", a.Name, a.Sections, seen[a.Name])
		}
		seen[a.Name] |= a.Sections
		if !a.Types.Has(a.Deprecated) || a.Max > MaxString || a.Hex > 0 && a.Hex != a.Max {
			t.Errorf("%s: %+v", a.Name, a)
		}
		if a.Max == 0 && a.Types.Has(TypeString) && a.Name != "ref" {
			t.Errorf("%s: text without a limit", a.Name)
		}
	}
}

func TestLookupAttribute(t *testing.T) {
	for _, test := range []struct {
		section Section
		name    string
		since   Release // zero: not read there
	}{
		{Images, "filename", Oldest()}, {Partitions, "filename", Release{}}, {Bootenv, "filename", Release{}},
		{Partitions, "size", Oldest()}, {Images, "size", Release{2024, 12}}, {Vars, "value", Oldest()}, {Images, "value", Release{}},
		{Partitions, "install-if-higher", Release{2024, 12}}, {Files, "install-if-higher", Oldest()}, {Images, "postinstall", Release{2026, 5}},
	} {
		a, ok := LookupAttribute(test.section, test.name)
		if ok != (test.since != Release{}) || a.Since != test.since {
			t.Errorf("%v %s: %v since %v", test.section, test.name, ok, a.Since)
		}
		if slices.Contains(AttributeNames(test.section), test.name) != ok {
			t.Errorf("%v %s: the names differ", test.section, test.name)
		}
	}
}

func TestAttributeTypes(t *testing.T) {
	for _, test := range []struct {
		name    string
		release Release
		want    Type
	}{
		{"encrypted", Release{2022, 12}, TypeBool}, {"encrypted", Release{2025, 12}, TypeBool | TypeString}, {"encrypted", Release{}, TypeBool | TypeString},
		{"offset", Release{2022, 5}, TypeString}, {"offset", Release{2022, 12}, TypeInt | TypeString}, {"compressed", Release{2019, 11}, TypeString | TypeBool},
	} {
		a, _ := LookupAttribute(Images, test.name)
		if got := a.TypesIn(test.release); got != test.want {
			t.Errorf("%s in %v: %v", test.name, test.release, got)
		}
	}
}

func TestTypeString(t *testing.T) {
	for types, want := range map[Type]string{
		0: "", TypeBool: "a boolean", TypeBool | TypeString: "a string or a boolean", TypeGroup | TypeGroups: "a group or a list of groups",
		TypeInt | TypeString | TypeStrings: "a string, an integer or an array of strings",
	} {
		if got := types.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSections(t *testing.T) {
	var all Section
	for _, s := range Sections() {
		var back Section
		if err := back.UnmarshalText([]byte(s.String())); err != nil || back != s {
			t.Errorf("%v: got %v, %v", s, back, err)
		}
		all |= s
	}
	if all != Entries|Variables || Payloads.String() != "images, files" || Section(0).String() != "" {
		t.Errorf("%v, %v", all, Payloads)
	}
	if s, ok := ParseSection("uboot"); s != Bootenv || !ok {
		t.Error("uboot is not bootenv")
	}
	err := new(Section).UnmarshalText([]byte("image"))
	if want := `"image" is no section: images, files, scripts, partitions, bootenv, vars`; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestFeatures(t *testing.T) {
	all := Features()
	if !slices.IsSortedFunc(all, func(a, b Feature) int { return a.Since().Compare(b.Since()) }) {
		t.Error("not in the order of their releases")
	}
	seen := map[string]bool{}
	for _, f := range all {
		checkDoc(t, f.String(), f.Doc())
		checkSince(t, f.String(), f.Since())
		if f.String() == "" || seen[f.String()] {
			t.Errorf("feature %d is called %q", f, f)
		}
		seen[f.String()] = true
	}
	// The names and the constants stand in two lists.
	for f, want := range map[Feature]string{
		FeatureFreeSpaceCheck: "free-space-check", FeatureNumericOffset: "numeric-offset", FeatureTransformedDeltaHeader: "transformed-delta-header",
		FeatureJSONStringOffset: "json-string-offset", FeaturePostfailure: "postfailure", FeatureSizeCheck: "size-check", FeatureBoundaryCase: "boundary-case",
		FeatureEncryptedName: "encrypted-name", FeatureCopyFromMTD: "copy-from-mtd", FeatureFilenameCheck: "filename-check", FeatureFewDeltaRanges: "few-delta-ranges",
		FeatureScriptedHandlers: "scripted-handlers", FeatureJSONSingleObject: "json-single-object", FeatureRuntimePSS: "runtime-pss",
	} {
		if f.String() != want {
			t.Errorf("feature %d is called %q, want %q", f, f, want)
		}
	}
	if last := all[len(all)-1]; last != FeatureFewDeltaRanges {
		t.Errorf("the last one is %v", last)
	}
}

func TestCompressionsAndCiphers(t *testing.T) {
	for _, c := range Compressions() {
		checkDoc(t, c.Name, c.Doc)
		checkSince(t, c.Name, c.Since)
	}
	if !slices.IsSorted(Ciphers()) || Ciphers()[0] != "aes-cbc" {
		t.Error(Ciphers())
	}
}

func TestDefaultHandler(t *testing.T) {
	for _, test := range []struct {
		section        Section
		volume, device bool
		want           string
	}{
		{Images, true, true, "ubivol"}, {Images, true, false, "ubivol"}, {Images, false, true, "raw"}, {Images, false, false, ""},
		{Files, false, true, "rawfile"}, {Scripts, false, false, "lua"}, {Partitions, true, true, "ubipartition"}, {Bootenv, true, true, ""},
	} {
		if got := DefaultHandler(test.section, test.volume, test.device); got != test.want {
			t.Errorf("%+v: got %q", test, got)
		}
	}
}
