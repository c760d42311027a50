package pack

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/pack/deltafile"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/lint"
	"github.com/fwpack/fwpack/zck"
)

// checkDelta compares what the author says of the entry of a delta with what the
// artifact is.
func (bp *bundlePlanner) checkDelta(group *swdesc.Group, entry *PlannedEntry) {
	p := &bp.planner.plan.Payloads[entry.Payload]
	if p.Delta == nil {
		return
	}
	if setting := group.Get("type"); setting != nil {
		written, _ := setting.Value().(*swdesc.String)
		if allowed := p.Delta.handlers(sectionOf(group)); written != nil && !slices.Contains(allowed, written.Value()) {
			bp.errorf(setting.Value().Offset(), "type is %q, but artifact %q is a delta of kind %s: %s is allowed", written.Value(), p.Artifact, p.Delta.Kind, strings.Join(allowed, " or "))
		}
	}
	properties, _ := group.GetGroup("properties")
	if properties == nil {
		return
	}
	for _, want := range p.Delta.properties(digestPlaceholder) {
		setting := properties.Get(want[0])
		if setting == nil || want[1] == "" || want[0] == "zckloglevel" && p.Delta.LogLevel == "" {
			continue
		}
		if written, ok := setting.Value().(*swdesc.String); !ok || written.Value() != want[1] {
			bp.errorf(setting.Value().Offset(), "%s is written here, and artifact %q says %q: leave one of the two out", want[0], p.Artifact, want[1])
		}
	}
}

// sectionOf is the name of the list that an entry stands in.
func sectionOf(group *swdesc.Group) string {
	path := group.Path()
	path, _, _ = strings.Cut(path[strings.LastIndexByte(path, '.')+1:], "[")
	return path
}

// limit32 is what a device with 32-bit addresses cannot count beyond: libzck's
// size_t.
const limit32 = 1 << 32

// deltaFindings are what speaks against a delta, of which only the artifact tells.
func (bp *bundlePlanner) deltaFindings() (findings []Finding) {
	for _, entry := range bp.plan.Entries {
		p := &bp.planner.plan.Payloads[entry.Payload]
		if p.Delta == nil || p.Delta.Kind != deltaZchunk || p.Size < limit32 {
			continue
		}
		findings = append(findings, Finding{
			Severity: lint.Warning, Bundle: bp.bundle.Name, File: p.Delta.Pos.File, Line: p.Delta.Pos.Line, Column: p.Delta.Pos.Col,
			Message: fmt.Sprintf("artifact %q has 4 GiB or more: a delta does not get that far on a device with 32-bit addresses", p.Artifact),
		})
	}
	return findings
}

// checkReadyMade finds out whether the artifact of a zchunk delta is a .zck
// already, and whether a device could do anything with it.
func (p *PlannedPayload) checkReadyMade() error {
	if p.Delta.Kind != deltaZchunk {
		return nil
	}
	file, err := os.Open(p.File)
	if err != nil {
		return err
	}
	defer file.Close()
	if kind, err := zckKind(file); kind != zckMagic || err != nil {
		return err
	}
	p.Ready = true
	header, err := zck.ReadHeader(file)
	if err == nil {
		err = deltafile.Installable(header)
	}
	switch {
	case err != nil:
		return err
	case len(p.Delta.Bases) > 0 || p.Delta.Level != 0:
		return errors.New("is a .zck already: level and bases do nothing")
	}
	return nil
}
