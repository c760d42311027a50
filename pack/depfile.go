package pack

import (
	"bytes"
	"os"
	"path/filepath"

	"github.com/fwpack/fwpack/internal/atomicfile"
	"github.com/fwpack/fwpack/internal/depfile"
)

// WriteDepfile writes to path which files the outputs of the build depend on, for
// make and ninja. A file that says so already stays as it is. artifacts.json is not
// among the outputs: ninja refuses what no rule declares.
func (l *LastBuild) WriteDepfile(path string, report *Report) error {
	var targets []string
	for _, output := range report.Outputs {
		targets = append(targets, filepath.Join(l.out, output.File))
	}
	from := l.from
	if from == nil {
		snapshot, _ := l.log.Snapshot()
		from = snapshot.Paths()
	}
	content, err := depfile.Format(targets, from)
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
		return nil
	}
	file, err := atomicfile.Create(path)
	if err != nil {
		return err
	}
	defer file.Discard()
	if _, err := file.Write(content); err != nil {
		return err
	}
	return file.Commit()
}
