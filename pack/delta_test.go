package pack

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/lint"
	"github.com/fwpack/fwpack/zck"
	"github.com/fwpack/fwpack/zck/rdiff"
)

// oldAndNew are two images that share most of their bytes.
func oldAndNew() (before, after string) {
	source := rand.New(rand.NewPCG(3, 4))
	data := make([]byte, 2<<20)
	for i := range data {
		data[i] = byte(source.Uint32())
	}
	changed := bytes.Clone(data)
	copy(changed[1<<20:], "a change in the middle")
	return string(data), string(changed)
}

func deltaFiles(t *testing.T, artifact, description string) files {
	before, after := oldAndNew()
	return files{
		"fwpack.toml": project(t, "ec-p256", artifact), "sw-description.in": description,
		"old.img": before, "new.img": after, "device.aes": deviceAES,
	}
}

const plainDescription = `software = {
	version = "1.2.3";
	hardware-compatibility = [ "1.0" ];
	images = (
		{ filename = "data"; device = "/dev/sda1"; }
	);
};
`

const zchunkArtifact = `
[[artifact]]
name = "data"
file = "new.img"
delta = { url = "https://example.com/%s", source = "/dev/sda2", chain = "raw", max-ranges = 20, source-size = "2M", releases = ["old.img"]%s }
`

// The bundle holds the header of the file for the server, and says where that is.
func TestBuildZchunk(t *testing.T) {
	dir := deltaFiles(t, fmt.Sprintf(zchunkArtifact, "d/data-{sha256}.zck", ""), plainDescription).write(t)
	report, entries := build(t, dir, options(dir))
	served := report.Outputs[1]
	file := readFile(t, filepath.Join(dir, "dist", served.File))
	if served.Kind != "zck" || served.File != "data-"+hexDigest(file)+".zck" || served.SHA256 != hexDigest(file) || served.Size != int64(len(file)) {
		t.Errorf("report: %+v", served)
	}
	if !bytes.HasPrefix(file, entries["data"]) || len(entries["data"]) > 20_000 {
		t.Errorf("the entry has %d bytes, and is the begin of the .zck: %v", len(entries["data"]), bytes.HasPrefix(file, entries["data"]))
	}
	var image bytes.Buffer
	if _, err := zck.Unpack(context.Background(), &image, bytes.NewReader(file), 0); err != nil || image.String() != string(readFile(t, filepath.Join(dir, "new.img"))) {
		t.Errorf("unpacks to %d bytes, %v", image.Len(), err)
	}
	want := map[string]string{"url": "https://example.com/d/" + served.File, "source": "/dev/sda2", "chain": "raw", "max-ranges": "20", "source-size": "2M", "zckloglevel": "error"}
	group := entryOf(t, entries["sw-description"], "data")
	properties, err := group.GetGroup("properties")
	if err != nil || properties == nil || properties.Len() != len(want) || textOf(group, "type", "") != "delta" {
		t.Fatalf("%s\n%v", entries["sw-description"], err)
	}
	for name, value := range want {
		if got := textOf(properties, name, ""); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	d := served.Downloads
	if len(d) != 1 || d[0].Chunks < 1 || d[0].Chunks > 4 || d[0].Bytes < 8<<10 || d[0].Header != int64(len(entries["data"])) || d[0].Requests != 1 {
		t.Errorf("downloads %+v", d)
	}
	second, _ := build(t, dir, options(dir))
	first, _ := json.Marshal(report)
	if again, _ := json.Marshal(second); !bytes.Equal(first, again) {
		t.Error("a second build is another")
	}
}

func entryOf(t *testing.T, description []byte, filename string) *swdesc.Group {
	t.Helper()
	doc, err := swdesc.ParseAny(description)
	if err != nil {
		t.Fatal(err)
	}
	for group := range swufile.Groups(doc) {
		if textOf(group, "filename", "") == filename {
			return group
		}
	}
	t.Fatalf("no entry %s in\n%s", filename, description)
	return nil
}

// A header may be compressed and encrypted, for clients that can read it so.
func TestBuildTransformedHeader(t *testing.T) {
	artifact := fmt.Sprintf(zchunkArtifact, "data.zck", "") + "compress = \"zstd\"\nencrypt = \"aes\"\n"
	dir := deltaFiles(t, artifact, plainDescription).write(t)
	toml := string(readFile(t, filepath.Join(dir, "fwpack.toml")))
	writeFile(t, filepath.Join(dir, "fwpack.toml"), []byte(toml+"\n[check]\ntarget = \"2024.05\"\n"))
	report, entries := build(t, dir, options(dir))
	group := entryOf(t, entries["sw-description"], "data")
	if encrypted, _, _ := group.GetBool("encrypted"); !encrypted || textOf(group, "compressed", "") != "zstd" || textOf(group, "ivt", "") == "" {
		t.Errorf("%s", entries["sw-description"])
	}
	if properties, _ := group.GetGroup("properties"); properties.Get("decompressed-size") != nil {
		t.Error("a size that the handler does not know")
	}
	if served := report.Outputs[1]; served.File != "data.zck" {
		t.Errorf("served as %s", served.File)
	}
	writeFile(t, filepath.Join(dir, "fwpack.toml"), []byte(toml+"\n[check]\ntarget = \"debian-12\"\n"))
	p, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Plan(Selection{}); err == nil || !strings.Contains(err.Error(), "SWD241") {
		t.Errorf("for Debian 12: %v", err)
	}
}

func TestBudget(t *testing.T) {
	for _, c := range []struct{ delta, want string }{
		{`, max-download = "1MiB"`, ""},
		{`, max-download = "8kB"`, `old.img would download`},
	} {
		dir := deltaFiles(t, fmt.Sprintf(zchunkArtifact, "data.zck", c.delta), plainDescription).write(t)
		_, err := Build(context.Background(), plan(t, dir), options(dir))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.delta, err, c.want)
		}
		if entries, _ := os.ReadDir(filepath.Join(dir, "dist")); err != nil && len(entries) != 0 {
			t.Errorf("left behind: %v", entries)
		}
	}
}

