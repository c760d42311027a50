//go:build unix

package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// checkOwner refuses a folder that others may fill: one that everybody may write,
// and one of another user. Root reads the caches of others, as it does in
// containers whose folders come from outside.
func checkOwner(info fs.FileInfo) error {
	if info.Mode().Perm()&0o002 != 0 {
		return errors.New("everybody may write into the folder")
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return checkUser(stat.Uid, os.Geteuid())
	}
	return nil
}

func checkUser(owner uint32, me int) error {
	if me == 0 || owner == 0 || int64(owner) == int64(me) {
		return nil
	}
	return fmt.Errorf("the folder belongs to user %d, and fwpack runs as %d", owner, me)
}
