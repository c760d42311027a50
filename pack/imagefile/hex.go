package imagefile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
)

// fromHex finds the one segment that begins with an image, and the trailer
// behind it. What else is in the memory, such as a record for the controller's
// option bytes, may be anywhere and costs nothing.
func (f *File) fromHex(text []byte) error {
	memory, err := firmware.ParseHex(f.Name, text)
	if err != nil {
		return errors.New(err.Error()) // no file that a person wrote
	}
	f.memory = memory
	segments := memory.Segments()
	found := -1
	for i, s := range segments {
		offset, ok := locate(s.Data)
		if ok && found >= 0 {
			return fmt.Errorf("%s: images at %#x and %#x: want one", f.Name, segments[found].Addr, s.Addr)
		}
		if ok {
			found, f.Offset = i, offset
		}
	}
	if found < 0 {
		return f.noSegment(segments)
	}
	f.Address = segments[found].Addr
	end := f.trailerEnd(segments[found:])
	f.Slot, err = memory.Slice(f.Address, end).Bytes(f.Address, erasedOne, MaxSize)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	return nil
}

// mostSegments is how many are listed for people.
const mostSegments = 5

func (f *File) noSegment(segments []firmware.Segment) error {
	var begins []string
	for _, s := range segments[:min(mostSegments, len(segments))] {
		begins = append(begins, fmt.Sprintf("% x at %#x", s.Data[:min(4, len(s.Data))], s.Addr))
	}
	if len(segments) > mostSegments {
		begins = append(begins, "...")
	}
	return fmt.Errorf("%s: no MCUboot image: an image begins with 3d b8 f3 96, and here is %s", f.Name, listed(begins))
}

func listed(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// trailerSize is as much of a trailer as ParseTrailer looks at, in bytes: the
// magic and four fields where the maximal alignment is 32.
const trailerSize = 32 + 4*32

// trailerEnd returns the last address of the slot: the end of the first segment
// that ends as a trailer does or, without one, of the first segment.
func (f *File) trailerEnd(segments []firmware.Segment) uint32 {
	for _, s := range segments {
		if s.Last()-f.Address >= MaxSize {
			break
		}
		first := max(f.Address, s.Last()-min(s.Last(), trailerSize-1))
		window, err := f.memory.Slice(first, s.Last()).Bytes(first, erasedOne, trailerSize)
		if err == nil && isTrailer(window) {
			return s.Last()
		}
	}
	return segments[0].Last()
}

func isTrailer(window []byte) bool {
	for _, order := range []mcuboot.ByteOrder{mcuboot.LittleEndian, mcuboot.BigEndian} {
		if _, err := mcuboot.ParseTrailer(window, order); err == nil {
			return true
		}
	}
	return false
}
