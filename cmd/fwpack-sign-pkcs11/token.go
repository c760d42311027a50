package main

import (
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
)

// present is a token in a slot.
type present struct {
	slot uint
	token
}

// String names a token so that it can be told from others.
func (p present) String() string {
	return fmt.Sprintf("%q (serial %q, slot-id %d)", p.Label, p.Serial, p.slot)
}

// tokens returns the initialised tokens of the slots that uri fits.
func (m *module) tokens(uri pkcs11uri.URI) ([]present, error) {
	slots, err := m.Slots()
	if err != nil {
		return nil, fmt.Errorf("module %s: slots: %w", m.path, err)
	}
	var all []present
	for _, slot := range slots {
		info, err := m.Slot(slot)
		if err != nil || !uri.MatchSlot(info) {
			continue // pulled out a moment ago, or not meant
		}
		t, err := m.Token(slot)
		if err != nil || t.Label == "" && !t.has(flagTokenInitialized) {
			continue
		}
		all = append(all, present{slot, t})
	}
	return all, nil
}

// choose returns the one token that uri names.
func (m *module) choose(uri pkcs11uri.URI) (uint, token, error) {
	info, err := m.Info()
	if err != nil {
		return 0, token{}, fmt.Errorf("module %s: %w", m.path, err)
	}
	if !uri.MatchLibrary(info) {
		return 0, token{}, fmt.Errorf("module %s is %q by %q, version %d.%d: not the one that the library attributes name",
			m.path, info.Description, info.Manufacturer, info.Major, info.Minor)
	}
	var fitting []present
	all, err := m.tokens(uri)
	for _, one := range all {
		if uri.MatchToken(one.Token) {
			fitting = append(fitting, one)
		}
	}
	switch {
	case err != nil:
		return 0, token{}, err
	case len(fitting) == 0:
		return 0, token{}, m.absent(uri)
	case len(fitting) > 1:
		return 0, token{}, fmt.Errorf("%d tokens fit: want token, serial or slot-id of one of %s", len(fitting), listed(fitting))
	}
	return fitting[0].slot, fitting[0].token, nil
}

// absent says which tokens there are instead.
func (m *module) absent(uri pkcs11uri.URI) error {
	all, err := m.tokens(pkcs11uri.URI{})
	if err != nil {
		return err
	}
	wanted := "the token is absent"
	if uri.Token != "" {
		wanted = fmt.Sprintf("token %q is absent", uri.Token)
		for _, one := range all {
			if one.Label == uri.Token {
				wanted = fmt.Sprintf("token %q has other attributes", uri.Token)
			}
		}
	}
	if len(all) == 0 {
		return fmt.Errorf("%s: module %s has no token", wanted, m.path)
	}
	return fmt.Errorf("%s: tokens present are %s", wanted, listed(all))
}

// listed joins the names of things with commas.
func listed[T fmt.Stringer](all []T) string {
	var names []string
	for _, one := range all {
		names = append(names, one.String())
	}
	return strings.Join(names, ", ")
}
