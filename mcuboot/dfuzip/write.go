package dfuzip

import (
	"hash/crc32"
	"io"
)

// Write writes p, after Check. The same package makes the same bytes.
func Write(w io.Writer, p Package) error {
	if err := p.Check(); err != nil {
		return err
	}
	manifest, err := p.manifest()
	if err != nil {
		return err
	}
	z := zipWriter{w: w}
	z.clock, z.date = dosTime(p.Time)
	for _, f := range p.Files {
		if err := z.add(f.Name, f.Data); err != nil {
			return err
		}
	}
	if err := z.add(manifestName, manifest); err != nil {
		return err
	}
	return z.close()
}

// zipWriter writes stored files. Check has seen to it that they fit.
type zipWriter struct {
	w           io.Writer
	clock, date uint16
	offset      uint32
	directory   []byte
	entries     uint16
}

func (z *zipWriter) add(name string, data []byte) error {
	size := uint32(len(data))
	e := entry{
		VersionNeeded: versionStore, Method: methodStore, Time: z.clock, Date: z.date,
		CRC32: crc32.ChecksumIEEE(data), CompressedSize: size, UncompressedSize: size, NameLength: uint16(len(name)),
	}
	z.directory = appendPart(z.directory, directoryHeader{
		Signature: directorySignature, VersionMadeBy: madeByUnix | versionStore, Entry: e,
		External: (modeRegular | 0o644) << 16, Offset: z.offset,
	})
	z.directory = append(z.directory, name...)
	z.entries++
	if err := z.write(append(appendPart(nil, localHeader{localSignature, e}), name...)); err != nil {
		return err
	}
	return z.write(data)
}

func (z *zipWriter) write(data []byte) error {
	n, err := z.w.Write(data)
	z.offset += uint32(n)
	return err
}

// close writes directory and end.
func (z *zipWriter) close() error {
	end := endRecord{
		Signature: endSignature, EntriesHere: z.entries, Entries: z.entries,
		DirectorySize: uint32(len(z.directory)), DirectoryOffset: z.offset,
	}
	return z.write(appendPart(z.directory, end))
}
