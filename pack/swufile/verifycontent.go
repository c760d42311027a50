package swufile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/zck/rdiff"
)

// visit looks into a payload while it comes by. What cannot be opened is the
// business of StepUnpacking.
func (v *verifier) visit(p *Payload, content *payload.Opened) error {
	in := bufio.NewReaderSize(content, imagefile.HeadSize)
	head, err := in.Peek(imagefile.HeadSize)
	if len(head) == 0 || err != nil && !errors.Is(err, io.EOF) {
		return nil
	}
	steps := v.look(p, head, in)
	for i := range steps {
		steps[i].Where = p.Name
	}
	v.content[p] = steps
	return v.ctx.Err()
}

// look finds out by handler and first bytes what a payload is.
func (v *verifier) look(p *Payload, head []byte, in io.Reader) []Step {
	switch {
	case p.handled("delta"):
		return v.delta(p, in)
	case p.handled("rdiff_image", "rdiff_file"):
		return patch(in)
	case p.handled("swuforward") || isBundle(head):
		return v.inner(p, in)
	case isImage(head):
		return v.image(p, in)
	}
	return nil
}

// handled tells whether one of these handlers installs the payload.
func (p *Payload) handled(types ...string) bool {
	return slices.ContainsFunc(p.Entries, func(e Entry) bool { return slices.Contains(types, e.Type) })
}

// archiveMagic begins the headers of all cpio archives in ASCII.
const archiveMagic = "0707"

// Recognise tells whether a file that begins with head is to be read by Read.
func Recognise(head []byte) bool { return strings.HasPrefix(string(head), archiveMagic) }

// isBundle tells a bundle from the archive of an initial file system.
func isBundle(head []byte) bool {
	const name = 110 // behind the fields of the first header
	return Recognise(head) && len(head) > name && bytes.HasPrefix(head[name:], []byte(swu.Description+"\x00"))
}

// inner verifies a bundle in the bundle.
func (v *verifier) inner(p *Payload, in io.Reader) []Step {
	if v.depth+1 > maxDepth {
		return []Step{{Step: StepBundle, Outcome: Failed, Detail: fmt.Sprintf("lies more than %d bundles deep, and is not looked into", maxDepth)}}
	}
	inside := &verifier{VerifyOptions: v.VerifyOptions, ctx: v.ctx, zcks: v.zcks, budget: v.budget.Inner(), depth: v.depth + 1}
	result, err := inside.bundle(p.Name, in)
	if err != nil {
		return []Step{{Step: StepBundle, Outcome: Failed, Detail: bare(p.Name, err)}}
	}
	return []Step{{Step: StepBundle, Outcome: outcomeOf(result.Verdict), Detail: result.Reason(), Bundle: result}}
}

// bare takes the name off an error, which stands beside it.
func bare(name string, err error) string { return strings.TrimPrefix(err.Error(), name+": ") }

// patch reads a delta of rdiff to its end. What it makes of which base nobody can
// tell: neither is in it.
func patch(in io.Reader) []Step {
	stats, err := rdiff.Inspect(in)
	if err != nil {
		return []Step{{Step: StepDelta, Outcome: Failed, Detail: err.Error()}}
	}
	return []Step{{Step: StepDelta, Outcome: Proven,
		Detail: fmt.Sprintf("a whole patch, which makes %s of a base that it does not name", plural(int(stats.Result()), "byte"))}}
}
