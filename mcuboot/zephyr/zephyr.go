// Package zephyr reads what a build folder of Zephyr or of the nRF Connect SDK
// says about an MCUboot image and about the bootloader that is to take it.
//
// # What is read
//
// The application's folder, and the bootloader's where sysbuild built both:
//
//	zephyr/.config      the configuration, as Kconfig wrote it
//	zephyr/zephyr.dts   the merged devicetree
//	domains.yaml        of sysbuild: which folder is the application's
//	pm.config           of NCS' Partition Manager, as well as
//	zephyr/include/generated/pm_config.h
//
// zephyr.dts stands in the build folders of Zephyr 2.4 and later; those of 2.1 and
// before do not have it. Its facts are also in edt.pickle, which is a Python
// program as much as data, and left alone.
//
// # What is made of it
//
// Image has what the build passes to imgtool when it signs (cmake/mcuboot.cmake of
// Zephyr; cmake/sysbuild/image_signing.cmake of sdk-nrf, where Partition Manager
// lays out the flash), Bootloader what decides the bootloader's verdict
// (boot/zephyr/Kconfig of MCUboot and mcuboot_config.h beside it). The
// bootloader's own configuration and devicetree win over what the application
// assumes of it, as they are what runs; Partition Manager wins over the
// devicetree, as it is what links.
//
// A setting is there only where the files say so. What Zephyr or MCUboot would
// assume without being told, such as a write block of 4 bytes, is left out. What
// erased flash reads, no file of a build says.
package zephyr

import (
	"fmt"
	"path/filepath"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/mcuboot/profile"
)

// Setting is one fact, and where it comes from, such as
// "build/zephyr/.config:123: CONFIG_ROM_START_OFFSET".
type Setting = profile.Setting

// Build is what a build folder says. Both lists are in a fixed order, and no key
// is in one of them twice.
//
// The keys of Image:
//
//	input                the firmware, a path: .bin, .hex or .elf
//	version              as imgtool takes it
//	header-size          in bytes
//	pad-header           true where the firmware was linked without a header, else false
//	board, soc           Zephyr's names
//	signature-key-file   as configured: absolute, or relative to west's top folder
//	encryption-key-file  the same
//	rom-fixed            offset of the slot in its flash, in bytes
//	load-address         in RAM
//	security-counter     a number
//	vendor-id, class-id  a UUID or a name
//	compression          lzma2armthumb
//	extra-args           further arguments of imgtool, as one line
//	confirmed            true where a confirmed image is to be made, too
//
// The keys of Bootloader:
//
//	mode                    swap-scratch, swap-move, swap-offset, overwrite-only, direct-xip, ram-load, single-slot
//	slot-size               of the primary slot, in bytes
//	secondary-slot-size     in bytes
//	slot-address            for the processor
//	secondary-slot-address  for the processor, where the slot is mapped
//	sector-size             of the flash, in bytes
//	write-size              of the flash, in bytes
//	max-align               of the trailer, in bytes
//	max-sectors             of a slot
//	ram-address, ram-size   that ram-load loads to
//	signature               rsa-2048, rsa-3072, ecdsa-p256, ed25519, none
//	pure                    true, false
//	hash                    sha256, sha384, sha512
//	key-tlv                 keyhash, pubkey, none
//	padded-signatures       true where zeros behind an ECDSA signature pass
//	allow-list              true, false: of unprotected TLVs
//	encryption              rsa-2048, ecies-p256, ecies-x25519, ecies-x25519-sha512, none
//	aes-key-size            128, 256
//	save-enctlv             true, false
//	compression             true, false
//	vendor-id, class-id     a UUID or a name, where the configuration has the one to compare with
//	max-boot-record         in bytes
//	compare-build-numbers   true, false
//	verify-address          true, false
//	check-load-address      true, false
//	revert                  true, false
//	demands                 what an image must carry: security-counter, version
//
// Numbers are decimal or behind 0x.
type Build struct {
	Image      []Setting // empty in a build of the bootloader alone
	Bootloader []Setting
	// Application and MCUboot are the folders that were read, "" for none.
	Application, MCUboot string
}

