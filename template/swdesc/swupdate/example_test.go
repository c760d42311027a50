package swupdate_test

import (
	"fmt"

	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

func Example() {
	device, _ := swupdate.LookupProfile("debian-12")
	for _, name := range []string{"raw", "copy", "executor", "rwa"} {
		_, state := device.Handler(name)
		fmt.Println(name, "is", state)
	}
	encrypted, _ := swupdate.LookupAttribute(swupdate.Images, "encrypted")
	fmt.Println("encrypted wants", encrypted.TypesIn(device.Release))
	fmt.Println("encrypted may name a cipher:", device.Has(swupdate.FeatureEncryptedName))
	// Output:
	// raw is known
	// copy is not compiled in
	// executor is not in this release
	// rwa is unknown
	// encrypted wants a boolean
	// encrypted may name a cipher: false
}

func ExampleLookupHandler() {
	h, _ := swupdate.LookupHandler("uboot")
	fmt.Printf("%s (since %s, in %s): %s\n", h.Name, h.SinceAs("uboot"), h.Sections, h.Doc)
	flash, _ := swupdate.LookupHandler("flash")
	for _, need := range flash.Needs {
		fmt.Println("flash needs", need)
	}
	// Output:
	// bootloader (since 2019.11, in images, files): sets the bootloader's variables from lines name=value
	// flash needs device or mtdname
}

func ExampleCompareVersions() {
	for _, pair := range [][2]string{{"1.2", "1.2.0.0"}, {"1.10", "1.9"}, {"1.0.0-rc.1", "1.0.0"}, {"v1.10", "v1.9"}} {
		fmt.Println(pair[0], pair[1], swupdate.CompareVersions(pair[0], pair[1]), swupdate.VersionKind(pair[0]))
	}
	// Output:
	// 1.2 1.2.0.0 0 numeric
	// 1.10 1.9 1 numeric
	// 1.0.0-rc.1 1.0.0 -1 semver
	// v1.10 v1.9 -1 text
}

func ExampleParseOffset() {
	for _, text := range []string{"16K", "16kb", "1.5K"} {
		for _, release := range []swupdate.Release{swupdate.Debian12().Release, swupdate.Newest()} {
			n, ok, exact := swupdate.ParseOffset(text, release)
			fmt.Println(text, release, n, ok, exact)
		}
	}
	// Output:
	// 16K 2022.12 16384 true true
	// 16K 2026.05 16384 true true
	// 16kb 2022.12 16384 true false
	// 16kb 2026.05 16384 true false
	// 1.5K 2022.12 1 true false
	// 1.5K 2026.05 1 false false
}
