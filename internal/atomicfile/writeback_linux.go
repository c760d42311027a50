package atomicfile

import "golang.org/x/sys/unix"

// StartWriteback has the kernel begin to write size bytes from offset on to the disk;
// it waits where more is under way than the disk takes. It is worth while for an
// output that Replaces another: ext4 begins to write such a file in the rename
// (auto_da_alloc, in Documentation/admin-guide/ext4.rst of Linux), which then takes as
// long as the disk takes for it.
func (f *File) StartWriteback(offset, size int64) {
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	conn.Control(func(fd uintptr) {
		unix.SyncFileRange(int(fd), offset, size, unix.SYNC_FILE_RANGE_WRITE) // advice: not every file system takes it
	})
}
