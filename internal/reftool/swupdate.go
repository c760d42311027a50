package reftool

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	// maxRuns bounds how often a client is asked that does not answer; one run
	// in three hundred is such, so that two in a row are rare already.
	maxRuns = 6
	// maxDoubts is how many doubtful refusals make a refusal.
	maxDoubts = 3
	// maxCrashes is how many crashes are not by chance. The client's main thread
	// may end, and take things down, while the others still begin their work.
	maxCrashes = 3
	// maxClients is how many clients run at once on this machine. SWUpdate
	// 2022.12 takes a free one of 11 fixed sockets, and others may run some.
	maxClients = 8
	// runLimit bounds a run: an install of a few GiB fits, a hang ends.
	runLimit = 5 * time.Minute
	// crowdedPause is how long to wait where all sockets are taken.
	crowdedPause = time.Second

	// defaultHW is the hardware of a Client that does not name any.
	defaultHW = "board:1.0"
)

// Client is a device that runs SWUpdate, to be offered a bundle. The rules it
// is judged by are those of Debian 12's swupdate 2022.12, whose exit status and
// last words both say the wrong thing now and then.
type Client struct {
	Cert   string   // PEM file of the trusted certificates or key (-k)
	AESKey string   // file with the key of encrypted artifacts (-K)
	HW     string   // BOARD:REVISION (-H); empty means board:1.0
	Select string   // SET,MODE (-e)
	Config string   // swupdate.cfg (-f)
	Args   []string // further arguments
}

// Verdict is a client's answer.
type Verdict struct {
	Accepted bool
	Reason   string // the client's first error; empty where it accepted
	Log      string // all that it said in the run that decided
}

// Install installs the bundle in file swu, on whatever its description names.
// The test is skipped where there is no client, and ends where the client
// crashes or does not answer.
func (c Client) Install(t testing.TB, swu string) Verdict {
	t.Helper()
	return c.ask(t, swu)
}

// Check asks for the client's own check (-c): everything is read and verified,
// nothing is installed. Destinations and compressed data are not looked at.
func (c Client) Check(t testing.TB, swu string) Verdict {
	t.Helper()
	return c.ask(t, swu, "-c")
}

// DryRun installs with every handler replaced by one that does nothing (-n).
func (c Client) DryRun(t testing.TB, swu string) Verdict {
	t.Helper()
	return c.ask(t, swu, "-n")
}

// ask runs the client until it gives an answer that can be believed.
func (c Client) ask(t testing.TB, swu string, mode ...string) Verdict {
	t.Helper()
	Need(t, "swupdate")
	path, err := filepath.Abs(swu)
	if err != nil {
		t.Fatal(err)
	}
	defer takeSlot(t)()
	args := append(c.args(), append(mode, "-i", path)...)
	var last run
	for doubts, crashes, n := 0, 0, 0; n < maxRuns; n++ {
		last = start(t, args)
		switch judge(last.log) {
		case accepted:
			return Verdict{Accepted: true, Log: last.log}
		case refused:
			return Verdict{Reason: reason(last.log), Log: last.log}
		case doubtful:
			if doubts++; doubts == maxDoubts {
				return Verdict{Reason: reason(last.log), Log: last.log}
			}
		case crowded:
			time.Sleep(crowdedPause)
		case unclear:
			if last.broken == "" {
				continue
			}
			if crashes++; crashes == maxCrashes || last.hung {
				t.Fatalf("swupdate %s\n%s", last.broken, last.log)
			}
		}
	}
	t.Fatalf("swupdate gives no verdict in %d runs\n%s", maxRuns, last.log)
	return Verdict{}
}

// args returns the arguments that make this device.
func (c Client) args() []string {
	hw := c.HW
	if hw == "" {
		hw = defaultHW
	}
	args := []string{"-v", "-H", hw}
	for _, option := range []struct{ flag, value string }{
		{"-k", c.Cert}, {"-K", c.AESKey}, {"-e", c.Select}, {"-f", c.Config},
	} {
		if option.value != "" {
			args = append(args, option.flag, option.value)
		}
	}
	return append(args, c.Args...)
}

// run is what is left of one run of the client.
type run struct {
	log    string
	broken string // how it ended, where neither well nor with an error's status
	hung   bool   // it did not end by itself
}

// start runs the client once, alone in a folder for its sockets and temporary
// files, and ends whatever it leaves running.
func start(t testing.TB, args []string) run {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "swu") // the path of a socket in it has 108 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	logPath := filepath.Join(dir, "log")
	log, err := os.Create(logPath) // a file: a child that stays would hold a pipe open
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	last := wait(t, args, dir, log)
	text, err := os.ReadFile(logPath)
	if err != nil {
		t.Fatal(err)
	}
	last.log = string(text)
	return last
}

// wait runs the client to its end and tells whether that was no proper one.
func wait(t testing.TB, args []string, dir string, log *os.File) run {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), runLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "swupdate", args...)
	cmd.Env = environment(os.Environ(), dir)
	cmd.Stdout, cmd.Stderr = log, log
	groupAlone(cmd)
	cmd.Cancel = func() error { return endGroup(cmd) }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // its status is told from the process below, for what it is worth
	endGroup(cmd)
	switch code := cmd.ProcessState.ExitCode(); {
	case ctx.Err() != nil:
		return run{broken: "does not end within " + runLimit.String(), hung: true}
	case code != 0 && code != 1:
		return run{broken: "ended with " + cmd.ProcessState.String()}
	}
	return run{}
}

// environment is env with dir for temporary files and without proxies: a test's
// server is on this machine.
func environment(env []string, dir string) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(assignment string) bool {
		name, _, _ := strings.Cut(assignment, "=")
		name = strings.ToLower(name)
		return name == "tmpdir" || strings.HasSuffix(name, "_proxy")
	})
	return append(env, "TMPDIR="+dir, "no_proxy=127.0.0.1,localhost")
}
