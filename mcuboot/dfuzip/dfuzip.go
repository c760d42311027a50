// Package dfuzip reads and writes the dfu_application.zip of the nRF Connect SDK:
// signed MCUboot images and a manifest that says where each of them goes. nRF
// Connect Device Manager, nRF Util and what is built on the mcumgr libraries for
// Android and iOS upload it.
//
// [Write] makes one of a [Package], [Read] reads one. [Package.Check] says what a
// phone would stumble over.
//
// # Archive
//
// A zip with the images first and manifest.json last, as
// scripts/bootloader/generate_zip.py of nRF Connect SDK 2.7 leaves it. The files
// are stored, not deflated: the SDK does so, images hardly get smaller by it, and
// a byte for byte the same archive depends on no compressor then. Their sizes
// stand in front of the data: java.util.zip.ZipInputStream, by which Android
// reads, refuses a stored file with a data descriptor behind it.
//
// # Manifest
//
// JSON (RFC 8259), by the same script, which takes what cmake/sysbuild/zip.cmake
// of the SDK hands it. A number that the build writes with 0x is a JSON number,
// any other value a string.
//
//	format-version        number  1; it was 0 before version 2.7 of the SDK
//	time                  number  of the build, seconds since 1970
//	name                  string  for people; may be absent
//	files                 array   an object for each image:
//	  type                string  "application"
//	  board               string  Zephyr's name of the board
//	  soc                 string  Zephyr's name of the chip
//	  load_address        number  where the image runs
//	  image_index         string  MCUboot's number of the image, decimal; absent is "0"
//	  slot_index_primary  string  2 * image_index + 1, for MCUboot's serial recovery
//	  slot_index_secondary string 2 * image_index + 2
//	  version_MCUBOOT     string  the version in the image's header
//	  size                number  of the file in bytes
//	  file                string  its name in the zip
//	  modtime             number  of the file, seconds since 1970
//
// An image that is linked for one slot (direct-xip) has "slot" in the place of the
// two slot indices, and "version_MCUBOOT+XIP" in that of version_MCUBOOT.
package dfuzip

import "time"

// Package is a dfu_application.zip.
type Package struct {
	// Name is shown to people; it may be empty.
	Name string
	// Time is that of the build, to the second, and stands for all times in the
	// zip: 1970 to 2107.
	Time  time.Time
	Files []File // 1 to MaxFiles
}

// File is an image and what the manifest says of it.
type File struct {
	// Name is what the file is called in the zip: letters, digits and "-_.+", with
	// ".bin" at its end.
	Name string
	// Data is a signed MCUboot image, up to its last TLV.
	Data []byte
	// Type is "application", which "" stands for.
	Type string
	// Board and SoC are Zephyr's names of the board and its chip, such as
	// "nrf5340dk" and "nRF5340_CPUAPP_QKAA".
	Board, SoC string
	// LoadAddress is where the image runs, in the processor's address space.
	LoadAddress uint32
	// ImageIndex is MCUboot's number of the image, from 0: the application, then
	// the network core and others.
	ImageIndex int
	// SlotIndexPrimary and SlotIndexSecondary number the slots of all images, from
	// 1. Both 0 stand for 2*ImageIndex+1 and 2*ImageIndex+2, as the SDK counts.
	SlotIndexPrimary, SlotIndexSecondary int
	// Slot is the slot that the image is linked for, where the bootloader runs it
	// in place (direct-xip); nil where it takes any. It excludes the slot indices.
	Slot *int
	// Version is that of the image's header, such as "1.7.0+12". Where it is empty
	// the manifest does not tell.
	Version string
}

// TypeApplication is the only type of file that holds MCUboot images to upload.
const TypeApplication = "application"

// Limits of a package. MCUboot has 4 bits for the number of an image (swap info,
// section "Image trailer" of docs/design.md, MCUboot 2.4), and no device that is
// updated like this has more flash than MaxSize.
const (
	MaxFiles = 16
	MaxSize  = 64 << 20 // of all files together, in bytes
)

// manifestName is that of the manifest: Android looks for this one, iOS for the
// first file that ends in ".json".
const manifestName = "manifest.json"

// secondarySlot is where an image goes that names no slot, on Android and iOS.
const secondarySlot = 1

// slot is the slot that the image goes to.
func (f *File) slot() int {
	if f.Slot == nil {
		return secondarySlot
	}
	return *f.Slot
}
