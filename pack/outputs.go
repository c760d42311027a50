package pack

import "github.com/fwpack/fwpack/internal/diag"

// outputNames are the files that one thing in the project is made into.
type outputNames struct {
	what  string // "bundle \"gateway\""
	names []string
	pos   diag.Pos
}

// allOutputs lists all files that a build of the project writes.
func (p *Project) allOutputs() []outputNames {
	var all []outputNames
	for _, b := range p.Bundles {
		all = append(all, outputNames{"bundle " + quoted(b.Name), p.outputs(b), b.outputPos})
	}
	for _, a := range p.Artifacts {
		if a.Delta != nil && a.Delta.Kind == deltaZchunk {
			all = append(all, outputNames{"artifact " + quoted(a.Name), []string{a.Delta.Output}, a.Delta.Pos})
		}
	}
	for _, i := range p.Images {
		all = append(all, outputNames{"image " + quoted(i.Name), p.imageOutputNames(i), i.here})
	}
	for _, d := range p.DFUs {
		all = append(all, outputNames{"dfu " + quoted(d.Name), []string{d.Output}, d.Pos})
	}
	return all
}

func quoted(name string) string { return `"` + name + `"` }

// imageOutputNames are the files of an image, signed or not.
func (p *Project) imageOutputNames(i *Image) []string {
	var names []string
	for _, o := range i.Outputs {
		names = append(names, o.Name)
	}
	if p.imageSignedLater(i) {
		outputs, request := unsignedOutputs(i)
		names = append(names, outputs[0].Name, request)
	}
	return names
}

// checkOutputs refuses two files of one name in the output folder.
func (d *decoder) checkOutputs() {
	taken := map[string]string{}
	for _, output := range d.project.allOutputs() {
		for _, name := range output.names {
			if other, ok := taken[name]; ok {
				d.problems.Addf(output.pos, "%s: output %q is also that of %s", output.what, name, other)
			}
			taken[name] = output.what
		}
	}
}
