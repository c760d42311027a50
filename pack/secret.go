package pack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
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

// read fetches the secret from the environment that opt has, a file or a program.
func (s Secret) read(ctx context.Context, opt Options) ([]byte, error) {
	value, err := s.readAll(ctx, opt)
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
func (s Secret) readAll(ctx context.Context, opt Options) ([]byte, error) {
	switch {
	case s.Env != "":
		return secretFromEnv(s.Env, opt.Env)
	case s.File != "":
		return os.ReadFile(s.File)
	}
	return secretFromCommand(ctx, s.Command, s.Dir, opt.Programs.Env)
}

// noteSecret notes where a key comes from that a payload is encrypted with. Of a
// program nobody can tell without running it whether it still says the same.
func (p *Project) noteSecret(s *Secret) {
	switch {
	case s == nil || p.log == nil:
	case s.Env != "":
		secretFromEnv(s.Env, p.log.Env(p.env))
	case len(s.Command) > 0:
		p.log.Unsure()
	}
}

// lookup is the environment; nil is an empty one.
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
// its standard output, which is the secret. A nil env is the environment of this
// process.
func secretFromCommand(ctx context.Context, argv []string, dir string, env []string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = dir, env
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

// discreet takes the variables that hold secrets of keys out of the environment of
// programs: none of them needs another key's passphrase, and what is in an
// environment shows in /proc for as long as the program runs.
func (o Options) discreet(keys map[string]*Key) Options {
	hidden := map[string]bool{}
	for _, key := range keys {
		for _, secret := range []*Secret{key.Passphrase, key.AES} {
			if secret != nil && secret.Env != "" {
				hidden[secret.Env] = true
			}
		}
	}
	o.Programs.Env = slices.DeleteFunc(slices.Clone(o.Programs.Env), func(assignment string) bool {
		name, _, _ := strings.Cut(assignment, "=")
		return hidden[name]
	})
	return o
}
