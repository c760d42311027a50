package main

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
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
	// testPIN is the one that a slow signer wants.
	testPIN = "PIN 80211"
)

// slowSigner is a signing program whose references are PEM files, and where one
// wants it, a file with the PIN behind "?pin-source=". It takes its time where
// signingVariable is set.
func slowSigner() {
	err := plugin.Serve(os.Args[1], os.Stdin, os.Stdout, rand.Reader, func(reference string) (crypto.Signer, []*x509.Certificate, error) {
		file, source, wanted := strings.Cut(reference, "?pin-source=")
		if pin, err := os.ReadFile(source); wanted && (err != nil || string(pin) != testPIN) {
			return nil, nil, errors.New("wrong PIN")
		}
		data, err := os.ReadFile(file)
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
