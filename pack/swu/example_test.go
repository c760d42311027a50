package swu_test

import (
	"bytes"
	"fmt"
	"io"
	"log"

	"github.com/fwpack/fwpack/pack/swu"
)

// A header carries the sum of the data, so that the data is passed over once
// before it is written. Here that costs nothing; a large artifact is summed
// while it is compressed.
func ExampleWriter() {
	var bundle bytes.Buffer
	w := swu.NewWriter(&bundle)
	for _, entry := range []struct{ name, data string }{
		{swu.Description, "software = { version = \"1.0\"; };\n"},
		{"rootfs.ext4", "the image"},
	} {
		var sum swu.Sum
		io.WriteString(&sum, entry.data)
		header := swu.Header{Name: entry.name, Size: int64(len(entry.data)), Sum: sum.Sum32()}
		if err := w.WriteHeader(header); err != nil {
			log.Fatal(err)
		}
		if _, err := io.WriteString(w, entry.data); err != nil {
			log.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}

	r := swu.NewReader(&bundle)
	for {
		entry, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %d bytes at %#x\n", entry.Name, entry.Size, entry.Data)
	}
	// Output:
	// sw-description: 33 bytes at 0x80
	// rootfs.ext4: 9 bytes at 0x120
}

func ExampleCheckName() {
	fmt.Println(swu.CheckName("rootfs.ext4.zst"))
	fmt.Println(swu.CheckName("images/rootfs.ext4"))
	fmt.Println(swu.CheckName("sw-description"))
	// Output:
	// <nil>
	// entry name "images/rootfs.ext4" contains a slash
	// artifact name "sw-description" is reserved
}
