package cache_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/fwpack/fwpack/pack/cache"
)

func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	c := cache.Open(filepath.Join(dir, "cache"), cache.Limits{Size: 1 << 30, Now: time.Now})
	key := cache.NewKey("payload", "digest of the source", "zstd", "3")
	made := []byte("what took long to make")
	if err := c.Put(context.Background(), key, []byte(`{"encoder":"zstd"}`), sha256.Sum256(made), bytes.NewReader(made)); err != nil {
		fmt.Println("warning:", err)
	}

	// The next build, perhaps.
	entry, ok := c.Get(context.Background(), key)
	if !ok {
		return // it makes the payload
	}
	defer entry.Close()
	data, err := io.ReadAll(io.LimitReader(entry.File(), entry.Size()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %s\n", entry.Meta(), data)
	// Output: {"encoder":"zstd"} what took long to make
}
