package imagefile

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
)

const (
	// MaxSize bounds an image with its slot, in bytes: it is more than the flash
	// of any controller that MCUboot runs on, and what is read is held in memory.
	MaxSize = firmware.DefaultLimit
	// maxText bounds Intel HEX, whose records of 16 bytes have 45 characters.
	maxText = 3 * MaxSize
)

// File is a file with a finished image.
type File struct {
	Name   string
	Format firmware.Format // Binary or IntelHex

	// Slot is what the file has of the slot that the image is in, up to the end of
	// the trailer where there is one. What Intel HEX leaves out reads as erased.
	Slot []byte
	// Offset is where the image begins in Slot: 0, or the size of a sector in the
	// secondary slot of a bootloader with MCUBOOT_SWAP_USING_OFFSET.
	Offset int
	// Address is that of the first byte of Slot; 0 where the file has no addresses.
	Address uint32

	// Image shares its memory with Slot. It is nil where it cannot be read, as
	// its sizes contradict each other.
	Image *mcuboot.Image
	// Rest is what follows the image in Slot.
	Rest []byte
	// Trailer is that at the end of Rest; nil where there is none.
	Trailer *mcuboot.Trailer

	damage error            // why Image is nil
	memory *firmware.Memory // all that Intel HEX holds
}

// Open reads the file at path. See Read.
func Open(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return Read(path, file)
}

// Read reads a file, which errors call name. It is Intel HEX if it looks so, and
// binary otherwise, whatever its name is. A file of more than MaxSize bytes, or
// Intel HEX of three times as many, is an error, and so is one without an image
// or with several. An image that cannot be read further than its magic is none.
func Read(name string, r io.Reader) (*File, error) {
	data, err := readAll(name, r)
	if err != nil {
		return nil, err
	}
	return Parse(name, data)
}

// Parse is Read for what has been read. The File refers to data.
func Parse(name string, data []byte) (*File, error) {
	f := &File{Name: name, Format: firmware.DetectFormat(data[:min(len(data), HeadSize)])}
	limit, err := limitOf(name, f.Format)
	switch {
	case err != nil:
	case int64(len(data)) > limit:
		err = tooLarge(name, limit)
	case f.Format == firmware.IntelHex:
		err = f.fromHex(data)
	default:
		err = f.fromSlot(data)
	}
	if err != nil {
		return nil, err
	}
	f.parse()
	return f, nil
}

// limitOf is how large a file of a format may be.
func limitOf(name string, format firmware.Format) (int64, error) {
	switch format {
	case firmware.IntelHex:
		return maxText, nil
	case firmware.SREC, firmware.ELF:
		return 0, fmt.Errorf("%s: is %s: a finished image is binary or Intel HEX", name, format)
	}
	return MaxSize, nil
}

func tooLarge(name string, limit int64) error {
	return fmt.Errorf("%s: more than %d bytes: no slot is that large", name, limit)
}

// readAll reads a file that is not larger than what its head says it is may be.
func readAll(name string, r io.Reader) ([]byte, error) {
	head := make([]byte, HeadSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	head = head[:n]
	limit, err := limitOf(name, firmware.DetectFormat(head))
	if err != nil {
		return nil, err
	}
	var buffer bytes.Buffer
	if known, ok := r.(interface{ Len() int }); ok {
		buffer.Grow(len(head) + known.Len() + bytes.MinRead) // in one piece, as it may be large
	}
	buffer.Write(head)
	if _, err := buffer.ReadFrom(io.LimitReader(r, limit+1-int64(len(head)))); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if int64(buffer.Len()) > limit {
		return nil, tooLarge(name, limit)
	}
	return buffer.Bytes(), nil
}

// fromSlot takes a binary file for a slot.
func (f *File) fromSlot(data []byte) error {
	offset, ok := locate(data)
	if !ok {
		return f.noImage(data)
	}
	f.Slot, f.Offset = data, offset
	return nil
}

// noImage says why data is none.
func (f *File) noImage(data []byte) error {
	switch {
	case len(data) == 0:
		return fmt.Errorf("%s: is empty", f.Name)
	case erasedRun(data) == len(data):
		return fmt.Errorf("%s: no image: the flash is erased", f.Name)
	}
	return fmt.Errorf("%s: no MCUboot image: begins with % x, and an image with 3d b8 f3 96", f.Name, data[:min(4, len(data))])
}

// parse reads the image and what is behind it.
func (f *File) parse() {
	f.Image, f.Rest, f.damage = mcuboot.Parse(f.Slot[f.Offset:])
	if f.damage != nil {
		f.Image, f.Rest, f.damage = nil, nil, bare(f.damage)
		return
	}
	if trailer, err := mcuboot.ParseTrailer(f.Rest, f.Image.ByteOrder); err == nil {
		f.Trailer = &trailer
	}
}

// readable returns the image, or an error that says why it cannot be read.
func (f *File) readable() (*mcuboot.Image, error) {
	if f.damage != nil {
		return nil, &DamageError{f.Name, f.damage}
	}
	return f.Image, nil
}

// DamageError says that a file has an image that is damaged.
type DamageError struct {
	Name string
	Err  error // what is wrong
}

// Error returns the name and what is wrong.
func (e *DamageError) Error() string { return e.Name + ": " + e.Err.Error() }

// Unwrap returns e.Err.
func (e *DamageError) Unwrap() error { return e.Err }

// stored returns the bytes of the image as they are in the file.
func (f *File) stored() []byte {
	return f.Slot[f.Offset : f.Offset+f.Image.Size()]
}

// erased returns what erased flash reads: what the filler behind the image is
// made of, or what is in front of it.
func (f *File) erased() byte {
	for _, near := range [][]byte{f.Slot[:f.Offset], f.Rest} {
		if erasedRun(near) > 0 {
			return near[0]
		}
	}
	return erasedOne
}

// inClear returns the image with its body in the clear. Where it is encrypted and
// key is nil, it is an error; one whose body was never encrypted (see
// mcuboot.Encryption.Clear) needs no key. That the image is the one of its digest
// has been checked.
func (f *File) inClear(key crypto.PrivateKey) (*mcuboot.Image, error) {
	img, err := f.readable()
	if err != nil {
		return nil, err
	}
	problem := digestProblem(img)
	switch {
	case problem == nil:
		return img, nil
	case !img.Encrypted():
		return nil, &DamageError{f.Name, problem}
	case key == nil:
		return nil, &EncryptedError{f.Name}
	}
	clear, err := img.Decrypt(key)
	if err != nil {
		return nil, &DamageError{f.Name, bare(err)}
	}
	return clear, nil
}

// EncryptedError says that a body is encrypted and no key to decrypt it is given.
type EncryptedError struct{ Name string }

// Error says so.
func (e *EncryptedError) Error() string {
	return e.Name + ": the body is encrypted, and no key to decrypt it is given"
}

// Hint says what to do.
func (e *EncryptedError) Hint() string { return "--decrypt FILE names the key" }
