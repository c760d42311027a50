package pack

import (
	"maps"
	"slices"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/mcuboot/board"
	"github.com/fwpack/fwpack/mcuboot/profile"
)

// bootloader is a table that describes one.
type bootloader struct {
	board []profile.Setting // what is known of its board
	own   []profile.Setting // what the table says itself
}

// profile is the bootloader as far as the table describes it, with what else is
// known of it: that counts over the board, and under the table.
func (b bootloader) profile(others []profile.Setting) (*profile.Profile, error) {
	p := &profile.Profile{}
	for _, s := range slices.Concat(b.board, others, b.own) {
		if err := p.Set(s); err != nil {
			return p, err
		}
	}
	return p, nil
}

// bootloaders reads the [bootloader.NAME] tables.
func (d *decoder) bootloaders() {
	d.named = map[string]bootloader{}
	d.project.Bootloaders = map[string]*profile.Profile{}
	t := d.root.table("bootloader")
	if t == nil {
		return
	}
	for _, name := range t.keys() {
		if sub := t.table(name); sub != nil {
			d.named[name] = d.bootloader(sub)
			d.project.Bootloaders[name], _ = d.named[name].profile(nil) // its settings are good
		}
	}
}

// bootloader reads a table that describes one.
func (d *decoder) bootloader(t *table) bootloader {
	var b bootloader
	if name := t.string("board"); name != "" {
		found, ok := board.Find(name)
		if !ok {
			d.problems.AddHint(t.pos("board"), diag.DidYouMean(name, board.Names()), "board %q is not known: leave it out, and say its sizes here", name)
		}
		b.board = found.Settings
	}
	p := &profile.Profile{}
	for _, key := range profile.Keys() { // in this order, in which class-id comes behind vendor-id
		t.setting(key, key, p)
	}
	t.rest()
	b.own = p.Settings()
	return b
}

// setting puts the value of a key into the profile, under its name there.
func (t *table) setting(key, name string, p *profile.Profile) {
	text, ok := t.optionalScalar(key)
	if !ok {
		return
	}
	if err := p.Set(profile.Setting{Key: name, Value: text, From: t.pos(key).String()}); err != nil {
		t.doc.problems.AddHint(t.pos(key), hintOf(err), "%v", err)
	}
}

// imageProfile is the bootloader of an image, which it names or describes itself.
// Some settings an image may have itself, in imgtool's words.
func (d *decoder) imageProfile(t *table, folder []profile.Setting) *profile.Profile {
	p, err := d.imageBootloader(t).profile(folder)
	if err != nil {
		d.problems.AddHint(t.pos("zephyr"), hintOf(err), "%v", err)
	}
	for _, s := range []struct{ key, name string }{
		{"slot-size", "slot-size"}, {"slot-address", "slot-address"}, {"align", "write-size"}, {"max-align", "max-align"},
		{"max-sectors", "max-sectors"}, {"erased-value", "erased-value"}, {"save-enctlv", "save-enctlv"},
	} {
		t.setting(s.key, s.name, p)
	}
	return p
}

func (d *decoder) imageBootloader(t *table) bootloader {
	if _, isName := t.values["bootloader"].(string); !isName {
		if sub := t.table("bootloader"); sub != nil {
			return d.bootloader(sub)
		}
		return bootloader{}
	}
	name := t.string("bootloader")
	b, ok := d.named[name]
	if !ok && name != "" {
		d.problems.AddHint(t.pos("bootloader"), diag.DidYouMean(name, slices.Sorted(maps.Keys(d.named))), "bootloader %q is not declared", name)
	}
	return b
}
