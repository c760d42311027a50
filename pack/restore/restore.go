package restore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/fwpack/fwpack/pack/inspect"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/template/swdesc"
)

// Project is a project that builds a bundle again.
type Project struct {
	TOML        []byte // fwpack.toml
	Description []byte // sw-description.in

	bundle   io.ReaderAt
	name     string // of the bundle's file
	file     *swufile.File
	payloads []*packed
}

// packed is a payload and how it is packed again.
type packed struct {
	*swufile.Payload
	compress payload.Compression // by the project; None where it stays as it is
	encrypt  string              // name of a key, "" for none
	about    string              // what it is, for a comment
}

// unpacks tells whether the payload is written as a device ends up with it.
func (p *packed) unpacks() bool { return p.compress != payload.None || p.encrypt != "" }

// The keys of a project, by name.
const (
	deviceKey = "device"
	freshKey  = "fresh"
)

// folder is where the payloads are, beside the project file.
const folder = "payloads/"

// Read reads a bundle of size bytes. Keys open what is encrypted, which all must be.
// A bundle that is damaged, or with names or texts that no project can have, is a
// *DamageError.
func Read(ctx context.Context, name string, bundle io.ReaderAt, size int64, keys *swufile.Keys) (*Project, error) {
	p := &Project{bundle: bundle, name: name}
	about := map[string]string{}
	file, err := swufile.Read(ctx, name, io.NewSectionReader(bundle, 0, size), swufile.Options{
		Keys: keys,
		Visit: func(payload *swufile.Payload, content *payload.Opened) error {
			found, err := inspect.Read(ctx, payload.Name, content, inspect.Options{Keys: keys})
			if err == nil {
				about[payload.Name] = aboutContent(found)
			}
			return nil // what is wrong with a payload comes again
		},
	})
	if err != nil {
		return nil, err
	}
	p.file = file
	if problems := p.problems(); len(problems) > 0 {
		return nil, &DamageError{name, problems}
	}
	for _, found := range file.Payloads {
		again := &packed{Payload: found, about: about[found.Name]}
		if err := p.choose(ctx, again); err != nil {
			return nil, err
		}
		p.payloads = append(p.payloads, again)
	}
	if p.Description, err = p.template(); err != nil {
		return nil, err
	}
	p.TOML = p.toml()
	return p, nil
}

// DamageError says that no project can be made of a bundle.
type DamageError struct {
	File     string
	Problems []string // at least one, a line each
}

// Error lists the problems, one a line.
func (e *DamageError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, problem := range e.Problems {
		lines[i] = e.File + ": " + problem
	}
	return strings.Join(lines, "\n")
}

// problems say why the bundle cannot be built again.
func (p *Project) problems() []string {
	problems := append([]string{}, p.file.Problems...)
	if p.file.Doc == nil {
		return append(problems, fmt.Sprintf("sw-description: %v", p.file.Unreadable))
	}
	problems = append(problems, p.file.Mismatches()...)
	for what, text := range map[string]string{"its name": p.output(), "the version": version(p.file.Doc)} {
		if strings.Contains(text, "@@") {
			problems = append(problems, what+" has @@, which stands for a variable in a project")
		}
	}
	for _, found := range p.file.Payloads {
		switch err := swu.CheckName(found.Name); {
		case errors.Is(found.Problem, payload.ErrSealed):
			problems = append(problems, found.Name+": is encrypted: --decrypt FILE names the key")
		case found.Problem != nil:
			problems = append(problems, fmt.Sprintf("%s: %v", found.Name, found.Problem))
		case err != nil:
			problems = append(problems, err.Error())
		case strings.Contains(found.Name, "@@"):
			problems = append(problems, found.Name+": has @@, which stands for a variable in a project")
		}
	}
	return problems
}

// choose finds out how a payload is packed again.
func (p *Project) choose(ctx context.Context, again *packed) error {
	method := again.Packing.Compress
	if method == "none" {
		method = payload.None
	}
	if again.Packing.Encrypted {
		again.encrypt, again.compress = deviceKey, method
		if hasOwnKey(again.Payload) {
			again.encrypt = freshKey
		}
		return nil
	}
	if method == payload.None {
		return nil
	}
	same, err := p.repeats(ctx, again, method)
	if same {
		again.compress = method
	}
	return err
}

// hasOwnKey tells whether the description ships the key of a payload.
func hasOwnKey(found *swufile.Payload) bool {
	for _, e := range found.Entries {
		if e.Group.Get("aes-key") != nil {
			return true
		}
	}
	return false
}

// repeats tells whether a payload that is unpacked and compressed again is the same.
// The project's compression has its usual level.
func (p *Project) repeats(ctx context.Context, again *packed, method payload.Compression) (bool, error) {
	content := p.open(ctx, again)
	result, err := payload.Run(ctx, io.Discard, content, payload.Spec{Compress: payload.Compress{Method: method}}, payload.Options{})
	if _, finishErr := content.Finish(); err == nil {
		err = finishErr
	}
	return err == nil && result.SHA256 == again.Stored.SHA256, err
}

// open opens a payload once more.
func (p *Project) open(ctx context.Context, again *packed) *payload.Opened {
	return payload.Open(ctx, p.stored(again), again.Packing, payload.NewBudget())
}

// stored is a payload as it lies in the bundle.
func (p *Project) stored(again *packed) *io.SectionReader {
	return io.NewSectionReader(p.bundle, again.Offset, again.Size)
}

// aboutContent is what a payload is, in a few words for a comment.
func aboutContent(found *inspect.Inspection) string {
	if found.Image == nil {
		return ""
	}
	about := "MCUboot image " + found.Image.Header.Version + ": stays a file, as its private key is not here"
	if len(found.Signers) == 0 {
		about = "MCUboot image " + found.Image.Header.Version + ", not signed"
	}
	return about
}

// output is the name of the bundle's file.
func (p *Project) output() string { return filepath.Base(p.name) }

// version is that of the description.
func version(doc *swdesc.Document) string {
	value, _ := doc.Resolve("software", "version")
	if text, ok := value.(*swdesc.String); ok {
		return text.Value()
	}
	return ""
}
