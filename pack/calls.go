package pack

import (
	"encoding/hex"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/fwpack/fwpack/template"
	"github.com/fwpack/fwpack/template/pkgdata"
	"github.com/fwpack/fwpack/template/swdesc"
)

// varPackages is the variable that names the folder with a Yocto build's package
// data; `bitbake -e` prints it.
const varPackages = "PKGDATA_DIR"

// expander is what templates of the project are expanded with.
func (p *Project) expander() template.Source {
	source := template.Source{Vars: p.Vars}
	if _, ok := p.Vars[varPackages]; ok {
		if dir, problems := template.ExpandString("@@"+varPackages+"@@", p.Vars); len(problems) == 0 {
			source.Packages = pkgdata.Folder(p.path(dir)).Value
		}
	}
	return source
}

// plannedCall is a function of a template that only a finished payload answers.
type plannedCall struct {
	payload int // index into Plan.Payloads
	// installed: what is asked for is the size of what the device ends up with,
	// not of what lies in the archive. That is what a handler's property means.
	installed bool
}

// resolveCalls finds the payload that each function of the template asks about.
func (bp *bundlePlanner) resolveCalls() {
	if bp.plan.text == nil {
		return
	}
	bp.plan.calls = map[int]plannedCall{}
	for _, call := range bp.plan.text.Calls() {
		if payload, ok := bp.calledPayload(call); ok {
			planned := bp.plan.calls[call.Start] // authors' checks may have been here
			planned.payload = payload
			bp.plan.calls[call.Start] = planned
			bp.checkCall(call, &bp.planner.plan.Payloads[payload])
		}
	}
	bp.installedSizes()
}

// calledPayload is the payload that is packed for the argument of a call.
func (bp *bundlePlanner) calledPayload(call template.Call) (int, bool) {
	for _, entry := range bp.plan.Entries {
		p := &bp.planner.plan.Payloads[entry.Payload]
		if call.Arg == entry.Name || call.Arg == p.Artifact || call.Arg == filepath.Base(p.File) {
			return entry.Payload, true
		}
	}
	bp.problems.Addf(call.Pos, "$%s(%s): no file of that name is packed in this bundle", call.Func, call.Arg)
	return 0, false
}

// checkCall refuses what has no answer.
func (bp *bundlePlanner) checkCall(call template.Call, p *PlannedPayload) {
	if (call.Func == template.IV || call.Func == template.UniqueIV) && p.Encrypt == "" {
		bp.problems.AddHint(call.Pos, "name an AES key in its [[artifact]]: encrypt = \"KEY\"",
			"$%s(%s): artifact %q is not encrypted", call.Func, call.Arg, p.Artifact)
	}
}

// installedSizes notes the calls that stand in properties, where a size means
// what the device ends up with.
func (bp *bundlePlanner) installedSizes() {
	doc, err := swdesc.ParseAs(bp.plan.Description, bp.plan.Format)
	if err != nil {
		return // it has been parsed before
	}
	for group := range doc.Groups() {
		if !isProperties(group) {
			continue
		}
		for _, setting := range group.Settings() {
			bp.installedCall(setting)
		}
	}
}

func (bp *bundlePlanner) installedCall(setting *swdesc.Setting) {
	call, ok := bp.callIn(setting)
	planned, resolved := bp.plan.calls[call.Start]
	if !ok || !resolved {
		return
	}
	p := &bp.planner.plan.Payloads[planned.payload]
	if call.Func == template.SHA256 && (p.compressed() || p.Encrypt != "" || p.Precompressed != "") {
		bp.problems.Addf(call.Pos, "$%s(%s) in properties is the digest of what lies in the archive, and the device ends up with something else: the artifact is compressed or encrypted", call.Func, call.Arg)
	}
	planned.installed = p.Precompressed == ""
	bp.plan.calls[call.Start] = planned
}

// callIn is the call that is the value of a setting.
func (bp *bundlePlanner) callIn(setting *swdesc.Setting) (template.Call, bool) {
	if bp.plan.text == nil {
		return template.Call{}, false
	}
	offset := setting.Value().Offset()
	if setting.Value().Kind() == swdesc.KindString {
		offset++ // behind the quotation mark
	}
	return bp.plan.text.CallAt(offset)
}

// answer is what a call stands for, once the payload is known by its attributes
// and its size in the archive.
func (c plannedCall) answer(f template.Func, a attributes, packed int64) string {
	switch f {
	case template.SHA256:
		return a.sha256
	case template.Size:
		if c.installed {
			packed = a.size
		}
		return strconv.FormatInt(packed, 10)
	}
	return a.ivt
}

// digestOf is a stand-in for the digest or, cut, for the IV of a payload that is
// not there yet: different ones for different payloads.
func digestOf(name string) string {
	return hexDigest([]byte(name))
}

func sameFunc(f template.Func, allowed ...template.Func) bool {
	return slices.Contains(allowed, f)
}

var _ = hex.EncodeToString
