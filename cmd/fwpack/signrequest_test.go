package main

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/request"
)

// cmdSignRequest is "sign-request REQUEST N KEY OUT": somebody elsewhere, who has
// the private KEY of signer N, signs what a request asks for, with SHA-256 unless it
// is an Ed25519 key.
func cmdSignRequest(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: sign-request REQUEST N KEY OUT")
	}
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	r, err := request.Decode(data)
	ts.Check(err)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	text, err := os.ReadFile(args[2])
	ts.Check(err)
	key, err := sign.ParsePrivateKey(text, nil)
	ts.Check(err)
	hash := crypto.SHA256
	if _, ok := key.(ed25519.PrivateKey); ok {
		hash = 0 // it takes its message as it is
	}
	signature, err := crypto.SignMessage(key, rand.Reader, r.Signers[n-1].Bytes, hash)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), signature, 0o600))
}
