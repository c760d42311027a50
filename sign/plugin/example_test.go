package plugin_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/sign/plugin"
)

// A program that is not there is told from one that does not work.
func ExampleOpen() {
	key, err := plugin.Open(context.Background(), "hsm", "release", plugin.Options{Path: "/opt/fwpack/bin"})
	var missing *plugin.NotFoundError
	if errors.As(err, &missing) {
		fmt.Println(err)
		fmt.Println("hint:", missing.Hint())
		return
	}
	defer key.Close()
	// Output:
	// fwpack-sign-hsm: not found on PATH
	// hint: put an executable fwpack-sign-hsm into one of the folders of PATH that are absolute: /opt/fwpack/bin
}

// The main function of a signing program passes os.Args[1], os.Stdin, os.Stdout
// and rand.Reader, and ends with ExitStatus.
func ExampleServe() {
	open := func(reference string) (crypto.Signer, []*x509.Certificate, error) {
		if reference != "release" {
			return nil, nil, errors.New("no such key")
		}
		return ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), nil, nil
	}
	in := strings.NewReader(`{"reference":"release"}` + "\n")
	var out bytes.Buffer
	err := plugin.Serve(plugin.VerbDescribe, in, &out, nil, open)
	fmt.Print(out.String())
	fmt.Println("status", plugin.ExitStatus(err))

	err = plugin.Serve("describe-v9", in, &out, nil, open)
	fmt.Println("status", plugin.ExitStatus(err))
	// Output:
	// {"public_key":"MCowBQYDK2VwAyEAO2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik="}
	// status 0
	// status 64
}
