package plugin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// fakeCustom is a command of swugenerator's or meta-swupdate's kind: its first
// argument says what it does.
func fakeCustom(args []string) int {
	input, output := customInput, customOutput
	if len(args) == 3 {
		input, output = args[1], args[2]
	}
	message, err := os.ReadFile(input)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	switch args[0] {
	case "fail":
		fmt.Println("out of luck")
		return 2
	case "nothing":
		return 0
	case "hang":
		time.Sleep(time.Minute)
	case "empty":
		message = nil
	case "large":
		message = make([]byte, maxOutput+1)
	case "folder":
		return status(os.Mkdir(output, 0o700))
	}
	return status(os.WriteFile(output, bytes.ToUpper(message), 0o600))
}

func status(err error) int {
	if err != nil {
		return 1
	}
	return 0
}

func custom(t *testing.T, what string, style Style) Custom {
	t.Helper()
	opt := fakeOptions(t, "custom", "")
	t.Cleanup(func() { checkEmpty(t, opt.TempDir) })
	return Custom{Args: []string{"fwpack-sign-fake", what}, Style: style, Options: opt}
}

func TestCustom(t *testing.T) {
	t.Parallel()
	for _, style := range []Style{"", StyleArguments, StyleWorkingDirectory} {
		c := custom(t, "sign", style)
		signature, err := c.Sign(context.Background(), []byte("message"))
		if err != nil || string(signature) != "MESSAGE" {
			t.Errorf("style %q: %q, %v", style, signature, err)
		}
		c.Args[0] = filepath.Join(c.Options.Path, c.Args[0]+extensions()[0])
		if _, err := c.Sign(context.Background(), []byte("message")); err != nil {
			t.Error(err)
		}
	}
}

func TestCustomFaults(t *testing.T) {
	for what, want := range map[string]string{
		"fail":    "ended with exit status 2: out of luck",
		"nothing": "ended with status 0 and without writing sw-description.sig",
		"empty":   "sw-description.sig: 0 bytes",
		"large":   "sw-description.sig: 1048577 bytes",
		"folder":  "want a regular file",
		"hang":    "no answer within 300ms",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			c := custom(t, what, StyleWorkingDirectory)
			if what == "hang" {
				c.Options.Timeout = 300 * time.Millisecond
			}
			_, err := c.Sign(context.Background(), []byte("message"))
			wantError(t, err, "command fwpack-sign-fake: signing: ", want)
		})
	}
}

func TestCustomCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := custom(t, "hang", "").Sign(ctx, nil)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestCustomThatCannotBe(t *testing.T) {
	opt := Options{Path: t.TempDir()}
	for _, test := range []struct {
		custom Custom
		want   string
	}{
		{Custom{}, "no program"},
		{Custom{Args: []string{""}}, "no program"},
		{Custom{Args: []string{"x"}, Style: "stdin"}, `style "stdin": want arguments or working-directory`},
		{Custom{Args: []string{"./x"}}, `program "./x": want an absolute path`},
		{Custom{Args: []string{"x"}, Options: opt}, "x: not found on PATH"},
		{Custom{Args: []string{"x"}, Options: Options{SkipDescribe: true}}, "verified by the caller"},
	} {
		_, err := test.custom.Sign(context.Background(), nil)
		wantError(t, err, test.want)
	}
}
