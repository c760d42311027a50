package varfile

import (
	"errors"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template"
	"github.com/fwpack/fwpack/template/swdesc"
)

// parseGenerator reads the group "variables" of swugenerator's configuration.
func parseGenerator(file string, data []byte) (template.Vars, error) {
	doc, err := swdesc.Parse(data)
	if err != nil {
		return nil, syntaxErrors(file, data, err)
	}
	lines := diag.NewLines(file, data)
	vars := template.Vars{}
	var problems diag.List
	for _, setting := range variables(doc) {
		pos := lines.Pos(setting.Value().Offset())
		value, isString := setting.Value().(*swdesc.String)
		switch {
		case !isString:
			problems.Addf(pos, "variable %s is %v, and must be a string", setting.Name(), setting.Value().Kind())
		case !template.IsName(setting.Name()):
			problems.Addf(pos, "%q cannot be a variable: letters, digits, \"_\", \"-\" and \".\" are allowed", setting.Name())
		default:
			vars[setting.Name()] = value.Value()
		}
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return vars, nil
}

// variables lists the settings of the group; none where a comment only looked
// like it.
func variables(doc *swdesc.Document) []*swdesc.Setting {
	group, err := doc.Root.GetGroup("variables")
	if err != nil || group == nil {
		return nil
	}
	return group.Settings()
}

// syntaxErrors gives the errors of libconfig's syntax their places.
func syntaxErrors(file string, data []byte, err error) error {
	var list swdesc.SyntaxErrors
	if !errors.As(err, &list) {
		return err
	}
	lines := diag.NewLines(file, data)
	var problems diag.List
	for _, e := range list {
		problems.AddHint(lines.Pos(e.Offset), e.Hint, "%s", e.Msg)
	}
	return problems.Err()
}
