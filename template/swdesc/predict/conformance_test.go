package predict_test

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/sign"
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
	key := signer(t)
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			doc := s.parse(t, dir)
			for name, data := range s.before {
				write(t, filepath.Join(dir, name), data)
			}
			bundle, config := filepath.Join(t.TempDir(), "test.swu"), filepath.Join(t.TempDir(), "swupdate.cfg")
			write(t, bundle, s.bundle(t, dir, key))
			write(t, config, s.config())
			client := reftool.Client{Cert: keys + "ec-p256.crt", HW: s.board(), Select: s.selected, Config: config, Args: strings.Fields(s.limit)}
			v := client.Install(t, bundle)
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
func (s scenario) bundle(t *testing.T, dir string, key sign.Key) string {
	t.Helper()
	description := s.text(dir)
	signature, err := sign.Sign(sign.SchemeCMS, []byte(description), []sign.Key{key}, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := swu.NewWriter(&out)
	add(t, w, swu.Description, description)
	add(t, w, swu.Signature, string(signature))
	contents := s.contents(dir)
	for _, m := range members {
		add(t, w, m.name, contents[m.name])
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func add(t *testing.T, w *swu.Writer, name, data string) {
	t.Helper()
	var sum swu.Sum
	fmt.Fprint(&sum, data)
	if err := w.WriteHeader(swu.Header{Name: name, Size: int64(len(data)), Sum: sum.Sum32()}); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprint(w, data); err != nil {
		t.Fatal(err)
	}
}

// signer reads the key whose certificate the clients trust.
func signer(t *testing.T) sign.Key {
	t.Helper()
	private, err := sign.ParsePrivateKey(read(t, keys+"ec-p256.pem"), nil)
	if err != nil {
		t.Fatal(err)
	}
	certs, err := sign.ParseCertificates(read(t, keys+"ec-p256.crt"))
	if err != nil {
		t.Fatal(err)
	}
	return sign.Key{Signer: private, Certificate: certs[0]}
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
