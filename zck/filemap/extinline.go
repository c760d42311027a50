package filemap

const (
	attrMagic       = 0xEA020000
	attrEntrySize   = 16
	attrIndexSystem = 7 // the prefix "system."
)

// visitInline takes over the names of a directory that is small enough for its
// inode. What is in the inode needs no blocks.
func (x *extFS) visitInline(i *inode, what What) error {
	if x.incompat&incompatInline == 0 {
		return i.wrong("inline data, which the superblock does not announce")
	}
	if what != Directory || i.flags&flagEncrypted != 0 {
		return nil
	}
	data := i.data()[4:] // behind the number of the directory above
	used := max(0, min(i.size-4, int64(len(data))))
	if err := x.parseNames(i.number, data[:used], i.at+0x28+4); err != nil {
		return err
	}
	more, at, err := i.inlineRest()
	if err != nil {
		return err
	}
	return x.parseNames(i.number, more, at)
}

// inlineRest returns the value of the attribute "system.data", where inline
// data goes on, and its offset in the image.
func (i *inode) inlineRest() ([]byte, int64, error) {
	begin := 128 + i.extra()
	if len(i.raw) < begin+4 || le32(i.raw, begin) != attrMagic {
		return nil, 0, nil
	}
	begin += 4
	body := i.raw[begin:]
	for at := 0; at+attrEntrySize <= len(body) && le32(body, at) != 0; {
		entry := body[at:]
		nameEnd := attrEntrySize + int(entry[0])
		if nameEnd > len(entry) {
			return nil, 0, i.wrong("extended attributes end in a name")
		}
		if entry[1] == attrIndexSystem && string(entry[attrEntrySize:nameEnd]) == "data" {
			return i.attrValue(entry, begin)
		}
		at += (nameEnd + 3) &^ 3
	}
	return nil, 0, nil
}

// attrValue returns the value of an attribute in the inode.
func (i *inode) attrValue(entry []byte, begin int) ([]byte, int64, error) {
	offset, size := uint64(le16(entry, 2)), uint64(le32(entry, 8))
	body := i.raw[begin:]
	if offset > uint64(len(body)) || size > uint64(len(body))-offset {
		return nil, 0, i.wrong("an extended attribute of %d bytes at %d of %d", size, offset, len(body))
	}
	return body[offset:][:size], i.at + int64(begin) + int64(offset), nil
}
