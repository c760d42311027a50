package filemap_test

import (
	"fmt"
	"log"
	"os"

	"github.com/fwpack/fwpack/zck/filemap"
)

func ExampleRead() {
	image, err := os.Open("testdata/small.squashfs")
	if err != nil {
		log.Fatal(err)
	}
	defer image.Close()
	info, err := image.Stat()
	if err != nil {
		log.Fatal(err)
	}
	m, err := filemap.Read(image, info.Size())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Kind, m.Made.Options)
	for e := range m.At(0, m.Size) {
		fmt.Printf("%5d %5d %s %s\n", e.Offset, e.Length, e.What, m.Files(e))
	}
	// Output:
	// squashfs gzip, blocks of 4096, flags 0xc0
	//     0    96 superblock []
	//    96  5129 data [/lines]
	//  5225  1097 fragments [/copy /etc/hostname /etc/services]
	//  6322   118 inode table []
	//  6440    84 directory table []
	//  6524    26 fragment table []
	//  6550    37 export table []
	//  6587    14 id table []
	//  6601  1591 free space []
}

func ExampleAdvice() {
	old := &filemap.Map{Kind: "squashfs", Made: filemap.Made{Created: 1700000000}}
	now := &filemap.Map{Kind: "squashfs", Made: filemap.Made{Created: 1700003600}}
	for _, line := range filemap.Advice(old, now) {
		fmt.Println(line)
	}
	// Output:
	// they were made at different times (2023-11-14 22:13:20, 2023-11-14 23:13:20): set SOURCE_DATE_EPOCH for mksquashfs 4.4 and later, or give -mkfs-time
}
