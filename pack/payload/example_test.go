package payload_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/fwpack/fwpack/pack/payload"
)

func ExampleRun() {
	var out bytes.Buffer
	spec := payload.Spec{Compress: payload.Compress{Method: payload.Zlib}}
	result, err := payload.Run(context.Background(), &out, strings.NewReader("a root file system"), spec, payload.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	z, err := gzip.NewReader(&out)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := io.ReadAll(z)
	fmt.Printf("%d bytes: %s, %v\n", result.SourceSize, text, err)
	// Output: 18 bytes: a root file system, <nil>
}

func ExampleRun_encrypted() {
	key, iv, err := payload.ParseAESKey([]byte("000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f"))
	if err != nil {
		fmt.Println(err)
		return
	}
	spec := payload.Spec{Encrypt: &payload.Encrypt{Key: key, IV: [16]byte(iv)}}
	size, _ := spec.KnownSize(16)

	var out bytes.Buffer
	result, err := payload.Run(context.Background(), &out, strings.NewReader("sixteen bytes :)"), spec, payload.Options{})
	fmt.Println(key, size, result.Size, err)
	// Output: AES-128 key 32 32 <nil>
}

func ExampleCompress_Check() {
	for _, c := range []payload.Compress{
		{Method: payload.Zstd, Level: 9},
		{Method: payload.Zlib, Level: 11},
		{Level: 3},
	} {
		fmt.Println(c.Check())
	}
	// Output:
	// <nil>
	// zlib level 11 is not reached by this build; 1 to 9 are
	// level 3 without a compression does nothing
}

func ExampleMagic() {
	fmt.Println(payload.Magic([]byte("\x28\xb5\x2f\xfd\x24\x00")), payload.Magic([]byte("#!/bin/sh\n")))
	// Output: zstd none
}
