package pack

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/fwpack/fwpack/pack/cache"
)

// rebuilt builds, remembers that after meanwhile, and tells whether the next build has
// nothing to do at the time now.
func rebuilt(t *testing.T, now time.Time, meanwhile func(out string)) bool {
	t.Helper()
	dir := simpleFiles(t).write(t)
	opt := options(dir)
	c := cache.Open(filepath.Join(t.TempDir(), "cache"), cache.Limits{})
	later := func() time.Time { return time.Now().Add(time.Minute) }
	last := Recall(c, opt.Out, later, nil, "words")
	project, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{Log: last.Log()})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := project.Plan(Selection{})
	if err != nil {
		t.Fatal(err)
	}
	report, err := Build(context.Background(), plan, opt)
	if err != nil {
		t.Fatal(err)
	}
	meanwhile(opt.Out)
	if err := last.Remember(report); err != nil {
		t.Fatal(err)
	}
	if _, ok := Recall(c, opt.Out, later, nil, "other words").UpToDate(now, nil); ok {
		t.Error("other words are another build, and have nothing to do")
	}
	_, ok := Recall(c, opt.Out, later, nil, "words").UpToDate(now, func(string) (string, bool) { return "", false })
	return ok
}

func simpleFiles(t *testing.T) files {
	return files{
		"fwpack.toml":       project(t, "rsa2048", "[[artifact]]\nname = \"data\"\nfile = \"data.bin\"\n"),
		"sw-description.in": plainDescription, "data.bin": "data", "device.aes": deviceAES,
	}
}

// What a build has made is its own: another one that puts its output there before the
// first is remembered is seen. So is the end of a certificate.
func TestLastBuild(t *testing.T) {
	nothing, today := func(string) {}, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if !rebuilt(t, today, nothing) {
		t.Error("nothing has changed, and there is something to do")
	}
	if rebuilt(t, today, func(out string) { writeFile(t, filepath.Join(out, reportName), []byte("another build's")) }) {
		t.Error("the output is another build's, and there is nothing to do")
	}
	if rebuilt(t, time.Date(9999, 12, 31, 23, 59, 59, 1, time.UTC), nothing) {
		t.Error("the certificate has expired, and there is nothing to do")
	}
}
