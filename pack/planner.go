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
	Only []string // names of bundles and images, or of artifacts: then the bundles that hold them
	// Attached are signatures of images whose keys are elsewhere, by the name of the
	// image.
	Attached map[string][]byte
}

// Plan resolves the project against the file system: templates are expanded
// and parsed, every filename in them is looked up, files are there and fit, and
// the descriptions break no rule that the project does not allow. No payload is
// read beyond its first bytes, and no key is read at all. All problems, those
// that Load found among them, come back at once as a diag.List.
func (p *Project) Plan(selection Selection) (*Plan, error) {
	pl, problems := p.draft(selection, false)
	for _, d := range pl.drafts {
		problems = append(problems, pl.useKeys(d)...)
		pl.plan.Bundles = append(pl.plan.Bundles, d.plan)
		if d.subject != nil {
			broken, others := d.subject.split(problems)
			problems = append(problems, broken...)
			pl.plan.Findings = append(pl.plan.Findings, others...)
		}
	}
	pl.dropUnused()
	problems = append(problems, pl.takeDFUs(selection.Only)...)
	problems = append(problems, pl.takeImages(selection.Only)...)
	if err := problems.Unique().Err(); err != nil {
		return nil, err
	}
	return pl.plan, nil
}

// draft plans the selected bundles as far as it goes. Without files, payloads
// need not be there.
func (p *Project) draft(selection Selection, withoutFiles bool) (*planner, diag.List) {
	only := selection.Only
	pl := &planner{
		project:      p,
		plan:         &Plan{Project: p.Name, Version: p.Version, Keys: map[string]*Key{}, publicKeys: map[string]*Key{}, dir: filepath.Dir(p.File)},
		byFile:       map[string]int{},
		withoutFiles: withoutFiles,
	}
	pl.planImages(selection.Attached)
	for _, b := range p.Bundles {
		pl.draft(b)
	}
	problems := slices.Concat(p.problems, pl.strays, pl.checkSelection(only))
	pl.drafts = slices.DeleteFunc(pl.drafts, func(d draft) bool { return !d.selected(only, pl.plan) })
	for _, d := range pl.drafts {
		problems = append(problems, d.problems...)
	}
	return pl, problems
}

// planner makes one Plan.
type planner struct {
	project      *Project
	plan         *Plan
	byFile       map[string]int // payload index by what it is made from
	images       []plannedImage // all of the project, in its order
	drafts       []draft
	strays       diag.List // what belongs to no draft
	withoutFiles bool      // payloads need not be there

	problems diag.List // of the draft being made
}

// draft is a bundle that has been planned, as far as that went. Whether it and
// its problems count is for the selection to say.
type draft struct {
	plan     PlannedBundle
	subject  *Subject // nil where the description cannot be read
	problems diag.List
}

// draft plans one bundle.
func (pl *planner) draft(b *Bundle) {
	pl.problems = nil
	plan, subject := pl.bundle(b)
	pl.drafts = append(pl.drafts, draft{plan, subject, pl.problems})
}

// unknownSize is the size of a payload that need not be there.
const unknownSize = -1

// payload returns the index of the payload made from the artifact, which is
// looked at on first use.
func (pl *planner) payload(a *Artifact, pos diag.Pos) (int, bool) {
	if i, ok := pl.byFile[a.identity()]; ok {
		return i, true
	}
	if a.Image != "" {
		return pl.imagePayload(a, pos)
	}
	if a.File == "" {
		return 0, false // Load has said why
	}
	p := PlannedPayload{
		Artifact: a.Name, File: a.File, Size: unknownSize, Compress: a.Compress,
		Encrypt: a.Encrypt, Fresh: pl.isFresh(a.Encrypt), Delta: a.Delta, Guards: a.Guards, Pos: pos,
	}
	info, err := pl.project.statRegular(a.File)
	switch {
	case err == nil:
		p.Size, p.ModTime = info.Size(), info.ModTime()
	case !pl.withoutFiles:
		pl.problems.Addf(pos, "artifact %q: %v", a.Name, err)
		return 0, false
	}
	pl.project.log.Note(a.Delta.files()...)
	if err == nil && p.Delta != nil {
		if err := p.checkReadyMade(); err != nil {
			pl.problems.Addf(pos, "artifact %q: %s: %v", a.Name, a.File, err)
			return 0, false
		}
	}
	if size := p.packedSize(); size > swu.MaxSize {
		pl.problems.Addf(pos, "artifact %q: %s", a.Name, tooLarge(size))
		return 0, false
	}
	pl.plan.Payloads = append(pl.plan.Payloads, p)
	pl.byFile[a.identity()] = len(pl.plan.Payloads) - 1
	return len(pl.plan.Payloads) - 1, true
}

