//go:build !linux

package atomicfile

// StartWriteback does nothing: there is no call for it.
func (f *File) StartWriteback(offset, size int64) {}
