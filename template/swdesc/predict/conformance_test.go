package predict_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/pack/swutest"
	"github.com/fwpack/fwpack/template/swdesc/predict"
)

const keys = "../../../testdata/keys/"

// TestMain lets four tests run at once, however few processors there are:
// clients wait more than they work.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	m.Run()
}

// TestConformancePredict asks Debian's client what it makes of every scenario,
// with files to install to, and compares its verdict, its words, what it
// installed and which scripts it ran with the table, and with Predict.
func TestConformancePredict(t *testing.T) {
	reftool.Need(t, "swupdate")
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			doc := s.parse(t, dir)
			for name, data := range s.before {
				write(t, filepath.Join(dir, name), data)
			}
			config := filepath.Join(t.TempDir(), "swupdate.cfg")
			write(t, config, s.config())
			client := reftool.Client{Cert: keys + swutest.Certificate, HW: s.board(), Select: s.selected, Config: config, Args: strings.Fields(s.limit)}
			v := client.Install(t, s.bundle(t, dir))
			s.compare(t, v, dir)
			s.check(t, predict.Predict(doc, s.archive(dir), s.predictedDevice(t)), dir)
		})
	}
}

// compare holds the client's answer against the table.
func (s scenario) compare(t *testing.T, v reftool.Verdict, dir string) {
	t.Helper()
	if v.Accepted != (s.refused == "") {
		t.Errorf("the client accepted %v, reason %q, the table has %q", v.Accepted, v.Reason, s.refused)
	}
	if !strings.Contains(v.Log, s.refused) {
		t.Errorf("the client says %q, the table has %q", v.Reason, s.refused)
	}
	installed, ran := s.found(t, dir)
	if installed != s.installed {
		t.Errorf("the client installed %q, the table has %q", installed, s.installed)
	}
	if ran != s.ran {
		t.Errorf("the client ran %q, the table has %q", ran, s.ran)
	}
}

// found lists the files in dir that are new or changed, and reads what the
// scripts wrote there.
func (s scenario) found(t *testing.T, dir string) (installed, ran string) {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		data, err := os.ReadFile(path)
		switch before, existed := s.before[name]; {
		case name == "ran":
			ran = strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(string(data)), " \n", "\n"), "\n", ", ")
		case !existed || before != string(data):
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return strings.Join(names, " "), ran
}

// bundle packs and signs the scenario.
func (s scenario) bundle(t *testing.T, dir string) string {
	t.Helper()
	contents := s.contents(dir)
	var packed []swutest.Member
	for _, m := range members {
		packed = append(packed, swutest.Member{Name: m.name, Data: contents[m.name]})
	}
	return swutest.Write(t, keys, s.text(dir), packed...)
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, path, data string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
}
