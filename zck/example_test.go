package zck_test

import (
	"bytes"
	"context"
	"fmt"
	"log"

	"github.com/fwpack/fwpack/zck"
)

// image stands for a file system: lines from a number to another.
func image(from, to int) []byte {
	var data []byte
	for i := from; i < to; i++ {
		data = fmt.Appendf(data, "line %d\n", i)
	}
	return data
}

// The file goes to a web server, its header into a bundle.
func ExampleCreate() {
	var file bytes.Buffer
	made, err := zck.Create(context.Background(), &file, bytes.NewReader(image(0, 50000)), zck.Options{})
	if err != nil {
		log.Fatal(err)
	}
	header := file.Bytes()[:made.HeaderSize]
	fmt.Println(made.Chunks, "chunks,", len(header), "bytes of header")

	var back bytes.Buffer
	if _, err := zck.Unpack(context.Background(), &back, &file, 0); err != nil {
		log.Fatal(err)
	}
	fmt.Println(bytes.Equal(back.Bytes(), image(0, 50000)))
	// Output:
	// 13 chunks, 1040 bytes of header
	// true
}

func ExampleMissing() {
	ctx := context.Background()
	installed, err := zck.Index(ctx, bytes.NewReader(image(0, 50000)), 0)
	if err != nil {
		log.Fatal(err)
	}
	target, err := zck.Index(ctx, bytes.NewReader(image(0, 52000)), 0)
	if err != nil {
		log.Fatal(err)
	}
	download, err := zck.Missing(target, installed, zck.Client{MaxRanges: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d of %d chunks, %d requests\n", len(download.Chunks), len(target.Chunks), len(download.Requests))
	// Output:
	// 2 of 14 chunks, 2 requests
}

func ExampleChunker() {
	data := image(0, 10000)
	var chunker zck.Chunker
	for begin := 0; begin < len(data); {
		n, end := chunker.Feed(data[begin:])
		begin += n
		fmt.Println(begin, end)
	}
	// Output:
	// 33889 true
	// 98890 false
}
