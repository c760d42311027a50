package forecast

import "github.com/fwpack/fwpack/zck"

// Costs are those of the ways to update that read what is installed.
type Costs struct {
	Zchunk Cost  `json:"zchunk"`
	Rdiff  *Cost `json:"rdiff,omitempty"`
}

// Cost is what a device spends beside the download, in bytes.
type Cost struct {
	Read   int64 `json:"read"`   // from what is installed
	Hashed int64 `json:"hashed"` // with SHA-256
	Memory int64 `json:"memory"`
	Temp   int64 `json:"temp"` // in TMPDIR
}

// ChunkMemory is what SWUpdate's delta handler needs for each chunk, of the old
// image and of the new one, in bytes: measured with SWUpdate 2022.12.
const ChunkMemory = 350

// patchMemory is what SWUpdate's rdiff handlers need: two buffers of 64 KiB and
// as much in librsync.
const patchMemory = 256 << 10

// costs counts. The delta handler reads and hashes all that is installed to find
// its chunks, then those that it reuses once more; and it hashes what it
// downloads.
func costs(target *zck.Header, base Base, d *Download, client Client) Costs {
	c := Costs{}
	if base.Header != nil {
		reused := target.Size() - d.MissingRaw
		size := base.Header.Size()
		c.Zchunk.Read = size + reused
		c.Zchunk.Hashed = size + reused
		c.Zchunk.Memory = int64(len(base.Header.Chunks)) * ChunkMemory
		if client.Old.CopiesSource {
			c.Zchunk.Temp = size
		}
	}
	c.Zchunk.Hashed += d.Missing
	c.Zchunk.Memory += int64(len(target.Chunks))*ChunkMemory + d.Header
	if base.Patch != nil {
		c.Rdiff = &Cost{Read: base.Patch.Copied, Memory: patchMemory}
	}
	return c
}
