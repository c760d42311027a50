package payload

import (
	"fmt"
	"io"
	"strings"
)

// Compress says how a payload is compressed. The zero Compress does not.
type Compress struct {
	Method Compression `json:"method"`
	Level  int         `json:"level,omitempty"` // as the method's own program counts; 0 is the default
}

// codec is one encoder: what it can do and how it is opened.
type codec struct {
	encoder  string                 // what makes the bytes, and its version
	max      int                    // levels 1 to max are reached; 0: the encoder has no levels
	standard int                    // the level that 0 stands for
	beyond   func(level int) string // why a level is not reached, or where it is; "" where there is no more to say
	section  func(level int) int64  // how much of the source one job compresses, in bytes
	alone    bool                   // what a section becomes depends on nothing else
	open     func(w outlet, level int, opt Options) (io.WriteCloser, error)
}

// codec chooses the encoder of a method. Those of zstd and xz depend on the
// build: with the tags libzstd and liblzma, and cgo, they are the C libraries.
func (c Compression) codec() (codec, bool) {
	switch c {
	case Zlib:
		return zlibCodec(), true
	case Zstd:
		return zstdCodec(), true
	case XZ:
		return xzCodec(), true
	case LZ4:
		return lz4Codec(), true
	}
	return codec{}, false
}

// Check refuses a method that does not exist and a level that the encoder does
// not reach. A level is reached where the output is at most 2 % (zstd, xz) or 4 %
// (zlib, lz4) larger than the method's own program makes it on root file
// systems and executables; see docs/compression.md for the sizes, and for what
// a build with the C libraries reaches.
func (c Compress) Check() error {
	if c.Method == None {
		if c.Level != 0 {
			return fmt.Errorf("level %d without a compression does nothing", c.Level)
		}
		return nil
	}
	codec, ok := c.Method.codec()
	switch {
	case !ok:
		return fmt.Errorf("unknown compression %q; %s are allowed", string(c.Method), methods)
	case c.Level == 0:
		return nil
	case c.Level < 1 || c.Level > codec.max:
		return c.outOfReach(codec)
	}
	return nil
}

// outOfReach says which levels there are.
func (c Compress) outOfReach(codec codec) error {
	allowed := "it has one level, leave the level out"
	if codec.max > 0 {
		allowed = fmt.Sprintf("1 to %d are", codec.max)
	}
	if codec.beyond != nil {
		if more := codec.beyond(c.Level); more != "" {
			allowed += "; " + more
		}
	}
	return fmt.Errorf("%s level %d is not reached by this build; %s", c.Method, c.Level, allowed)
}

// Encoder names what makes the bytes, for the build record, as in
// "github.com/klauspost/compress v1.20.3 zstd level 3". A C library is named with
// the version that is there at run time, as in "libzstd 1.5.4 zstd level 19". It
// is empty without compression.
func (c Compress) Encoder() string {
	codec, ok := c.Method.codec()
	if !ok {
		return ""
	}
	words := []string{codec.encoder, string(c.Method)}
	if codec.max > 0 {
		words = append(words, fmt.Sprintf("level %d", c.level(codec)))
	}
	return strings.Join(words, " ")
}

func (c Compress) level(codec codec) int {
	if c.Level == 0 {
		return codec.standard
	}
	return c.Level
}

// open opens the encoder of a Compress that passed Check.
func (c Compress) open(w outlet, opt Options) (io.WriteCloser, error) {
	codec, ok := c.Method.codec()
	if !ok {
		return nil, fmt.Errorf("internal: no encoder for %q", string(c.Method))
	}
	return codec.open(w, c.level(codec), opt)
}
