package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
)

// list prints the tokens of a module, a file or a name, and their keys. It
// never logs in.
func (p *program) list(args []string) error {
	if err := p.ready(); err != nil {
		return err
	}
	var uri pkcs11uri.URI
	if len(args) == 1 && strings.ContainsAny(args[0], `/\`) {
		path, err := filepath.Abs(args[0])
		if err != nil {
			return err
		}
		uri.ModulePath = path
	} else if len(args) == 1 {
		uri.ModuleName = args[0]
	}
	path, err := p.modulePath(uri)
	if err != nil {
		return err
	}
	m, err := p.module(path)
	if err != nil {
		return err
	}
	return p.listModule(m)
}

func (p *program) listModule(m *module) error {
	info, err := m.Info()
	if err != nil {
		return fmt.Errorf("module %s: %w", m.path, err)
	}
	all, err := m.tokens(pkcs11uri.URI{})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "module %s: %s, %s, version %d.%d\n", m.path, shown(info.Description), shown(info.Manufacturer), info.Major, info.Minor)
	if len(all) == 0 {
		fmt.Fprintln(p.stdout, "no token")
	}
	for _, one := range all {
		if err := p.listToken(m, one, all); err != nil {
			return err
		}
	}
	return nil
}

// listToken prints a token and its keys.
func (p *program) listToken(m *module, one present, all []present) error {
	fmt.Fprintf(p.stdout, "\ntoken %s: %s, serial %s, slot-id %d%s\n", strconv.Quote(one.Label), shown(one.Model), shown(one.Serial), one.slot, state(one.token))
	handle, err := m.OpenSession(one.slot)
	if err != nil {
		return fmt.Errorf("token %q: open a session: %w", one.Label, err)
	}
	s := &session{module: m, slot: one.slot, token: one.token, handle: handle, stderr: p.stderr}
	keys, err := s.find(classPrivate, pkcs11uri.URI{})
	if err != nil {
		return err
	}
	hidden := len(keys) == 0
	if hidden {
		if keys, err = s.publicHalves(pkcs11uri.URI{}); err != nil {
			return err
		}
	}
	for _, o := range keys {
		fmt.Fprintf(p.stdout, "  %s\n    %s\n", s.reference(o, all), s.describe(o))
	}
	p.remark(len(keys), hidden && one.has(flagLoginRequired))
	return nil
}

// remark says what a list without a login leaves open.
func (p *program) remark(keys int, hidden bool) {
	switch {
	case keys == 0 && hidden:
		fmt.Fprintln(p.stdout, "  no public key and no certificate; private keys are hidden until somebody logs in")
	case keys == 0:
		fmt.Fprintln(p.stdout, "  no key")
	case hidden:
		fmt.Fprintln(p.stdout, "  these are the public keys and certificates: the private keys are hidden until somebody logs in")
	}
}

// reference is a URI that names the key and no other.
func (s *session) reference(o object, all []present) pkcs11uri.URI {
	uri := pkcs11uri.URI{Token: s.token.Label, Object: o.label, ID: o.id, Type: pkcs11uri.TypePrivate, ModulePath: s.module.path}
	same := 0
	for _, other := range all {
		if other.Label == s.token.Label {
			same++
		}
	}
	if same > 1 || s.token.Label == "" {
		uri.Serial = s.token.Serial
	}
	return uri
}

// describe says what kind of key it is.
func (s *session) describe(o object) string {
	pub, err := s.public(o)
	text := "of a kind that is hidden until somebody logs in"
	switch {
	case err != nil:
		return err.Error()
	case pub != nil:
		text = kindOf(pub)
	}
	if chain := s.chain(o, pub); pub != nil && len(chain) > 0 {
		text += fmt.Sprintf(", certificate of %s until %s", shown(chain[0].Subject.String()), chain[0].NotAfter.UTC().Format("2006-01-02"))
	}
	return text
}

func kindOf(pub crypto.PublicKey) string {
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA, %d bits", pub.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA, " + pub.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return fmt.Sprintf("%T", pub)
}

// state tells of the PIN of a token.
func state(t token) string {
	switch {
	case t.has(flagLocked):
		return ", the PIN is locked"
	case t.has(flagLoginRequired):
		return ", needs a PIN" + triesLeft(t)
	}
	return ""
}

// shown is text from a token without what would move a terminal's cursor.
func shown(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}
