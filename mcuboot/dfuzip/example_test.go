package dfuzip_test

import (
	"bytes"
	"fmt"
	"log"
	"time"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/dfuzip"
)

// A signed image becomes what a phone uploads; here the signature is left out.
func Example() {
	img, err := mcuboot.Build([]byte("firmware"), mcuboot.Options{Version: mcuboot.Version{Major: 1, Minor: 7}, PadHeader: true})
	if err != nil {
		log.Fatal(err)
	}
	data, err := img.MarshalBinary()
	if err != nil {
		log.Fatal(err)
	}
	var zip bytes.Buffer
	err = dfuzip.Write(&zip, dfuzip.Package{
		Name: "sensor", Time: time.Unix(1772368210, 0),
		Files: []dfuzip.File{{
			Name: "sensor.signed.bin", Data: data, Board: "nrf52840dk", SoC: "nRF52840_QIAA", LoadAddress: 0xc200, Version: "1.7.0+0",
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	p, err := dfuzip.Read(bytes.NewReader(zip.Bytes()), int64(zip.Len()))
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range p.Files {
		fmt.Printf("%s: image %d, version %s, recovered into slot %d\n", f.Name, f.ImageIndex, f.Version, f.SlotIndexPrimary)
	}
	// Output:
	// sensor.signed.bin: image 0, version 1.7.0+0, recovered into slot 1
}
