package swufile

import (
	"iter"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// Groups goes over the groups of a description that name a file of the archive,
// wherever they stand: in a section, below a board or a selection, or as the target
// of a link. It gives the setting with the name, too. The properties of an entry
// are its handler's.
func Groups(doc *swdesc.Document) iter.Seq2[*swdesc.Group, *swdesc.Setting] {
	return func(yield func(*swdesc.Group, *swdesc.Setting) bool) {
		for group := range doc.Groups() {
			filename := group.Get("filename")
			if filename == nil || IsProperties(group) {
				continue
			}
			if !yield(group, filename) {
				return
			}
		}
	}
}

// IsProperties tells whether the settings of a group are its handler's.
func IsProperties(group *swdesc.Group) bool {
	return strings.HasSuffix(group.Path(), ".properties")
}

// Entry is what a description says of a payload in one place. Texts that are not
// there, or no texts, are "".
type Entry struct {
	Group   *swdesc.Group
	Path    string           // "software.stable.copy1.images[0]"
	Section swupdate.Section // 0 for the target of a link
	Type    string           // the handler; "" where the section tells

	SHA256     string              // in lower case, valid or not
	Compressed payload.Compression // any text
	Encrypted  bool
	IVT        string // the IV in hex, valid or not
	Size       int64  // of the payload as it lies in the bundle; -1 where it is not told
	// DecompressedSize and DecryptedSize are properties; -1 where they are not told.
	DecompressedSize  int64
	DecryptedSize     int64
	InstalledDirectly bool

	aesKey string // a secret, valid or not
}

// entryOf reads a group that Groups gives.
func entryOf(group *swdesc.Group) Entry {
	e := Entry{Group: group, Path: group.Path(), Section: sectionOf(group.Path()), Size: -1, DecompressedSize: -1, DecryptedSize: -1}
	e.Type = text(group, "type")
	e.SHA256 = strings.ToLower(text(group, "sha256"))
	e.IVT, e.aesKey = strings.ToLower(text(group, "ivt")), strings.ToLower(text(group, "aes-key"))
	e.Encrypted = encrypted(group)
	e.InstalledDirectly, _, _ = group.GetBool("installed-directly")
	if setting := group.Get("compressed"); setting != nil {
		e.Compressed, _ = CompressionOf(setting)
	}
	if n, ok, err := group.GetInt("size"); ok && err == nil {
		e.Size = n
	}
	if properties, err := group.GetGroup("properties"); err == nil && properties != nil {
		e.DecompressedSize = sizeIn(properties, "decompressed-size")
		e.DecryptedSize = sizeIn(properties, "decrypted-size")
	}
	return e
}

func text(group *swdesc.Group, name string) string {
	value, _, _ := group.GetString(name)
	return value
}

// sectionOf finds the list that an entry stands in.
func sectionOf(path string) swupdate.Section {
	path, _, _ = strings.Cut(path[strings.LastIndexByte(path, '.')+1:], "[")
	section, _ := swupdate.ParseSection(path)
	return section
}

func sizeIn(properties *swdesc.Group, name string) int64 {
	if size, ok := swupdate.ParseSize(text(properties, name)); ok {
		return size
	}
	return -1
}

// encrypted reads `encrypted`: true, or since 2025.12 the name of a cipher, which
// older clients take for false.
func encrypted(group *swdesc.Group) bool {
	if value, ok, err := group.GetBool("encrypted"); err == nil {
		return ok && value
	}
	return slices.Contains(swupdate.Ciphers(), text(group, "encrypted"))
}

// CompressionOf reads `compressed`; true is how old descriptions say "zlib". It is
// false for what is neither text nor a boolean.
func CompressionOf(setting *swdesc.Setting) (payload.Compression, bool) {
	switch value := setting.Value().(type) {
	case *swdesc.String:
		return payload.Compression(value.Value()), true
	case *swdesc.Bool:
		if value.Value() {
			return payload.Zlib, true
		}
		return payload.None, true
	}
	return "", false
}

// Compression is how an entry says that its payload is compressed: any text, None
// where it says nothing.
func Compression(group *swdesc.Group) payload.Compression { return entryOf(group).Compressed }

// Encrypted tells whether an entry says that its payload is encrypted.
func Encrypted(group *swdesc.Group) bool { return encrypted(group) }
