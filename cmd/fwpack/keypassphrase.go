package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/sign"
)

// passphraseOptions are the flags that say where a passphrase comes from, never
// what it is: a command line is open to everybody on the machine.
type passphraseOptions struct {
	prefix string // of the flags: "" or "ca-"
	env    string
	file   string
	ask    bool
}

// addFlags adds the flags of the passphrase of an existing key.
func (o *passphraseOptions) addFlags(cmd *cobra.Command, prefix, of string) {
	o.prefix = prefix
	parsed(cmd, &o.env, prefix+"passphrase-env", "", "the passphrase of "+of+" is in environment variable `NAME`", given)
	parsed(cmd, &o.file, prefix+"passphrase-file", "", "the passphrase of "+of+" is in `FILE`, one line", given)
}

// addNewFlags adds the flags of the passphrase of a key to be made.
func (o *passphraseOptions) addNewFlags(cmd *cobra.Command) {
	parsed(cmd, &o.env, "passphrase-env", "", "encrypt with the passphrase in environment variable `NAME`", given)
	parsed(cmd, &o.file, "passphrase-file", "", "encrypt with the passphrase in `FILE`, one line", given)
	cmd.Flags().BoolVar(&o.ask, "ask-passphrase", false, "encrypt with a passphrase asked for at the terminal, twice")
}

// sources counts where the passphrase is to come from.
func (o passphraseOptions) sources() int {
	n := 0
	for _, used := range []bool{o.env != "", o.file != "", o.ask} {
		if used {
			n++
		}
	}
	return n
}

func (o passphraseOptions) check() error {
	if o.sources() > 1 {
		return usageError{fmt.Sprintf("--%spassphrase-env, --%[1]spassphrase-file, --ask-passphrase: one of them is allowed", o.prefix)}
	}
	return nil
}

// existing returns what finds the passphrase of the key in the file path, where
// it turns out to need one: where the flags say, or at the terminal.
func (o passphraseOptions) existing(ctx context.Context, path string, s surroundings) (sign.PassphraseFunc, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.sources() > 0 {
		return func() ([]byte, error) { return o.stored(s) }, nil
	}
	if ask := s.passphrase(ctx); ask != nil {
		return func() ([]byte, error) { return ask(path) }, nil
	}
	return func() ([]byte, error) { return nil, o.missing() }, nil
}

// asker returns what finds a passphrase: where the flags say, or at the terminal.
func (o passphraseOptions) asker(ctx context.Context, s surroundings) func(key string) ([]byte, error) {
	return func(key string) ([]byte, error) {
		find, err := o.existing(ctx, key, s)
		if err != nil {
			return nil, err
		}
		return find()
	}
}

func (o passphraseOptions) missing() error {
	return hintedError{
		"none is given, and there is no terminal to ask at",
		fmt.Sprintf("say where it is: --%spassphrase-env NAME or --%[1]spassphrase-file FILE", o.prefix),
	}
}

// hintedError is an error with a way out.
type hintedError struct{ msg, hint string }

func (e hintedError) Error() string { return e.msg }

// Hint says what to do.
func (e hintedError) Hint() string { return e.hint }

// fresh returns the passphrase of a key to be made in the file path, nil where
// none is wanted.
func (o passphraseOptions) fresh(ctx context.Context, path string, s surroundings) ([]byte, error) {
	switch {
	case o.sources() == 0:
		return nil, nil
	case !o.ask:
		return o.stored(s)
	}
	ask := s.passphrase(ctx)
	if ask == nil {
		return nil, usageError{"--ask-passphrase: there is no terminal to ask at: want --passphrase-env or --passphrase-file"}
	}
	first, err := ask(path)
	if err != nil {
		return nil, err
	}
	second, err := ask(path + ", again")
	switch {
	case err != nil:
		return nil, err
	case len(first) == 0:
		return nil, errors.New("the passphrase is empty")
	case !bytes.Equal(first, second):
		return nil, errors.New("the two passphrases differ: nothing was written")
	}
	return first, nil
}

// stored reads the passphrase from the environment or a file.
func (o passphraseOptions) stored(s surroundings) ([]byte, error) {
	if o.env != "" {
		value, ok := s.env(o.env)
		switch {
		case !ok:
			return nil, fmt.Errorf("environment variable %s is not set", o.env)
		case value == "":
			return nil, fmt.Errorf("environment variable %s is empty", o.env)
		}
		return []byte(value), nil
	}
	value, err := readKeyFile(o.file)
	if err != nil {
		return nil, err
	}
	value = bytes.TrimSuffix(bytes.TrimSuffix(value, []byte("\n")), []byte("\r"))
	if len(value) == 0 {
		return nil, fmt.Errorf("%s is empty", o.file)
	}
	return value, nil
}
