//go:build !linux

package cache

import (
	"errors"
	"os"
)

// reopen has no way to open a file again that may have no name any more; its data
// is read and written instead.
func reopen(*os.File) (*os.File, error) {
	return nil, errors.ErrUnsupported
}