// An artifact that is a .zck already is served as it is, if a device can use it.
func TestReadyMadeZck(t *testing.T) {
	_, after := oldAndNew()
	for name, c := range map[string]struct {
		opts zck.Options
		want string
	}{
		"good":       {zck.Options{}, ""},
		"no -u":      {zck.Options{StoredOnly: true}, "has no uncompressed digests"},
		"sha512":     {zck.Options{ChunkHash: zck.SHA512}, "a device compares SHA-256"},
		"none":       {zck.Options{Compression: zck.None}, "a device decompresses zstd"},
		"dictionary": {zck.Options{Dictionary: []byte(strings.Repeat("words", 100))}, "has a dictionary"},
	} {
		var file bytes.Buffer
		if _, err := zck.Create(context.Background(), &file, strings.NewReader(after), c.opts); err != nil {
			t.Fatal(err)
		}
		all := deltaFiles(t, fmt.Sprintf(zchunkArtifact, "data.zck", ""), plainDescription)
		all["new.img"] = file.String()
		dir := all.write(t)
		p, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
		if err != nil {
			t.Fatal(err)
		}
		plan, err := p.Plan(Selection{})
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", name, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Build(context.Background(), plan, options(dir)); err != nil {
			t.Fatal(err)
		}
		if got := readFile(t, filepath.Join(dir, "dist", "data.zck")); !bytes.Equal(got, file.Bytes()) {
			t.Errorf("%s: served are %d other bytes", name, len(got))
		}
	}
}

const patchArtifact = `
[[artifact]]
name = "data"
file = "new.img"
compress = "zlib"
delta = { kind = "rdiff", base = "old.img", rdiffbase = "/dev/sda2" }
`

