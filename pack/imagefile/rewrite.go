package imagefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/fwpack/fwpack/internal/atomicfile"
	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
)

// rewrite puts the file with another image in the place of its own at out. All
// else stays where it is: trailer, filler, and in Intel HEX addresses and holes.
// Before the file gets its name it is read back and compared. It returns the size
// of the file.
func (f *File) rewrite(ctx context.Context, img *mcuboot.Image, out string) (int64, error) {
	if err := f.checkName(out); err != nil {
		return 0, err
	}
	content, err := f.replaced(img)
	if err != nil {
		return 0, err
	}
	file, err := atomicfile.Create(out)
	if err != nil {
		return 0, err
	}
	defer file.Discard()
	if _, err := file.Write(content); err != nil {
		return 0, err
	}
	if err := f.prove(io.NewSectionReader(file, 0, math.MaxInt64), img); err != nil {
		return 0, err
	}
	if err := context.Cause(ctx); err != nil {
		return 0, err
	}
	return int64(len(content)), file.Commit()
}

// checkName refuses a name by which other tools would take the file for one of
// another format.
func (f *File) checkName(out string) error {
	if f.Format == firmware.Binary && firmware.FormatOfName(out) == firmware.IntelHex {
		return fmt.Errorf("%s is binary and stays so: want another name than .hex", f.Name)
	}
	return nil
}

// replaced returns the content of the file with the image in the place of its own.
func (f *File) replaced(img *mcuboot.Image) ([]byte, error) {
	data, err := img.MarshalBinary()
	if err != nil {
		return nil, bare(err)
	}
	if len(f.Rest) > 0 && len(data) > f.room() {
		return nil, fmt.Errorf("the image has %d bytes: want at most %d, where the slot is taken", len(data), f.room())
	}
	if f.Format == firmware.IntelHex {
		return f.replacedHex(data)
	}
	slot := append(slices.Clone(f.Slot[:f.Offset]), data...)
	if len(f.Rest) == 0 {
		return slot, nil
	}
	if free := f.Image.Size() - len(data); free > 0 {
		slot = append(slot, bytes.Repeat([]byte{f.erased()}, free)...)
	}
	return append(slot, f.Slot[len(slot):]...), nil
}

// room returns the size up to which an image only takes what is erased, where
// something is behind it.
func (f *File) room() int {
	behind := f.Rest
	if f.Trailer != nil {
		behind = behind[:len(behind)-f.fieldsSize()]
	}
	return f.Image.Size() + erasedRun(behind)
}

// replacedHex is replaced for Intel HEX. What was a hole and is not part of the
// image stays one.
func (f *File) replacedHex(data []byte) ([]byte, error) {
	begin := f.Address + uint32(f.Offset)
	oldEnd, newEnd := int64(begin)+int64(f.Image.Size()), int64(begin)+int64(len(data))
	memory := &firmware.Memory{Start: f.memory.Start}
	for _, keep := range []*firmware.Memory{below(f.memory, begin), from(f.memory, max(oldEnd, newEnd))} {
		if err := memory.Merge(keep); err != nil {
			return nil, err
		}
	}
	if gap := f.filler(newEnd, oldEnd); len(gap) > 0 {
		data = append(slices.Clip(data), gap...)
	}
	if err := memory.Add(begin, data, "the image"); err != nil {
		return nil, err
	}
	if taken := between(f.memory, oldEnd, newEnd); !isErased(taken, f.erased()) {
		return nil, fmt.Errorf("the image has %d bytes: the file has something else at %#x", newEnd-int64(begin), oldEnd)
	}
	var text bytes.Buffer
	err := memory.WriteHex(&text)
	return text.Bytes(), err
}

// filler returns what takes the place of the end of a longer image: nothing where
// a hole follows.
func (f *File) filler(newEnd, oldEnd int64) []byte {
	if newEnd >= oldEnd || between(f.memory, oldEnd, oldEnd+1).Size() == 0 {
		return nil
	}
	return bytes.Repeat([]byte{f.erased()}, int(oldEnd-newEnd))
}

// below returns what memory has below an address.
func below(m *firmware.Memory, addr uint32) *firmware.Memory {
	return between(m, 0, int64(addr))
}

// from returns what memory has from an address on.
func from(m *firmware.Memory, addr int64) *firmware.Memory {
	return between(m, addr, 1<<32)
}

// between returns what memory has from one address up to another, which is not
// included.
func between(m *firmware.Memory, begin, end int64) *firmware.Memory {
	if begin >= end || begin >= 1<<32 {
		return &firmware.Memory{}
	}
	return m.Slice(uint32(begin), uint32(min(end, 1<<32)-1))
}

func isErased(m *firmware.Memory, erased byte) bool {
	for _, s := range m.Segments() {
		if s.Data[0] != erased || erasedRun(s.Data) != len(s.Data) {
			return false
		}
	}
	return true
}

// errNotTheSame says that a copy is none.
var errNotTheSame = errors.New("is not what was written: a disk may be broken")

// prove reads the new file and finds img in it, and around it what there was.
func (f *File) prove(r io.Reader, img *mcuboot.Image) error {
	written, err := Read("the image just written", r)
	if err != nil {
		return fmt.Errorf("internal error: %w", err)
	}
	if _, err := written.readable(); err != nil {
		return fmt.Errorf("internal error: %w", err)
	}
	want, err := img.MarshalBinary()
	if err != nil {
		return err
	}
	switch {
	case !bytes.Equal(written.stored(), want), !bytes.Equal(written.Image.Body, f.Image.Body),
		written.Format != f.Format, written.Address != f.Address, written.Offset != f.Offset,
		!sameAround(f, written):
		return errNotTheSame
	}
	return nil
}

// sameAround tells whether two files have the same in front of their images, and
// behind the longer one.
func sameAround(f, g *File) bool {
	n := max(f.Image.Size(), g.Image.Size())
	if f.memory == nil {
		return bytes.Equal(f.Slot[:f.Offset], g.Slot[:g.Offset]) && bytes.Equal(f.behind(n), g.behind(n))
	}
	return f.memory.Start == g.memory.Start && slices.EqualFunc(f.around(n), g.around(n), func(a, b firmware.Segment) bool {
		return a.Addr == b.Addr && bytes.Equal(a.Data, b.Data)
	})
}

// behind returns what the slot has behind the first n bytes of the image.
func (f *File) behind(n int) []byte {
	return f.Slot[min(len(f.Slot), f.Offset+n):]
}

// around returns all that Intel HEX has but for n bytes of the image.
func (f *File) around(n int) []firmware.Segment {
	begin := f.Address + uint32(f.Offset)
	return append(below(f.memory, begin).Segments(), from(f.memory, int64(begin)+int64(n)).Segments()...)
}
