//go:build !cgo

package main

import "errors"

// ready says that this build can do nothing but explain itself.
func ready() error {
	return errors.New("built without cgo, which loading a PKCS #11 module needs: build with CGO_ENABLED=1 go build ./cmd/fwpack-sign-pkcs11")
}

// load is never reached.
func load(string) (library, error) { return nil, ready() }
