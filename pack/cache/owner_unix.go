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
	stat, ok := info.Sys().(*syscall.Stat_t)
	me := os.Geteuid()
	if ok && me != 0 && stat.Uid != 0 && int64(stat.Uid) != int64(me) {
		return fmt.Errorf("the folder belongs to user %d, and fwpack runs as %d", stat.Uid, me)
	}
	return nil
}
