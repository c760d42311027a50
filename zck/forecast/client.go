package forecast

import "github.com/fwpack/fwpack/zck"

// Client is a release of SWUpdate, and how its delta handler is set up. The zero
// Client is the newest one, with the properties as they should be.
type Client struct {
	MaxRanges int // property max-ranges; 0 where it is not set
	URLLen    int // length of the file's URL in bytes

	// NoSourceSize is set where the property source-size is not: the device
	// reads on behind the image into the rest of its partition, so that the
	// last chunk of the image is not found.
	NoSourceSize bool

	Old Age // what the release does not do yet
}

// Age says in what an old release of SWUpdate differs from the newest one.
type Age struct {
	NoDelta      bool // has no delta handler
	ManyRanges   bool // asks for 150 ranges in a request where max-ranges is not set
	DropsLast    bool // never finds the last chunk of what is installed
	CopiesSource bool // writes all of what is installed to TMPDIR first
}

// rangesBefore2026 is how many ranges were asked for at once up to SWUpdate
// 2025.12, where max-ranges is not set.
const rangesBefore2026 = 150

// AgeOf returns what SWUpdate of a year and month lacks, by its release notes.
func AgeOf(year, month int) Age {
	before := func(y, m int) bool { return year < y || year == y && month < m }
	return Age{
		ManyRanges:   before(2026, 5),
		DropsLast:    before(2024, 5),
		CopiesSource: before(2023, 5),
		NoDelta:      before(2021, 11),
	}
}

func (c Client) maxRanges() int {
	switch {
	case c.MaxRanges != 0:
		return c.MaxRanges
	case c.Old.ManyRanges:
		return rangesBefore2026
	}
	return zck.DefaultMaxRanges
}

func (c Client) zck() zck.Client {
	return zck.Client{MaxRanges: c.maxRanges(), URLLen: c.URLLen, DropsLast: c.NoSourceSize || c.Old.DropsLast}
}
