package pack

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/mcuboot/board"
	"github.com/fwpack/fwpack/mcuboot/profile"
	"github.com/fwpack/fwpack/mcuboot/zephyr"
)

// BootloaderOptions say where a bootloader is described. Of what several say, Set
// counts first, then Name, then Zephyr.
type BootloaderOptions struct {
	Project string   // file, for Name
	Inputs  Inputs   // of the project
	Name    string   // of a [bootloader.NAME] or an [[image]] of the project, or of a board
	Zephyr  string   // build folder
	Set     []string // KEY=VALUE
}

// FindBootloader returns the bootloader that is described; nil where none is.
func FindBootloader(o BootloaderOptions) (*profile.Profile, error) {
	if o.Name == "" && o.Zephyr == "" && len(o.Set) == 0 {
		return nil, nil
	}
	p := &profile.Profile{}
	for _, source := range []func(BootloaderOptions, *profile.Profile) error{fromZephyr, fromName, fromSet} {
		if err := source(o, p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func fromZephyr(o BootloaderOptions, p *profile.Profile) error {
	if o.Zephyr == "" {
		return nil
	}
	build, err := zephyr.Read(o.Zephyr, nil)
	if err != nil {
		return err
	}
	return applySettings(p, build.Bootloader)
}

func applySettings(p *profile.Profile, settings []profile.Setting) error {
	for _, s := range settings {
		if err := p.Set(s); err != nil {
			return fmt.Errorf("%s: %w", s.From, err)
		}
	}
	return nil
}

func fromName(o BootloaderOptions, p *profile.Profile) error {
	if o.Name == "" {
		return nil
	}
	if o.Project == "" {
		found, ok := board.Find(o.Name)
		if !ok {
			return diag.Diagnostic{
				Msg:  fmt.Sprintf("bootloader %q is no board that is known, and no project is named", o.Name),
				Hint: cmp.Or(diag.DidYouMean(o.Name, board.Names()), "-f FILE names the project that declares it"),
			}
		}
		return applySettings(p, found.Settings)
	}
	project, err := Load(o.Project, o.Inputs)
	if err != nil {
		return err
	}
	if named, ok := project.Bootloaders[o.Name]; ok {
		return applySettings(p, named.Settings())
	}
	if image := project.image(o.Name); image != nil {
		return applySettings(p, image.Spec.Profile.Settings())
	}
	names := slices.Concat(slices.Sorted(maps.Keys(project.Bootloaders)), project.imageNames())
	return diag.Diagnostic{
		Msg:  fmt.Sprintf("%s: neither a bootloader nor an image is called %q", o.Project, o.Name),
		Hint: cmp.Or(diag.DidYouMean(o.Name, names), "declared are "+strings.Join(names, ", ")),
	}
}

func fromSet(o BootloaderOptions, p *profile.Profile) error {
	for _, text := range o.Set {
		key, value, ok := strings.Cut(text, "=")
		if !ok {
			return diag.Diagnostic{Msg: fmt.Sprintf("%q is not of the form KEY=VALUE", text), Hint: "known are " + strings.Join(profile.Keys(), ", ")}
		}
		if err := p.Set(profile.Setting{Key: key, Value: value, From: "--set"}); err != nil {
			return diag.Diagnostic{Msg: err.Error(), Hint: hintOf(err)}
		}
	}
	return nil
}
