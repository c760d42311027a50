//go:build cgo && liblzma

package payload

/*
#cgo pkg-config: liblzma
#include <lzma.h>
#include <stdlib.h>

#if LZMA_VERSION < 50020002
#error "liblzma 5.2.0 or later is needed: lzma_stream_encoder_mt"
#endif

typedef struct {
	lzma_ret result;
	size_t made, taken;
} xz_step;

// The library writes to its stream from threads, so that it lies in C's memory.
static lzma_stream *xz_open(uint32_t preset, uint64_t block, uint32_t threads, lzma_ret *result) {
	lzma_stream *s = malloc(sizeof *s);
	*result = LZMA_MEM_ERROR;
	if (s == NULL)
		return NULL;
	*s = (lzma_stream)LZMA_STREAM_INIT;
	lzma_mt mt = {
		.threads = threads,
		.block_size = block,
		.timeout = 300, // milliseconds after which lzma_code returns, as the xz program has it
		.preset = preset,
		.check = LZMA_CHECK_CRC64,
	};
	*result = lzma_stream_encoder_mt(s, &mt);
	return s;
}

static xz_step xz_code(lzma_stream *s, uint8_t *out, size_t room, uint8_t *in, size_t size, int last) {
	xz_step step;
	s->next_out = out;
	s->avail_out = room;
	s->next_in = in;
	s->avail_in = size;
	step.result = lzma_code(s, last ? LZMA_FINISH : LZMA_RUN);
	step.made = room - s->avail_out;
	step.taken = size - s->avail_in;
	s->next_out = NULL;
	s->next_in = NULL;
	return step;
}

static void xz_free(lzma_stream *s) {
	if (s != NULL)
		lzma_end(s);
	free(s);
}
*/
import "C"

import (
	"fmt"
	"io"
	"unsafe"
)

func xzCodec() codec {
	return codec{
		encoder:  "liblzma " + C.GoString(C.lzma_version_string()),
		max:      9,
		standard: 6,
		section:  xzBlock,
		open:     openXZ,
	}
}

// xzBlock is what one of the library's threads compresses at a time: three
// dictionaries of the level's preset and 1 MiB at least, as the xz program does.
func xzBlock(level int) int64 {
	dictionaries := [...]int64{1: 1, 2: 2, 3: 4, 4: 4, 5: 8, 6: 8, 7: 16, 8: 32, 9: 64} // MiB, as "man xz" has them
	return 3 * dictionaries[level] << 20
}

// openXZ makes one stream of several blocks. Any number of threads makes the same
// bytes.
func openXZ(w outlet, level int, opt Options) (io.WriteCloser, error) {
	if level < 1 || level > 9 {
		return nil, fmt.Errorf("internal: no preset for level %d", level)
	}
	const enough = 16384 // LZMA_THREADS_MAX of liblzma 5.4
	var result C.lzma_ret
	lib := liblzma{C.xz_open(C.uint32_t(level), C.uint64_t(xzBlock(level)), C.uint32_t(min(opt.jobs(), enough)), &result)}
	if err := xzError(result); err != nil {
		lib.free()
		return nil, err
	}
	return newLibraryWriter(w, lib), nil
}

type liblzma struct{ stream *C.lzma_stream }

func (l liblzma) code(out, in []byte, last bool) (made, taken int, ended bool, err error) {
	flag := C.int(0)
	if last {
		flag = 1
	}
	s := C.xz_code(l.stream, (*C.uint8_t)(unsafe.SliceData(out)), C.size_t(len(out)),
		(*C.uint8_t)(unsafe.SliceData(in)), C.size_t(len(in)), flag)
	return int(s.made), int(s.taken), s.result == C.LZMA_STREAM_END, xzError(s.result)
}

// free stops the threads where they are.
func (l liblzma) free() { C.xz_free(l.stream) }

func xzError(result C.lzma_ret) error {
	switch result {
	case C.LZMA_OK, C.LZMA_STREAM_END:
		return nil
	case C.LZMA_MEM_ERROR:
		return fmt.Errorf("liblzma: no memory")
	}
	return fmt.Errorf("liblzma: error %d", int(result)) // lzma_ret in lzma/base.h
}
