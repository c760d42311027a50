//go:build !unix

package cache

import "io/fs"

// checkOwner accepts every folder: the mode says nothing of who may write into it.
func checkOwner(fs.FileInfo) error {
	return nil
}
