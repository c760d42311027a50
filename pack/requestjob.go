package pack

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/sign/request"
)

// signsLater tells whether one of the signers of a bundle is elsewhere. The build
// then does not sign, and says beside the bundle what is to be signed.
func (p *Project) signsLater(b *Bundle) bool {
	return slices.ContainsFunc(b.Sign, func(name string) bool {
		key := p.Keys[name]
		return key != nil && key.Elsewhere
	})
}

// outputs are the files that a build of the bundle writes.
func (p *Project) outputs(b *Bundle) []string {
	if p.signsLater(b) {
		bundle, request := unsignedNames(b.Output)
		return []string{bundle, request}
	}
	return []string{b.Output}
}

// unsignedNames are the names of a bundle that is not signed yet, and of what is
// written beside it. Nobody takes gateway.unsigned.swu for a release.
func unsignedNames(output string) (bundle, request string) {
	ending := filepath.Ext(output)
	stem := strings.TrimSuffix(output, ending)
	return stem + ".unsigned" + ending, stem + ".request.json"
}

// request writes down what is to be signed elsewhere.
func (j *bundleJob) request(ctx context.Context, description []byte) error {
	if j.plan.Request == "" {
		return nil
	}
	r, err := j.makeRequest(ctx, description)
	if err != nil {
		return err
	}
	data, err := r.Encode()
	if err != nil {
		return err
	}
	return j.build.writeOutput(j.plan.Request, data)
}

// makeRequest reads the bundle as somebody would who was handed it, and can read
// its description.
func (j *bundleJob) makeRequest(ctx context.Context, description []byte) (*request.Request, error) {
	s := &Signing{path: j.file.Name(), name: j.plan.Output, opt: SignOptions{
		Options: j.build.opt, Required: j.plan.Require, RequestName: j.plan.Request,
	}}
	for _, name := range j.plan.Sign {
		s.opt.Keys = append(s.opt.Keys, j.build.plan.Keys[name])
		s.keys = append(s.keys, j.build.keys.signing[name])
	}
	var err error
	if s.bundle, err = swufile.Open(ctx, s.path, swufile.Options{Clear: description}); err != nil {
		return nil, err
	}
	if err := s.begin(); err != nil {
		return nil, err
	}
	return s.request(ctx)
}
