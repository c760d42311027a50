//go:build cgo

package main

import (
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/miekg/pkcs11"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
)

// ready returns nil: with cgo, modules can be loaded.
func ready() error { return nil }

// cgoLibrary calls the functions of a module, one at a time.
type cgoLibrary struct {
	mu  sync.Mutex
	ctx *pkcs11.Ctx
}

// alreadyInitialized is CKR_CRYPTOKI_ALREADY_INITIALIZED: two paths led to one
// module.
const alreadyInitialized = 0x191

// load loads and initialises the module in the file path.
func load(path string) (library, error) {
	if err := checkModule(path); err != nil {
		return nil, err
	}
	if err := probe(path); err != nil {
		return nil, err
	}
	ctx := pkcs11.New(path)
	if ctx == nil {
		return nil, errors.New("it cannot be loaded, or has no C_GetFunctionList")
	}
	if err := ctx.Initialize(); err != nil && !errors.Is(err, pkcs11.Error(alreadyInitialized)) {
		return nil, coded(err)
	}
	return &cgoLibrary{ctx: ctx}, nil
}

// coded gives an error of the binding the shape that the rest of the program
// knows.
func coded(err error) error {
	var number pkcs11.Error
	if !errors.As(err, &number) {
		return err
	}
	text := number.Error()
	name := text[strings.LastIndex(text, " ")+1:]
	if name == "" {
		name = "a vendor's error"
	}
	return code{uint(number), name}
}

// call runs f while no other call runs.
func (l *cgoLibrary) call(f func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx == nil {
		return errors.New("the module is closed")
	}
	return coded(f())
}

// trim takes off what fixed fields are filled with: blanks by the standard,
// zeros by some modules.
func trim(text string) string { return strings.TrimRight(text, " \x00") }

func (l *cgoLibrary) Info() (info pkcs11uri.Library, err error) {
	err = l.call(func() error {
		i, err := l.ctx.GetInfo()
		info = pkcs11uri.Library{
			Manufacturer: trim(i.ManufacturerID), Description: trim(i.LibraryDescription),
			Major: i.LibraryVersion.Major, Minor: i.LibraryVersion.Minor,
		}
		return err
	})
	return info, err
}

func (l *cgoLibrary) Slots() (slots []uint, err error) {
	err = l.call(func() (err error) {
		slots, err = l.ctx.GetSlotList(true)
		return err
	})
	return slots, err
}

func (l *cgoLibrary) Slot(slot uint) (info pkcs11uri.Slot, err error) {
	err = l.call(func() error {
		i, err := l.ctx.GetSlotInfo(slot)
		info = pkcs11uri.Slot{ID: uint64(slot), Manufacturer: trim(i.ManufacturerID), Description: trim(i.SlotDescription)}
		return err
	})
	return info, err
}

func (l *cgoLibrary) Token(slot uint) (t token, err error) {
	err = l.call(func() error {
		i, err := l.ctx.GetTokenInfo(slot)
		t.Token = pkcs11uri.Token{Label: trim(i.Label), Manufacturer: trim(i.ManufacturerID), Model: trim(i.Model), Serial: trim(i.SerialNumber)}
		t.flags = i.Flags
		return err
	})
	return t, err
}

func (l *cgoLibrary) Mechanisms(slot uint) (kinds []uint, err error) {
	err = l.call(func() error {
		list, err := l.ctx.GetMechanismList(slot)
		for _, m := range list {
			kinds = append(kinds, m.Mechanism)
		}
		return err
	})
	return kinds, err
}

func (l *cgoLibrary) OpenSession(slot uint) (session uint, err error) {
	err = l.call(func() error {
		handle, err := l.ctx.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION)
		session = uint(handle)
		return err
	})
	return session, err
}

func (l *cgoLibrary) Login(session, user uint, pin string) error {
	return l.call(func() error { return l.ctx.Login(pkcs11.SessionHandle(session), user, pin) })
}

// findAtOnce is how many objects one call returns.
const findAtOnce = 64

func (l *cgoLibrary) Find(session, class uint, uri pkcs11uri.URI) (objects []uint, err error) {
	template := []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_CLASS, class)}
	if uri.Object != "" {
		template = append(template, pkcs11.NewAttribute(pkcs11.CKA_LABEL, uri.Object))
	}
	if len(uri.ID) > 0 {
		template = append(template, pkcs11.NewAttribute(pkcs11.CKA_ID, uri.ID))
	}
	err = l.call(func() (err error) {
		objects, err = l.find(pkcs11.SessionHandle(session), template)
		return err
	})
	return objects, err
}

func (l *cgoLibrary) find(session pkcs11.SessionHandle, template []*pkcs11.Attribute) ([]uint, error) {
	if err := l.ctx.FindObjectsInit(session, template); err != nil {
		return nil, err
	}
	var objects []uint
	for {
		found, _, err := l.ctx.FindObjects(session, findAtOnce)
		if err != nil || len(found) == 0 {
			return objects, errors.Join(err, l.ctx.FindObjectsFinal(session))
		}
		for _, handle := range found {
			objects = append(objects, uint(handle))
		}
	}
}

func (l *cgoLibrary) Attribute(session, object, attribute uint) (value []byte, err error) {
	err = l.call(func() error {
		wanted := []*pkcs11.Attribute{pkcs11.NewAttribute(attribute, nil)}
		found, err := l.ctx.GetAttributeValue(pkcs11.SessionHandle(session), pkcs11.ObjectHandle(object), wanted)
		if err == nil {
			value = found[0].Value
		}
		return err
	})
	return value, err
}

func (l *cgoLibrary) SignInit(session uint, m mechanism, key uint) error {
	var parameter any
	if m.pss != nil {
		parameter = pkcs11.NewPSSParams(m.pss.hash, m.pss.mgf, m.pss.salt)
	}
	mechanisms := []*pkcs11.Mechanism{pkcs11.NewMechanism(m.kind, parameter)}
	return l.call(func() error {
		return l.ctx.SignInit(pkcs11.SessionHandle(session), mechanisms, pkcs11.ObjectHandle(key))
	})
}

func (l *cgoLibrary) Sign(session uint, data []byte) (signature []byte, err error) {
	err = l.call(func() (err error) {
		signature, err = l.ctx.Sign(pkcs11.SessionHandle(session), data)
		return err
	})
	return signature, err
}

// Close ends all sessions and logins, and unloads the module.
func (l *cgoLibrary) Close(patience time.Duration) {
	const step = 10 * time.Millisecond
	for ; !l.mu.TryLock(); patience -= step {
		if patience <= 0 {
			return
		}
		time.Sleep(step)
	}
	defer l.mu.Unlock()
	if l.ctx != nil {
		_ = l.ctx.Finalize() // the process ends: nobody could do anything about an error
		l.ctx = nil
	}
}
