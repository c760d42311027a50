package imgtool

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/fwpack/fwpack/internal/atomicfile"
	"github.com/fwpack/fwpack/mcuboot/firmware"
)

// hexFill is what imgtool reads from holes in Intel HEX, whatever erased flash
// reads.
const hexFill = 0xff

// readInput returns the bytes of a file, which is Intel HEX if its name says so.
// The base is nil where the file has no addresses.
func readInput(path string) (data []byte, base *uint32, err error) {
	data, err = os.ReadFile(path)
	if err != nil {
		return nil, nil, asUsage(err)
	}
	if firmware.FormatOfName(path) != firmware.IntelHex {
		return data, nil, nil
	}
	memory, err := firmware.ParseHex(path, data)
	if err != nil {
		return nil, nil, asUsage(err)
	}
	first, _, ok := memory.Bounds()
	if !ok {
		return nil, nil, usagef("%s: holds no data", path)
	}
	if data, err = memory.Bytes(first, hexFill, 0); err != nil {
		return nil, nil, usagef("%s: %w", path, err)
	}
	return data, &first, nil
}

// WriteFile writes a file that is complete or absent. A device, a pipe and what a
// name such as /dev/stdout stands for are written to as they are.
func WriteFile(path string, data []byte) error {
	return writeFile(path, bytes.NewReader(data))
}

func writeFile(path string, data io.WriterTo) error {
	if atomicfile.IsStream(path) {
		return writeStream(path, data)
	}
	f, err := atomicfile.Create(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := data.WriteTo(f); err != nil {
		return fmt.Errorf("%s: %w", path, bare(err))
	}
	return f.Commit()
}

func writeStream(path string, data io.WriterTo) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = data.WriteTo(f)
	return errors.Join(err, f.Close())
}

// bare takes the name of the pending file out of err.
func bare(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

// hexFile returns the records as Intel HEX.
func hexFile(records []record) ([]byte, error) {
	var memory firmware.Memory
	for _, r := range records {
		if r.addr > 1<<32-1 {
			return nil, usagef("address %#x: want at most 0xffffffff", r.addr)
		}
		if err := memory.Add(uint32(r.addr), r.data, r.from); err != nil {
			return nil, asUsage(err)
		}
	}
	var out bytes.Buffer
	err := memory.WriteHex(&out)
	return out.Bytes(), err
}

// record is a run of bytes in a file with addresses.
type record struct {
	addr uint64
	data []byte
	from string
}
