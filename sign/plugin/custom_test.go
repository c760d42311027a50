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

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/sign"
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

func TestStyle(t *testing.T) {
	for _, want := range Styles() {
		var got Style
		if err := got.UnmarshalText([]byte(want)); err != nil || got != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	got := StyleArguments
	wantError(t, got.UnmarshalText([]byte("stdin")), `style "stdin": want arguments or working-directory`)
	if got != StyleArguments {
		t.Errorf("an error has changed the style to %q", got)
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

// What swugenerator and meta-swupdate run, with a real openssl: a CMS that
// verifies.
func TestConformanceCustom(t *testing.T) {
	reftool.Need(t, "openssl", "sh")
	t.Parallel()
	dir, err := filepath.Abs(keyFolder)
	if err != nil {
		t.Fatal(err)
	}
	line := "openssl cms -sign -nosmimecap -binary -outform DER -signer " + dir + "/rsa2048.crt -inkey " + dir + "/rsa2048.pem -in "
	certificates, err := sign.ParseCertificates([]byte(readText(t, "rsa2048.crt")))
	if err != nil {
		t.Fatal(err)
	}
	trust := sign.Trust{Roots: certificates, Now: certificates[0].NotBefore.Add(time.Hour)}
	for style, args := range map[Style][]string{
		StyleArguments:        {"/bin/sh", "-c", line + `"$0" -out "$1"`},
		StyleWorkingDirectory: {"sh", "-c", line + "sw-description -out sw-description.sig"},
	} {
		opt := Options{Env: []string{"PATH=" + os.Getenv("PATH")}, TempDir: t.TempDir()}
		signature, err := Custom{Args: args, Style: style, Options: opt}.Sign(context.Background(), []byte("message"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sign.Verify(sign.SchemeCMS, []byte("message"), signature, trust); err != nil {
			t.Errorf("%s: %v", style, err)
		}
	}
}

// People see what a command says, wherever it says it, and whom they wait for.
func TestCustomSpeaks(t *testing.T) {
	t.Parallel()
	c := custom(t, "fail", StyleArguments)
	var shown bytes.Buffer
	c.Options.Stderr = &shown
	if _, err := c.Sign(context.Background(), nil); err == nil {
		t.Error("no error")
	}
	if want := "fwpack-sign-fake: out of luck\n"; shown.String() != want {
		t.Errorf("shown %q, want %q", shown.String(), want)
	}
	c = custom(t, "hang", StyleArguments)
	var waited []string
	c.Options.Waiting = func(program string) { waited = append(waited, program) }
	c.Options.waitingAfter, c.Options.Timeout = 10*time.Millisecond, 100*time.Millisecond
	_, err := c.Sign(context.Background(), nil)
	wantError(t, err, "no answer within 100ms")
	if len(waited) != 1 || waited[0] != "fwpack-sign-fake" {
		t.Errorf("waited for %q", waited)
	}
}
