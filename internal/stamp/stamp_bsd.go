//go:build darwin || freebsd || netbsd

package stamp

import "syscall"

func (s *Stamp) fill(sys any) {
	if st, ok := sys.(*syscall.Stat_t); ok {
		s.Changed = st.Ctimespec.Nano()
		s.Inode, s.Device = st.Ino, uint64(st.Dev)
	}
}
