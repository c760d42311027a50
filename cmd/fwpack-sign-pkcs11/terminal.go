package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/term"
)

// askTerminal asks for a PIN at the terminal of the process, without echo. stdin
// and stdout are the protocol's.
func askTerminal(ctx context.Context, prompt string) ([]byte, error) {
	stayAwake()
	in, out, err := openTerminal()
	if err != nil {
		return nil, errNoPIN()
	}
	defer in.Close()
	defer out.Close()
	terminal := int(in.Fd())
	before, err := term.GetState(terminal)
	if err != nil {
		return nil, fmt.Errorf("terminal: %w", err)
	}
	fmt.Fprint(out, prompt)
	defer fmt.Fprintln(out)
	answers := make(chan answer, 1)
	go func() {
		pin, err := term.ReadPassword(terminal)
		answers <- answer{pin, err}
	}()
	select {
	case a := <-answers:
		if a.err != nil {
			return nil, errNoPIN()
		}
		return a.pin, nil
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), term.Restore(terminal, before))
	}
}

func errNoPIN() error {
	return errors.New("no PIN: want pin-source=file:/path in the URI, environment variable " + pinVariable + ", or a terminal that listens")
}

// answer is what a person typed.
type answer struct {
	pin []byte
	err error
}

// openTerminal opens what a process has for a terminal, whatever its stdin is.
func openTerminal() (in, out *os.File, err error) {
	inName, outName := "/dev/tty", "/dev/tty"
	if runtime.GOOS == "windows" {
		inName, outName = "CONIN$", "CONOUT$"
	}
	if in, err = os.OpenFile(inName, os.O_RDWR, 0); err != nil {
		return nil, nil, err
	}
	if out, err = os.OpenFile(outName, os.O_RDWR, 0); err != nil {
		in.Close()
		return nil, nil, err
	}
	return in, out, nil
}
