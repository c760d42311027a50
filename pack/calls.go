package pack

import (
	"path/filepath"
	"slices"
	"strconv"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/template"
	"github.com/fwpack/fwpack/template/pkgdata"
	"github.com/fwpack/fwpack/template/swdesc"
)

// varPackages is the variable that names the folder with a Yocto build's package
// data; `bitbake -e` prints it.
const varPackages = "PKGDATA_DIR"

// expander is what templates of the project are expanded with.
func (p *Project) expander() template.Source {
	return template.Source{Vars: p.Vars, Packages: p.packageVariable}
}

// packageVariable asks the package data of a Yocto build.
func (p *Project) packageVariable(pkg, variable string) (string, error) {
	if _, ok := p.Vars[varPackages]; !ok {
		return "", diag.Diagnostic{
			Msg:  "there is no package data to look into",
			Hint: "name its folder with the variable " + varPackages + ", which the output of bitbake -e has",
		}
	}
	dir, problems := template.ExpandString("@@"+varPackages+"@@", p.Vars)
	if err := problems.Err(); err != nil {
		return "", err
	}
	folder := pkgdata.Folder(p.path(dir))
	p.log.Note(folder.Places(pkg)...)
	return folder.Value(pkg, variable)
}

// plannedCall is a function of a template that only a finished payload answers.
type plannedCall struct {
	payload int // index into Plan.Payloads
	// installed: what is asked for is the size of what the device ends up with,
	// not of what lies in the archive. That is what a handler's property means.
	installed bool
}

// resolveCalls finds the payload that each function of the template asks about.
func (bp *bundlePlanner) resolveCalls(doc *swdesc.Document) {
	if bp.plan.text == nil {
		return
	}
	installed := bp.callsInProperties(doc)
	bp.plan.calls = map[int]plannedCall{}
	for _, call := range bp.plan.text.Calls() {
		if call.Func == template.ImageDigest {
			bp.checkImageCall(call)
			continue
		}
		payload, ok := bp.calledPayload(call)
		if !ok {
			continue
		}
		planned := plannedCall{payload: payload, installed: installed[call.Start]}
		bp.checkCall(call, planned)
		bp.plan.calls[call.Start] = planned
	}
}

// checkImageCall wants the image to be one of the project, whose digest the build
// will know: that of a compressed one depends on its signature.
func (bp *bundlePlanner) checkImageCall(call template.Call) {
	image := bp.project.image(call.Arg)
	if image == nil {
		bp.problems.AddHint(call.Pos, diag.DidYouMean(call.Arg, bp.project.imageNames()), "$%s(%s): no image of that name is declared", call.Func, call.Arg)
		return
	}
	bp.plan.images = append(bp.plan.images, image.Name)
}

// calledPayload is the payload that is packed for the argument of a call.
func (bp *bundlePlanner) calledPayload(call template.Call) (int, bool) {
	for _, entry := range bp.plan.Entries {
		if call.Arg == entry.Name || bp.planner.plan.Payloads[entry.Payload].goesBy(call.Arg) {
			return entry.Payload, true
		}
	}
	bp.problems.Addf(call.Pos, "$%s(%s): no file of that name is packed in this bundle", call.Func, call.Arg)
	return 0, false
}

// checkCall refuses what has no answer, or a wrong one.
func (bp *bundlePlanner) checkCall(call template.Call, planned plannedCall) {
	p := &bp.planner.plan.Payloads[planned.payload]
	changed := p.compressed() || p.Encrypt != "" || p.Precompressed != ""
	switch {
	case (call.Func == template.IV || call.Func == template.UniqueIV) && p.Encrypt == "":
		bp.problems.AddHint(call.Pos, "name an AES key in its [[artifact]]: encrypt = \"KEY\"",
			"$%s(%s): artifact %q is not encrypted", call.Func, call.Arg, p.Artifact)
	case call.Func == template.SHA256 && planned.installed && changed:
		bp.problems.Addf(call.Pos, "$%s(%s) is the digest of what lies in the archive, and the device ends up with something else: the artifact is compressed or encrypted",
			call.Func, call.Arg)
	}
}

// callsInProperties returns where calls begin that are the values of handlers'
// properties.
func (bp *bundlePlanner) callsInProperties(doc *swdesc.Document) map[int]bool {
	starts := map[int]bool{}
	for group := range doc.Groups() {
		if !swufile.IsProperties(group) {
			continue
		}
		for _, setting := range group.Settings() {
			if call, ok := bp.callIn(setting); ok {
				starts[call.Start] = true
			}
		}
	}
	return starts
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

// calls tells whether the value of a setting is one of the functions, which will
// answer for the entry's payload. Where it asks about another one, that is wrong.
func (bp *bundlePlanner) calls(setting *swdesc.Setting, entry *PlannedEntry, allowed ...template.Func) bool {
	call, ok := bp.callIn(setting)
	if !ok || !slices.Contains(allowed, call.Func) {
		return false
	}
	p := &bp.planner.plan.Payloads[entry.Payload]
	if !p.goesBy(call.Arg) && call.Arg != entry.Name {
		bp.problems.Addf(call.Pos, "%s asks for %q, but the entry's filename is %q", setting.Name(), call.Arg, entry.Name)
	}
	return true
}

// goesBy tells whether a template may mean the payload by the name.
func (p *PlannedPayload) goesBy(name string) bool {
	return name == p.Artifact || name == filepath.Base(p.File)
}

// answer is what a call stands for where these are the payload's attributes.
func (c plannedCall) answer(f template.Func, a attributes) string {
	switch f {
	case template.SHA256:
		return a.sha256
	case template.Size:
		if c.installed {
			return strconv.FormatInt(a.size, 10)
		}
		return strconv.FormatInt(a.packed, 10)
	}
	return a.ivt
}
