// Package imgtool does what the commands of MCUboot's imgtool 2.4.0 do, on files:
// the same options, the same defaults, the same bytes. The image format itself
// is in package mcuboot.
//
// Each command is a function: Sign (imgtool's "sign" and "create"), Verify,
// Dumpinfo, Keygen, Getpub, Getpubhash, Getpriv and Keyinfo. The Parse functions
// read the values of options as imgtool does.
//
// Files are read whole and written completely or not at all. Nothing is printed:
// what imgtool prints is returned.
package imgtool

import (
	"errors"
	"fmt"

	"github.com/fwpack/fwpack/sign"
)

// Version is the version of imgtool whose behaviour this is.
const Version = "2.4.0"

// UsageError is an error of the command line or of an input, for which imgtool
// exits with status 2.
type UsageError struct{ Err error }

// Error returns the message of e.Err.
func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns e.Err.
func (e *UsageError) Unwrap() error { return e.Err }

func usagef(format string, args ...any) error {
	return &UsageError{fmt.Errorf(format, args...)}
}

// asUsage makes err a UsageError, if it is an error at all.
func asUsage(err error) error {
	if _, is := errors.AsType[*UsageError](err); err == nil || is {
		return err
	}
	return &UsageError{err}
}

// Passphrases returns what finds the passphrase of the key in the file path,
// should it turn out to need one. Nil means that there are none.
type Passphrases func(path string) sign.PassphraseFunc

func (p Passphrases) of(path string) sign.PassphraseFunc {
	if p == nil {
		return nil
	}
	return p(path)
}
