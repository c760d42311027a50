// Command fwpack-sign-pkcs11 is the signing program for keys on PKCS #11 tokens:
// smart cards, HSMs and SoftHSM. A reference is a pkcs11: URI (RFC 7512). It
// speaks the protocol of package sign/plugin, lists the keys that there are, and
// is apart from fwpack because it needs cgo to load a module.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const usage = `fwpack-sign-pkcs11 signs for fwpack with keys on PKCS #11 tokens.

  fwpack-sign-pkcs11 list [MODULE]   tokens and keys, as URIs to copy
  fwpack-sign-pkcs11 describe-v1     run by fwpack, JSON on stdin and stdout
  fwpack-sign-pkcs11 sign-v1         likewise

A key is a pkcs11: URI:

  pkcs11:token=release;object=firmware?module-path=/usr/lib/softhsm/libsofthsm2.so

The module comes from module-path, or module-name, or the variable
PKCS11_MODULE_PATH or PKCS11_PROVIDER_MODULE, or it is p11-kit-proxy.
The PIN comes from pin-source=file:/path, or the variable FWPACK_PKCS11_PIN, or
is asked for at the terminal; never from the command line or the URI.
`

// farewell is how long an interrupted program waits for its module.
const farewell = time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	p := &program{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		env: os.LookupEnv, ready: ready, load: load, folders: moduleFolders(),
		ask: func(prompt string) ([]byte, error) { return askTerminal(ctx, prompt) },
	}
	done := make(chan int, 1)
	go func() { done <- p.run(os.Args[1:]) }()
	status := wait(ctx, done, os.Stderr)
	p.close(farewell)
	os.Exit(status)
}

// wait returns the status of the program, or, where it is interrupted, 1; what
// asks for a PIN then has a moment to make the terminal echo again.
func wait(ctx context.Context, done <-chan int, stderr io.Writer) int {
	select {
	case status := <-done:
		return status
	case <-ctx.Done():
	}
	select {
	case <-done:
	case <-time.After(farewell / 4):
	}
	fmt.Fprintln(stderr, "interrupted")
	return 1
}
