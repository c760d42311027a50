package pack

import "github.com/fwpack/fwpack/internal/atomicfile"

// lateOutputs are the files whose content is known only when something was signed.
func (p *Plan) lateOutputs() []string {
	var names []string
	for _, b := range p.Bundles {
		if b.Request != "" {
			names = append(names, b.Request)
		}
	}
	for _, i := range p.Images {
		for _, o := range i.Outputs {
			names = append(names, o.Name)
		}
		if i.Request != "" {
			names = append(names, i.Request)
		}
	}
	for _, d := range p.DFUs {
		names = append(names, d.Output)
	}
	return append(names, reportName)
}

// reserve opens the late outputs before anything is signed: a folder that stands
// where one of them belongs must not be found out by way of a signature that
// nobody wants.
func (b *builder) reserve() error {
	b.reserved = map[string]*atomicfile.File{}
	for _, name := range b.plan.lateOutputs() {
		file, err := b.create(name)
		if err != nil {
			return err
		}
		b.reserved[name] = file
	}
	return nil
}

// writeOutput fills one of the late outputs.
func (b *builder) writeOutput(name string, content []byte) error {
	file := b.reserved[name]
	b.pending = append(b.pending, file)
	_, err := file.Write(content)
	return err
}
