package forecast

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fwpack/fwpack/zck"
)

var background = context.Background()

// text is n bytes of lines, which can be compressed.
func text(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, "line %d of the file %d\n", r.IntN(1000000), r.IntN(50))
	}
	return b.Bytes()[:n]
}

// pair is an old image and a new one with some changes.
func pair() (old, new []byte) {
	old = text(1, 1<<20)
	new = slices.Concat([]byte("a begin\n"), old[:1<<18], text(2, 200000), old[1<<18+30000:1<<19], []byte("x"), old[1<<19+1:])
	return old, new
}

func index(t testing.TB, image []byte) *zck.Header {
	t.Helper()
	h, err := zck.Index(background, bytes.NewReader(image), 0)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func create(t testing.TB, image []byte, opts zck.Options) *zck.Header {
	t.Helper()
	var file bytes.Buffer
	if _, err := zck.Create(background, &file, bytes.NewReader(image), opts); err != nil {
		t.Fatal(err)
	}
	h, err := zck.ReadHeader(&file)
	if err != nil {
		t.Fatal(err)
	}
	return h
}
