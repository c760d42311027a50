package predict_test

import (
	"fmt"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/predict"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

func ExamplePredict() {
	doc, err := swdesc.Parse([]byte(`software = {
	version = "2.4.0";
	hardware-compatibility = [ "1.0" ];
	rootfs = {
		images = ( { filename = "rootfs.ext4"; type = "raw"; device = "/dev/mmcblk0p3"; installed-directly = true; } );
	};
	stable = {
		copy2 = {
			ref = "#./../rootfs";
		};
	};
	files = ( { filename = "app.conf"; path = "/etc/app.conf"; name = "app"; version = "3.1"; install-if-different = true; } );
	scripts = ( { filename = "done.sh"; type = "postinstall"; } );
	bootenv = ( { name = "slot"; value = "2"; } );
};
`))
	if err != nil {
		panic(err)
	}
	archive := &swupdate.Archive{Entries: []swupdate.Entry{
		{Name: "done.sh", Size: 120}, {Name: "app.conf", Size: 33}, {Name: "rootfs.ext4", Size: 268435456},
	}}
	fmt.Print(predict.Predict(doc, archive, predict.Device{
		Profile:   swupdate.Profile{Release: swupdate.Release{Year: 2022, Month: 12}, Verifier: swupdate.VerifierNone},
		Hardware:  &predict.Hardware{Board: "gateway", Revision: "1.0"},
		Set:       "stable",
		Mode:      "copy2",
		Installed: []predict.Component{{Name: "app", Version: "3.1.0"}},
	}).Text())
	// Output:
	// accepted: version 2.4.0
	//
	// found
	//   version                 rule 4, software   software.version
	//   hardware-compatibility  rule 4, software   software.hardware-compatibility
	//   files                   rule 4, software   software.files
	//   images                  rule 2, selection  software.stable.copy2.images     -> software.rootfs.images
	//   scripts                 rule 4, software   software.scripts
	//   bootenv                 rule 4, software   software.bootenv
	//
	// steps
	//   1  stream    raw          rootfs.ext4  /dev/mmcblk0p3  268435456 bytes  streamed
	//   2  postinst  postinstall  done.sh                      120 bytes        via TMPDIR
	//   3  bootenv                                                              1 variable
	//
	// skipped
	//   software.files[0]  app.conf  app 3.1.0 is installed, and install-if-different is set
	//
	// not used
	//   app.conf
	//
	// bootloader
	//   slot             = 2      software.bootenv[0]
	//   recovery_status  removed  bootloader_transaction_marker
	//   ustate           = 1      bootloader_state_marker
	//
	// space
	//   TMPDIR  120 bytes
}
