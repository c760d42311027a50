package swufile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fwpack/fwpack/mcuboot/profile"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/lint"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// VerifyOptions say by whom a bundle is judged.
type VerifyOptions struct {
	Trust *Trust // nil: nobody is trusted, and no signature proven
	Keys  *Keys  // open what is encrypted; nil opens nothing
	// Now is the time at which certificates must be valid.
	Now time.Time
	// Purpose is what the signers' certificates must be for.
	Purpose sign.Purpose
	// Target is the device. The zero Profile is none: then the strictest rules of
	// all clients hold, and notes say who is less strict.
	Target swupdate.Profile
	// ZCK are the files that the headers of deltas belong to.
	ZCK []string
	// Bootloader is the one of the MCUboot images in the bundle, nil where nothing is
	// said of it, and Primary tells that it finds them in their primary slots.
	Bootloader *profile.Profile
	Primary    bool
}

// maxDepth is how deep bundles may lie in bundles. Nobody was seen to go deeper than
// one.
const maxDepth = 4

// Verify goes down the chain of trust of the bundle in r in one walk: archive,
// signature, description, and for each payload its digest, decryption,
// decompression, sizes and, where it is something that has a proof of its own, that.
//
// What is wrong with the bundle is in the result. The error is for what has nothing
// to do with it: a file that cannot be read, or a context that has ended.
func Verify(ctx context.Context, name string, r io.Reader, o VerifyOptions) (*Verification, error) {
	zcks, err := readZCKs(ctx, o.ZCK)
	if err != nil {
		return nil, err
	}
	v := &verifier{VerifyOptions: o, ctx: ctx, zcks: zcks, budget: payload.NewBudget()}
	result, err := v.bundle(name, r)
	if err != nil {
		return nil, err
	}
	v.leftover(result)
	result.judge()
	return result, nil
}

// verifier verifies one bundle, or one inside another.
type verifier struct {
	VerifyOptions
	ctx    context.Context
	zcks   []*zckFile
	budget *payload.Budget
	depth  int

	content map[*Payload][]Step // what was found inside
	images  []nestedImage
}

// bundle verifies the bundle in r.
func (v *verifier) bundle(name string, r io.Reader) (*Verification, error) {
	v.content = map[*Payload][]Step{}
	result := &Verification{Kind: "swu", File: name, Target: v.Target.Name, Signers: []Signer{}, Steps: []Step{}, Payloads: []PayloadInfo{}}
	f, err := Read(v.ctx, name, r, Options{Keys: v.Keys, Visit: v.visit, Budget: v.budget, Trusts: v.trusts})
	var damage *swu.FormatError
	var large *LargeError
	switch {
	case errors.As(err, &damage):
		result.add(StepArchive, "", Failed, "%v", damage)
	case errors.As(err, &large):
		result.add(StepArchive, "", Failed, "%v", large)
	case err != nil:
		return nil, err
	default:
		v.chain(result, f)
	}
	result.judge()
	return result, nil
}

// trusts tells whether the signature over the description is proven.
func (v *verifier) trusts(f *File) bool {
	_, outcome, _ := v.verifySignature(f)
	return outcome == Proven
}

// chain puts the steps together, in their order.
func (v *verifier) chain(result *Verification, f *File) {
	archive(result, f)
	v.signature(result, f)
	description(result, f)
	v.check(result, f)
	for _, name := range f.Missing() {
		result.add(StepPayload, name, Failed, "the description names it, but it is not in the bundle")
	}
	for _, p := range f.Payloads {
		result.Payloads = append(result.Payloads, infoOf(p))
		v.payload(result, f, p)
	}
}

// archive is about the container.
func archive(result *Verification, f *File) {
	for _, problem := range f.Problems {
		result.add(StepArchive, "", Failed, "%s", problem)
	}
	unsummed := 0
	for _, p := range f.Payloads {
		if !p.Summed {
			unsummed++
		}
	}
	if len(f.Problems) > 0 {
		return
	}
	sums := "with their sums"
	if unsummed > 0 {
		sums = fmt.Sprintf("%d of them without a sum", unsummed)
	}
	result.add(StepArchive, "", Proven, "complete: %s, %s", plural(len(f.Payloads), "payload"), sums)
}

// description is about whether it can be read.
func description(result *Verification, f *File) {
	_, sealed := errors.AsType[*SealedError](f.Unreadable)
	switch {
	case sealed:
		result.add(StepDescription, "", NotProven, "%v", f.Unreadable)
	case f.Doc == nil:
		result.add(StepDescription, "", Failed, "%v", f.Unreadable)
	default:
		result.Version = versionOf(f.Doc)
		how := "read"
		if IsEncrypted(f.Description.Data) {
			how = "decrypted and read"
		}
		result.add(StepDescription, "", Proven, "%s: version %s", how, result.Version)
	}
}

// versionOf is software.version, "" where there is none.
func versionOf(doc *swdesc.Document) string {
	if setting := doc.Find("software", "version"); setting != nil {
		if s, ok := setting.Value().(*swdesc.String); ok {
			return s.Value()
		}
	}
	return ""
}

// check looks for what devices refuse a description for, or misread it: errors of
// the check, of which there may be many.
func (v *verifier) check(result *Verification, f *File) {
	if f.Doc == nil {
		return
	}
	var found []lint.Finding
	warnings := 0
	for _, finding := range lint.Check(lint.Subject{Doc: f.Doc, Archive: f.Archive()}, v.Target) {
		switch finding.Severity {
		case lint.Error:
			found = append(found, finding)
		case lint.Warning:
			warnings++
		}
	}
	if len(found) == 0 {
		result.add(StepCheck, "", Proven, "no errors, %s", plural(warnings, "warning"))
		return
	}
	result.add(StepCheck, "", Failed, "%s, the first: %s: %s (%s)", plural(len(found), "error"), found[0].Path, found[0].Msg, found[0].Rule)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
