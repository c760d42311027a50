package firmware

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// elfFile makes ELF files, honest or not. All content is at offset 0x1000.
type elfFile struct {
	kind     elf.Type
	entry    uint64
	progs    []elf.ProgHeader
	sections []elf.SectionHeader
	content  string
	big      bool
	wide     bool // 64 bits
}

const elfContent = 0x1000

func load(paddr, off, filesz uint64) elf.ProgHeader {
	return elf.ProgHeader{Type: elf.PT_LOAD, Paddr: paddr, Vaddr: 0x20000000, Off: elfContent + off, Filesz: filesz, Memsz: filesz + 0x100}
}

func section(kind elf.SectionType, flags elf.SectionFlag, off, size uint64) elf.SectionHeader {
	return elf.SectionHeader{Type: kind, Flags: flags, Offset: elfContent + off, Size: size}
}

func (f elfFile) order() binary.AppendByteOrder {
	if f.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// table appends fixed-size values; at says where it began.
func (f elfFile) table(out []byte, values ...any) []byte {
	var b bytes.Buffer
	for _, v := range values {
		if err := binary.Write(&b, f.order().(binary.ByteOrder), v); err != nil {
			panic(err)
		}
	}
	return append(out, b.Bytes()...)
}

func (f elfFile) ident() (ident [elf.EI_NIDENT]byte) {
	copy(ident[:], "\x7fELF\x01\x01\x01")
	if f.wide {
		ident[elf.EI_CLASS] = byte(elf.ELFCLASS64)
	}
	if f.big {
		ident[elf.EI_DATA] = byte(elf.ELFDATA2MSB)
	}
	return ident
}

// bytes writes program headers behind the header, then the content, then the
// section headers, of which the first is empty and the last holds the names.
func (f elfFile) bytes() []byte {
	names := "\x00.text\x00"
	shoff := uint64(elfContent + len(f.content) + len(names))
	var all []elf.SectionHeader
	if f.sections != nil {
		strings := elf.SectionHeader{Type: elf.SHT_STRTAB, Offset: elfContent + uint64(len(f.content)), Size: uint64(len(names))}
		all = append(append([]elf.SectionHeader{{}}, f.sections...), strings)
	} else {
		shoff = 0
	}
	out := f.header(shoff, len(all))
	for _, p := range f.progs {
		out = f.prog(out, p)
	}
	out = append(out, make([]byte, elfContent-len(out))...)
	out = append(append(out, f.content...), names...)
	for _, s := range all {
		out = f.section(out, s)
	}
	return out
}

func (f elfFile) header(shoff uint64, shnum int) []byte {
	if f.wide {
		return f.table(nil, elf.Header64{Ident: f.ident(), Type: uint16(f.kind), Machine: uint16(elf.EM_AARCH64), Version: 1, Entry: f.entry,
			Phoff: 64, Shoff: shoff, Ehsize: 64, Phentsize: 56, Phnum: uint16(len(f.progs)), Shentsize: 64, Shnum: uint16(shnum), Shstrndx: uint16(max(shnum, 1) - 1)})
	}
	return f.table(nil, elf.Header32{Ident: f.ident(), Type: uint16(f.kind), Machine: uint16(elf.EM_ARM), Version: 1, Entry: uint32(f.entry),
		Phoff: 52, Shoff: uint32(shoff), Ehsize: 52, Phentsize: 32, Phnum: uint16(len(f.progs)), Shentsize: 40, Shnum: uint16(shnum), Shstrndx: uint16(max(shnum, 1) - 1)})
}

func (f elfFile) prog(out []byte, p elf.ProgHeader) []byte {
	if f.wide {
		return f.table(out, elf.Prog64{Type: uint32(p.Type), Off: p.Off, Vaddr: p.Vaddr, Paddr: p.Paddr, Filesz: p.Filesz, Memsz: p.Memsz})
	}
	return f.table(out, elf.Prog32{Type: uint32(p.Type), Off: uint32(p.Off), Vaddr: uint32(p.Vaddr), Paddr: uint32(p.Paddr), Filesz: uint32(p.Filesz), Memsz: uint32(p.Memsz)})
}

func (f elfFile) section(out []byte, s elf.SectionHeader) []byte {
	name := uint32(0)
	if s.Flags&elf.SHF_ALLOC != 0 {
		name = 1
	}
	if f.wide {
		return f.table(out, elf.Section64{Name: name, Type: uint32(s.Type), Flags: uint64(s.Flags), Off: s.Offset, Size: s.Size})
	}
	return f.table(out, elf.Section32{Name: name, Type: uint32(s.Type), Flags: uint32(s.Flags), Off: uint32(s.Offset), Size: uint32(s.Size)})
}

// firmwareELF has code at 0x8000, 4 bytes of filler, and data behind it that is
// copied to RAM, then .bss.
func firmwareELF() elfFile {
	return elfFile{
		kind: elf.ET_EXEC, entry: 0x8001, content: "codeXXXXdata",
		progs: []elf.ProgHeader{load(0x8000, 0, 8), {Type: elf.PT_NOTE, Off: elfContent, Filesz: 4}, load(0x8010, 8, 4)},
		sections: []elf.SectionHeader{
			section(elf.SHT_PROGBITS, elf.SHF_ALLOC|elf.SHF_EXECINSTR, 0, 4),
			section(elf.SHT_PROGBITS, elf.SHF_ALLOC|elf.SHF_WRITE, 8, 4),
			section(elf.SHT_NOBITS, elf.SHF_ALLOC|elf.SHF_WRITE, 12, 0x1000),
			section(elf.SHT_PROGBITS, 0, 4, 4), // such as .comment
			section(elf.SHT_PROGBITS, elf.SHF_ALLOC, 0x5000, 0),
		},
	}
}

func TestParseELF(t *testing.T) {
	const bySection = "0x8000:636f6465 0x8010:64617461 start 0x8001"
	for _, test := range []struct {
		name string
		edit func(*elfFile)
		want string
	}{
		{"32 bits", func(*elfFile) {}, bySection},
		{"64 bits", func(f *elfFile) { f.wide = true }, bySection},
		{"big-endian", func(f *elfFile) { f.big = true }, bySection},
		{"64 bits, big-endian", func(f *elfFile) { f.wide, f.big = true, true }, bySection},
		{"no sections", func(f *elfFile) { f.sections = nil }, "0x8000:636f646558585858 0x8010:64617461 start 0x8001"},
		{"headers in the segment", func(f *elfFile) { f.progs[0].Paddr, f.progs[0].Off, f.progs[0].Filesz = 0x7000, 0, elfContent+8 }, bySection},
		{"no entry", func(f *elfFile) { f.entry = 0 }, "0x8000:636f6465 0x8010:64617461"},
		{"last address", func(f *elfFile) { f.progs[2].Paddr = 0xfffffffc }, "0x8000:636f6465 0xfffffffc:64617461 start 0x8001"},
		{"nothing", func(f *elfFile) { *f = elfFile{kind: elf.ET_EXEC} }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := firmwareELF()
			test.edit(&f)
			m, err := ParseELF("a.elf", f.bytes())
			if err != nil {
				t.Fatal(err)
			}
			if got := show(m); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestParseELFErrors(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(*elfFile)
		want string
	}{
		{"object", func(f *elfFile) { f.kind = elf.ET_REL }, "a.elf: ET_REL is not an executable, it must be linked first"},
		{"shared", func(f *elfFile) { f.kind = elf.ET_DYN }, "a.elf: ET_DYN is not an executable, it must be linked first"},
		{"entry", func(f *elfFile) { f.wide, f.entry = true, 1<<32 }, "a.elf: entry point 0x100000000 is beyond the 32-bit address space"},
		{"overlap", func(f *elfFile) { f.progs[2].Paddr = 0x8002 },
			`0x8002-0x8005 of a.elf: section 2 ".text" overlaps 0x8000-0x8003 of a.elf: section 1 ".text"`},
		{"no segment", func(f *elfFile) { f.progs = f.progs[:2] },
			`a.elf: section 2 ".text" is in no loadable segment within the 32-bit address space`},
		{"half in a segment", func(f *elfFile) { f.progs[2].Filesz = 3 },
			`a.elf: section 2 ".text" is in no loadable segment within the 32-bit address space`},
		{"64-bit address", func(f *elfFile) { f.wide, f.progs[2].Paddr = true, 1<<32 },
			`a.elf: section 2 ".text" is in no loadable segment within the 32-bit address space`},
		{"end beyond", func(f *elfFile) { f.progs[2].Paddr = 0xfffffffd },
			`4 bytes at 0xfffffffd of a.elf: section 2 ".text" end beyond the 32-bit address space`},
		{"outside the file", func(f *elfFile) { f.sections[1].Size, f.progs[2].Filesz = 0x7000, 0x7000 },
			`a.elf: section 2 ".text" is 28672 bytes at offset 0x1008, the file has 4395`},
		{"segment outside the file", func(f *elfFile) { f.sections, f.progs[2].Off = nil, 0x9000 },
			"a.elf: segment 2 is 4 bytes at offset 0x9000, the file has 4115"},
		{"segment beyond 32 bits", func(f *elfFile) { f.wide, f.sections, f.progs[2].Paddr = true, nil, 1<<63 },
			"a.elf: segment 2 is at 0x8000000000000000, beyond the 32-bit address space"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := firmwareELF()
			test.edit(&f)
			_, err := ParseELF("a.elf", f.bytes())
			wantError(t, err, test.want)
		})
	}
}

func TestParseELFOfManySections(t *testing.T) {
	f := firmwareELF()
	f.sections = make([]elf.SectionHeader, maxParts)
	_, err := ParseELF("a.elf", f.bytes())
	wantError(t, err, "a.elf: 4098 sections or segments, at most 4096 are allowed")
}

func TestParseELFCutOff(t *testing.T) {
	whole := firmwareELF().bytes()
	for n := range len(whole) {
		if _, err := ParseELF("a.elf", whole[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are accepted", n, len(whole))
		}
	}
}

const elfSource = `
.section .text
.globl _start
_start: .ascii "code"
.section .far, "a"
.ascii "uicr"
.data
.ascii "variables"
.bss
.space 256
`

// elfScript puts .data behind the code in flash and at another address in RAM,
// and code where ld puts its own headers into the page in front of it.
const elfScript = `
ENTRY(_start)
MEMORY { FLASH (rx) : ORIGIN = 0x8010400, LENGTH = 64K  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 64K  UICR (r) : ORIGIN = 0x10001208, LENGTH = 16 }
SECTIONS {
  .text : { *(.text) } > FLASH
  .data : ALIGN(8) { *(.data) } > RAM AT > FLASH
  .bss : { *(.bss) } > RAM
  .far : { *(.far) } > UICR
  /DISCARD/ : { *(.note*) }
}
`

// What we take from a linked program is what GNU objcopy takes.
func TestConformanceELF(t *testing.T) {
	reftool.Need(t, "as", "ld", "objcopy")
	for _, class := range []struct{ as, ld string }{{"--32", "elf_i386"}, {"--64", "elf_x86_64"}} {
		dir := t.TempDir()
		write(t, dir, "a.s", []byte(elfSource))
		write(t, dir, "a.ld", []byte(elfScript))
		run(t, dir, "as", class.as, "-o", "a.o", "a.s")
		run(t, dir, "ld", "-m", class.ld, "-z", "max-page-size=0x10000", "--no-warn-rwx-segments", "-T", "a.ld", "-o", "a.elf", "a.o")
		run(t, dir, "objcopy", "-O", "ihex", "a.elf", "a.hex")
		want, err := ParseHex("a.hex", read(t, dir, "a.hex"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseELF("a.elf", read(t, dir, "a.elf"))
		if err != nil {
			t.Fatal(err)
		}
		if show(got) != show(want) || strings.Count(show(got), ":") < 3 {
			t.Errorf("%s: got %s, objcopy has %s", class.ld, show(got), show(want))
		}
	}
}
