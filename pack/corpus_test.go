package pack

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/template"
	"github.com/fwpack/fwpack/template/swdesc"
)

// unbuildable says which files of the corpus are refused, and where: two are
// broken as published, and one streams a script, which makes every client fail.
var unbuildable = map[string]string{
	"swupdate-scripts__boards_sw-description-imx6ullwch-emmc-dualcopy-image.template":         "expected",
	"swupdate-scripts__boards_sw-description-imx6ullwch-emmc-dualcopy-image.template.cmdline": "expected",
	"swupdate-scripts__boards_sw-description-imx6ull-sd-dualcopy-image.template":              "SWD424",
}

// TestCorpusBuilds builds bundles from the real templates in the folder
// $FWPACK_CORPUS as they are, with made-up variables and payloads.
func TestCorpusBuilds(t *testing.T) {
	corpus := os.Getenv("FWPACK_CORPUS")
	if corpus == "" {
		t.Skip("FWPACK_CORPUS is not set")
	}
	paths, err := filepath.Glob(filepath.Join(corpus, "*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files in FWPACK_CORPUS: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			dir := corpusProject(t, string(src)).write(t)
			if want, ok := unbuildable[filepath.Base(path)]; ok {
				loaded, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := loaded.Plan(Selection{}); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("planned with %v, want %q", err, want)
				}
				return
			}
			_, entries := build(t, dir, options(dir))
			if len(entries) < 3 {
				t.Errorf("the bundle holds %d files", len(entries))
			}
			if _, err := swdesc.ParseAny(entries[swu.Description]); err != nil {
				t.Error(err)
			}
		})
	}
}

var (
	namedVariable = regexp.MustCompile(`@@([\w.-]+)@@`)
	namedDigest   = regexp.MustCompile(`<([^<>"]+)_sha256>`) // of a script that fills such templates with sed
)

// corpusProject is a project around a template: its variables are named after
// themselves, and its payloads lie where a build would put them.
func corpusProject(t *testing.T, src string) files {
	t.Helper()
	var vars strings.Builder
	values := template.Vars{"PROJECT_NAME": "gw", "VERSION": "1.2.3"}
	for _, m := range namedVariable.FindAllStringSubmatch(src, -1) {
		if _, known := values[m[1]]; !known && m[1] != varVersion {
			values[m[1]] = strings.ToLower(m[1])
			fmt.Fprintf(&vars, " %q = %q,", m[1], values[m[1]])
		}
	}
	src = namedDigest.ReplaceAllString(src, "@$1")
	project := files{"sw-description.in": src, "device.aes": deviceAES}
	artifacts := addPayloads(t, project, src, values)
	toml := projectFile(t, artifacts)
	project["fwpack.toml"] = strings.Replace(toml, "vars = {", "vars = { PKGDATA_DIR = 'pkgdata',"+vars.String(), 1)
	return project
}

// projectFile is the project file; "fpga" is a handler of the manual's example
// that no client comes with.
func projectFile(t *testing.T, artifacts string) string {
	return project(t, "rsa2048", artifacts+"[check.handlers]\nfpga = [\"images\"]\n")
}

// addPayloads adds the files that a template names, compressed where it says so,
// and returns the artifacts that are to be encrypted.
func addPayloads(t *testing.T, project files, src string, vars template.Vars) (artifacts string) {
	t.Helper()
	text, err := template.Source{Vars: vars, Packages: func(string, string) (string, error) { return "1", nil }}.Expand("", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := swdesc.ParseAny(text.Bytes())
	if err != nil {
		return ""
	}
	for group, filename := range swufile.Groups(doc) {
		name := filename.Value().(*swdesc.String).Value()
		contents := name
		if s := group.Get("compressed"); s != nil {
			if method, _ := swufile.CompressionOf(s); method != "" {
				contents = string(zipped(t, name))
			}
		}
		if encrypted, _, _ := group.GetBool("encrypted"); encrypted && project[name] == "" {
			artifacts += fmt.Sprintf("[[artifact]]\nname = %q\nfile = %q\nencrypt = \"aes\"\n", name, name)
		}
		project[name] = contents
		project["pkgdata/runtime/"+name] = "PV: 1.0\n"
	}
	return artifacts
}