// Around a patch there are a script that checks the base, and an entry that reads
// the result back.
func TestBuildRdiff(t *testing.T) {
	dir := deltaFiles(t, patchArtifact, plainDescription).write(t)
	_, entries := build(t, dir, options(dir))
	const want = `	images = (
		{ filename = "data"; sha256 = "%s"; compressed = "zlib"; device = "/dev/sda1"; type = "rdiff_image"; properties = { rdiffbase = "/dev/sda2"; }; }
	);
	scripts = (
		{ filename = "data.base-check"; sha256 = "%s"; type = "preinstall"; data = "/dev/sda2"; },
		{ type = "readback"; device = "/dev/sda1"; properties = { sha256 = "%s"; size = "2097152"; }; }
	);
`
	_, after := oldAndNew()
	if got := string(entries["sw-description"]); !strings.Contains(got, fmt.Sprintf(want, hexDigest(entries["data"]), hexDigest(entries["data.base-check"]), hexDigest([]byte(after)))) {
		t.Errorf("%s", got)
	}
	before, _ := oldAndNew()
	script := string(entries["data.base-check"])
	if !strings.Contains(script, "head -c 2097152 ") || !strings.Contains(script, hexDigest([]byte(before))) || !strings.Contains(script, `"${have%% *}"`) {
		t.Errorf("%s", script)
	}
}

// The same declared, for two slots: each checks its own base and its own target.
func TestDeclaredRdiff(t *testing.T) {
	all := deltaFiles(t, strings.Replace(patchArtifact, `, rdiffbase = "/dev/sda2"`, "", 1), "")
	all["fwpack.toml"] = strings.Replace(all["fwpack.toml"], `description = "sw-description.in"`, "", 1) + `
[bundle.software]
hardware-compatibility = ["1.0"]
[[bundle.software.images]]
artifact = "data"
device = { "stable,a" = "/dev/sda1", "stable,b" = "/dev/sda2" }
properties = { rdiffbase = { "stable,a" = "/dev/sda2", "stable,b" = "/dev/sda1" } }
`
	dir := all.write(t)
	_, entries := build(t, dir, options(dir))
	doc, err := swdesc.ParseAny(entries["sw-description"])
	if err != nil {
		t.Fatal(err)
	}
	for slot, want := range map[string][2]string{"a": {"/dev/sda2", "/dev/sda1"}, "b": {"/dev/sda1", "/dev/sda2"}} {
		setting := doc.Find("software", "stable", slot, "scripts")
		if setting == nil {
			t.Fatalf("slot %s has no scripts\n%s", slot, entries["sw-description"])
		}
		values := setting.Value().(*swdesc.List).Values()
		check, readback := values[0].(*swdesc.Group), values[1].(*swdesc.Group)
		if textOf(check, "data", "") != want[0] || textOf(readback, "device", "") != want[1] {
			t.Errorf("slot %s\n%s", slot, entries["sw-description"])
		}
	}
	var image bytes.Buffer
	before, after := oldAndNew()
	unpacked := gunzip(t, entries["data"])
	if _, err := rdiff.Patch(context.Background(), &image, strings.NewReader(before), bytes.NewReader(unpacked), rdiff.PatchOptions{}); err != nil || image.String() != after {
		t.Errorf("patched: %d bytes, %v", image.Len(), err)
	}
}

func TestRdiffInLinks(t *testing.T) {
	dir := deltaFiles(t, patchArtifact, `software = { version = "1"; hardware-compatibility = ["1.0"];
	stable: { a: { images = ({ filename = "data"; device = "/dev/sda1"; }); }; b: { ref = "#./a"; }; }; };`).write(t)
	p, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Plan(Selection{}); err == nil || !strings.Contains(err.Error(), "the entries around a patch cannot be added to it") {
		t.Errorf("error %v", err)
	}
}

