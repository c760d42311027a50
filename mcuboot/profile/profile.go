// Package profile describes bootloaders by settings with names, such as
// "mode" = "swap-move", wherever these come from: a project, a command line, a
// table of boards, a build folder. Each keeps its origin, so that what a verdict
// rests on can be shown.
package profile

import (
	"fmt"
	"slices"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/mcuboot"
)

// Setting is one value of a profile. Keys lists the keys; what values each takes
// is in docs/images.md and in the error of a wrong one.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	From  string `json:"from"` // for people: a place in a file, an option, the name of a board
}

// Profile is a bootloader as far as it is described. The zero Profile describes
// nothing.
type Profile struct {
	settings   map[string]Setting
	bootloader mcuboot.Bootloader
	signature  mcuboot.KeyType
	erasedZero bool
	slotAddr   *uint32
	secondary  *uint32
	ram        mcuboot.Region
}

// Keys returns the keys of all settings, in the order in which they are shown.
func Keys() []string {
	keys := make([]string, len(table))
	for i, entry := range table {
		keys[i] = entry.key
	}
	return keys
}

// Set puts a setting into the profile, in the place of one that is there. Errors
// are about the key or the value, and say what is allowed.
func (p *Profile) Set(s Setting) error {
	i := slices.IndexFunc(table, func(e entry) bool { return e.key == s.Key })
	if i < 0 {
		return &UnknownError{s.Key}
	}
	if err := table[i].set(p, s.Value); err != nil {
		return fmt.Errorf("%s %q: %w", s.Key, s.Value, err)
	}
	if p.settings == nil {
		p.settings = map[string]Setting{}
	}
	p.settings[s.Key] = s
	return nil
}

// UnknownError is the error of a key that no setting has.
type UnknownError struct{ Key string }

// Error names the key.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("a bootloader has no setting %q", e.Key)
}

// Hint names the key that may have been meant.
func (e *UnknownError) Hint() string { return diag.DidYouMean(e.Key, Keys()) }

// Has tells whether the setting was given.
func (p *Profile) Has(key string) bool {
	_, ok := p.settings[key]
	return ok
}

// Settings returns the settings that were given, in the order of Keys.
func (p *Profile) Settings() []Setting {
	var list []Setting
	for _, key := range Keys() {
		if s, ok := p.settings[key]; ok {
			list = append(list, s)
		}
	}
	return list
}

// Bootloader returns what the settings describe. The keys that it trusts and
// the one that it decrypts with are no settings: they have to be added, and
// excluded where Signature is 0 although it was given.
func (p *Profile) Bootloader() mcuboot.Bootloader {
	b := p.bootloader
	if p.slotAddr != nil {
		b.Flash = &mcuboot.Region{Start: *p.slotAddr, Size: uint32(b.SlotSize)}
	}
	if p.ram.Size != 0 {
		ram := p.ram
		b.RAM = &ram
	}
	b.Unsigned = p.Has("signature") && p.signature == 0
	return b
}

// Signature returns the type of the keys that the bootloader trusts; 0 where it is
// not known, or is known to be none.
func (p *Profile) Signature() mcuboot.KeyType { return p.signature }

// ErasedZero tells whether erased flash reads 0x00 instead of 0xff.
func (p *Profile) ErasedZero() bool { return p.erasedZero }

// SlotAddress returns where the primary slot begins.
func (p *Profile) SlotAddress() (addr uint32, known bool) { return value(p.slotAddr) }

// SecondaryAddress returns where the secondary slot begins.
func (p *Profile) SecondaryAddress() (addr uint32, known bool) { return value(p.secondary) }

func value(addr *uint32) (uint32, bool) {
	if addr == nil {
		return 0, false
	}
	return *addr, true
}

// Clone returns a profile to add settings to that p is not to have.
func (p *Profile) Clone() *Profile {
	clone := *p
	clone.settings = map[string]Setting{}
	for key, s := range p.settings {
		clone.settings[key] = s
	}
	return &clone
}
