// Package stamp tells by what the file system says of a file whether its content can
// have changed, without reading it.
package stamp

import (
	"io/fs"
	"time"
)

// Stamp is what stat tells of a file's content without its path: as long as it is
// the same, so is the content, if the stamp was Settled when the content was read.
// Times are nanoseconds since 1970. The zero Stamp is that of everything that is
// not a regular file; it stands for no content.
type Stamp struct {
	Size     int64  `json:"size"`
	Modified int64  `json:"mtime"`
	Changed  int64  `json:"ctime"` // 0 where the system does not say, as on Windows
	Inode    uint64 `json:"ino"`
	Device   uint64 `json:"dev"`
}

// Of returns the stamp of a file from os.Stat. Take it before the content is
// read: then a change meanwhile makes it one that is never met again.
func Of(info fs.FileInfo) Stamp {
	if !info.Mode().IsRegular() {
		return Stamp{}
	}
	s := Stamp{Size: info.Size(), Modified: info.ModTime().UnixNano()}
	s.identify(info.Sys())
	return s
}

// How long after a change another one is sure to change the stamp. Linux dates
// files by a clock that ticks every 10 ms at the slowest (CONFIG_HZ=100); FAT counts
// in steps of 2 s, HFS+ and some network file systems of 1 s.
const (
	fineGrain   = 20 * time.Millisecond
	coarseGrain = 2 * time.Second
)

// Settled tells whether a file that had this stamp at the time seen cannot change
// any more without getting another one. A file that changed just before may change
// once more within the same tick of the clock that dates it; git calls such an entry
// racily clean. So is one that is dated in the future. The clock is taken before
// stat is called.
func (s Stamp) Settled(seen time.Time) bool {
	return s != Stamp{} && s.Wait(seen) <= 0
}

// Wait is how long it takes from the time seen until the file is settled, if it is
// left alone.
func (s Stamp) Wait(seen time.Time) time.Duration {
	grain := fineGrain
	if s.Modified%int64(time.Second) == 0 && s.Changed%int64(time.Second) == 0 {
		grain = coarseGrain
	}
	latest := time.Unix(0, max(s.Modified, s.Changed))
	return latest.Add(grain).Sub(seen)
}
