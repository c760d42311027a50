//go:build unix

package plugin

import (
	"context"
	"crypto"
	"os"
	"strings"
	"testing"
	"time"
)

// ticksOf names the file that the child of a program makes grow.
func ticksOf(opt Options) string {
	return strings.TrimPrefix(opt.Env[len(opt.Env)-1], "FAKE_FILE=")
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// awaitChild returns when the program's child runs.
func awaitChild(t *testing.T, path string) {
	t.Helper()
	for range 500 {
		if size(t, path) > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("no child runs")
}

// wantStopped wants the program's child to be gone, if it ever ran.
func wantStopped(t *testing.T, path string) {
	t.Helper()
	time.Sleep(20 * time.Millisecond)
	before := size(t, path)
	time.Sleep(100 * time.Millisecond)
	if after := size(t, path); after != before {
		t.Errorf("the child of the program lives on: %d bytes, %d bytes", before, after)
	}
}

// What a program has started ends with it: when it is cancelled ...
func TestCancelEndsChildren(t *testing.T) {
	t.Parallel()
	opt := fakeOptions(t, "parent", VerbSign)
	ctx, cancel := context.WithCancel(context.Background())
	k, err := Open(ctx, "fake", "ec-p256", opt)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		awaitChild(t, ticksOf(opt))
		cancel()
	}()
	_, err = k.Sign(nil, digest[:], crypto.SHA256)
	wantError(t, err, "context canceled")
	wantStopped(t, ticksOf(opt))
	checkEmpty(t, opt.TempDir)
}

// ... and when it takes too long.
func TestTimeoutEndsChildren(t *testing.T) {
	t.Parallel()
	opt := fakeOptions(t, "parent", VerbDescribe)
	opt.Timeout = 500 * time.Millisecond
	_, err := Open(context.Background(), "fake", "ec-p256", opt)
	wantError(t, err, "describing: no answer within 500ms")
	wantStopped(t, ticksOf(opt))
}

// A program that ends well may leave an agent behind, which is not waited for.
func TestDaemon(t *testing.T) {
	t.Parallel()
	opt := fakeOptions(t, "daemon", VerbDescribe)
	if _, err := Open(context.Background(), "fake", "ec-p256", opt); err != nil {
		t.Error(err)
	}
}

// No environment is none, and not the caller's.
func TestNoEnvironment(t *testing.T) {
	t.Setenv("SECRET_OF_THE_BUILD", "x")
	c := Custom{Args: []string{"/bin/sh", "-c", "echo ${SECRET_OF_THE_BUILD-unset} >sw-description.sig"}, Style: StyleWorkingDirectory}
	c.Options.TempDir = t.TempDir()
	got, err := c.Sign(context.Background(), nil)
	if err != nil || string(got) != "unset\n" {
		t.Errorf("%q, %v, want unset", got, err)
	}
}
