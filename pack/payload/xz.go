package payload

import (
	"io"

	"github.com/ulikunitz/xz"
)

func xzCodec() codec {
	return codec{
		modules: []string{"github.com/ulikunitz/xz"},
		open:    openXZ,
	}
}

// openXZ has no levels to choose from: the encoder's output has about the size
// of "xz -0", some 24 % more than "xz -6" makes of executables, and its other match finder takes
// minutes for a few megabytes. A larger dictionary gains 4 % at best for four
// times the memory on the device.
func openXZ(w io.Writer, _, _ int) (io.WriteCloser, error) {
	return xz.WriterConfig{
		DictCap:  8 << 20, // as xz -6; what the device must have to decompress
		CheckSum: xz.CRC64,
		Matcher:  0, // the hash table
	}.NewWriter(w)
}