// Read reads a build folder: a plain one, one of sysbuild, or that of one
// application in it; or a plain one of the bootloader. Paths in the result begin
// with dir. Its errors are all problems of the files, in a [diag.List] where they
// have a place in one: what cannot be read, what no such file has, and facts that
// contradict each other or lack what they need.
//
// looking, if not nil, is told of every file and folder before Read looks at it,
// whether it is there or not: the result is the same for as long as these, and the
// names in the folders, are.
func Read(dir string, looking func(path string)) (*Build, error) {
	if looking == nil {
		looking = func(string) {}
	}
	r := &reader{watched: watched{looking}}
	dirs, err := r.findFolders(dir)
	if err != nil {
		return nil, err
	}
	if err := r.load(dirs); err != nil {
		return nil, err
	}
	r.bootloader()
	if r.app != nil {
		r.image()
	}
	if err := r.problems.Err(); err != nil {
		return nil, err
	}
	return &Build{Image: r.img, Bootloader: r.bl, Application: r.dirs.application, MCUboot: r.dirs.bootloader}, nil
}

// reader gathers the settings of a build, and what is wrong with it.
type reader struct {
	watched
	dirs     folders
	app      *config // the application's configuration, nil in a build of the bootloader
	boot     *config // the bootloader's, nil where only the application was built
	appTree  *tree
	bootTree *tree
	pm       *config // of Partition Manager, nil where that is not in use
	mode     symbol  // that chose the mode, value is the mode's name
	slots    slots
	img, bl  []Setting
	problems diag.List
}

// load reads the files.
func (r *reader) load(dirs folders) error {
	r.dirs = dirs
	var err error
	if r.app, r.appTree, err = r.loadFolder(dirs.application); err != nil {
		return err
	}
	if r.app.on("CONFIG_MCUBOOT") {
		r.boot, r.bootTree, r.app, r.appTree = r.app, r.appTree, nil, nil
		r.dirs = folders{bootloader: dirs.application}
		return r.loadPartitions()
	}
	if !r.app.on("CONFIG_BOOTLOADER_MCUBOOT") {
		return diag.List{{Pos: diag.Pos{File: r.app.file}, Msg: "CONFIG_BOOTLOADER_MCUBOOT is not set: the build makes no image for MCUboot"}}
	}
	if dirs.bootloader != "" {
		if r.boot, r.bootTree, err = r.loadFolder(dirs.bootloader); err != nil {
			return err
		}
	}
	return r.loadPartitions()
}

// loadFolder reads the configuration and the devicetree of one folder.
func (w watched) loadFolder(dir string) (*config, *tree, error) {
	src, err := w.readFile(dotConfig(dir))
	if err != nil {
		return nil, nil, err
	}
	c, err := parseConfig(dotConfig(dir), src)
	if err != nil {
		return nil, nil, err
	}
	dts := filepath.Join(dir, "zephyr", "zephyr.dts")
	if src, err = w.readFile(dts); err != nil {
		return nil, nil, err
	}
	t, err := parseTree(dts, src)
	return c, t, err
}

// loadPartitions reads what Partition Manager left, where it is in use: the
// image's own header, or else the file for all images, which stands in sysbuild's
// folder or the only one.
func (r *reader) loadPartitions() error {
	c, dir := r.app, r.dirs.application
	if c == nil {
		c, dir = r.boot, r.dirs.bootloader
	}
	enabled, ok := c.get("CONFIG_PARTITION_MANAGER_ENABLED")
	if !ok {
		return nil
	}
	candidates := []string{filepath.Join(dir, "zephyr", "include", "generated", "pm_config.h"), filepath.Join(dir, "pm.config")}
	if parent := filepath.Join(dir, ".."); r.isSysbuild(parent) {
		candidates = append(candidates, filepath.Join(parent, "pm.config"))
	}
	for _, path := range candidates {
		if !r.exists(path) {
			continue
		}
		src, err := r.readFile(path)
		if err == nil {
			r.pm, err = parsePartitions(path, src)
		}
		return err
	}
	return diag.List{{Pos: enabled.pos, Msg: fmt.Sprintf("%s: there is none of %q, which say where the slots are", enabled.name, candidates)}}
}

// problem adds an error of a file to the list.
func (r *reader) problem(err error) {
	switch err := err.(type) {
	case diag.Diagnostic:
		r.problems = append(r.problems, err)
	case diag.List:
		r.problems = append(r.problems, err...)
	case error:
		r.problems = append(r.problems, diag.Diagnostic{Msg: err.Error()})
	}
}

// tree is the devicetree of the bootloader, else the application's.
func (r *reader) tree() *tree {
	if r.bootTree != nil {
		return r.bootTree
	}
	return r.appTree
}
