package imagefile

import "github.com/fwpack/fwpack/internal/outdir"

// writeAll writes files below dir. Each is complete or absent, and unless forced,
// one that is there stays and nothing is written. Links in dir lead nowhere else.
func writeAll(path string, files []Extracted, force bool) error {
	dir, err := outdir.Open(path, force)
	if err != nil {
		return err
	}
	defer dir.Close()
	for _, file := range files {
		f, err := dir.Create(file.File)
		if err != nil {
			return err
		}
		if _, err := f.Write(file.data); err != nil {
			return err
		}
	}
	return dir.Commit()
}
