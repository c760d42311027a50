package main

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/plugin"
)

const (
	// signingVariable names the file that a slow signer makes when it begins to
	// sign, with the number of its process in it.
	signingVariable = "FWPACK_TEST_SIGNING"
	// signingTime is how long it then signs.
	signingTime = 10 * time.Second
)

// slowSigner is a signing program whose references are PEM files. It takes its
// time where signingVariable is set.
func slowSigner() {
	err := plugin.Serve(os.Args[1], os.Stdin, os.Stdout, rand.Reader, func(reference string) (crypto.Signer, []*x509.Certificate, error) {
		data, err := os.ReadFile(reference)
		if err != nil {
			return nil, nil, err
		}
		key, err := sign.ParsePrivateKey(data, nil)
		return slowKey{key}, nil, err
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(plugin.ExitStatus(err))
}

type slowKey struct{ crypto.Signer }

func (k slowKey) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if marker := os.Getenv(signingVariable); marker != "" {
		if err := os.WriteFile("scratch", []byte("what a program writes"), 0o600); err != nil {
			return nil, err
		}
		made := filepath.Join(filepath.Dir(marker), "."+filepath.Base(marker)) // seen only when it is whole
		if err := os.WriteFile(made, fmt.Append(nil, os.Getpid()), 0o600); err != nil {
			return nil, err
		}
		if err := os.Rename(made, marker); err != nil {
			return nil, err
		}
		time.Sleep(signingTime)
	}
	return k.Signer.Sign(random, digest, opts)
}
