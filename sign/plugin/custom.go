package plugin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Style is how a custom command learns what to sign and where to put the
// signature. The zero Style is StyleArguments.
type Style string

// The styles of the bundle makers before fwpack.
const (
	// StyleArguments appends the paths of the input and of the output to the
	// arguments, as swugenerator does it for "-k CUSTOM,cmd,args".
	StyleArguments Style = "arguments"
	// StyleWorkingDirectory appends nothing: the command finds sw-description in
	// its working directory and leaves sw-description.sig there, as
	// meta-swupdate does it for SWUPDATE_SIGN_TOOL. That is a line for the
	// shell: {"/bin/sh", "-c", LINE} runs one that is more than a program.
	StyleWorkingDirectory Style = "working-directory"
)

// Styles returns every style.
func Styles() []Style { return []Style{StyleArguments, StyleWorkingDirectory} }

// UnmarshalText sets s to the style that text names.
func (s *Style) UnmarshalText(text []byte) error {
	if !slices.Contains(Styles(), Style(text)) {
		return fmt.Errorf("style %q: want %s or %s", text, StyleArguments, StyleWorkingDirectory)
	}
	*s = Style(text)
	return nil
}

// The files' names, in both styles.
const (
	customInput  = "sw-description"
	customOutput = "sw-description.sig"
)

// Custom is a command that signs for swugenerator or meta-swupdate. It knows no
// keys and no algorithms: what it makes is the caller's to verify.
type Custom struct {
	// Args are the program and its arguments. The program is an absolute path,
	// or a name that is looked for on PATH.
	Args []string
	// Style is how it is told what to sign.
	Style Style
	// Options say how it is run. Public and SkipDescribe have no meaning here
	// and are refused. What it writes to stdout goes where its stderr goes.
	Options Options
}

// Sign returns the signature that the command makes of message: 1 byte to 1 MiB.
func (c Custom) Sign(ctx context.Context, message []byte) ([]byte, error) {
	file, err := c.find()
	if err != nil {
		return nil, err
	}
	signature, err := c.run(ctx, file, message)
	if err != nil {
		return nil, fmt.Errorf("command %s: signing: %w", c.name(), err)
	}
	return signature, nil
}

func (c Custom) name() string { return printable(filepath.Base(c.Args[0])) }

// find returns the program, where c can be run.
func (c Custom) find() (string, error) {
	var known Style
	if err := known.UnmarshalText([]byte(cmp.Or(c.Style, StyleArguments))); err != nil {
		return "", fmt.Errorf("custom command: %w", err)
	}
	switch {
	case len(c.Args) == 0 || c.Args[0] == "":
		return "", errors.New("custom command: no program")
	case c.Options.Public != nil || c.Options.SkipDescribe:
		return "", errors.New("custom command: the public key is not known to a command: its signature is verified by the caller")
	case filepath.IsAbs(c.Args[0]):
		return c.Args[0], nil
	case strings.ContainsAny(c.Args[0], `/\`):
		return "", fmt.Errorf("custom command: program %q: want an absolute path, or a name on PATH", c.Args[0])
	}
	return lookPath(c.Args[0], c.Options.path())
}

// run signs in a folder that is gone afterwards.
func (c Custom) run(ctx context.Context, file string, message []byte) ([]byte, error) {
	dir, remove, err := workingDirectory(c.Options.TempDir)
	if err != nil {
		return nil, err
	}
	defer remove()
	if dir, err = filepath.Abs(dir); err != nil { // the command gets paths, and works elsewhere
		return nil, err
	}
	input, output := filepath.Join(dir, customInput), filepath.Join(dir, customOutput)
	if err := os.WriteFile(input, message, 0o600); err != nil {
		return nil, err
	}
	args := c.Args[1:]
	if c.Style != StyleWorkingDirectory {
		args = append(args[:len(args):len(args)], input, output)
	}
	p, err := start(ctx, c.name(), file, args, dir, c.Options, nil)
	if err != nil {
		return nil, err
	}
	p.in.Close()
	p.await(nil, nil)
	if err := p.verdict(); err != nil {
		return nil, err
	}
	return readSignature(output)
}

// readSignature reads what the command has left, which may be anything.
func readSignature(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, fmt.Errorf("ended with status 0 and without writing %s", customOutput)
	}
	if !info.Mode().IsRegular() || info.Size() == 0 || info.Size() > maxOutput {
		return nil, fmt.Errorf("%s: %d bytes, mode %v: want a regular file of 1 to %d bytes", customOutput, info.Size(), info.Mode(), maxOutput)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxOutput))
}