// packedSize is the size that the payload will have in the archive, unknownSize
// where only processing tells.
func (p *PlannedPayload) packedSize() int64 {
	if p.Delta != nil {
		return unknownSize
	}
	spec := payload.Spec{Compress: p.Compress}
	if p.Encrypt != "" {
		spec.Encrypt = new(payload.Encrypt)
	}
	size, known := spec.KnownSize(p.inputSize())
	if !known || p.Size == unknownSize {
		return unknownSize
	}
	return size
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

// statRegular is statRegular for a file that something is made from.
func (p *Project) statRegular(path string) (fs.FileInfo, error) {
	p.log.Note(path)
	return statRegular(path)
}

// look notes a file that somebody else is going to look at.
func (p *Project) look(path string) { p.log.Note(path) }

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

// useKeys notes the keys that a bundle needs and checks that their files are
// there.
func (pl *planner) useKeys(d draft) diag.List {
	names := slices.Clone(d.plan.Sign)
	for _, entry := range d.plan.Entries {
		names = append(names, pl.plan.Payloads[entry.Payload].Encrypt)
	}
	if d.plan.Cipher != nil {
		names = append(names, d.plan.Cipher.Key)
	}
	return pl.useKeyNames(names...)
}

func (pl *planner) useKeyNames(names ...string) diag.List {
	var problems diag.List
	for _, name := range names {
		key := pl.project.Keys[name]
		if key == nil || pl.plan.Keys[name] != nil {
			continue
		}
		pl.plan.Keys[name] = key
		problems = append(problems, key.missing(pl.project)...)
	}
	return problems
}

// missing reports the files of a key that are not there, and notes what it is made
// from.
func (k *Key) missing(p *Project) diag.List {
	p.noteSecret(k.AES)
	var problems diag.List
	for _, file := range k.files() {
		if _, err := p.statRegular(file); err != nil {
			problems.Addf(k.Pos, "key %q: %v", k.Name, err)
		}
	}
	return problems
}

// files lists the files that a key is read from.
func (k *Key) files() []string {
	files := append([]string{k.PrivateKey, k.Public, k.Certificate}, k.Chain...)
	for _, secret := range []*Secret{k.Passphrase, k.AES} {
		if secret != nil {
			files = append(files, secret.File)
		}
	}
	return slices.DeleteFunc(files, func(file string) bool { return file == "" })
}

// checkSelection reports names that select nothing.
func (pl *planner) checkSelection(names []string) diag.List {
	var known []string
	for _, d := range pl.drafts {
		known = append(known, d.plan.Name)
	}
	for i := range pl.plan.Payloads {
		known = append(known, pl.plan.Payloads[i].Artifact)
	}
	known = append(known, pl.project.imageNames()...)
	for _, dfu := range pl.project.DFUs {
		known = append(known, dfu.Name)
	}
	var problems diag.List
	for _, name := range names {
		if !slices.Contains(known, name) {
			problems.AddHint(diag.Pos{File: pl.project.File}, diag.DidYouMean(name, known),
				"%q is neither a bundle, nor an artifact of one, nor an image or a dfu", name)
		}
	}
	if len(problems) > 0 { // what could not be planned may hold the name
		for _, d := range pl.drafts {
			problems = append(problems, d.problems...)
		}
	}
	return problems
}

// selected tells whether one of the names is that of the bundle or of an
// artifact in it. No names select everything.
func (d draft) selected(names []string, plan *Plan) bool {
	return len(names) == 0 || slices.ContainsFunc(names, func(name string) bool {
		return d.plan.Name == name || slices.ContainsFunc(d.plan.Entries, func(e PlannedEntry) bool {
			p := &plan.Payloads[e.Payload]
			return p.Artifact == name && p.Image != name // which selects the image alone
		})
	})
}

// dropUnused drops the payloads that no selected bundle holds.
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
		for start, call := range pl.plan.Bundles[b].calls { // of payloads that are entries, too
			call.payload = index[call.payload]
			pl.plan.Bundles[b].calls[start] = call
		}
	}
	pl.plan.Payloads = kept
}
