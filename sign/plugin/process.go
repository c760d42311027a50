package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/fwpack/fwpack/internal/atomicfile"
)

// drain is how long the output of a program is waited for after its end, where
// something it started holds it open.
const drain = 250 * time.Millisecond

// process is a program that runs.
type process struct {
	opt    Options
	name   string
	ctx    context.Context
	cancel context.CancelCauseFunc
	cmd    *exec.Cmd
	in     io.WriteCloser
	said   *commentary
	done   chan struct{} // closed when it has ended, and err is set
	err    error
}

// start runs file in dir until it ends, stop is called or ctx is cancelled. Where
// out is nil, its output is commentary.
func start(ctx context.Context, name, file string, args []string, dir string, opt Options, out io.Writer) (*process, error) {
	p := &process{opt: opt, name: name, done: make(chan struct{}), said: &commentary{name: name, to: opt.Stderr}}
	p.ctx, p.cancel = context.WithCancelCause(ctx)
	p.cmd = exec.CommandContext(p.ctx, file, args...)
	p.cmd.Dir = dir
	p.cmd.Env = append([]string{}, opt.Env...) // nil would be the caller's own
	p.cmd.Stdout, p.cmd.Stderr = p.said, p.said
	if out != nil {
		p.cmd.Stdout = out
	}
	p.cmd.WaitDelay = drain
	if !opt.Terminal {
		groupAlone(p.cmd)
		p.cmd.Cancel = func() error { return endGroup(p.cmd) }
	}
	var err error
	if p.in, err = p.cmd.StdinPipe(); err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		p.cancel(nil)
		return nil, fmt.Errorf("starting: %w", err)
	}
	go p.wait()
	return p, nil
}

// wait is the one that sees the process end.
func (p *process) wait() {
	p.err = p.cmd.Wait()
	if cause := context.Cause(p.ctx); cause != nil {
		p.err = cause
	} else if errors.Is(p.err, exec.ErrWaitDelay) {
		p.err = nil // status 0, and something it started holds its output
	}
	if p.err != nil && !p.opt.Terminal {
		endGroup(p.cmd) // what it has left behind; an error says that there is nothing
	}
	p.said.flush()
	p.cancel(nil)
	close(p.done)
}

// stop ends the process, and what it started, for a reason.
func (p *process) stop(cause error) { p.cancel(cause) }

// await returns when event happens, or reports that the process has ended,
// which it makes it do where it writes too much or takes too long.
func (p *process) await(event, full <-chan struct{}) (ended bool) {
	timeout := time.NewTimer(p.opt.timeout())
	defer timeout.Stop()
	patience := p.opt.waitingAfter
	if patience == 0 {
		patience = waitingAfter
	}
	waiting := time.NewTimer(patience)
	defer waiting.Stop()
	for {
		select {
		case <-event:
			return false
		case <-p.done:
			return true
		case <-full:
			p.stop(errTooMuch)
			full = nil
		case <-waiting.C:
			if p.opt.Waiting != nil {
				p.opt.Waiting(p.name)
			}
		case <-timeout.C:
			p.stop(fmt.Errorf("no answer within %s", p.opt.timeout()))
		}
	}
}

// statusError says that a program ended with a status other than 0.
type statusError struct {
	status int    // -1 where it was killed
	how    string // "exit status 1"
	said   string // its last line on stderr
}

func (e *statusError) Error() string {
	if e.said == "" {
		return "ended with " + e.how
	}
	return fmt.Sprintf("ended with %s: %s", e.how, printable(e.said))
}

// verdict says how the process ended; it has. Its exit status is authoritative.
func (p *process) verdict() error {
	var exit *exec.ExitError
	if errors.As(p.err, &exit) {
		return &statusError{exit.ExitCode(), exit.String(), p.said.last}
	}
	return p.err
}

// workingDirectory makes an empty folder and returns how to remove it.
func workingDirectory(parent string) (dir string, remove func(), err error) {
	dir, remove, err = atomicfile.Scratch(parent, "sign")
	if err != nil {
		return "", nil, fmt.Errorf("working directory: %w", err)
	}
	return dir, remove, nil
}
