package restore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/fwpack/fwpack/internal/outdir"
)

// Write writes fwpack.toml, sw-description.in and the payloads into a folder, which
// is made if it is not there: all or nothing. A file that is there is an error unless
// forced. It returns the names of the files below the folder.
func (p *Project) Write(ctx context.Context, dir string, force bool) ([]string, error) {
	out, err := outdir.Open(dir, force)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	names := []string{"fwpack.toml", "sw-description.in"}
	for i, data := range [][]byte{p.TOML, p.Description} {
		if err := write(out, names[i], bytes.NewReader(data)); err != nil {
			return nil, err
		}
	}
	for _, again := range p.payloads {
		if err := p.writePayload(ctx, out, again); err != nil {
			return nil, err
		}
		names = append(names, folder+again.Name)
	}
	return names, out.Commit()
}

// writePayload writes a payload as the project packs it again. The bundle must not
// have changed since it was read.
func (p *Project) writePayload(ctx context.Context, out *outdir.Dir, again *packed) error {
	if !again.unpacks() {
		return write(out, folder+again.Name, p.stored(again))
	}
	content := p.open(ctx, again)
	err := write(out, folder+again.Name, content)
	found, finishErr := content.Finish()
	switch {
	case err != nil || finishErr != nil:
		return errors.Join(err, finishErr)
	case found.Stored != again.Stored || found.Problem != nil:
		return fmt.Errorf("%s: %s: the file has changed meanwhile", p.name, again.Name)
	}
	return nil
}

func write(out *outdir.Dir, name string, data io.Reader) error {
	file, err := out.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, data)
	return errors.Join(err, file.Close())
}
