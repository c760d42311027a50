// Command fwpack packages firmware releases: it turns a TOML project into
// signed SWUpdate bundles. The verbs are thin; what they do is in package pack
// and below.
package main

import (
	"context"
	"crypto/rand"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	status := run(ctx, commandLine(os.Args), surroundings{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		env:     os.LookupEnv,
		environ: os.Environ(),
		now:     time.Now,
		rand:    rand.Reader,

		interactive: term.IsTerminal(int(os.Stderr.Fd())),

		dir:     os.Getwd,
		program: thisProgram,
	})
	stop()
	os.Exit(status)
}

// thisProgram looks at the file of the program.
func thisProgram() (os.FileInfo, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return os.Stat(path)
}
