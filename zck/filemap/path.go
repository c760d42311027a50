package filemap

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"sort"
)

const (
	maxDepth = 2048 // of directories: half of PATH_MAX, with a name and a slash each
	maxPath  = 4096 // PATH_MAX of Linux
)

// tree collects the names of files.
type tree struct {
	root  uint32 // number of the root directory's inode
	links []link
	arena []byte // all names
}

// link is an entry of a directory.
type link struct {
	child, parent uint32
	name          uint32 // in the arena
	length        uint16
}

// add takes over an entry. At is where it stands.
func (t *tree) add(at int64, parent, child uint32, name []byte) error {
	switch {
	case len(name) == 0 || bytes.ContainsAny(name, "/\x00") || string(name) == "." || string(name) == "..":
		return wrong(at, "directory", "a file is called %q", name)
	case len(t.links) == maxLinks || len(t.arena)+len(name) > maxNameBytes:
		return wrong(at, "directory", "more than %d names or %d bytes of them", maxLinks, maxNameBytes)
	}
	t.links = append(t.links, link{child, parent, uint32(len(t.arena)), uint16(len(name))})
	t.arena = append(t.arena, name...)
	return nil
}

func (t *tree) name(l link) []byte { return t.arena[l.name:][:l.length] }

// paths are the paths of inodes.
type paths struct {
	tree  *tree
	links []link // sorted by child; in the end one for each
	text  []string
	bytes int // of all texts
}

// resolve works out all paths. A file with several names gets the first of
// them in the order of paths, which is the same in another build.
func (t *tree) resolve() (*paths, error) {
	slices.SortStableFunc(t.links, func(a, b link) int { return cmp.Compare(a.child, b.child) })
	p := &paths{tree: t, links: t.links, text: make([]string, len(t.links))}
	for i := range p.links {
		if err := p.fill(i); err != nil {
			return nil, err
		}
	}
	p.choose()
	return p, nil
}

// choose leaves one link for each child.
func (p *paths) choose() {
	n := 0
	for i := range p.links {
		if n > 0 && p.links[n-1].child == p.links[i].child {
			p.text[n-1] = min(p.text[n-1], p.text[i])
			continue
		}
		p.links[n], p.text[n] = p.links[i], p.text[i]
		n++
	}
	p.links, p.text = p.links[:n], p.text[:n]
}

// index finds an inode's link.
func (p *paths) index(inode uint32) (i int, found bool) {
	i = sort.Search(len(p.links), func(i int) bool { return p.links[i].child >= inode })
	return i, i < len(p.links) && p.links[i].child == inode
}

// named returns an inode's path, if it has one.
func (p *paths) named(inode uint32) (path string, is bool) {
	if inode == p.tree.root {
		return "/", true
	}
	if i, found := p.index(inode); found {
		return p.text[i], true
	}
	return "", false
}

// of returns an inode's path, or its number in words.
func (p *paths) of(inode uint32) string {
	if path, is := p.named(inode); is {
		return path
	}
	return fmt.Sprintf("<inode %d>", inode)
}

// fill works out path i and those of the directories above it.
func (p *paths) fill(i int) error {
	var climbed []int
	path := ""
	for path == "" {
		if path = p.text[i]; path != "" {
			break
		}
		if len(climbed) == maxDepth {
			return wrong(0, "directory", "inode %d is deeper than %d directories, or in itself", p.links[i].child, maxDepth)
		}
		climbed = append(climbed, i)
		parent := p.links[i].parent
		above, found := p.index(parent)
		switch {
		case parent == p.tree.root:
			path = "/"
		case !found:
			path = fmt.Sprintf("<inode %d>", parent)
		default:
			i = above
		}
	}
	return p.descend(path, climbed)
}

// descend sets the paths of directories that were climbed.
func (p *paths) descend(path string, climbed []int) error {
	for _, i := range slices.Backward(climbed) {
		if path != "/" {
			path += "/"
		}
		path += string(p.tree.name(p.links[i]))
		p.bytes += len(path)
		if len(path) > maxPath || p.bytes > maxNameBytes {
			return wrong(0, "directory", "inode %d has a path of more than %d bytes, or all paths have more than %d",
				p.links[i].child, maxPath, maxNameBytes)
		}
		p.text[i] = path
	}
	return nil
}
