package main

import (
	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/mcuboot/profile"
	"github.com/fwpack/fwpack/pack"
)

// bootloaderOptions are the flags that describe the bootloader which judges an
// image.
type bootloaderOptions struct {
	find    pack.BootloaderOptions
	primary bool
}

func (o *bootloaderOptions) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.find.Name, "bootloader", "", "the bootloader of an image: the `name` of a board, or with -f of a bootloader or an image in a project")
	f.StringVarP(&o.find.Project, "file", "f", "", "project `file`, for --bootloader")
	f.StringVar(&o.find.Zephyr, "zephyr", "", "build `folder` of Zephyr that says how the bootloader was built")
	f.StringArrayVar(&o.find.Set, "set", nil, "say of the bootloader `KEY=VALUE`, in the words of [bootloader.NAME]: mode=swap-move; may be repeated")
	f.BoolVar(&o.primary, "primary", false, "the image stands in the primary slot, not in the one of upgrades")
}

// profile is the bootloader that is described; nil where none is.
func (o *bootloaderOptions) profile(s surroundings) (*profile.Profile, error) {
	if o.find.Project != "" && o.find.Name == "" {
		return nil, usageError{"-f does nothing without --bootloader"}
	}
	o.find.Inputs = pack.Inputs{Env: s.env}
	return pack.FindBootloader(o.find)
}