func TestDeltaRefused(t *testing.T) {
	for name, c := range map[string]struct{ delta, want string }{
		"kind":         {`kind = "bsdiff"`, `kind "bsdiff" is unknown: zchunk and rdiff are allowed`},
		"no base":      {`kind = "rdiff"`, "base is missing"},
		"mixed":        {`kind = "rdiff", base = "old.img", url = "https://x/y"`, "url is for kind zchunk"},
		"mixed too":    {`base = "old.img"`, "base is for kind rdiff"},
		"ranges":       {`max-ranges = 0`, "max-ranges 0: 1 and more are allowed"},
		"source-size":  {`source-size = "big"`, `source-size is "big"`},
		"level":        {`level = "19"`, `level "19"`},
		"budget":       {`max-download = "20MiB"`, "max-download does nothing without releases"},
		"budget words": {`max-download = "much", releases = ["old.img"]`, `max-download "much": a whole number of bytes`},
		"output":       {`output = "../x.zck"`, "must be a plain file name"},
		"report":       {`output = "artifacts.json"`, "must be a plain file name"},
		"collision":    {`output = "gw.swu"`, `output "gw.swu" is also that of bundle "gw"`},
		"unknown":      {`urls = "x"`, "unknown key urls"},
	} {
		artifact := "\n[[artifact]]\nname = \"data\"\nfile = \"new.img\"\ndelta = { " + c.delta + " }\n"
		dir := deltaFiles(t, artifact, plainDescription).write(t)
		if _, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

// What the author writes into the entry is true of the artifact, or an error.
func TestDeltaContradicted(t *testing.T) {
	artifact := fmt.Sprintf(zchunkArtifact, "data.zck", "")
	for entry, want := range map[string]string{
		`type = "raw";`: `type is "raw", but artifact "data" is a delta of kind zchunk: delta is allowed`,
		`type = "delta"; properties: { url = "https://elsewhere/data.zck"; };`:    `url is written here, and artifact "data" says "https://example.com/data.zck"`,
		`properties: { max-ranges = "5"; };`:                                      "max-ranges is written here",
		`installed-directly = true;`:                                              "installed-directly",
		`properties: { zckloglevel = "debug"; chain = "raw"; };`:                  "",
		`type = "delta"; properties: { url = "https://example.com/data.zck"; }; `: "",
	} {
		description := strings.Replace(plainDescription, `device = "/dev/sda1";`, `device = "/dev/sda1"; `+entry, 1)
		dir := deltaFiles(t, artifact, description).write(t)
		p, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Plan(Selection{})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", entry, err, want)
		}
	}
}

func TestDeltaFindings(t *testing.T) {
	dir := deltaFiles(t, strings.Replace(fmt.Sprintf(zchunkArtifact, "data.zck", ""), `"https:`, `"http:`, 1), plainDescription).write(t)
	p, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := p.Plan(Selection{})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Findings) != 1 || plan.Findings[0].Rule != "SWD242" {
		t.Errorf("findings %v", plan.Findings)
	}
	bp := &bundlePlanner{planner: &planner{plan: &Plan{Payloads: []PlannedPayload{{Artifact: "data", Size: 1 << 32, Delta: &Delta{Kind: deltaZchunk}}}}}, bundle: &Bundle{Name: "gw"}}
	bp.plan.Entries = []PlannedEntry{{Name: "data"}}
	if found := bp.deltaFindings(); len(found) != 1 || found[0].Severity != lint.Warning || !strings.Contains(found[0].Message, "4 GiB") {
		t.Errorf("findings %v", found)
	}
}

func TestParseBytes(t *testing.T) {
	for text, want := range map[string]int64{"1": 1, "20MiB": 20 << 20, "300 kB": 300_000, "2GiB": 2 << 30, "7B": 7, "1GB": 1e9} {
		if got, err := parseBytes(text); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "0", "-1", "1.5MiB", "9999999999GiB", "MiB", "1 mib"} {
		if got, err := parseBytes(text); err == nil {
			t.Errorf("%s: %d", text, got)
		}
	}
}

func gunzip(t *testing.T, data []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return unpacked
}
