package pack

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
)

// Selection narrows a build. The zero value selects everything.
type Selection struct {
	Only []string // names of bundles, or of artifacts: then the bundles that hold them
}

// Plan resolves the project against the file system: templates are expanded
// and parsed, every filename in them is looked up, files are there and fit.
// No payload is read beyond its first bytes, and no key is read at all. All
// problems come back at once as a diag.List.
func (p *Project) Plan(selection Selection) (*Plan, error) {
	pl := planner{
		project: p,
		plan:    &Plan{Project: p.Name, Version: p.Version, Keys: map[string]*Key{}},
		byFile:  map[string]int{},
	}
	for _, b := range p.Bundles {
		pl.bundle(b)
	}
	pl.selectOnly(selection.Only)
	for _, b := range pl.plan.Bundles {
		for _, name := range b.Sign {
			pl.useKey(name)
		}
	}
	for i := range pl.plan.Payloads {
		pl.useKey(pl.plan.Payloads[i].Encrypt)
	}
	return pl.plan, pl.problems.Err()
}

// planner makes one Plan.
type planner struct {
	project  *Project
	plan     *Plan
	byFile   map[string]int // payload index by what it is made from
	problems diag.List
}

// payload returns the index of the payload made from the artifact, which is
// looked at on first use.
func (pl *planner) payload(a *Artifact, pos diag.Pos) (int, bool) {
	if i, ok := pl.byFile[a.identity()]; ok {
		return i, true
	}
	info, err := statRegular(a.File)
	if err != nil {
		pl.problems.Addf(pos, "artifact %q: %v", a.Name, err)
		return 0, false
	}
	p := PlannedPayload{
		Artifact: a.Name, File: a.File, Size: info.Size(), ModTime: info.ModTime(),
		Compress: a.Compress, Encrypt: a.Encrypt, Pos: pos,
	}
	spec := payload.Spec{Compress: a.Compress}
	if a.Encrypt != "" {
		spec.Encrypt = new(payload.Encrypt)
	}
	if size, known := spec.KnownSize(p.Size); known && size > swu.MaxSize {
		pl.problems.Addf(pos, "artifact %q: %s", a.Name, tooLarge(size))
		return 0, false
	}
	pl.plan.Payloads = append(pl.plan.Payloads, p)
	pl.byFile[a.identity()] = len(pl.plan.Payloads) - 1
	return len(pl.plan.Payloads) - 1, true
}

// identity tells artifacts apart: two declared ones may share a file and
// differ in what is done to it.
func (a *Artifact) identity() string {
	return a.Name + "\x00" + a.File
}

// tooLarge says what the container cannot hold.
func tooLarge(size int64) string {
	return fmt.Sprintf("%d bytes after processing, and an archive entry holds at most %d (4 GiB - 1)", size, int64(swu.MaxSize))
}

// statRegular looks at a file that can be opened for reading.
func statRegular(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return info, f.Close()
}

// useKey notes that the build needs a key and checks that its files are there.
func (pl *planner) useKey(name string) {
	key := pl.project.Keys[name]
	if key == nil || pl.plan.Keys[name] != nil {
		return
	}
	pl.plan.Keys[name] = key
	for _, file := range key.files() {
		if _, err := statRegular(file); err != nil {
			pl.problems.Addf(key.Pos, "key %q: %v", name, err)
		}
	}
}

// files lists the files that a key is read from.
func (k *Key) files() []string {
	files := append([]string{k.PrivateKey, k.Certificate}, k.Chain...)
	for _, secret := range []*Secret{k.Passphrase, k.AES} {
		if secret != nil {
			files = append(files, secret.File)
		}
	}
	return slices.DeleteFunc(files, func(file string) bool { return file == "" })
}

// selectOnly drops the bundles that were not asked for, and then the payloads
// that no bundle uses any more.
func (pl *planner) selectOnly(names []string) {
	if len(names) == 0 {
		return
	}
	for _, name := range names {
		if known := pl.selectable(); !slices.Contains(known, name) {
			pl.problems.AddHint(diag.Pos{File: pl.project.File}, diag.DidYouMean(name, known),
				"%q is neither a bundle nor an artifact of one", name)
		}
	}
	pl.plan.Bundles = slices.DeleteFunc(pl.plan.Bundles, func(b PlannedBundle) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return pl.holds(b, name) })
	})
	pl.dropUnused()
}

// selectable lists the names that a selection may hold.
func (pl *planner) selectable() []string {
	var names []string
	for _, b := range pl.project.Bundles {
		names = append(names, b.Name)
	}
	for i := range pl.plan.Payloads {
		names = append(names, pl.plan.Payloads[i].Artifact)
	}
	return names
}

func (pl *planner) holds(b PlannedBundle, name string) bool {
	return b.Name == name || slices.ContainsFunc(b.Entries, func(e PlannedEntry) bool {
		return pl.plan.Payloads[e.Payload].Artifact == name
	})
}

func (pl *planner) dropUnused() {
	var kept []PlannedPayload
	index := map[int]int{}
	for b := range pl.plan.Bundles {
		for e := range pl.plan.Bundles[b].Entries {
			entry := &pl.plan.Bundles[b].Entries[e]
			if _, ok := index[entry.Payload]; !ok {
				index[entry.Payload] = len(kept)
				kept = append(kept, pl.plan.Payloads[entry.Payload])
			}
			entry.Payload = index[entry.Payload]
		}
	}
	pl.plan.Payloads = kept
}

// besideTemplate is the file called name in the folder of the template.
func besideTemplate(template, name string) *Artifact {
	return &Artifact{Name: name, File: filepath.Join(filepath.Dir(template), name)}
}
