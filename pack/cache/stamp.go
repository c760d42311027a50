package cache

import (
	"encoding/binary"
	"errors"
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

// StampOf returns the stamp of a file from os.Stat. Take it before the content is
// read: then a change meanwhile makes it one that is never met again.
func StampOf(info fs.FileInfo) Stamp {
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
	grain := fineGrain
	if s.Modified%int64(time.Second) == 0 && s.Changed%int64(time.Second) == 0 {
		grain = coarseGrain
	}
	latest := time.Unix(0, max(s.Modified, s.Changed))
	return s != Stamp{} && seen.Sub(latest) >= grain
}

// stampSize is the size of a stamp in a file: five numbers of 8 bytes, big-endian.
const stampSize = 5 * 8

func (s Stamp) append(b []byte) []byte {
	for _, n := range []uint64{uint64(s.Size), uint64(s.Modified), uint64(s.Changed), s.Inode, s.Device} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return b
}

// parseStamp reads the stamp at the begin of b, which is long enough.
func parseStamp(b []byte) Stamp {
	number := func(i int) uint64 { return binary.BigEndian.Uint64(b[8*i:]) }
	return Stamp{Size: int64(number(0)), Modified: int64(number(1)), Changed: int64(number(2)), Inode: number(3), Device: number(4)}
}

// errNoStamp refuses the zero stamp.
var errNoStamp = errors.New("not a regular file: nothing tells when it changes")
