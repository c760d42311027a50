package pack

import (
	"maps"
	"slices"
	"strings"

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
		sub := t.table(name)
		if sub == nil {
			continue
		}
		d.named[name] = d.bootloader(sub)
		p, err := d.named[name].profile(nil)
		if err == nil {
			err = bootloaderError(p)
		}
		if err != nil {
			d.problems.AddHint(sub.here(), hintOf(err), "bootloader %q: %v", name, err)
		}
		d.project.Bootloaders[name] = p
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
		t.doc.problems.AddHint(t.pos(key), hintOf(err), "%s%s", key, strings.TrimPrefix(err.Error(), name))
	}
}

// imageProfile is the bootloader of an image, which it names or describes itself.
// Some settings an image may have itself, in imgtool's words.
func (d *decoder) imageProfile(t *table, folder *buildFolder) *profile.Profile {
	b := d.imageBootloader(t)
	if _, own := find(b.own, "mode"); !own && folder.mode != nil {
		d.problems.AddHint(t.pos("zephyr"), "mode in its bootloader says which one it is", "%v", folder.mode)
	}
	p, err := b.profile(folder.bootloader)
	if err != nil {
		d.problems.AddHint(t.pos("zephyr"), hintOf(err), "%v", err)
	}
	inline, _ := t.values["bootloader"].(map[string]any)
	for _, s := range ownSettings {
		if _, twice := inline[s.name]; twice && t.has(s.key) {
			t.errorf(s.key, "%s stands beside %s of [image.bootloader]: one of the two is allowed", s.key, s.name)
		}
		t.setting(s.key, s.name, p)
	}
	return p
}

// ownSettings are those of its bootloader that an image may say itself, in imgtool's
// words, and what they are called there.
var ownSettings = []struct{ key, name string }{
	{"slot-size", "slot-size"}, {"slot-address", "slot-address"}, {"align", "write-size"}, {"max-align", "max-align"},
	{"max-sectors", "max-sectors"}, {"erased-value", "erased-value"}, {"save-enctlv", "save-enctlv"},
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
