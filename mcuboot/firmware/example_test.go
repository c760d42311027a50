package firmware_test

import (
	"fmt"
	"log"
	"os"

	"github.com/fwpack/fwpack/mcuboot/firmware"
)

// A factory image holds the bootloader and, behind it, the signed application.
func Example() {
	boot, err := firmware.ParseHex("boot.hex", []byte(":04000000626F6F7448\n:00000001FF\n"))
	if err != nil {
		log.Fatal(err)
	}
	if err := boot.Add(0x10000, []byte("signed image"), "app.bin"); err != nil {
		log.Fatal(err)
	}
	if err := boot.WriteHex(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// :020000040000FA
	// :04000000626F6F7448
	// :020000040001F9
	// :0C0000007369676E656420696D61676557
	// :00000001FF
}

// A record far away, here of a Nordic controller's configuration registers,
// costs nothing until somebody flattens the memory.
func ExampleMemory_Bytes() {
	m := &firmware.Memory{}
	for addr, data := range map[uint32]string{0x8000: "code", 0x8006: "data", 0x10001208: "uicr"} {
		if err := m.Add(addr, []byte(data), "app"); err != nil {
			log.Fatal(err)
		}
	}
	_, err := m.Bytes(0x8000, 0xff, 1<<20)
	fmt.Println(err)
	image, err := m.Slice(0, 0xfffff).Bytes(0x8000, 0xff, 1<<20)
	fmt.Printf("%q %v\n", image, err)
	// Output:
	// an image from 0x8000 to 0x1000120b has 268407308 bytes, 1048576 are allowed: nothing is at 0x800a-0x10001207, before 0x10001208-0x1000120b of app
	// "code\xff\xffdata" <nil>
}

func ExampleMemory_Merge() {
	boot, app := &firmware.Memory{}, &firmware.Memory{}
	if err := boot.Add(0, make([]byte, 0x8100), "boot.bin"); err != nil {
		log.Fatal(err)
	}
	if err := app.Add(0x8000, make([]byte, 0x1000), "app.bin"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(boot.Merge(app))
	// Output: 0x8000-0x8fff of app.bin overlaps 0x0-0x80ff of boot.bin
}

func ExampleDetectFormat() {
	content := []byte(":04000000626F6F7448\n:00000001FF\n")
	format := firmware.DetectFormat(content)
	m, err := firmware.Parse(format, "boot.hex", content, 0)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range m.Segments() {
		fmt.Printf("%v: %#x-%#x %q\n", format, s.Addr, s.Last(), s.Data)
	}
	// Output: Intel HEX: 0x0-0x3 "boot"
}

func ExampleCompress() {
	body := make([]byte, 4096)
	packed, err := firmware.Compress(body, true)
	if err != nil {
		log.Fatal(err)
	}
	plain, err := firmware.Decompress(packed, true, int64(len(body)))
	fmt.Printf("header % x, smaller: %v, back: %d bytes %v\n", packed[:2], len(packed) < len(body), len(plain), err)
	// Output: header 0a 66, smaller: true, back: 4096 bytes <nil>
}
