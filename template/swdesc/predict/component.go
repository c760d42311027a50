package predict

import (
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
)

// Component is something that is installed on a device, in a version.
type Component struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// ParseSWVersions reads what is installed on a device, in one of the two forms
// that the client has: /etc/sw-versions, a name and a version on each line, or
// swupdate.cfg, whose list versions has groups with name and version (since
// 2021.04). A name or version with blanks cannot be written in the first.
func ParseSWVersions(data []byte) ([]Component, error) {
	if doc, err := swdesc.Parse(data); err == nil {
		if s := doc.Find("versions"); s != nil {
			return configVersions(s)
		}
		if doc.Root.Len() > 0 {
			return nil, fmt.Errorf("configuration has no list called versions")
		}
	}
	var all []Component
	for i, line := range strings.Split(string(data), "\n") {
		fields := strings.Fields(line)
		switch len(fields) {
		case 0:
		case 2:
			all = append(all, Component{fields[0], fields[1]})
		default:
			return nil, fmt.Errorf("line %d: %q: a name and a version are allowed", i+1, clip(line))
		}
	}
	return all, nil
}

func configVersions(s *swdesc.Setting) ([]Component, error) {
	list, ok := s.Value().(*swdesc.List)
	if !ok {
		return nil, fmt.Errorf("versions is %s: a list of groups is allowed", s.Value().Kind())
	}
	var all []Component
	for i, v := range list.Values() {
		g, ok := v.(*swdesc.Group)
		if !ok {
			return nil, fmt.Errorf("versions[%d] is %s: a group is allowed", i, v.Kind())
		}
		name, _, err := g.GetString("name")
		if err != nil {
			return nil, err
		}
		version, _, err := g.GetString("version")
		if err != nil {
			return nil, err
		}
		if name == "" || version == "" {
			return nil, fmt.Errorf("versions[%d] has no name or no version", i)
		}
		all = append(all, Component{name, version})
	}
	return all, nil
}
