//go:build cgo && libzstd

package payload

/*
#cgo pkg-config: libzstd
#include <zstd.h>

#if ZSTD_VERSION_NUMBER < 10400
#error "libzstd 1.4.0 or later is needed: ZSTD_compressStream2"
#endif

typedef struct {
	size_t left; // what the library returns: bytes still to flush, or an error
	size_t made, taken;
} zstd_step;

// The library's buffers hold pointers, and so may not lie in Go's memory.
static zstd_step zstd_code(ZSTD_CCtx *ctx, void *out, size_t room, void *in, size_t size, int last) {
	ZSTD_outBuffer o = { out, room, 0 };
	ZSTD_inBuffer i = { in, size, 0 };
	zstd_step s;
	s.left = ZSTD_compressStream2(ctx, &o, &i, last ? ZSTD_e_end : ZSTD_e_continue);
	s.made = o.pos;
	s.taken = i.pos;
	return s;
}
*/
import "C"

import (
	"errors"
	"fmt"
	"io"
	"unsafe"
)

func zstdCodec() codec {
	return codec{
		encoder:  "libzstd " + C.GoString(C.ZSTD_versionString()),
		max:      maxZstdLevel,
		standard: 3,
		beyond:   beyondZstd,
		section:  zstdJob,
		open:     openZstd,
	}
}

// beyondZstd says why a level is not reached.
func beyondZstd(level int) string {
	if level > maxZstdLevel {
		return zstdTooWide
	}
	return ""
}

// zstdJob is what one of the library's threads compresses at a time: four windows
// of the level, as zstd 1.5.4 would choose by itself (zstdmt_compress.c). It sees
// the data before its own as far as a window reaches, so that smaller jobs gain
// nothing and cost time: at level 19 a quarter more with 16 MiB.
func zstdJob(level int) int64 {
	switch {
	case level == 1:
		return 2 << 20
	case level == 2:
		return 4 << 20
	case level <= 8:
		return 8 << 20
	case level <= 16:
		return 16 << 20
	}
	return 32 << 20
}

// openZstd makes one frame with the library's threads. Their number is one at
// least: without threads the library takes another path, with other bytes.
func openZstd(w outlet, level int, opt Options) (io.WriteCloser, error) {
	if level < 1 || level > maxZstdLevel {
		return nil, fmt.Errorf("internal: no effort for level %d", level)
	}
	lib := libzstd{C.ZSTD_createCCtx()}
	if lib.ctx == nil {
		return nil, errors.New("libzstd: no memory")
	}
	for _, p := range []struct {
		parameter C.ZSTD_cParameter
		value     int64
	}{
		{C.ZSTD_c_compressionLevel, int64(level)},
		{C.ZSTD_c_checksumFlag, 1},
		{C.ZSTD_c_nbWorkers, int64(opt.jobs())},
		{C.ZSTD_c_jobSize, zstdJob(level)},
	} {
		if err := zstdError(C.ZSTD_CCtx_setParameter(lib.ctx, p.parameter, C.int(p.value))); err != nil {
			lib.free()
			return nil, err
		}
	}
	return newLibraryWriter(w, lib), nil
}

type libzstd struct{ ctx *C.ZSTD_CCtx }

func (l libzstd) code(out, in []byte, last bool) (made, taken int, ended bool, err error) {
	flag := C.int(0)
	if last {
		flag = 1
	}
	s := C.zstd_code(l.ctx, unsafe.Pointer(unsafe.SliceData(out)), C.size_t(len(out)),
		unsafe.Pointer(unsafe.SliceData(in)), C.size_t(len(in)), flag)
	return int(s.made), int(s.taken), last && s.left == 0, zstdError(s.left)
}

// free waits for what the threads are at: a job cannot be stopped.
func (l libzstd) free() { C.ZSTD_freeCCtx(l.ctx) }

func zstdError(code C.size_t) error {
	if C.ZSTD_isError(code) == 0 {
		return nil
	}
	return fmt.Errorf("libzstd: %s", C.GoString(C.ZSTD_getErrorName(code)))
}
