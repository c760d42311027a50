package pack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/fwpack/fwpack/internal/atomicfile"
	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/pack/cache"
	"github.com/fwpack/fwpack/sign/plugin"
)

// Options is what a build takes from its surroundings.
type Options struct {
	Out         string                           // output folder; made where it is missing
	Jobs        int                              // payloads and encoder threads at once; 0 is one for each processor
	Rand        io.Reader                        // IVs and PSS salts
	Now         time.Time                        // certificates must be valid at this time
	SigningTime time.Time                        // put into CMS signatures; the zero time leaves it out
	Env         func(string) (string, bool)      // the environment, for secrets; nil is an empty one
	Passphrase  func(key string) ([]byte, error) // asks a person; nil where nobody can be asked
	Programs    plugin.Options                   // how signing programs are run; Public is set for each
	Release     bool                             // refuse keys that others have, see keygen.CheckRelease
	Tool        string                           // version of fwpack, for the report
	NoDigest    bool                             // leave the digests of the outputs out of the report: they take a second pass
	Meter       *Meter                           // counts source bytes; may be nil
	Packed      func(PackedPayload)              // told of each finished payload, one at a time; may be nil
	Cache       *cache.Cache                     // payloads of earlier builds; may be nil
	Program     string                           // what of this program shapes a payload: its version, or more; for Cache
	Dir         string                           // working directory, where relative paths begin; for Cache
	Warn        func(error)                      // told of what the build can do without; may be nil
}

// Build carries out plan and returns what it made. The outputs get their names
// in opt.Out when all of them are complete; what was there stays if anything
// fails before.
func Build(ctx context.Context, plan *Plan, opt Options) (*Report, error) {
	if opt.Jobs <= 0 {
		opt.Jobs = runtime.GOMAXPROCS(0)
	}
	report, err := buildPlan(ctx, plan, opt.discreet(plan.Keys).discreet(plan.publicKeys))
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("interrupted: %w", context.Cause(ctx))
	}
	return report, err
}

func buildPlan(ctx context.Context, plan *Plan, opt Options) (*Report, error) {
	keys, err := openKeys(ctx, plan.Keys, plan.keyUse(), opt)
	defer keys.close()
	if err != nil {
		return nil, err
	}
	report, err := buildWith(ctx, plan, opt, keys, false)
	if errors.Is(err, errDamaged) {
		opt.Meter.reset()
		return buildWith(ctx, plan, opt, keys, true)
	}
	return report, err
}

// buildWith builds with keys that are open. A wary build reads what it finds in the
// cache before it relies on it.
func buildWith(ctx context.Context, plan *Plan, opt Options, keys *keyring, wary bool) (*Report, error) {
	b := &builder{plan: plan, opt: opt, keys: keys, wary: wary, sealers: map[string]*sealer{}}
	defer b.discard()
	if err := b.openSealers(ctx); err != nil {
		return nil, err
	}
	if err := b.draftImages(ctx); err != nil {
		return nil, err
	}
	return b.build(ctx)
}

// openSealers reads what descriptions are encrypted with.
func (b *builder) openSealers(ctx context.Context) error {
	var problems diag.List
	for i := range b.plan.Bundles {
		bundle := &b.plan.Bundles[i]
		var err error
		if b.sealers[bundle.Name], err = openSealer(ctx, b.plan, bundle, b.opt); err != nil {
			problems.AddHint(bundle.CipherPos, hintOf(err), "bundle %q: encrypt-description: %v", bundle.Name, err)
		}
	}
	return problems.Err()
}

// builder is one build under way.
type builder struct {
	plan     *Plan
	opt      Options
	keys     *keyring
	wary     bool               // see buildWith
	sealers  map[string]*sealer // by bundle
	payloads []*payloadJob      // by index into plan.Payloads
	images   []*imageJob        // in the order of plan.Images
	bundles  []*bundleJob
	reserved map[string]*atomicfile.File // outputs that are written at the end, by name
	pending  []*atomicfile.File          // outputs to rename, in this order
	closers  []func() error              // releases all files at the end
	keeping  sync.WaitGroup              // payloads on their way into the cache
	shared   sharedSpool                 // of small payloads
}

func (b *builder) build(ctx context.Context) (*Report, error) {
	if err := b.prepare(ctx); err != nil {
		return nil, err
	}
	if err := b.runPayloads(ctx, func(p *PlannedPayload) bool { return p.Image == "" }); err != nil {
		return nil, err
	}
	for _, job := range b.bundles {
		if err := job.checkDigests(); err != nil {
			return nil, err
		}
	}
	report := b.newReport()
	images, err := b.signImages(ctx, report)
	if err != nil {
		return nil, err
	}
	if err := b.runPayloads(ctx, func(p *PlannedPayload) bool { return p.Image != "" }); err != nil {
		return nil, err
	}
	for _, job := range b.bundles {
		output, err := job.seal(ctx)
		if err != nil {
			return nil, fmt.Errorf("bundle %q: %w", job.plan.Name, err)
		}
		report.Outputs = append(report.Outputs, *output)
	}
	report.Outputs = append(report.Outputs, images...)
	for _, job := range b.payloads {
		if job.zck != nil {
			b.pending = append(b.pending, job.zck)
			report.Outputs = append(report.Outputs, job.zckOutput())
		}
	}
	if err := b.keys.close(); err != nil {
		return nil, err
	}
	if err := b.writeReport(report); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b.keeping.Wait() // what it reads is closed with the outputs
	return report, b.commit(report)
}

// prepare opens the outputs, draws the IVs, recalls what earlier builds have made
// and lays the bundles out.
func (b *builder) prepare(ctx context.Context) error {
	if err := os.MkdirAll(b.opt.Out, 0o777); err != nil {
		return fmt.Errorf("output folder: %w", err)
	}
	if _, err := atomicfile.Sweep(b.opt.Out); err != nil {
		return fmt.Errorf("output folder: %w", err)
	}
	for i := range b.plan.Payloads {
		job, err := b.newPayloadJob(&b.plan.Payloads[i])
		if err != nil {
			return err
		}
		b.payloads = append(b.payloads, job)
	}
	if err := b.recall(ctx); err != nil {
		return err
	}
	for i := range b.plan.Bundles {
		job, err := b.newBundleJob(&b.plan.Bundles[i])
		if err != nil {
			return fmt.Errorf("bundle %q: %w", b.plan.Bundles[i].Name, err)
		}
		b.bundles = append(b.bundles, job)
	}
	if err := b.reserve(); err != nil {
		return err
	}
	return b.stageRest()
}

// create begins an output file that commit will rename into place.
func (b *builder) create(name string) (*atomicfile.File, error) {
	file, err := atomicfile.Create(filepath.Join(b.opt.Out, name))
	if err != nil {
		return nil, err
	}
	b.closers = append(b.closers, file.Close)
	return file, nil
}

// commit renames the outputs, the report last. Another build for the same folder
// does so before or after, not meanwhile: the report is then that of the outputs.
func (b *builder) commit(report *Report) error {
	return atomicfile.Alone(b.opt.Out, func() error {
		for _, file := range b.pending {
			if err := file.Commit(); err != nil {
				return err
			}
		}
		report.made = statesOf(b.opt.Out, report.files())
		return nil
	})
}

// discard closes everything that is still open and removes what was not
// committed. Nothing of that can be an output, so that its errors tell nobody
// anything.
func (b *builder) discard() {
	b.keeping.Wait()
	for _, release := range b.closers {
		release()
	}
}
