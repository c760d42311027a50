package imagebuild

import "fmt"

// Rehearse makes outputs of the draft and throws them away, so that whatever
// stands in their way, such as two parts at one address, is found before anything
// is signed. The problems are a line each.
func (d *Draft) Rehearse(outputs []Output) []string {
	if len(d.Problems) > 0 {
		return nil // of what is refused anyway
	}
	var problems []string
	m := &Made{Image: d.Image, clear: d.Image, draft: d}
	for _, o := range outputs {
		if _, err := m.Bytes(o); err != nil {
			problems = append(problems, fmt.Sprintf("%s: %v", o.Name, err))
		}
	}
	return problems
}
