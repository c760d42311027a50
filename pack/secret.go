package pack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// Secret says where a secret is kept. Exactly one of Env, File and Command is
// set.
type Secret struct {
	Env     string   // environment variable
	File    string   // file; one line end at its end does not count
	Command []string // program and arguments; its standard output, less one line end
	Dir     string   // where the command runs: the folder of the project
}

// String names the place, which is no secret.
func (s Secret) String() string {
	switch {
	case s.Env != "":
		return "environment variable " + s.Env
	case s.File != "":
		return s.File
	}
	return "command " + s.Command[0]
}

// read fetches the secret. lookup is the environment; nil is an empty one.
func (s Secret) read(ctx context.Context, lookup func(string) (string, bool)) ([]byte, error) {
	value, err := s.readAll(ctx, lookup)
	if err != nil {
		return nil, err
	}
	value = bytes.TrimSuffix(bytes.TrimSuffix(value, []byte("\n")), []byte("\r"))
	if len(value) == 0 {
		return nil, fmt.Errorf("%s is empty", s)
	}
	return value, nil
}

// readAll is read for a secret that may be binary: the end of a line counts.
func (s Secret) readAll(ctx context.Context, lookup func(string) (string, bool)) ([]byte, error) {
	switch {
	case s.Env != "":
		return secretFromEnv(s.Env, lookup)
	case s.File != "":
		return os.ReadFile(s.File)
	}
	return secretFromCommand(ctx, s.Command, s.Dir)
}

func secretFromEnv(name string, lookup func(string) (string, bool)) ([]byte, error) {
	if lookup == nil {
		lookup = func(string) (string, bool) { return "", false }
	}
	value, ok := lookup(name)
	if !ok {
		return nil, fmt.Errorf("environment variable %s is not set", name)
	}
	return []byte(value), nil
}

// secretFromCommand keeps the program's error output for the message, but never
// its standard output, which is the secret.
func secretFromCommand(ctx context.Context, argv []string, dir string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return nil, fmt.Errorf("command %s: %w: %s", argv[0], err, bytes.TrimSpace(exit.Stderr))
	}
	if err != nil {
		return nil, fmt.Errorf("command %s: %w", argv[0], err)
	}
	return out, nil
}
