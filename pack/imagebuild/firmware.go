package imagebuild

import (
	"fmt"
	"io"
	"os"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
)

// maxInput bounds a file with firmware in bytes: 64 MiB of flash, more than any
// controller that MCUboot runs on has, as Intel HEX.
const maxInput = 3 * firmware.DefaultLimit

// Firmware is what an image is made of.
type Firmware struct {
	Path string
	Data []byte
	// Base is the address of Data's first byte; nil where the file has none.
	Base *uint32
	// Beside is what the file holds outside of the slot, such as the settings of a
	// UICR; nil for nothing.
	Beside *firmware.Memory
}

// Read reads firmware: a binary, Intel HEX, S-records or ELF, which the content
// tells. Slot is where the image goes, and what lies elsewhere is no part of it;
// with a nil slot, everything is that lies within size bytes of the first one (0:
// everything). Holes are filled with fill.
func Read(path string, slot *mcuboot.Region, size int, fill byte) (*Firmware, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	if len(content) == 0 {
		return nil, fmt.Errorf("%s: is empty", path)
	}
	format := firmware.DetectFormat(content)
	if format == firmware.Binary {
		return &Firmware{Path: path, Data: content}, nil
	}
	memory, err := firmware.Parse(format, path, content, 0)
	if err != nil {
		return nil, err
	}
	return flatten(path, memory, slot, size, fill)
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxInput+1))
	if err == nil && len(content) > maxInput {
		err = fmt.Errorf("%s: is larger than %d MiB: no firmware of a microcontroller", path, maxInput>>20)
	}
	return content, err
}

// flatten takes out of memory what belongs to the slot.
func flatten(path string, memory *firmware.Memory, slot *mcuboot.Region, size int, fill byte) (*Firmware, error) {
	first, last, ok := memory.Bounds()
	if !ok {
		return nil, fmt.Errorf("%s: holds no data", path)
	}
	from, to := first, last
	switch {
	case slot != nil && slot.Size > 0:
		from, to = slot.Start, slot.Start+slot.Size-1
	case size > 0 && uint64(first)+uint64(size) <= 1<<32:
		to = first + uint32(size) - 1
	}
	inside := memory.Slice(from, to)
	base, _, ok := inside.Bounds()
	if !ok {
		return nil, fmt.Errorf("%s: holds nothing in the slot, %s: its data are at %#x to %#x", path, slot, first, uint64(last)+1)
	}
	data, err := inside.Bytes(base, fill, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f := &Firmware{Path: path, Data: data, Base: &base}
	f.Beside, err = outside(memory, from, to)
	return f, err
}

// outside is what memory holds below from and above to.
func outside(memory *firmware.Memory, from, to uint32) (*firmware.Memory, error) {
	rest := &firmware.Memory{}
	if from > 0 {
		rest = memory.Slice(0, from-1)
	}
	if to < 1<<32-1 {
		if err := rest.Merge(memory.Slice(to+1, 1<<32-1)); err != nil {
			return nil, err
		}
	}
	if rest.Size() == 0 {
		return nil, nil
	}
	return rest, nil
}
