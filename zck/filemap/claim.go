package filemap

import (
	"cmp"
	"slices"
	"strconv"
)

// claim is a range that was found to be for something. It is small, for there
// may be millions before paths are known.
type claim struct {
	offset, length int64
	owner          uint32 // number of an inode, 0 if there is none
	what           What
}

// claims collects what lies in an image.
type claims struct {
	list  []claim
	room  int64 // bytes that are left to be claimed
	again bool  // whether files may share data, for which room is no limit then
}

// add claims a range for an inode or, with number 0, for the file system. It
// joins ranges that continue the last one.
func (c *claims) add(offset, length int64, what What, owner uint32) error {
	if length == 0 {
		return nil
	}
	if !c.again || what != Data && what != Fragments {
		c.room -= length
	}
	if c.room < 0 {
		return wrong(offset, what.String(), "more is in use than the file system has")
	}
	if n := len(c.list); n > 0 && c.list[n-1].continues(offset, what, owner) {
		c.list[n-1].length += length
		return nil
	}
	if len(c.list) == maxClaims {
		return wrong(offset, what.String(), "more than %d ranges", maxClaims)
	}
	c.list = append(c.list, claim{offset, length, owner, what})
	return nil
}

func (c claim) continues(offset int64, what What, owner uint32) bool {
	return c.offset+c.length == offset && c.what == what && c.owner == owner
}

// settle sorts all claims and returns the map's extents. Where claims overlap
// and may, the first extent has all owners.
func (c *claims) settle(m *Map, paths *paths) error {
	slices.SortFunc(c.list, func(a, b claim) int {
		return cmp.Or(cmp.Compare(a.offset, b.offset), cmp.Compare(b.length, a.length), cmp.Compare(a.owner, b.owner))
	})
	s := settler{m: m, paths: paths, again: c.again}
	for _, next := range c.list {
		if err := s.add(next); err != nil {
			return err
		}
	}
	s.flush()
	return nil
}

// settler turns sorted claims into extents.
type settler struct {
	m      *Map
	paths  *paths
	again  bool
	now    claim
	owners []uint32 // of now, if there are several
}

func (s *settler) add(next claim) error {
	end := s.now.offset + s.now.length
	if next.offset < end {
		if err := s.share(next); err != nil {
			return err
		}
		if next.length -= end - next.offset; next.length <= 0 {
			return nil
		}
		next.offset = end
	}
	if next.owner == 0 && s.now.continues(next.offset, next.what, 0) {
		s.now.length += next.length
		return nil
	}
	s.flush()
	s.now = next
	return nil
}

// share adds the owner of next to those of what is there.
func (s *settler) share(next claim) error {
	if next.what != s.now.what || next.owner == 0 || s.now.owner == 0 || !s.again && next.what != Attributes {
		return wrong(next.offset, next.what.String(), "belongs to %s and to %s of %s",
			s.describe(next), s.now.what, s.describe(s.now))
	}
	if s.owners == nil {
		s.owners = append(s.owners, s.now.owner)
	}
	s.owners = append(s.owners, next.owner)
	return nil
}

func (s *settler) describe(c claim) string {
	if c.owner == 0 {
		return "the file system"
	}
	return strconv.Quote(s.paths.of(c.owner))
}

// flush appends the current extent to the map.
func (s *settler) flush() {
	if s.now.length == 0 {
		return
	}
	e := Extent{Offset: s.now.offset, Length: s.now.length, What: s.now.what}
	if s.now.owner != 0 {
		e.File = s.paths.of(s.now.owner)
	}
	if all := s.sharers(); len(all) > 0 {
		e.File = all[0]
		if len(all) > 1 {
			s.m.share(e.Offset, all)
		}
	}
	s.m.Extents = append(s.m.Extents, e)
	s.now, s.owners = claim{}, nil
}

// sharers returns the paths of all owners, sorted.
func (s *settler) sharers() []string {
	all := make([]string, len(s.owners))
	for i, owner := range s.owners {
		all[i] = s.paths.of(owner)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// share notes the files that share the extent at offset.
func (m *Map) share(offset int64, files []string) {
	if m.sharers == nil {
		m.sharers = map[int64][]string{}
	}
	m.sharers[offset] = files
}
