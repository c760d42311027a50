package inspect

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swufile"
)

// device is an AES key of devices with its IV, as a file has it.
func device(t testing.TB) (*swufile.Keys, *payload.Encrypt) {
	t.Helper()
	path := write(t, "device.aes", []byte(aesFile()))
	keys, err := swufile.ReadKeys([]string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	key, iv, err := payload.ParseAESKey([]byte(aesFile()))
	if err != nil {
		t.Fatal(err)
	}
	encrypt := &payload.Encrypt{Key: key}
	copy(encrypt.IV[:], iv)
	return keys, encrypt
}

// What is packed is told with what a device ends up with, and what is inside is
// looked at: plain, compressed, encrypted, and both.
func TestBundleContents(t *testing.T) {
	keys, encrypt := device(t)
	plain := image(t, "ed25519")
	iv := `ivt = "` + strings.Repeat("02", 16) + `"; encrypted = true;`
	members := []member{
		{"plain", plain},
		{"packed", compressed(t, plain, payload.Zlib)},
		{"secret", packed(t, plain, payload.Spec{Encrypt: encrypt})},
		{"both", packed(t, plain, payload.Spec{Compress: payload.Compress{Method: payload.Zstd}, Encrypt: encrypt})},
		{"unnamed", []byte("text")},
	}
	text := `software = { version = "1.0"; images = ( ` + strings.Join([]string{
		entry(members[0], `type = "raw"; device = "/dev/sda1"; installed-directly = true;`),
		entry(members[1], `compressed = "zlib"; volume = "app";`),
		entry(members[2], iv),
		entry(members[3], iv+`compressed = "zstd";`),
	}, ", ") + " ); };"
	data := bundle(t, text, nil, members...)

	ins := read(t, data, Options{Keys: keys})
	if ins.Count() > 0 || len(ins.Contents) != 4 || len(ins.Bundle.Entries) != 6 {
		t.Fatalf("problems %q, %d contents, %+v", ins.Problems, len(ins.Contents), ins.Bundle)
	}
	for i, inner := range ins.Contents {
		if inner.Kind != KindImage || inner.Name != members[i].name || inner.Size != int64(len(plain)) || inner.SHA256 != digestOf(plain) {
			t.Errorf("%+v", inner)
		}
		e := ins.Bundle.Entries[i+1]
		if !bytes.Equal(data[e.Offset:][:e.Size], members[i].data) || e.SHA256 != digestOf(members[i].data) {
			t.Errorf("%s is not at offset %d", e.Name, e.Offset)
		}
		if e.Unpacked == nil || *e.Unpacked != (Content{int64(len(plain)), digestOf(plain)}) {
			t.Errorf("%s: unpacked %+v", e.Name, e.Unpacked)
		}
	}
	want := Installation{Entry: "software.images[0]", Type: "raw", Device: "/dev/sda1", Directly: true}
	if e := ins.Bundle.Entries[1]; !slices.Equal(e.Installed, []Installation{want}) {
		t.Errorf("%+v", e.Installed)
	}
	if e := ins.Bundle.Entries[4]; e.Compressed != "zstd" || !e.Encrypted {
		t.Errorf("%+v", e)
	}
	if e := ins.Bundle.Entries[5]; e.Name != "unnamed" || e.Installed != nil {
		t.Errorf("%+v", e)
	}

	sealed := read(t, data, Options{})
	if sealed.Count() > 0 || len(sealed.Contents) != 2 || sealed.Bundle.Entries[3].Unpacked != nil {
		t.Errorf("without the key: problems %q, %d contents", sealed.Problems, len(sealed.Contents))
	}
}

func TestBundleProblems(t *testing.T) {
	a, b := member{"a", []byte("a")}, member{"b", compressed(t, []byte("text"), payload.Zstd)}
	good := `software = { version = "1.0"; images = ( ` + entry(a, "") + ", " + entry(b, `compressed = "zstd";`) + " ); };"
	cut := member{"b", b.data[:len(b.data)-3]}
	for name, test := range map[string]struct {
		data []byte
		want []string
	}{
		"good":            {bundle(t, good, nil, a, b), nil},
		"payload changed": {bundle(t, good, nil, member{"a", []byte("c")}, b), []string{"a: sha256 is " + digestOf([]byte("c")) + ", but the description says " + digestOf(a.data)}},
		"payload missing": {bundle(t, good, nil, b), []string{"a: the description names it, but it is not in the bundle"}},
		"payload cut off": {bundle(t, strings.Replace(good, digestOf(b.data), digestOf(cut.data), 1), nil, a, cut), []string{"b: "}},
		"not libconfig":   {bundle(t, "}", nil), []string{"sw-description cannot be read as libconfig: "}},
		"not JSON":        {bundle(t, "{", nil), []string{"sw-description cannot be read as json: "}},
		"no description":  {[]byte(strings.Repeat("070702", 100)), []string{"swu: "}},
		"bytes behind":    {append(bundle(t, good, nil, a, b), 1), []string{"swu: "}},
	} {
		ins := read(t, test.data, Options{})
		if len(ins.Problems) != len(test.want) {
			t.Errorf("%s: problems %q", name, ins.Problems)
			continue
		}
		for i, want := range test.want {
			if !strings.HasPrefix(ins.Problems[i], want) {
				t.Errorf("%s: %q, want %q", name, ins.Problems[i], want)
			}
		}
	}
}

// Bundles in bundles, and what is in those.
func TestBundleInside(t *testing.T) {
	header := zchunk(t, noise(200_000))
	header = header[:read(t, header, Options{}).Zchunk.HeaderSize]
	inner := bundle(t, description, nil, member{"a", image(t, "ec-p256")})
	members := []member{{"inner.swu", inner}, {"root.zck", header}, {"patch", delta(t, noise(100), noise(300))}, {"phones.zip", phonePackage(t)}}
	ins := read(t, bundle(t, description, nil, members...), Options{})
	var kinds []string
	var walk func(*Inspection)
	walk = func(ins *Inspection) {
		kinds = append(kinds, ins.Name+" "+string(ins.Kind))
		for _, inner := range ins.Contents {
			walk(inner)
		}
	}
	walk(ins)
	want := []string{"file swu", "inner.swu swu", "a mcuboot", "root.zck zck", "patch rdiff", "phones.zip dfu", "app.bin mcuboot", "radio.bin mcuboot"}
	if !slices.Equal(kinds, want) {
		t.Errorf("%q", kinds)
	}
}

const boards = `software = {
	version = "2";
	description = "for both";
	hardware-compatibility = ["1.0"];
	both: { files = ({ filename = "f"; path = "/f"; }, { ref = "#./more"; }); more = ({ filename = "g"; type = "rawfile"; }); };
	mini: {
		hardware-compatibility = ["2.0", "2.1"];
		stable: { copy1: { images = ({ filename = "a"; device = "/dev/a"; name = "root"; version = "3"; }); };
		          copy2: { ref = "#./copy1"; }; };
	};
	stable: {
		copy1: { bootenv = ({ name = "part"; value = "1"; }); files = { ref = "#./../../both/files"; }; };
	};
	again: { ref = "#./stable"; };
	unused: { x = 1; };
	dead: { ref = "#./nowhere"; };
};
`

// The tree has what devices find where they look for it, links followed.
func TestScopes(t *testing.T) {
	ins := read(t, []byte(boards), Options{})
	if ins.Count() > 0 {
		t.Fatalf("%q", ins.Problems)
	}
	a := Entry{Filename: "a", Device: "/dev/a", Name: "root", Version: "3"}
	f, g := Entry{Filename: "f", Path: "/f"}, Entry{Filename: "g", Type: "rawfile"}
	want := &Description{
		Format: "libconfig", Version: "2", Text: "for both", HardwareCompatibility: []string{"1.0", "2.0", "2.1"},
		Software: &Scope{Name: "software", HardwareCompatibility: []string{"1.0"}, Scopes: []*Scope{
			{Name: "both", Board: "both", Sections: []Section{{Name: "files", Entries: []Entry{f, g}}}},
			{Name: "mini", Board: "mini", HardwareCompatibility: []string{"2.0", "2.1"}, Scopes: []*Scope{
				{Name: "stable", Scopes: []*Scope{
					{Name: "copy1", Board: "mini", Set: "stable", Mode: "copy1", Sections: []Section{{Name: "images", Entries: []Entry{a}}}},
					{Name: "copy2", Board: "mini", Set: "stable", Mode: "copy2", Link: "software.mini.stable.copy1", Sections: []Section{{Name: "images", Entries: []Entry{a}}}},
				}},
			}},
			{Name: "stable", Scopes: []*Scope{
				{Name: "copy1", Set: "stable", Mode: "copy1", Sections: []Section{
					{Name: "bootenv", Entries: []Entry{{Name: "part", Value: "1"}}},
					{Name: "files", Link: "software.both.files", Entries: []Entry{f, g}},
				}},
			}},
		}},
	}
	if !reflect.DeepEqual(ins.Description, want) {
		got, _ := json.MarshalIndent(ins.Description, "", " ")
		t.Errorf("%s", got)
	}
}

// Links cannot make a list of more than there is room for.
func TestScopesBounded(t *testing.T) {
	var text strings.Builder
	text.WriteString("software = { version = \"1\"; files = (" + strings.Repeat(`{ filename = "a"; },`, 999) + `{ filename = "b"; });`)
	for i := range 500 {
		text.WriteString("b" + strings.Repeat("x", i+1) + ` = { files = { ref = "#./../files"; }; };`)
	}
	text.WriteString("};")
	ins := read(t, []byte(text.String()), Options{})
	if len(ins.Problems) != 1 || !strings.HasPrefix(ins.Problems[0], "more than 16384 boards, selections and entries") {
		t.Errorf("%q", ins.Problems)
	}
}

// A description that is encrypted is known by its envelope and opened with a key;
// one that an AES key encrypts is known with that alone.
func TestEncryptedDescriptions(t *testing.T) {
	envelope, recipient := seal(t, description)
	keys, encrypt := device(t)
	recipientKeys, err := swufile.ReadKeys([]string{recipient}, nil)
	if err != nil {
		t.Fatal(err)
	}
	symmetric := packed(t, []byte(description), payload.Spec{Encrypt: encrypt})
	for name, test := range map[string]struct {
		data     []byte
		keys     *swufile.Keys
		kind     Kind
		open     bool
		problems int
	}{
		"envelope":                {envelope, nil, KindEnvelope, false, 0},
		"envelope, key":           {envelope, recipientKeys, KindEnvelope, true, 0},
		"envelope, another key":   {envelope, keys, KindEnvelope, false, 1},
		"AES":                     {symmetric, nil, KindData, false, 0},
		"AES, key":                {symmetric, keys, KindDescription, true, 0},
		"AES, another key":        {symmetric, recipientKeys, KindData, false, 0},
		"in a bundle":             {bundle(t, string(envelope), nil), nil, KindBundle, false, 0},
		"in a bundle, key":        {bundle(t, string(envelope), nil, member{"a", nil}), recipientKeys, KindBundle, true, 0},
		"AES in a bundle":         {bundle(t, string(symmetric), nil), nil, KindBundle, false, 1},
		"AES in a bundle, key":    {bundle(t, string(symmetric), nil, member{"a", nil}), keys, KindBundle, true, 0},
		"in a bundle, wrong keys": {bundle(t, string(envelope), nil), keys, KindBundle, false, 1},
	} {
		ins := read(t, test.data, Options{Keys: test.keys})
		if ins.Kind != test.kind || (ins.Description != nil) != test.open || len(ins.Problems) != test.problems {
			t.Errorf("%s: %s, opened %v, problems %q", name, ins.Kind, ins.Description != nil, ins.Problems)
		}
		if ins.Envelope != nil && (ins.Envelope.Opened != test.open || len(ins.Envelope.Recipients) != 1 || ins.Envelope.Cipher != "AES-256-CBC") {
			t.Errorf("%s: %+v", name, ins.Envelope)
		}
	}
}

// The form of JSON is a promise: where this fails, docs/json.md and Schema may have
// to change, too.
func TestGolden(t *testing.T) {
	a := member{"app.bin", compressed(t, image(t, "ed25519"), payload.Zlib)}
	text := `software = { version = "1.0"; hardware-compatibility = ["1.0"]; images = ( ` + entry(a, `compressed = "zlib"; type = "raw"; device = "/dev/sda1"; properties = { decompressed-size = "1000"; };`) + " ); };"
	all := samples(t)
	for name, data := range map[string][]byte{
		"bundle": bundle(t, text, cms(t, text, "ec-p256"), a), "image": all["image"].data, "zck": all["zck"].data,
		"rdiff": all["patch"].data, "pem": all["certificate"].data, "aes-key": all["AES key"].data,
		"dfu": all["package for phones"].data, "signature": all["CMS"].data,
	} {
		ins := read(t, data, Options{Keyring: Keyring{}})
		for _, inner := range ins.Contents {
			inner.Image = nil // has a file of its own
		}
		got, err := json.MarshalIndent(ins, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, '\n')
		file := filepath.Join("testdata", name+".json")
		if os.Getenv("UPDATE_GOLDEN") == "1" {
			if err := os.WriteFile(file, got, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: is now\n%s", file, got)
		}
	}
}
