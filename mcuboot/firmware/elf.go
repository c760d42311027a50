package firmware

import (
	"bytes"
	"debug/elf"
	"fmt"
)

// ParseELF reads an executable ELF file, 32-bit or 64-bit, of either byte order
// and for any processor; errors call it name. The memory holds what a debugger
// writes into flash: the allocated sections with content (no .bss), at the
// physical address of the loadable segment they are part of, which is where the
// startup code copies .data from. What only the linker put into a segment, such
// as the ELF header itself, is left out, as GNU objcopy does. A file without
// sections is read segment by segment. The entry point becomes the start
// address, 0 counting as none.
//
// Errors are relocatable and shared objects, content that lies outside the file
// or outside every segment, addresses beyond 32 bits, and overlaps.
func ParseELF(name string, src []byte) (*Memory, error) {
	f, err := elf.NewFile(bytes.NewReader(src))
	if err != nil {
		return nil, fmt.Errorf("%s: not a readable ELF file: %v", name, err)
	}
	r := elfReader{name: name, src: src, file: f}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	r.memory.Start = linearStart(uint32(f.Entry))
	if err := r.read(); err != nil {
		return nil, err
	}
	return &r.memory, nil
}

// maxParts is how many sections, and how many segments, a file may have. Linked
// firmware has some hundred; what grows with their product must end soon.
const maxParts = 4096

type elfReader struct {
	name   string
	src    []byte
	file   *elf.File
	memory Memory
}

func (r *elfReader) check() error {
	if r.file.Type != elf.ET_EXEC {
		return fmt.Errorf("%v is not an executable, it must be linked first", r.file.Type)
	}
	if r.file.Entry >= addressSpace {
		return fmt.Errorf("entry point %#x is beyond the 32-bit address space", r.file.Entry)
	}
	if n := max(len(r.file.Sections), len(r.file.Progs)); n > maxParts {
		return fmt.Errorf("%d sections or segments, at most %d are allowed", n, maxParts)
	}
	return nil
}

func (r *elfReader) read() error {
	if len(r.file.Sections) == 0 {
		return r.readSegments()
	}
	return r.readSections()
}

func (r *elfReader) readSegments() error {
	for i, p := range r.file.Progs {
		if p.Type != elf.PT_LOAD {
			continue
		}
		if err := r.add(fmt.Sprintf("%s: segment %d", r.name, i), p.Paddr, p.Off, p.Filesz); err != nil {
			return err
		}
	}
	return nil
}

func (r *elfReader) readSections() error {
	for i, s := range r.file.Sections {
		if s.Flags&elf.SHF_ALLOC == 0 || s.Type == elf.SHT_NOBITS || s.FileSize == 0 {
			continue
		}
		what := fmt.Sprintf("%s: section %d %q", r.name, i, s.Name)
		addr, err := r.physical(what, s)
		if err != nil {
			return err
		}
		if err := r.add(what, addr, s.Offset, s.FileSize); err != nil {
			return err
		}
	}
	return nil
}

// physical finds the physical address of a section through the segment that
// holds its bytes.
func (r *elfReader) physical(what string, s *elf.Section) (uint64, error) {
	for _, p := range r.file.Progs {
		if p.Type != elf.PT_LOAD || s.Offset < p.Off {
			continue
		}
		skip := s.Offset - p.Off
		if skip <= p.Filesz && s.FileSize <= p.Filesz-skip && p.Paddr < addressSpace {
			return p.Paddr + skip, nil
		}
	}
	return 0, fmt.Errorf("%s is in no loadable segment within the 32-bit address space", what)
}

// add takes size bytes at offset off of the file for address addr.
func (r *elfReader) add(what string, addr, off, size uint64) error {
	if length := uint64(len(r.src)); off > length || size > length-off {
		return fmt.Errorf("%s is %d bytes at offset %#x, the file has %d", what, size, off, length)
	}
	if addr >= addressSpace {
		return fmt.Errorf("%s is at %#x, beyond the 32-bit address space", what, addr)
	}
	return r.memory.Add(uint32(addr), r.src[off:off+size:off+size], what)
}
