package diff

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/fwpack/fwpack/zck/filemap"
)

// ChangedFile says how much of the bytes that only one of two file systems has lies in
// a file, or in what else a file system consists of, which stands in brackets.
type ChangedFile struct {
	Name     string `json:"name"`
	FreshLen int64  `json:"fresh_bytes"` // of blocks that the old image has nowhere
	GoneLen  int64  `json:"gone_bytes"`  // of blocks that the new image has nowhere
}

// maxFiles is how many files are listed, those with the most bytes.
const maxFiles = 1000

// files tells which files of two images the blocks belong to that only one has.
func (d *Content) files(old, new *side, was, is *content) {
	if d.Blocks == nil {
		return
	}
	before, err := filemap.Read(old.reader(), old.Input.Size)
	var after *filemap.Map
	if err == nil {
		after, err = filemap.Read(new.reader(), new.Input.Size)
	}
	switch {
	case errors.Is(err, filemap.ErrUnknown):
		return
	case err != nil:
		d.Notes = append(d.Notes, "files are not compared: "+err.Error())
		return
	}
	all := map[string]*ChangedFile{}
	for name, bytes := range located(after, is.blocks, is.blocks.lacking(was.blocks)) {
		fileIn(all, name).FreshLen += bytes
	}
	for name, bytes := range located(before, was.blocks, was.blocks.lacking(is.blocks)) {
		fileIn(all, name).GoneLen += bytes
	}
	d.list(all)
}

func fileIn(all map[string]*ChangedFile, name string) *ChangedFile {
	if all[name] == nil {
		all[name] = &ChangedFile{Name: name}
	}
	return all[name]
}

// list keeps the files with the most bytes.
func (d *Content) list(all map[string]*ChangedFile) {
	for _, f := range all {
		d.Files = append(d.Files, *f)
	}
	slices.SortFunc(d.Files, func(a, b ChangedFile) int {
		return cmp.Or(cmp.Compare(b.FreshLen+b.GoneLen, a.FreshLen+a.GoneLen), cmp.Compare(a.Name, b.Name))
	})
	if len(d.Files) > maxFiles {
		d.Notes = append(d.Notes, fmt.Sprintf("%d files are different: the %d with the most bytes are listed", len(d.Files), maxFiles))
		d.Files = d.Files[:maxFiles]
	}
}

// located goes over what lies in some blocks: names, with their bytes.
func located(m *filemap.Map, l *blockList, blocks iter.Seq[int]) iter.Seq2[string, int64] {
	return func(yield func(string, int64) bool) {
		for block := range blocks {
			for e := range m.At(int64(block)*BlockSize, l.lengthOf(block)) {
				if !yield(partOf(m, e), e.Length) {
					return
				}
			}
		}
	}
}

func partOf(m *filemap.Map, e filemap.Extent) string {
	files := m.Files(e)
	switch len(files) {
	case 0:
		return "(" + e.What.String() + ")"
	case 1:
		return files[0]
	}
	return fmt.Sprintf("%s and %d more", files[0], len(files)-1)
}
