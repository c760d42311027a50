package plugin

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"testing"
)

// hasher is a program that says it wants the message, and refuses to sign without.
func hasher(verb string) int {
	if verb == VerbDescribe {
		var out bytes.Buffer
		err := Serve(verb, os.Stdin, &out, nil, fakeKeys("none"))
		fmt.Printf("%s", bytes.Replace(out.Bytes(), []byte("{"), []byte(`{"wants_message":true,`), 1))
		return ExitStatus(err)
	}
	requests, lines := io.Pipe()
	go func() {
		in := bufio.NewScanner(os.Stdin)
		for in.Scan() {
			var request signRequest
			if decode(in.Bytes(), &request) == nil && request.Algorithm != "rot13" && request.Message == nil {
				lines.CloseWithError(fmt.Errorf("there is no message"))
				return
			}
			fmt.Fprintf(lines, "%s\n", in.Bytes())
		}
		lines.Close()
	}()
	return ExitStatus(Serve(verb, requests, os.Stdout, rand.Reader, fakeKeys("none")))
}

// A program that hashes by itself passes the conformance test, which hands it the
// message.
func TestTestHasher(t *testing.T) {
	for _, key := range []string{"rsa2048", "ec-p256", "ed25519"} {
		for _, result := range Test(context.Background(), "fake", key, fakeOptions(t, "hasher", "")) {
			if !result.OK || result.Name == "sign ecdsa sha256" && result.Detail != "verified" {
				t.Errorf("%s: %s: %s", key, result.Name, result.Detail)
			}
		}
	}
}
