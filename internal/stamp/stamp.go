// Package stamp tells by what the file system says of a file whether its content
// can have changed, without reading it.
package stamp

import (
	"io/fs"
	"time"
)

// Stamp is what stays the same for as long as nobody writes to a file. The zero
// Stamp is that of a file that is not there. Stamps compare with ==.
type Stamp struct {
	Size     int64  `json:"size"`             // bytes
	Modified int64  `json:"mtime"`            // nanoseconds since 1970
	Changed  int64  `json:"ctime,omitempty"`  // likewise; cannot be set back, where there is one at all
	Inode    uint64 `json:"inode,omitempty"`  // 0 where there is none
	Device   uint64 `json:"device,omitempty"` // likewise
	Folder   bool   `json:"folder,omitempty"` // its times say nothing of files in it: all others are zero
}

// Of is the stamp of a file that was looked at.
func Of(info fs.FileInfo) Stamp {
	if info.IsDir() {
		return Stamp{Folder: true}
	}
	s := Stamp{Size: info.Size(), Modified: info.ModTime().UnixNano()}
	s.fill(info.Sys())
	return s
}

// Exists tells whether there was a file.
func (s Stamp) Exists() bool { return s != Stamp{} }

// fineTick is more than the clocks tick apart that file systems take their times
// from: 1/100 s at most on Linux (CONFIG_HZ=100), 1/64 s on Windows.
// coarseTick is that of FAT; HFS+ and old NFS have whole seconds.
const (
	fineTick   = 20 * time.Millisecond
	coarseTick = 2 * time.Second
)

// Settled tells whether the file was left alone for so long, at the time when it
// was looked at, that another change since then would show: one within the same
// tick of the file system's clock leaves the stamp as it is. Git calls such
// entries racily clean.
func (s Stamp) Settled(seen time.Time) bool { return s.Wait(seen) == 0 }

// Wait is how long to wait before the file, if it is looked at again, is settled.
func (s Stamp) Wait(seen time.Time) time.Duration {
	if !s.Exists() || s.Folder {
		return 0
	}
	tick := fineTick
	if s.Modified%int64(time.Second) == 0 && s.Changed%int64(time.Second) == 0 {
		tick = coarseTick
	}
	last := time.Unix(0, max(s.Modified, s.Changed))
	if age := seen.Sub(last); age <= tick {
		return min(tick-age, tick) + time.Millisecond // min: for times in the future there is no use in waiting
	}
	return 0
}
