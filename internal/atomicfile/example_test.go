package atomicfile_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/fwpack/fwpack/internal/atomicfile"
)

func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	f, err := atomicfile.Create(filepath.Join(dir, "gateway.swu"))
	if err != nil {
		log.Fatal(err)
	}
	defer f.Discard() // every way out but the last leaves nothing behind
	fmt.Fprint(f, "the whole bundle")
	if err := f.Commit(); err != nil {
		log.Fatal(err)
	}

	data, _ := os.ReadFile(f.Path())
	fmt.Printf("%s\n", data)
	// Output: the whole bundle
}
