package pack

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/template/swdesc/predict"
)

// rulesOf returns the rules that a check of a file finds broken, and the
// messages of findings that are no rule.
func rulesOf(t *testing.T, file string, opt SubjectOptions) []string {
	t.Helper()
	report, err := Check(context.Background(), file, opt)
	if err != nil {
		t.Fatal(err)
	}
	var rules []string
	for _, f := range report.Findings {
		if f.Rule == "" {
			rules = append(rules, f.Message)
		} else {
			rules = append(rules, f.Rule)
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	fmt.Fprint(w, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A finished bundle is looked at down to its payloads.
func TestCheckBundle(t *testing.T) {
	whole := zipped(t, "what a device gets")
	for _, test := range []struct {
		name    string
		payload []byte
		more    string // attributes of the entry
		want    []string
	}{
		{"good", whole, "", nil},
		{"cut off", whole[:len(whole)-6], "", []string{"SWD312"}},
		{"two members", append(bytes.Clone(whole), whole...), "", []string{"SWD310"}},
		{"junk behind it", append(bytes.Clone(whole), "junk"...), "", []string{"SWD311"}},
		{"another size", whole, `properties = { decompressed-size = "7"; };`, []string{"SWD313"}},
		{"ciphertext is not decompressed", []byte("0123456789abcdef"), `encrypted = true; ivt = "000102030405060708090a0b0c0d0e0f";`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "gw.swu")
			writeFile(t, file, archive(t, map[string][]byte{
				swu.Description: fmt.Appendf(nil, `software = { version = "7"; hardware-compatibility = ["1.0"]; files = (
					{ filename = "a"; type = "rawfile"; path = "/a"; compressed = "zlib"; sha256 = "%s"; %s }
				); };`+"\n", hexDigest(test.payload), test.more),
				swu.Signature: []byte("no CMS"),
				"a":           test.payload,
			}))
			if got := rulesOf(t, file, SubjectOptions{}); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// What cannot be read as a bundle is an error; what can, and is wrong, is found.
func TestCheckBrokenBundle(t *testing.T) {
	good := archive(t, map[string][]byte{
		swu.Description: []byte("software = { version = \"7\"; };\n"),
		swu.Signature:   []byte("no CMS"),
	})
	dir := t.TempDir()
	file := filepath.Join(dir, "gw.swu")
	writeFile(t, file, good[:len(good)/2])
	if _, err := Check(context.Background(), file, SubjectOptions{}); err == nil || !strings.HasPrefix(err.Error(), file+": ") {
		t.Errorf("half a bundle: %v", err)
	}
	for description, want := range map[string]string{"\x00\x01ciphertext": "file holds a NUL byte", "\xfe\x01ciphertext": "the description is not text: it may be encrypted, and the key is not given"} {
		writeFile(t, file, archive(t, map[string][]byte{swu.Description: []byte(description), swu.Signature: []byte("x")}))
		report, err := Check(context.Background(), file, SubjectOptions{})
		if err != nil || len(report.Findings) != 1 || report.Findings[0].Rule != "SWD000" || report.Findings[0].Message != want {
			t.Errorf("%q: %+v, %v", description, report, err)
		}
	}
	flipped := archive(t, bundle(t))
	at := bytes.Index(flipped, []byte("images"))
	flipped[at] = 'I'
	writeFile(t, file, flipped)
	if got := rulesOf(t, file, SubjectOptions{}); !slices.Contains(got, "SWD300") {
		t.Errorf("a flipped byte: %v", got)
	}
	trailer := "070702" + strings.Repeat("00000000", 11) + "0000000B" + "00000000" + "TRAILER!!!\x00\x00\x00\x00"
	writeFile(t, file, []byte(trailer))
	if _, err := Check(context.Background(), file, SubjectOptions{}); err == nil || !strings.HasSuffix(err.Error(), `bundle without "sw-description"`) {
		t.Errorf("an archive without entries: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	writeFile(t, file, archive(t, bundle(t)))
	if _, err := Check(ctx, file, SubjectOptions{}); err == nil {
		t.Error("a check goes on although it is interrupted")
	}
}

// A project is checked as far as it goes without its payloads and keys.
func TestCheckProjectWithoutFiles(t *testing.T) {
	dir := mixedProject(t, "rsa2048").write(t)
	for _, name := range []string{"plain.bin", "device.aes"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "fwpack.toml")
	if got := rulesOf(t, file, SubjectOptions{}); !slices.Equal(got, []string{"SWD801"}) {
		t.Errorf("found %v", got)
	}
	subjects, problems, err := ReadSubjects(context.Background(), file, SubjectOptions{Target: "debian-12"})
	if err != nil || len(problems) > 0 || len(subjects) != 1 {
		t.Fatal(subjects, problems, err)
	}
	device := predict.Device{Hardware: &predict.Hardware{Board: "b", Revision: "2.0"}, Set: "none", Mode: "x"}
	p := subjects[0].Predict(device)
	if !p.Accepted || p.Space.TMPDIR != 6 || !slices.Equal(p.Space.Unknown, []string{"plain", "packed"}) || len(p.Space.Unpacked) > 0 {
		t.Errorf("prediction %+v", p)
	}
}

// A template by itself is planned with the digests that a build will give it.
func TestPredictTemplate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sw-description.in")
	writeFile(t, file, []byte(`software = { version = "@@VERSION@@"; hardware-compatibility = ["1.0"]; files = (
		{ filename = "a"; type = "rawfile"; path = "/a"; },
		{ filename = "b"; type = "rawfile"; path = "/b"; sha256 = "$swupdate_get_sha256(b)"; }
	); };`+"\n"))
	subjects, problems, err := ReadSubjects(context.Background(), file, SubjectOptions{Target: "debian-12"})
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	p := subjects[0].Predict(predict.Device{Hardware: &predict.Hardware{Board: "b", Revision: "1.0"}})
	if !p.Accepted || len(p.Steps) != 2 {
		t.Errorf("%+v", p)
	}
}

// The target of the command line counts, with the project's own handlers.
func TestCheckTarget(t *testing.T) {
	dir := files{
		"fwpack.toml":       project(t, "rsa2048", "[check]\ntarget = \"2022.12\"\nhandlers = { ours = [\"files\"] }\n"),
		"sw-description.in": `software = { version = "1"; hardware-compatibility = ["1.0"]; files = ({ filename = "a"; type = "ours"; }, { filename = "a"; type = "executor"; properties = { cmd = "/x"; }; }); };` + "\n",
		"a":                 "a",
	}.write(t)
	file := filepath.Join(dir, "fwpack.toml")
	if got := rulesOf(t, file, SubjectOptions{}); !slices.Equal(got, []string{"SWD202"}) {
		t.Errorf("as the project says: %v", got)
	}
	if got := rulesOf(t, file, SubjectOptions{Target: "newest"}); len(got) != 0 {
		t.Errorf("the newest release: %v", got)
	}
}
