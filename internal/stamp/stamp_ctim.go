//go:build dragonfly || linux || openbsd || solaris

package stamp

import "syscall"

// identify notes what only the system's own stat tells.
func (s *Stamp) identify(sys any) {
	if stat, ok := sys.(*syscall.Stat_t); ok {
		s.Changed, s.Inode, s.Device = stat.Ctim.Nano(), uint64(stat.Ino), uint64(stat.Dev)
	}
}
